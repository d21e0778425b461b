"""Measures the casting bench: `python tests/bench/bench_casting.py`. Figures for people, not a test.

From the order to play a clip, as the window gives it over the engine's socket, to its first sample at a virtual speaker;
and how long 12 voices at 8 speeds take to be spoken, and how equally loud they are to another meter.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pyloudnorm
import soundfile

from studio.engine.client import EngineClient
from studio.providers.casting.lanes import Lanes
from studio.providers.casting.pace import is_off, realised
from studio.providers.catalogue import LISTED_SPEEDS
from studio.providers.manifests import load_providers
from tests import virtual_sound
from tests.virtual_sound import VirtualSound

TEXT = "Good morning, this is the front desk. How can I help?"
ROUNDS = 30
_RATE = 48_000


def show(what: str, figure: str) -> None:
    print(f"{what:<62} {figure}", flush=True)


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


async def latency(client: EngineClient, sound: VirtualSound) -> None:
    await client.call("hold_speaker", on=True)
    clip = (await client.call("cast_clip", text="Go.", voice="English (local)", speed=2.0))["clip"]
    loop = asyncio.get_running_loop()
    with Ear(sound) as ear:
        taken: list[float] = []
        for _ in range(ROUNDS):
            ready = asyncio.Event()
            hearing = asyncio.create_task(asyncio.to_thread(ear.begins, ready, loop))
            await ready.wait()
            ordered = time.perf_counter()
            await client.call("hear_clip", clip=clip)
            taken.append((await hearing - ordered) * 1000)
            await asyncio.sleep(0.5)
    taken.sort()
    show(
        "cached clip, order to sound, ms: p50 / p95 / most",
        f"{statistics.median(taken):.0f} / {taken[int(len(taken) * 0.95)]:.0f} / {taken[-1]:.0f}",
    )


def furthest(folder: Path) -> float:
    """How far the loudness of any clip in a folder is from the target, LU."""
    meter = pyloudnorm.Meter(24_000)
    return max(abs(meter.integrated_loudness(soundfile.read(file)[0]) + 23) for file in folder.glob("*.wav"))


async def matrix(client: EngineClient) -> None:
    voices = [voice.name for voice in load_providers()["local"].voices][:12]
    lanes, clips = Lanes(), {}

    async def cast(voice: str, speed: float) -> None:
        async with lanes.of("local"):
            clips[voice, speed] = await client.call("cast_clip", text=TEXT, voice=voice, speed=speed)

    began = time.perf_counter()
    await asyncio.gather(*(cast(voice, speed) for voice in voices for speed in LISTED_SPEEDS))
    show("12 voices x 8 speeds, local engine, s", f"{time.perf_counter() - began:.1f}")
    rows = [{"clip": clip["clip"], "voice": v, "provider": "Local", "speed": s} for (v, s), clip in clips.items()]
    for phone in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            await client.call("export_clips", folder=folder, text=TEXT, rows=rows, phone=phone)
            off = await asyncio.to_thread(furthest, Path(folder))
        show(f"loudness of {len(clips)} clips{', phone' if phone else ''}: furthest from -23 LUFS, LU", f"{off:.3f}")
    got = {key: realised(clip["spoken_s"], clips[key[0], 1.0]["spoken_s"]) for key, clip in clips.items()}
    flagged = sum(is_off(speed, got[voice, speed]) for voice, speed in got)
    show("realised speeds: within 5 % / flagged", f"{len(got) - flagged} / {flagged}")


async def main() -> None:
    with tempfile.TemporaryDirectory() as home, VirtualSound() as sound:
        os.environ.update({"STUDIO_HOME": home, **sound.env})
        client = await EngineClient.start_or_attach()
        try:
            await matrix(client)
            await latency(client, sound)
        finally:
            await client.close()


if __name__ == "__main__":
    if problem := virtual_sound.missing():
        sys.exit(problem)
    asyncio.run(main())
