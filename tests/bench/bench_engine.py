"""Measures the engine process: `python tests/bench/bench_engine.py`. Figures for people, not a test."""

import asyncio
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from studio.engine.client import EngineClient
from studio.sessions.records import NS, Record
from tests import virtual_sound
from tests.virtual_sound import VirtualSound

STARTS, SESSIONS, CALLS, IDLE_S, TALK_S = 7, 7, 200, 10, 20
AGENT = """import time
from primfunctions.events import *
async def handler(event, context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent(text="Hello, what can I do for you?", voice="nova")
    elif isinstance(event, TextEvent) and event.data["text"] == "block":
        time.sleep(60)
    elif isinstance(event, TextEvent):
        yield TextToSpeechEvent(text="You said " + event.data["text"], voice="nova")
"""


def show(what: str, values: list[float], unit: str = "ms") -> None:
    values.sort()
    text = (
        f"p50 {statistics.median(values):7.1f}   max {values[-1]:7.1f} {unit}"
        if len(values) > 1
        else f"{values[0]:.2f} {unit}"
    )
    print(f"{what:<66} {text}", flush=True)


def ms(since: float) -> float:
    return (time.perf_counter() - since) * 1000


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Window:
    """A client that keeps what it is shown, and when."""

    def __init__(self, client: EngineClient) -> None:
        self.client = client
        self.records: list[tuple[Record, float]] = []
        self.phase = ""
        self._changed = asyncio.Event()
        client.on_items = self._take

    def _take(self, items: list[list[Any]]) -> None:
        now = time.perf_counter()
        for item in items:
            if item[0] == "record":
                self.records.append((Record(*item[3:]), now))
            elif item[0] == "state":
                self.phase = item[2]["session"]
        self._changed.set()

    async def until(self, true: Callable[[], Any]) -> Any:
        async with asyncio.timeout(30):
            while not (found := true()):
                self._changed.clear()
                await self._changed.wait()
        return found

    def first(self, event: str) -> tuple[Record, float] | None:
        return next((row for row in self.records if row[0].event == event), None)

    async def stop(self) -> float:
        began = time.perf_counter()
        await self.client.call("stop_session")
        await self.until(lambda: self.phase == "idle")
        return ms(began)


async def measure_starts() -> None:
    welcome, ready, leaving = [], [], []
    for _ in range(STARTS):
        began = time.perf_counter()
        client = await EngineClient.start_or_attach()
        welcome.append(ms(began))
        await client.call("sessions")
        ready.append(ms(began))
        began = time.perf_counter()
        await client.close()
        leaving.append(ms(began))
    show("start of the process to welcome", welcome)
    show("start of the process to the first answer (sessions)", ready)
    show("close of an idle engine, process gone", leaving)


async def measure_sessions(project: Path) -> None:
    client = await EngineClient.start_or_attach()
    window = Window(client)
    assert client.process
    await client.call("open_project", path=str(project))
    await client.call("devices")
    first_session: list[float] = []
    answered, child, sound, stops, blocked = [], [], [], [], []
    for n in range(SESSIONS):
        await asyncio.sleep(4 if n else 0)  # for the next warm child
        window.records.clear()
        began = time.perf_counter()
        await client.call("start_session", project=str(project))
        answered.append(ms(began))
        record, _ = await window.until(lambda: window.first("play_started"))
        started, _ = await window.until(lambda: window.first("session_started"))
        # where the engine's clock stood when the record was written, on ours: its batch took up to 16 ms more
        zero = min(told - row.log_time / NS for row, told in window.records)
        (first_session if n == 0 else child).append((zero + started.log_time / NS - began) * 1000)
        (first_session if n == 0 else sound).append((zero + record.publish_time / NS - began) * 1000)
        stops.append(await window.stop())
    show("start_session to its answer", answered)
    show("start_session of the first call: agent ready, first sample", first_session)
    show("start_session to agent ready, warm child", child)
    show("start_session to first sample of the greeting, warm child", sound)
    show("stop to idle, recording finished", stops)

    for _ in range(3):
        await client.call("start_session", project=str(project))
        await window.until(lambda: window.phase == "running")
        await client.call("say", text="block")
        await asyncio.sleep(0.2)
        blocked.append(await window.stop())
    show("stop of a blocked agent to idle", blocked)

    trips = []
    for _ in range(CALLS):
        began = time.perf_counter()
        await client.call("sessions", query="nothing")
        trips.append(ms(began))
    show("a command there and back (sessions)", trips)

    await asyncio.sleep(2)
    before = cpu_s(client.process.pid)
    await asyncio.sleep(IDLE_S)
    show("CPU, idle", [(cpu_s(client.process.pid) - before) / IDLE_S * 100], "% of a core")

    window.records.clear()
    started = await client.call("start_session", project=str(project))
    await window.until(lambda: window.phase == "running")
    await asyncio.sleep(2)
    before = cpu_s(client.process.pid)
    began, typed, batches = time.perf_counter(), [], []
    while time.perf_counter() - began < TALK_S:
        said = time.perf_counter()
        seq = len(window.records)
        await client.call("say", text="a line of text")
        typed.append(ms(said))
        await window.until(lambda seq=seq: any(row.event == "TextEvent" for row, _ in window.records[seq:]))
        batches.append(ms(said))
        await asyncio.sleep(3)
    spent = cpu_s(client.process.pid) - before
    show("CPU, a call with a typed line every 3 s", [spent / (time.perf_counter() - began) * 100], "% of a core")
    show("say to its answer", typed)
    show("say to the record of its event in the window", batches)
    state = [row.data for row, _ in window.records if row.event == "sound"]
    print("devices:", "none, null sink" if state else "virtual sound card", started["session"])
    await window.stop()
    await client.close()


async def main() -> None:
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ["STUDIO_HOME"] = folder
        project = Path(folder, "agent")
        project.mkdir()  # noqa: ASYNC240
        (project / "handler.py").write_text(AGENT)
        await measure_starts()
        with nullcontext() if virtual_sound.missing() else VirtualSound() as sound:
            os.environ.update(sound.env if sound else {})
            await measure_sessions(project)


if __name__ == "__main__":
    asyncio.run(main())
