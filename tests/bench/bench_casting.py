"""Measures the casting bench: `python tests/bench/bench_casting.py [--latency]`. Figures for people, not a test.

12 local voices and 12 voices of the services, whose own SDKs reach the stand-ins of `tests/stand_ins`, at the eight listed
speeds: how long they take, how equally loud they are to another meter, and which of the speeds they really have. A voice
without a speed control has one cell, as it has on the bench. Then, how long a cached clip takes to be heard at a virtual
speaker: from the order at the engine's socket, and from a key in a real window. `--latency` measures only that.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pyloudnorm
import soundfile

from studio.engine.client import EngineClient
from studio.providers.casting.lanes import Lanes
from studio.providers.casting.pace import is_off, realised
from studio.providers.catalogue import Catalogue
from studio.providers.speeds import LISTED_SPEEDS
from tests import virtual_sound
from tests.end_to_end import desktop
from tests.end_to_end.desktop import StudioWindow, display, wait_for
from tests.end_to_end.keyboard import Keyboard
from tests.stand_ins.stand_in import KEY
from tests.virtual_sound import VirtualSound

TEXT = "Good morning, this is the front desk. How can I help?"
SERVICES = {
    "openai": ("nova", "alloy", "onyx"),
    "azure": ("jenny", "guy", "sonia"),
    "google": ("zephyr", "kore"),
    "cartesia": ("brooke", "luke"),
    "voicerun": ("lyric", "flint"),
}
SHORT = "Go."
ROUNDS = 30
FIRST_CLIP = (680, 250)
"""Within it, in a window of the usual size."""
_RATE = 48_000


class Ear:
    """Hears the virtual speaker, and when each sound began, on this machine's monotonic clock."""

    def __init__(self, sound: VirtualSound) -> None:
        options = "--raw --format=s16le --rate=48000 --channels=1 --latency-msec=5 --device=vspk.monitor"
        self._parec = subprocess.Popen(
            ["parec", *options.split()], stdout=subprocess.PIPE, env={**os.environ, **sound.env}
        )
        assert self._parec.stdout
        os.set_blocking(self._parec.stdout.fileno(), True)

    def __enter__(self) -> "Ear":
        return self

    def __exit__(self, *_: object) -> None:
        self._parec.terminate()
        self._parec.wait()

    def begins(self, ready: "asyncio.Event", loop: asyncio.AbstractEventLoop, patience_s: float = 3.0) -> float:
        """When the next sound after silence begins; blocks. The pipe's own delay counts against us."""
        assert self._parec.stdout
        deadline = time.perf_counter() + patience_s
        quiet = 0
        while time.perf_counter() < deadline:
            block = np.frombuffer(os.read(self._parec.stdout.fileno(), 9600)[:9600], "<i2").astype(int)
            came = time.perf_counter()
            loud = np.flatnonzero(np.abs(block) > 100)
            if not loud.size:
                quiet += block.size
                if quiet > _RATE // 10 and not ready.is_set():
                    loop.call_soon_threadsafe(ready.set)
                continue
            if ready.is_set():
                return came - (block.size - int(loud[0])) / _RATE
            quiet = 0
        raise AssertionError("nothing was heard")


async def to_sound(ear: Ear, order: Callable[[int], Awaitable[object]]) -> str:
    """From an order to the first sample of its clip, ms; `order` gets the number of the round."""
    loop = asyncio.get_running_loop()
    taken: list[float] = []
    for number in range(ROUNDS):
        ready = asyncio.Event()
        hearing = asyncio.create_task(asyncio.to_thread(ear.begins, ready, loop))
        await ready.wait()
        ordered = time.perf_counter()
        await order(number)
        taken.append((await hearing - ordered) * 1000)
        await asyncio.sleep(0.5)
    taken.sort()
    return f"{statistics.median(taken):.0f} / {taken[int(len(taken) * 0.95)]:.0f} / {taken[-1]:.0f}"


async def from_engine(client: EngineClient, sound: VirtualSound) -> None:
    """Measure the order as the window gives it to the engine."""
    await client.call("hold_speaker", on=True)
    clip = (await client.call("cast_clip", text=SHORT, voice="English (local)", speed=2.0))["clip"]
    with Ear(sound) as ear:
        figures = await to_sound(ear, lambda number: client.call("hear_clip", clip=clip))
    queue_s = (await client.call("hear_clip", clip=clip))["queue_s"]
    print(f"cached clip, order at the engine's socket to sound, ms: p50 / p95 / most   {figures}", flush=True)
    print(f"{'':9} of which the device's queue, at the end, ms: {queue_s * 1000:.0f}", flush=True)


async def from_key(home: Path, sound: VirtualSound) -> None:
    """Measure the press of an arrow key in a real window."""
    state = home / "state"
    state.mkdir(parents=True)
    voices = ["local:English (local)", "local:English female (local)"]
    remembered = {"bench": {"text": SHORT, "voices": voices, "speeds": list(LISTED_SPEEDS)}}
    (state / "window.json").write_text(json.dumps(remembered))
    with display() as screen, StudioWindow(screen, sound, home) as window, Keyboard(screen) as keyboard:
        window.press("ctrl+2")
        await asyncio.sleep(2)  # the engine listens; the window has met it
        window.press("ctrl+Return")  # have all spoken
        cells = len(voices) * len(LISTED_SPEEDS)
        wait_for(lambda: len(list((home / "cache" / "speech").glob("?" * 64))) == cells, "the clips")
        await asyncio.sleep(1)
        window.click(FIRST_CLIP)

        async def press(number: int) -> None:
            keyboard.press("Left" if number % 2 else "Right")

        with Ear(sound) as ear:
            figures = await to_sound(ear, press)
    print(f"cached clip, arrow key in the window to sound, ms: p50 / p95 / most        {figures}", flush=True)


@contextmanager
def stand_ins(home: Path) -> Iterator[None]:
    """Services of this machine that speak, in a process of their own; the settings and keys lead there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stand_ins", "--dir", str(home / "config")],
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    for line in process.stdout:
        if line.startswith("Interrupt"):
            break
    tail = threading.Thread(target=process.stdout.read, daemon=True)  # a full pipe would stop them
    tail.start()
    try:
        yield
    finally:
        process.terminate()
        process.wait()
        tail.join()
        process.stdout.close()


def loudness_off(folder: Path) -> float:
    """How far the loudness of any clip in a folder is from the target, LU."""
    meter = pyloudnorm.Meter(24_000)
    return max(abs(meter.integrated_loudness(soundfile.read(file)[0]) + 23) for file in folder.glob("*.wav"))


async def matrix(client: EngineClient, catalogue: Catalogue, source: str, voices: Sequence[str]) -> str:
    """Have the voices of one source spoken and measured; returns one of the clips."""
    provider = catalogue.providers[source]
    assert provider.speech
    speeds = LISTED_SPEEDS if provider.speech.speed else (1.0,)
    lanes, clips = Lanes(), dict[tuple[str, float], dict[str, Any]]()

    async def cast(voice: str, speed: float) -> None:
        async with lanes.of(source):
            spec = {"provider": source, "identifier": voice}
            clips[voice, speed] = await client.call("cast_clip", text=TEXT, voice=spec, speed=speed)

    began = time.perf_counter()
    await asyncio.gather(*(cast(voice, speed) for voice in voices for speed in speeds))
    took = time.perf_counter() - began
    if any(clip["stands_in"] for clip in clips.values()):
        raise SystemExit(f"{provider.title} was not reached: {clips[voices[0], 1.0]['notes']}")
    rows = [{"clip": clip["clip"], "voice": v, "provider": source, "speed": s} for (v, s), clip in clips.items()]
    off: list[float] = []
    for phone in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            await client.call("export_clips", folder=folder, text=TEXT, rows=rows, phone=phone)
            off.append(await asyncio.to_thread(loudness_off, Path(folder)))
    got = {key: realised(clip["spoken_s"], clips[key[0], 1.0]["spoken_s"]) for key, clip in clips.items()}
    flagged = {key: speed for key, speed in got.items() if is_off(key[1], speed)}
    by = "word times" if all(clip["word_times"] for clip in clips.values()) else "length"
    speeds_told = f"{len(got) - len(flagged)} / {len(flagged)} by {by}" if len(speeds) > 1 else "no control"
    first = statistics.median(clip["first_byte_ms"] for clip in clips.values())
    print(
        f"{provider.title:<9} {len(voices):>6} {len(clips):>6} {took:>7.1f} {first:>10.0f} {off[0]:>9.2f} {off[1]:>6.2f}"
        f"   {speeds_told}",
        flush=True,
    )
    for (voice, asked), speed in sorted(flagged.items()):
        print(f"{'':9} flagged: {voice} asked {asked:g}, got {speed:.2f}", flush=True)
    return clips[voices[0], 1.0]["clip"]


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", action="store_true", help="only from order to sound")
    only_latency = parser.parse_args().latency
    catalogue = Catalogue()
    with tempfile.TemporaryDirectory() as home, VirtualSound() as sound, ExitStack() as services:
        keys = {catalogue.providers[source].key: KEY for source in SERVICES}
        os.environ.update({"STUDIO_HOME": home, **sound.env, **keys})
        if not only_latency:
            services.enter_context(stand_ins(Path(home)))
        client = await EngineClient.start_or_attach()
        try:
            if not only_latency:
                print("source    voices  clips  time, s  1st byte, ms  off by, LU  phone   speeds within 5 % / flagged")
                await matrix(
                    client, catalogue, "local", [voice.name for voice in catalogue.providers["local"].voices][:12]
                )
                for source, voices in SERVICES.items():
                    await matrix(client, catalogue, source, voices)
            await from_engine(client, sound)
        finally:
            await client.close()
        if problem := desktop.missing():
            print(f"from key to sound: not measured, {problem}")
        else:
            await from_key(Path(home) / "window", sound)


if __name__ == "__main__":
    if problem := virtual_sound.missing():
        sys.exit(problem)
    asyncio.run(main())
