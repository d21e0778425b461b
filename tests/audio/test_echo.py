import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from studio.audio.echo import EchoCanceller
from studio.audio.resample import convert
from tests.speech_fixture import RATE, speech

FRAME = 480


@pytest.fixture(scope="module")
def room():
    """What the agent says, and what the microphone hears of it in a room: 60 ms late, 150 ms of reverberation."""
    noise = np.random.default_rng(0)
    far = convert(np.tile(speech("I would like to book a table for two."), 3), RATE, 48000)
    response = noise.standard_normal(7200) * np.exp(-6.9 * np.arange(7200) / 7200)
    response /= 2 * np.sqrt(np.square(response).sum())
    size = 1 << (far.size + response.size).bit_length()
    echo = np.fft.irfft(np.fft.rfft(far.astype(float), size) * np.fft.rfft(response, size))[: far.size]
    near = np.concatenate((np.zeros(2880), echo))[: far.size] + 5 * noise.standard_normal(far.size)
    whole = far.size // FRAME * FRAME
    return far[:whole], np.clip(np.rint(near), -32768, 32767).astype(np.int16)[:whole]


def talk(canceller, far, near):
    out = []
    for at in range(0, near.size, FRAME):
        canceller.played(far[at : at + FRAME], 48000)
        out.append(canceller.clean(near[at : at + FRAME], 48000))
    return np.concatenate(out)


def quieter_db(before, after):
    return 10 * np.log10(np.square(before.astype(float)).mean() / np.square(after.astype(float)).mean())


def test_the_agents_voice_is_taken_out_of_the_microphone(room):
    far, near = room
    canceller = EchoCanceller()
    clean = talk(canceller, far, near)
    assert clean.size == near.size
    assert quieter_db(near[48000:], clean[48000:]) > 25
    assert canceller.erle_db is not None
    assert canceller.erle_db > 20


def test_without_the_far_end_the_echo_stays_and_no_health_is_claimed(room):
    far, near = room
    canceller = EchoCanceller()
    clean = talk(canceller, np.zeros_like(far), near)
    assert quieter_db(near[48000:], clean[48000:]) < 3
    assert canceller.erle_db is None


def test_a_late_event_loop_does_not_change_the_order_of_blocks(monkeypatch):
    now, seen = [0.0], []

    class Module:
        def __init__(self, **parts):
            pass

        def process_reverse_stream(self, frame):
            seen.append("far")

        def process_stream(self, frame):
            seen.append("near")

    rtc = SimpleNamespace(AudioProcessingModule=Module, AudioFrame=lambda *args: args)
    monkeypatch.setitem(sys.modules, "livekit", SimpleNamespace(rtc=rtc))
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    canceller, block = EchoCanceller(), np.zeros(FRAME, np.int16)
    stamps = []
    for step in range(5):
        now[0] = step / 100
        canceller.played(block, 48000)
        stamps.append(now[0] + 0.001)
    now[0] = 0.3
    for stamp in stamps:
        canceller.clean(block, 48000, stamp)
    assert seen == ["far", "near"] * 5


def test_odd_blocks_come_back_as_long_as_they_went_in(room):
    _, near = room
    canceller = EchoCanceller(echo=False, noise=False, high_pass=True)
    sizes = [480, 100, 7, 960, 441, 500]
    place = 0
    for size in sizes * 3:
        assert canceller.clean(near[place : place + size], 48000).size == size
        place += size


def test_the_delay_is_as_stated(room):
    far, _ = room
    canceller = EchoCanceller(echo=True, noise=True)
    clean = talk(canceller, np.zeros_like(far), far)
    size = 1 << (2 * far.size).bit_length()
    match = np.fft.irfft(np.fft.rfft(clean.astype(float), size) * np.conj(np.fft.rfft(far.astype(float), size)))
    assert int(np.argmax(match[:4800])) / 48000 == pytest.approx(canceller.delay_s, abs=0.001)


def test_switching_everything_off_passes_sound_unchanged(room):
    _, near = room
    canceller = EchoCanceller()
    canceller.configure(echo=False, noise=False, high_pass=False, gain=False)
    assert not canceller.active
    assert canceller.clean(near[:FRAME], 48000) is not None
    assert np.array_equal(canceller.clean(near[:FRAME], 48000), near[:FRAME])
    assert canceller.delay_s == 0


def test_noise_suppression_can_be_switched_on_while_it_runs():
    noise = np.rint(np.random.default_rng(0).standard_normal(96000) * 300).astype(np.int16)
    canceller = EchoCanceller(echo=False)
    before = talk(canceller, noise, noise)
    canceller.configure(echo=False, noise=True, high_pass=True, gain=False)
    after = talk(canceller, noise, noise)
    assert quieter_db(before[48000:], after[48000:]) > 5


def test_without_the_library_sound_passes_and_a_sentence_says_why(room, monkeypatch):
    _, near = room
    monkeypatch.setitem(sys.modules, "livekit", None)
    canceller = EchoCanceller()
    assert "install the package livekit, or use headphones" in canceller.problem
    canceller.played(near[:FRAME], 48000)
    assert np.array_equal(canceller.clean(near[:FRAME], 48000), near[:FRAME])
