"""When an engine stays and when it leaves, with its window and without."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.engine.client import EngineClient, EngineError
from studio.sessions.stored import StoredSession
from tests.engine.conftest import NoDevice, OpenDesk


async def test_an_idle_engine_without_a_window_leaves(open_desk: OpenDesk) -> None:
    async with open_desk(idle_s=0.05) as desk:
        await desk.client.close(shutdown=False)
        await asyncio.wait_for(asyncio.shield(desk.serving), 5)


async def test_a_session_goes_on_without_its_window_and_the_next_window_sees_all_of_it(open_desk: OpenDesk) -> None:
    async with open_desk(idle_s=0.05) as desk:
        session = (await desk.start())["session"]
        await desk.seen.until(lambda: desk.seen.of("turn_closed"))
        await desk.client.close(shutdown=False)
        client, seen = await desk.attach()
        assert client.session == session
        await seen.until(lambda: seen.of("turn_closed"))
        await client.call("say", text="back")
        await seen.until(lambda: len(seen.of("play_ended")) == 2)
        assert [record.seq for record in seen.records] == list(range(1, len(seen.records) + 1))
        assert seen.states[0]["session"] == "running"
        await client.close()


async def test_where_no_window_comes_back_the_session_ends_and_its_file_is_finished(open_desk: OpenDesk) -> None:
    async with open_desk(reattach_s=0.1, idle_s=0.05) as desk:
        path = Path((await desk.start())["path"])
        await desk.seen.until(lambda: desk.seen.of("turn_closed"))
        await desk.client.close(shutdown=False)
        await asyncio.wait_for(asyncio.shield(desk.serving), 5)
        last = list(StoredSession(path).records())[-1]
        assert (last.event, last.data["reason"]) == ("session_ended", "window_gone")


async def test_where_no_window_comes_back_the_microphone_is_closed(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    class Microphone(NoDevice):
        level_dbfs, overflows = -90.0, 0

        def start(self, push: Any) -> None:
            opened.append("open")

        def stop(self) -> None:
            opened.append("closed")

    monkeypatch.setattr("studio.engine.sound.EchoCanceller", lambda **_: None)
    async with open_desk(reattach_s=0.1, idle_s=0.05) as desk:
        monkeypatch.setattr("studio.engine.sound.Microphone", Microphone)
        await desk.start()
        await desk.seen.until(lambda: desk.seen.of("turn_closed"))
        assert opened == ["open"]
        await desk.client.close(shutdown=False)
        await asyncio.wait_for(asyncio.shield(desk.serving), 5)
        assert opened[1] == "closed"


async def test_a_window_that_leaves_ends_session_and_engine(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        path = Path((await desk.start())["path"])
        await desk.seen.until(lambda: desk.seen.of("turn_closed"))
        await desk.client.close()
        await asyncio.wait_for(asyncio.shield(desk.serving), 5)
        assert list(StoredSession(path).records())[-1].data["reason"] == "closed"
        assert desk.seen.of("session_ended")  # told to the window before the engine left


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
async def test_a_terminated_engine_finishes_the_session(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        path = Path((await desk.start())["path"])
        await desk.seen.until(lambda: desk.seen.of("turn_closed"))
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(asyncio.shield(desk.serving), 5)
        assert list(StoredSession(path).records())[-1].event == "session_ended"


async def test_nothing_is_left_when_an_engine_has_left(open_desk: OpenDesk) -> None:
    before = asyncio.all_tasks()
    async with open_desk() as desk:
        _, writer = await desk.endpoint.connect()  # somebody who never says hello
        await desk.start()
        await desk.seen.until(lambda: desk.seen.of("turn_closed"))
        async with asyncio.timeout(4):  # less than the stranger's patience
            await desk.client.close()
            await asyncio.shield(desk.serving)
        assert asyncio.all_tasks() == before | {asyncio.current_task()}
        writer.close()
    assert list(desk.endpoint.folder.iterdir()) == [desk.endpoint.folder / "lock"]


async def test_a_leaving_engine_starts_nothing_more(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        await desk.start()
        first = asyncio.create_task(desk.call("shutdown"))
        second = asyncio.create_task(desk.start())
        assert await first == {}
        with pytest.raises(EngineError, match=r"leaving|gone"):
            await second


async def test_a_window_hears_once_that_its_engine_is_gone(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        heard: list[str] = []
        desk.client.on_gone = heard.append
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(asyncio.shield(desk.serving), 5)
        await asyncio.wait({desk.client._reading})
        await asyncio.sleep(0)
        assert heard == ["The engine ended unexpectedly."]
        with pytest.raises(EngineError, match="gone"):
            await desk.call("devices")


async def test_calls_under_way_end_with_the_engine(open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def forever(*_: Any) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("studio.engine.shelf.Shelf.rows", forever)
    async with open_desk() as desk:
        waiting = asyncio.create_task(desk.call("sessions"))
        await desk.call("devices")
        await desk.client.close()
        with pytest.raises(EngineError):
            await waiting


async def test_parts_that_cannot_be_made_end_the_engine(open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_desk() as desk:
        pass
    from studio.engine import server, works

    def broken(*_: Any) -> None:
        raise ImportError("no such part")

    monkeypatch.setattr(works, "live_parts", broken)
    assert desk.endpoint.claim()
    with pytest.raises(ImportError, match="no such part"):
        await asyncio.wait_for(server.Engine(desk.endpoint).serve(), 5)
    desk.endpoint.release()


def tear(recording: Path) -> None:
    """What a crash makes of it."""
    recording.with_name(f"{recording.name}.part").write_bytes(recording.read_bytes()[:-20])
    recording.unlink()


async def test_a_window_is_told_when_what_a_crash_left_is_repaired(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        path = Path((await desk.start())["path"])
        await desk.seen.until(lambda: desk.seen.of("turn_closed"))
    tear(path)
    async with open_desk() as desk:
        await desk.seen.until(lambda: [state["recovered"] for state in desk.seen.states][-1:] == [1])
        (row,) = await desk.call("sessions")
        assert (row["path"], row["state"]) == (str(path), "finished")


async def test_items_that_come_before_anybody_looks_are_kept(open_desk: OpenDesk) -> None:
    async with open_desk(idle_s=1.0) as desk:
        await desk.client.close(shutdown=False)
        client = await EngineClient.attach(desk.endpoint)
        await client.call("devices")
        items: list[Any] = []
        client.on_items = items.extend
        assert items[0][0] == "state"
        await client.close()
