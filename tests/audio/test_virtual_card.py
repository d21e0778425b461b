"""Real PortAudio on a private virtual sound card: what the stand-in of test_devices cannot show."""

import asyncio
import contextlib
import functools
import os
import wave
from collections.abc import Iterator

import numpy as np
import pytest

from studio.audio.devices import LATENCIES_S, list_devices
from studio.audio.files import WavWriter, read_wav
from studio.audio.microphone import Microphone
from studio.audio.speaker import Speaker
from tests import virtual_sound
from tests.speech_fixture import speech_file
from tests.virtual_sound import VirtualSound

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(bool(virtual_sound.missing()), reason=virtual_sound.missing() or "-"),
]


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualSound]:
    with VirtualSound() as sound:
        for name, value in sound.env.items():
            monkeypatch.setenv(name, value)
        found = list_devices(rescan=True)
        if found.problem:
            pytest.skip(f"PortAudio does not see the virtual sound card: {found.problem}")
        yield sound


async def until(condition, seconds=5.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what happens is in PortAudio's threads and other processes
            await asyncio.sleep(0.01)


def undisturbed(test):
    """The best of three: another program may take the processor for a moment, and a sound card cannot wait."""

    @functools.wraps(test)
    async def best_of_three(*args, **kwargs):
        for _ in range(2):
            with contextlib.suppress(AssertionError):
                return await test(*args, **kwargs)
        return await test(*args, **kwargs)

    return best_of_three


def likeness(heard, wanted):
    """Correlation of `wanted` with the place in `heard` that is most like it, and that place."""
    heard, wanted = heard.astype(float), wanted.astype(float)
    size = 1 << (heard.size + wanted.size).bit_length()
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)))
    place = int(np.argmax(match[: heard.size - wanted.size + 1]))
    part = heard[place : place + wanted.size]
    return float(part @ wanted / np.sqrt((part @ part) * (wanted @ wanted))), place


def tone_from(start):
    """A take that plays 440 Hz from that sample on."""
    position = 0

    def take(count):
        nonlocal position
        places = position + np.arange(count)
        position += count
        return np.where(places >= start, 8000 * np.sin(2 * np.pi * 440 / 24000 * places), 0).astype(np.int16)

    return take


def longest_run(mask):
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(int), [0]))))
    return max((edges[1::2] - edges[::2]).tolist(), default=0)


@undisturbed
async def test_what_is_said_into_the_microphone_arrives_sample_for_sample(card):
    blocks, lost = [], []
    microphone = Microphone(on_lost=lost.append)
    microphone.start(lambda block, first: blocks.append((first, block)))
    await until(lambda: len(blocks) > 5)
    phrase = speech_file("What time is it?")
    said = card.say(phrase, wait=False)
    await until(lambda: said.poll() is not None)
    await asyncio.sleep(0.2)
    microphone.stop()
    line = np.concatenate([block for _, block in blocks])
    assert [first for first, _ in blocks] == np.cumsum([0, *(block.size for _, block in blocks)])[:-1].tolist()
    assert likeness(line, read_wav(phrase, 16000))[0] > 0.99
    assert microphone.overflows == 0
    assert not lost


@undisturbed
async def test_the_time_of_the_microphones_samples_is_the_time_they_were_spoken(card):
    blocks = []
    microphone = Microphone()
    microphone.start(lambda block, first: blocks.append((first, block, asyncio.get_running_loop().time())))
    await until(lambda: len(blocks) > 100)
    first, block, seen = blocks[-1]
    microphone.stop()
    assert 0 <= seen - microphone.time_of(first + block.size) < 0.030


@undisturbed
async def test_what_the_agent_says_is_heard_at_the_speaker(card, tmp_path):
    recording = card.record(tmp_path / "heard.wav")
    speaker = Speaker()
    speaker.start(tone_from(2400))
    await until(lambda: speaker.settle() > 24000)
    speaker.stop()
    card.end_record(recording)
    with wave.open(str(tmp_path / "heard.wav")) as file:
        heard = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    wanted = 8000 * np.sin(2 * np.pi * 440 / 48000 * np.arange(24000))
    assert likeness(heard, wanted)[0] > 0.99
    assert speaker.underflows == 0


@undisturbed
async def test_a_flush_of_a_deep_queue_is_silent_at_once(card, tmp_path):
    recording = card.record(tmp_path / "heard.wav")
    playing = True

    def take(count):
        return np.full(count, 5000 if playing else 0, np.int16)

    speaker = Speaker(latencies_s=LATENCIES_S[-1:])
    speaker.start(take)
    await until(lambda: speaker.settle() > 24000)
    queue_ns = speaker.queue_ns
    assert queue_ns > 150_000_000
    playing = False
    taken = speaker.settle()
    dropped = speaker.flush()
    await asyncio.sleep(0.5)
    speaker.stop()
    card.end_record(recording)
    assert dropped == pytest.approx(queue_ns * 24000 / 1e9, abs=1)
    loud = longest_run(np.abs(read_wav(tmp_path / "heard.wav", 24000)) > 2500)
    assert loud <= taken - dropped + 0.060 * 24000  # the device's own buffer is not ours to drop


@undisturbed
async def test_a_sound_service_that_dies_is_reported_for_both_devices(card):
    lost = []
    microphone, speaker = Microphone(on_lost=lost.append), Speaker(on_lost=lost.append)
    microphone.start(lambda block, first: None)
    speaker.start(tone_from(0))
    await until(lambda: speaker.settle() > 2400)
    card.kill_daemon()
    await until(lambda: len(lost) == 2)
    assert any("microphone" in sentence for sentence in lost)
    assert any("speaker" in sentence for sentence in lost)
    assert list_devices(rescan=True).problem.startswith("There is no microphone and no speaker")


@undisturbed
async def test_devices_that_appear_later_are_found(monkeypatch):
    monkeypatch.setitem(os.environ, "PULSE_SERVER", "unix:/nonexistent")
    assert not list_devices(rescan=True).inputs
    with VirtualSound() as sound:
        for name, value in sound.env.items():
            monkeypatch.setenv(name, value)
        assert list_devices(rescan=True).default_input


def test_the_card_speaks_and_records_files(card, tmp_path):
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(24000) / 48000)).astype(np.int16)
    with WavWriter(tmp_path / "tone.wav", 48000) as out:
        out.write(tone)
    card.say(tmp_path / "tone.wav")
    card.capture(0.2, tmp_path / "nothing.wav")
    assert not read_wav(tmp_path / "nothing.wav", 48000).any()
