"""Processes that are killed: what the other ones do, what is lost, what is left."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio import paths
from studio.engine import pulse
from studio.engine.client import EngineClient, EngineError
from studio.sessions.records import NS, Record
from studio.sessions.stored import StoredSession
from tests.engine.real import TALKER, descendants, is_alive, start_engine, until_gone, write_agent

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"),
]


async def test_a_killed_engine_loses_less_than_a_second_and_the_next_one_repairs_it(tmp_path: Path) -> None:
    project = write_agent(tmp_path / "agent", TALKER)
    chance = random.Random(9)
    client, seen = await start_engine()
    for killed in range(1, 6):
        assert client.process
        gone: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        client.on_gone = lambda _, gone=gone: gone.set_result(time.perf_counter())
        started = await client.call("start_session", project=str(project))
        until = chance.uniform(0.8, 1.8) * NS  # what dies within its first chunk leaves nothing to list
        await seen.until(lambda seen=seen, until=until: seen.records and seen.records[-1].log_time > until)
        processes = [client.process.pid, *descendants(client.process.pid)]
        began = time.perf_counter()
        client.process.kill()
        assert await asyncio.wait_for(gone, 5) - began < 1
        await until_gone(*processes)
        told = seen.records
        await client.close()
        client, seen = await start_engine()
        async with asyncio.timeout(10):
            while [row["state"] for row in await client.call("sessions")] != ["finished"] * killed:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        stored = list(StoredSession(Path(started["path"])).records())
        assert told[-1].log_time - stored[-1].log_time < NS
        assert told[: len(stored)] == stored[: len(told)]
    await client.close()


async def test_a_session_outlives_its_killed_window_and_the_next_window_has_all_of_it(tmp_path: Path) -> None:
    project = write_agent(tmp_path / "agent", TALKER)
    window = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-m", "tests.engine.real", str(project)], stdout=subprocess.PIPE, text=True
    )
    assert window.stdout
    engine, session, path = (await asyncio.to_thread(window.stdout.readline)).split()
    window.send_signal(signal.SIGKILL)
    window.wait()
    window.stdout.close()
    client = await EngineClient.start_or_attach()
    assert (client.session, client.process) == (session, None)
    records: list[Record] = []
    more = asyncio.Event()

    def take(items: list[list[object]]) -> None:
        records.extend(Record(*item[3:]) for item in items if item[0] == "record")  # type: ignore[arg-type]
        more.set()

    client.on_items = take
    reached = 0
    while len(records) < reached + 20:
        more.clear()
        await asyncio.wait_for(more.wait(), 5)
        reached = reached or len(records)
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    processes = [int(engine), *descendants(int(engine))]
    assert len(processes) >= 2
    await client.call("stop_session", force=True)
    await client.close()
    await until_gone(*processes)
    assert list(StoredSession(Path(path)).records())[-1].event == "session_ended"


async def test_a_window_that_closes_leaves_no_process(tmp_path: Path) -> None:
    project = write_agent(tmp_path / "agent", TALKER)
    client, seen = await start_engine()
    assert client.process
    await client.call("open_project", path=str(project))  # a warm child besides
    await client.call("start_session", project=str(project))
    await seen.until(lambda: seen.of("log"))
    await client.call("speak", text="hello", voice="nova")  # a speech worker
    processes = [client.process.pid, *descendants(client.process.pid)]
    assert len(processes) >= 3
    await client.close()
    assert not [pid for pid in processes if is_alive(pid)]


async def test_a_terminated_engine_finishes_its_file(tmp_path: Path) -> None:
    project = write_agent(tmp_path / "agent", TALKER)
    client, seen = await start_engine()
    assert client.process
    started = await client.call("start_session", project=str(project))
    await seen.until(lambda: seen.of("log"))
    processes = [client.process.pid, *descendants(client.process.pid)]
    client.process._process.terminate()
    await until_gone(*processes)
    assert list(StoredSession(Path(started["path"])).records())[-1].data["reason"] == "closed"
    await client.close()


async def test_an_engine_that_cannot_start_says_where_to_look(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "state").write_text("in the way of the log")
    with pytest.raises(EngineError, match=r"ended with code 1 .*engine\.log"):
        await EngineClient.start_or_attach()


async def test_the_first_token_reaches_the_engine_by_a_pipe_only() -> None:
    client, _ = await start_engine()
    assert client.process
    token = client.process.token.encode()
    process = Path(f"/proc/{client.process.pid}")
    assert token not in (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert [file.read_bytes() for file in paths.runtime_dir().glob("*/token")] == [token]
    await client.close()


async def test_an_engine_that_hangs_is_ended_and_the_next_one_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "_BEAT_S", 0.05)  # the window's; the engine would beat once a second
    monkeypatch.setattr(pulse, "_MOST_MISSED", 30)
    client, _ = await start_engine()
    assert client.process
    gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    client.on_gone = gone.set_result
    os.kill(client.process.pid, signal.SIGSTOP)
    assert "hung" in await asyncio.wait_for(gone, 5)
    await until_gone(client.process.pid)
    await client.close()
    client, _ = await start_engine()
    assert await client.call("sessions") == []
    await client.close()


async def test_every_window_has_an_engine_of_its_own() -> None:
    first, _ = await start_engine()
    second, _ = await start_engine()
    assert first.process
    assert second.process
    assert first.process.pid != second.process.pid
    await second.close()
    assert await first.call("sessions") == []
    await first.close()
