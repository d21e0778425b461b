"""Measures sound: `python tests/bench/bench_audio.py`. Figures for people, not a test."""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from studio.audio.devices import list_devices
from studio.audio.echo import EchoCanceller
from studio.audio.files import read_wav
from studio.audio.level import LevelTracker
from studio.audio.resample import Resampler, convert
from studio.audio.speaker import Speaker
from studio.audio.stretch import stretch
from studio.audio.telephone import TelephoneLine
from studio.audio.vad import WINDOW, VoiceActivity
from studio.runtime.background import Track
from studio.runtime.playout import Clip, Playout
from tests import virtual_sound
from tests.speech_fixture import RATE, speech
from tests.virtual_sound import VirtualSound

FADE = 120  # 5 ms, as a cut of the agent fades
CUTS = 20
UNDERRUN_S = 30


def cpu_ms(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def show(what: str, figure: str) -> None:
    print(f"{what:<58} {figure}", flush=True)


def per_block(process: Callable[[np.ndarray], object], sound: np.ndarray, block: int) -> None:
    for at in range(0, sound.size - block + 1, block):
        process(sound[at : at + block])


def measure_signal_work() -> None:
    phrase = speech("I would like to book a table for two.")
    caller = np.tile(convert(phrase, RATE, 16000), 5)
    seconds = caller.size / 16000
    activity = VoiceActivity()
    activity.process(caller[:WINDOW])
    windows = caller.size // WINDOW
    single = cpu_ms(lambda: per_block(activity.process, caller, 160))
    show("VAD, one line, 10 ms blocks, ms CPU per window", f"{single / windows:.3f}")
    for count in (8, 32, 96):
        lines = [VoiceActivity() for _ in range(count)]

        def batch(lines: list[VoiceActivity] = lines) -> None:
            for at in range(0, 60 * WINDOW, WINDOW):
                for line in lines:
                    line.feed(caller[at : at + WINDOW])
                VoiceActivity.evaluate(lines)

        show(f"VAD, {count} lines in one batch, ms CPU per window", f"{cpu_ms(batch) / 60 / count:.3f}")
    quiet = np.zeros(60 * 16000, np.int16)
    line = VoiceActivity()
    silent = cpu_ms(lambda: per_block(line.process, quiet, WINDOW))
    show("VAD, a minute of digital silence, ms CPU per window", f"{silent / (quiet.size // WINDOW):.4f}")
    tracker = LevelTracker()
    firsts = iter(range(0, 1 << 40, 160))
    tracked = cpu_ms(lambda: per_block(lambda block: tracker.process(block, next(firsts)), caller, 160))
    show("level tracker, ms CPU per second", f"{tracked / seconds:.2f}")
    show("level tracker, ms CPU per date", f"{cpu_ms(lambda: tracker.last_voiced(caller.size)):.2f}")
    for from_rate, to_rate in ((48000, 16000), (24000, 48000), (44100, 16000), (24000, 44100)):
        resampler = Resampler(from_rate, to_rate)
        sound = np.tile(convert(phrase, RATE, from_rate), 5)
        cost = cpu_ms(lambda r=resampler, s=sound, b=from_rate // 100: per_block(r.process, s, b))
        late = f"{cost / sound.size * from_rate:.2f}, delay {resampler.delay / to_rate * 1000:.2f} ms"
        show(f"resampler {from_rate} to {to_rate}, ms CPU per second", late)
    phone = TelephoneLine(16000)
    show("telephone line, ms CPU per second", f"{cpu_ms(lambda: per_block(phone.process, caller, 160)) / seconds:.2f}")
    for speed in (0.25, 2.0, 4.0):
        cost = cpu_ms(lambda s=speed: stretch(caller, 16000, s))
        show(f"time-stretch {speed}, ms CPU per second of source", f"{cost / seconds:.2f}")
    canceller, room = EchoCanceller(noise=True), np.tile(convert(phrase, RATE, 48000), 3)

    def cancel(block: np.ndarray) -> None:
        canceller.played(block, 48000)
        canceller.clean(block, 48000)

    cost = cpu_ms(lambda: per_block(cancel, room, 480))
    show("echo canceller with noise suppression, ms CPU per second", f"{cost / room.size * 48000:.2f}")


def measure_playout() -> None:
    """What a sink's block of 10 ms costs: silence, speech, and both over a background track."""
    seconds = 60
    for what, track, said in (
        ("silence", False, False),
        ("speech", False, True),
        ("background", True, False),
        ("speech over background", True, True),
    ):
        playout = Playout()
        if track:
            playout.background.play(Track(np.full(24000, 1000, np.int16), 0.5, loop=True))
        if said:
            clip = Clip("say")
            for _ in range(10 * seconds):
                clip.append(np.full(2400, 1000, np.int16))
            clip.finish()
            playout.enqueue(clip)
        blocks = 100 * seconds

        def take(playout: Playout = playout, blocks: int = blocks) -> None:
            for _ in range(blocks):
                playout.take(240)

        show(f"playout, {what}, us CPU per block of 10 ms", f"{cpu_ms(take) / blocks * 1000:.1f}")


class Gate:
    """A take that fades within 5 ms of `cut`, and remembers when the last old sample was handed over."""

    def __init__(self) -> None:
        self.open = True
        self.faded = self.closed_at = 0.0

    def __call__(self, count: int) -> np.ndarray:
        if self.open:
            return np.full(count, 8000, np.int16)
        out = np.zeros(count, np.int16)
        if not self.closed_at:
            out[:FADE] = np.linspace(8000, 0, FADE)
            self.closed_at = time.perf_counter()
        return out


async def measure_cuts(card: VirtualSound, folder: Path) -> None:
    gate = Gate()
    speaker = Speaker()
    recording = card.record(folder / "cuts.wav")
    speaker.start(gate)
    handed: list[float] = []
    random = np.random.default_rng(0)
    begun = time.perf_counter()
    decided_at: list[float] = []
    for _ in range(CUTS):
        gate.closed_at, gate.open = 0.0, True
        await asyncio.sleep(0.3 + random.uniform(0, 0.02))
        decided = time.perf_counter()
        gate.open = False
        while not gate.closed_at:  # noqa: ASYNC110 - closed in PortAudio's thread
            await asyncio.sleep(0.001)
        handed.append((gate.closed_at - decided) * 1000 + FADE / 24)
        decided_at.append(decided - begun)
        await asyncio.sleep(0.25)
    queue = speaker.queue_ns
    speaker.stop()
    card.end_record(recording)
    loud = np.flatnonzero(np.abs(read_wav(folder / "cuts.wav", 48000)) > 100) / 48000
    ends = np.append(loud[:-1][np.diff(loud) > 0.1], loud[-1])
    silent_after = (ends - np.array(decided_at)) * 1000 if ends.size == CUTS else np.empty(0)
    show(f"queue reported by the driver, ms ({speaker.rate} Hz)", f"{queue / 1e6:.0f}")
    p50, p95 = np.percentile(handed, (50, 95))
    show("decision to last old sample handed over, fade included", f"p50 {p50:.1f}, p95 {p95:.1f} ms")
    if silent_after.size:
        # The recorder does not say when it began, so only differences between the cuts are known.
        spread = np.percentile(silent_after, (5, 95)) - np.median(silent_after)
        show("decision to silence captured, p5 and p95 around the median", f"{spread[0]:+.1f}, {spread[1]:+.1f} ms")


async def measure_underruns() -> None:
    speaker = Speaker()
    speaker.start(lambda count: np.full(count, 1000, np.int16))
    await asyncio.sleep(UNDERRUN_S)
    queue = speaker.queue_ns
    speaker.stop()
    show(f"underflows in {UNDERRUN_S} s, queue at the end", f"{speaker.underflows}, {queue / 1e6:.0f} ms")


def main() -> None:
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}")
    measure_signal_work()
    measure_playout()
    if why := virtual_sound.missing():
        print(f"Devices are not measured: {why}.")
        return
    with VirtualSound() as card, tempfile.TemporaryDirectory() as folder:
        os.environ.update(card.env)
        list_devices(rescan=True)
        asyncio.run(measure_cuts(card, Path(folder)))
        asyncio.run(measure_underruns())


if __name__ == "__main__":
    main()
