"""Devices without hardware: a stand-in for PortAudio whose driver the test plays."""

import itertools
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from studio.audio.devices import DeviceError, list_devices
from studio.audio.microphone import Microphone
from studio.audio.resample import Resampler
from studio.audio.speaker import Speaker

QUIET = SimpleNamespace(input_overflow=False, output_underflow=False)
GLITCH = SimpleNamespace(input_overflow=True, output_underflow=True)


class PortAudioError(Exception):
    pass


class FakeStream:
    def __init__(self, sd, **options):
        for refuses, error in sd.refusals:
            if refuses(options):
                raise error
        self.options = options
        self.latency = options["latency"]
        self.running = False
        self.log = []
        sd.streams.append(self)

    def start(self):
        self.running = True
        self.log.append("start")

    def abort(self, ignore_errors=True):
        self.running = False
        self.log.append("abort")

    def close(self, ignore_errors=True):
        self.log.append("close")

    def drive(self, blocks=1, status=QUIET, fill=None):
        """The driver asks for or brings blocks; returns what was heard of them."""
        size, channels = self.options["blocksize"], self.options["channels"]
        heard = []
        for _ in range(blocks):
            data = np.zeros((size, channels), np.int16)
            if fill is not None:
                data[:, 0] = fill(size)
            self.options["callback"](data.reshape(-1).data, size, None, status)
            heard.append(data.copy())
        return np.concatenate(heard)


class FakePortAudio:
    """Enough of the module sounddevice."""

    PortAudioError = PortAudioError

    def __init__(self):
        self.streams = []
        self.refusals = []
        self.scans = 0
        self.default = SimpleNamespace(device={"input": 0, "output": 1})
        self.found = [
            {
                "name": "Mic",
                "hostapi": 0,
                "default_samplerate": 44100.0,
                "max_input_channels": 1,
                "max_output_channels": 0,
            },
            {
                "name": "Box",
                "hostapi": 0,
                "default_samplerate": 44100.0,
                "max_input_channels": 0,
                "max_output_channels": 2,
            },
        ]

    def query_devices(self, place=None):
        return self.found if place is None else self.found[place]

    def query_hostapis(self):
        return [{"name": "ALSA", "default_input_device": 0, "default_output_device": 1}]

    def RawInputStream(self, **options):  # noqa: N802
        return FakeStream(self, **options)

    RawOutputStream = RawInputStream

    def _terminate(self):
        pass

    def _initialize(self):
        self.scans += 1


@pytest.fixture
def sd(monkeypatch, loop):
    fake = FakePortAudio()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    monkeypatch.setattr(time, "perf_counter", lambda: 100.0 + loop.now)
    return fake


def listening(loop, **options):
    pushed, lost = [], []
    microphone = Microphone(on_lost=lost.append, **options)
    microphone.start(lambda block, first: pushed.append((first, block)))
    return microphone, pushed, lost


def counting():
    """A take that hands over 0, 1, 2 ... so that nothing can be missing."""
    numbers = itertools.count()
    return lambda n: np.fromiter(itertools.islice(numbers, n), np.int64, n).astype(np.int16)


def together(pushed):
    assert [first for first, _ in pushed] == [0, *np.cumsum([block.size for _, block in pushed])[:-1].tolist()]
    return np.concatenate([block for _, block in pushed])


# ---- the list


def test_devices_are_listed_with_their_defaults(sd):
    found = list_devices()
    assert [device.name for device in found.inputs] == ["Mic"]
    assert [device.name for device in found.outputs] == ["Box"]
    assert (found.default_input, found.default_output, found.problem) == ("Mic", "Box", "")


def test_no_devices_are_an_empty_list_and_a_sentence(sd):
    sd.found = []
    found = list_devices()
    assert found.inputs == found.outputs == ()
    assert found.problem.startswith("There is no microphone and no speaker")


def test_a_missing_library_is_a_sentence_that_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert "install the package libportaudio2" in list_devices().problem


def test_a_sound_system_that_fails_does_not_stop_the_program(sd):
    sd.query_devices = lambda place=None: 1 / 0
    assert "The sound system does not answer" in list_devices().problem


def test_devices_are_looked_for_anew_only_while_no_stream_is_open(sd, loop):
    list_devices(rescan=True)
    microphone, _, _ = listening(loop)
    list_devices(rescan=True)
    assert sd.scans == 1
    microphone.stop()
    list_devices(rescan=True)
    assert sd.scans == 2


# ---- opening


def test_without_a_device_there_is_a_plain_sentence(sd, loop):
    sd.found = []
    with pytest.raises(DeviceError, match="There is no microphone"):
        listening(loop)
    with pytest.raises(DeviceError, match="There is no speaker"):
        Speaker().start(counting())


def test_a_chosen_device_that_is_gone_is_named(sd, loop):
    with pytest.raises(DeviceError, match="The microphone “Headset” is not connected"):
        listening(loop, device="Headset")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PortAudioError("Error opening", -9985), "is in use by another program, or the system does not let"),
        (PortAudioError("Error opening", -9996), "is no longer there"),
        (PortAudioError("Error opening", -9999, (0, 5, "access denied")), r"cannot be opened \(access denied\)"),
        (PortAudioError("Error opening"), r"cannot be opened \(Error opening\)"),
    ],
)
def test_a_device_that_refuses_says_why(sd, loop, error, words):
    sd.refusals.append((lambda options: True, error))
    with pytest.raises(DeviceError, match=f"The microphone “Mic” {words}"):
        listening(loop)


def test_a_device_is_opened_at_its_own_rate_where_it_refuses_ours(sd, loop):
    sd.refusals.append((lambda options: options["samplerate"] == 48000, PortAudioError("Invalid sample rate", -9997)))
    microphone, pushed, _ = listening(loop)
    assert microphone.rate == 44100
    sd.streams[0].drive(100)
    loop.run_woken()
    assert together(pushed).size == 16000


# ---- microphone


def test_the_loop_is_woken_once_for_all_waiting_blocks(sd, loop):
    _, pushed, _ = listening(loop)
    sd.streams[0].drive(5)
    assert len(loop.woken) == 1
    loop.run_woken()
    assert together(pushed).size == 800
    sd.streams[0].drive(1)
    assert len(loop.woken) == 1


def test_after_stop_nothing_is_pushed_that_was_still_waiting(sd, loop):
    microphone, pushed, _ = listening(loop)
    sd.streams[0].drive(5)
    microphone.stop()
    microphone.stop()
    loop.run_woken()
    assert not pushed


def test_a_muted_microphone_pushes_zeros_while_its_meter_lives(sd, loop):
    microphone, pushed, _ = listening(loop)
    microphone.muted = True
    sd.streams[0].drive(5, fill=lambda n: np.full(n, 16384))
    loop.run_woken()
    assert not together(pushed).any()
    assert microphone.level_dbfs == pytest.approx(-6.02, abs=0.01)


def test_the_raw_microphone_can_be_tapped(sd, loop):
    raw = []
    _, pushed, _ = listening(loop, on_raw=lambda block, first, rate: raw.append((first, block.size, rate)))
    sd.streams[0].drive(3)
    loop.run_woken()
    assert raw == [(0, 480, 48000), (480, 480, 48000), (960, 480, 48000)]
    assert together(pushed).size == 480


def test_what_a_blocked_loop_could_not_keep_becomes_counted_zeros(sd, loop):
    microphone, pushed, _ = listening(loop)
    sd.streams[0].drive(3100, fill=lambda n: np.full(n, 1000))
    loop.run_woken()
    assert microphone.lost_samples == 100 * 480
    line = together(pushed)
    assert line.size == 31 * 16000
    assert not line[: 16000 - 100].any()
    assert line[16100:].all()


def test_a_microphone_without_blocks_for_a_second_is_lost(sd, loop):
    _, _, lost = listening(loop)
    for _ in range(10):
        loop.advance(0.2)
        sd.streams[0].drive(1)
    assert not lost
    loop.advance(1.6)
    assert len(lost) == 1
    assert "The microphone “Mic” stopped: it was unplugged" in lost[0]
    assert sd.streams[0].log[-1] == "close"
    loop.advance(5)
    assert len(lost) == 1


def test_sound_lost_while_the_queue_is_deepened_keeps_later_samples_in_their_place(sd, loop):
    microphone, pushed, _ = listening(loop)
    for _ in range(100):
        loop.now += 0.01
        sd.streams[0].drive(1)
        loop.run_woken()
    for _ in range(2):
        loop.now += 0.01
        sd.streams[0].drive(1, GLITCH)
        loop.run_woken()
    loop.now += 0.2
    sd.streams[1].drive(1)
    loop.run_woken()
    assert microphone.lost_samples == pytest.approx(19 * 480, abs=1)
    assert together(pushed).size == pytest.approx(1.22 * 16000, abs=1)


# ---- speaker


def playing(sd, take=None, **options):
    lost = []
    speaker = Speaker(on_lost=lost.append, **options)
    speaker.start(take or counting())
    return speaker, sd.streams[-1], lost


@pytest.mark.parametrize("own_rate", [48000, 44100, 44056, 16000, 22050])
def test_blocks_of_any_rate_take_exactly_their_share(sd, loop, own_rate):
    sd.found[1]["default_samplerate"] = float(own_rate)
    sd.refusals.append((lambda options: options["samplerate"] != own_rate, PortAudioError("Invalid rate", -9997)))
    random = np.random.default_rng(0)
    sound = random.integers(-9000, 9000, 25000).astype(np.int16)
    samples = iter(sound)
    speaker, stream, _ = playing(sd, lambda n: np.array(list(itertools.islice(samples, n)), np.int16))
    heard = stream.drive(100)[:, 0]
    assert np.array_equal(heard, Resampler(24000, own_rate).process(sound)[: heard.size])
    assert speaker.settle() == pytest.approx(heard.size * 24000 / own_rate, abs=3)


def test_both_channels_hear_the_voice(sd, loop):
    _, stream, _ = playing(sd, lambda n: np.full(n, 5000, np.int16))
    heard = stream.drive(3)
    assert heard.shape[1] == 2
    assert np.array_equal(heard[:, 0], heard[:, 1])
    assert heard[960:].all()


def test_a_glitch_that_nobody_hears_is_counted_and_makes_no_queue_deeper(sd, loop):
    heard = False
    speaker, stream, _ = playing(sd, deepens=lambda: heard)
    loop.now += 1.0
    for _ in range(4):
        stream.drive(1, GLITCH)
    loop.run_woken()
    assert (speaker.underflows, len(sd.streams)) == (4, 1)
    heard = True
    for _ in range(2):
        stream.drive(1, GLITCH)
    loop.run_woken()
    assert (speaker.underflows, len(sd.streams)) == (6, 2)


def test_volume_changes_what_is_heard_and_not_what_is_taken(sd, loop):
    speaker, stream, _ = playing(sd, lambda n: np.full(n, 10000, np.int16))
    stream.drive(2)
    before = stream.drive(1)[:, 0].astype(int)
    speaker.volume = 0.5
    heard = np.concatenate((before, stream.drive(1)[:, 0]))
    assert np.abs(np.diff(heard)).max() < 50  # no click
    assert np.abs(stream.drive(1)[:, 0] - 5000).max() <= 2
    assert speaker.settle() == 5 * 240
    stream.drive(5)
    assert speaker.level_dbfs == pytest.approx(20 * np.log10(5000 / 32768), abs=0.05)


def test_a_short_queue_is_not_flushed(sd, loop):
    speaker, stream, _ = playing(sd)
    stream.drive(10)
    assert speaker.flush() == 0
    assert stream.log == ["start"]


def test_a_deep_queue_is_flushed_and_its_samples_counted(sd, loop):
    speaker, stream, _ = playing(sd)
    stream.drive(50)
    stream.drive(2, GLITCH)
    loop.now += 1
    stream.drive(2, GLITCH)
    loop.run_woken()
    deeper = sd.streams[-1]
    assert speaker.queue_ns == 60_000_000
    deeper.drive(50)
    assert speaker.flush() == 1440
    assert deeper.log == ["start", "abort", "start"]
    deeper.drive(1)
    assert speaker.flush() == 240


def test_two_underflows_within_ten_seconds_deepen_the_queue_and_two_far_apart_do_not(sd, loop):
    speaker, stream, _ = playing(sd)
    loop.now += 1
    stream.drive(1, GLITCH)
    loop.now += 11
    stream.drive(1, GLITCH)
    loop.run_woken()
    assert (speaker.queue_ns, speaker.underflows) == (30_000_000, 2)
    for expected in (60_000_000, 100_000_000, 200_000_000, 200_000_000):
        loop.now += 1
        sd.streams[-1].drive(2, GLITCH)
        loop.run_woken()
        assert speaker.queue_ns == expected


def test_glitches_while_a_stream_starts_do_not_count(sd, loop):
    speaker, stream, _ = playing(sd)
    stream.drive(3, GLITCH)
    assert speaker.underflows == 0


def test_due_is_when_the_block_with_the_sample_is_taken(sd, loop):
    speaker, stream, _ = playing(sd)
    start = loop.now
    assert speaker.due(1) == pytest.approx(start + 0.01)
    for block in range(200):
        loop.now = start + 0.01 * block
        stream.drive(1)
    assert speaker.due(240) == pytest.approx(start, abs=1e-6)
    assert speaker.due(24001) == pytest.approx(start + 1.0, abs=1e-6)
    assert speaker.due(48000 + 2400) == pytest.approx(start + 2.09, abs=1e-6)


def at_each(loop, stream, times):
    """Blocks asked for at these times."""
    for when in times:
        loop.now = when
        stream.drive(1)


def test_a_sample_was_taken_when_its_block_was_asked_for_however_late_that_was(sd, loop):
    speaker, stream, _ = playing(sd)
    at_each(loop, stream, [1.0, 1.0, 1.0, 1.17, 1.18, 1.199])
    taken = [speaker.taken_at(240 * block) for block in range(6)]
    assert taken == pytest.approx([1.0, 1.0, 1.0, 1.17, 1.18, 1.199])
    assert speaker.taken_at(239) == pytest.approx(1.0)
    assert speaker.taken_at(240 * 6) > loop.now


def test_the_haste_in_which_a_driver_fills_its_queue_does_not_date_what_comes_after_it(sd, loop):
    speaker, stream, _ = playing(sd)
    at_each(loop, stream, [0.0, 0.0, 0.0, 0.0, *(0.03 + 0.01 * block for block in range(50))])
    assert speaker.due(240 * 54) == pytest.approx(0.52)
    assert speaker.due(240 * 154) == pytest.approx(1.52)


def test_after_a_queue_has_run_dry_samples_are_as_much_later_as_it_was(sd, loop):
    speaker, stream, _ = playing(sd)
    at_each(loop, stream, [0.01 * block for block in range(100)])
    assert speaker.due(240 * 100) == pytest.approx(0.99)
    at_each(loop, stream, [1.25, 1.25, 1.25, 1.26, 1.27])
    assert speaker.due(240 * 105) == pytest.approx(1.27)


def test_a_sample_that_is_late_is_never_due_in_the_past(sd, loop):
    speaker, stream, _ = playing(sd)
    stream.drive(1)
    loop.now += 5
    assert speaker.due(241) > loop.now


def test_an_echo_canceller_hears_what_is_played_at_its_volume(sd, loop):
    played = []
    echo = SimpleNamespace(played=lambda block, rate: played.append((block.copy(), rate)))
    speaker = Speaker(echo=echo)
    speaker.volume = 0.5
    speaker.start(lambda n: np.full(n, 10000, np.int16))
    heard = sd.streams[-1].drive(3)[:, 0]
    assert np.array_equal(np.concatenate([block for block, _ in played]), heard)
    assert played[0][1] == 48000


def test_a_speaker_that_stops_asking_is_lost_and_settle_keeps_its_count(sd, loop):
    speaker, stream, lost = playing(sd)
    stream.drive(10)
    loop.advance(1.6)
    assert "The speaker “Box” stopped" in lost[0]
    assert speaker.settle() == 2400
    assert speaker.queue_ns == speaker.flush() == 0
    speaker.stop()
