"""Measures sound: `python tests/bench/bench_audio.py`. Figures for people, not a test."""

import asyncio
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from studio.audio.devices import list_devices
from studio.audio.echo import EchoCanceller
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
CUTS = 50
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


class Bystander:
    """Listens at the speaker, and notes when each piece of sound has come to its ears: never before it was played."""

    def __init__(self, card: VirtualSound) -> None:
        options = "--device=vspk.monitor --rate=48000 --channels=1 --format=s16le --raw --latency-msec=1"
        self._process = subprocess.Popen(
            ["parec", *options.split()], env={**os.environ, **card.env}, stdout=subprocess.PIPE
        )
        self._thread = threading.Thread(target=self._listen)
        self._sound: list[np.ndarray] = []
        self._came: list[tuple[int, float]] = []
        self._thread.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        count, odd = 0, b""
        while piece := os.read(self._process.stdout.fileno(), 4096):
            now, piece = time.perf_counter(), odd + piece
            odd = piece[len(piece) // 2 * 2 :]
            self._sound.append(np.frombuffer(piece[: len(piece) // 2 * 2], "<i2"))
            count += self._sound[-1].size
            self._came.append((count, now))

    def silences(self) -> np.ndarray:
        """Stop listening; the times at which the first silent sample after each stretch of tone had come."""
        self._process.terminate()
        self._thread.join()
        self._process.wait()
        loud = np.flatnonzero(np.abs(np.concatenate(self._sound)) > 100)
        ends = np.append(loud[:-1][np.diff(loud) > 4800], loud[-1]) + 1
        counts, times = np.array([count for count, _ in self._came]), np.array([at for _, at in self._came])
        return times[np.searchsorted(counts, ends, "right")]


async def measure_cuts(card: VirtualSound) -> None:
    gate = Gate()
    speaker = Speaker()
    bystander = Bystander(card)
    speaker.start(gate)
    handed: list[float] = []
    random = np.random.default_rng(0)
    decided_at: list[float] = []
    for _ in range(CUTS):
        gate.closed_at, gate.open = 0.0, True
        await asyncio.sleep(0.3 + random.uniform(0, 0.02))
        decided = time.perf_counter()
        gate.open = False
        while not gate.closed_at:  # noqa: ASYNC110 - closed in PortAudio's thread
            await asyncio.sleep(0.001)
        handed.append((gate.closed_at - decided) * 1000 + FADE / 24)
        decided_at.append(decided)
        await asyncio.sleep(0.25)
    queue = speaker.queue_ns
    speaker.stop()
    show(f"queue reported by the driver, ms ({speaker.rate} Hz)", f"{queue / 1e6:.0f}")
    p50, p95 = np.percentile(handed, (50, 95))
    show("decision to last old sample handed over, fade included", f"p50 {p50:.1f}, p95 {p95:.1f} ms")
    came = bystander.silences()
    if came.size != CUTS:
        show("decision to silence at the speaker", f"not measured: {came.size} of {CUTS} cuts were heard")
        return
    late = (came - np.array(decided_at)) * 1000
    p50, p95 = np.percentile(late, (50, 95))
    show("decision to silence at the speaker, its way to the ear included", f"p50 {p50:.1f}, p95 {p95:.1f} ms")
    show("... of the cuts within the reported queue + 30 ms", f"{np.sum(late <= queue / 1e6 + 30)} of {CUTS}")


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
    with VirtualSound() as card:
        os.environ.update(card.env)
        list_devices(rescan=True)
        asyncio.run(measure_cuts(card))
        asyncio.run(measure_underruns())


if __name__ == "__main__":
    main()
