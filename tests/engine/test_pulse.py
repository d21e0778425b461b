"""Silence on an open connection: whoever hangs is given up, whoever is merely idle is not."""

import asyncio
from typing import Any

import pytest

from studio.engine import pulse, wire
from studio.engine.client import EngineClient, EngineError
from studio.engine.pulse import BEAT, Pulse
from tests.engine.conftest import OpenDesk


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "_BEAT_S", 0.005)


async def test_silence_is_counted_in_own_beats(quick: None) -> None:
    beats: list[int] = []
    await Pulse(lambda: beats.append(1)).until_silent()
    assert len(beats) == pulse._MOST_MISSED


async def test_whatever_is_heard_counts(quick: None) -> None:
    beats: list[int] = []

    def beat() -> None:
        beats.append(1)
        if len(beats) < 100:
            listening.heard()

    listening = Pulse(beat)
    await listening.until_silent()
    assert len(beats) == 99 + pulse._MOST_MISSED


async def test_window_and_engine_that_have_nothing_to_say_stay_together(open_desk: OpenDesk, quick: None) -> None:
    async with open_desk() as desk:
        gone: list[str] = []
        desk.client.on_gone = gone.append
        await asyncio.sleep(pulse._BEAT_S * pulse._MOST_MISSED * 3)
        assert await desk.call("devices")
        assert not gone


async def test_a_window_that_hangs_is_as_good_as_gone(
    open_desk: OpenDesk, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_desk() as desk:
        session = (await desk.start())["session"]
        monkeypatch.setattr(desk.client, "_send", lambda frame: None)
        gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        desk.client.on_gone = gone.set_result
        await asyncio.wait_for(gone, 30)
        client, _ = await desk.attach()
        assert client.session == session  # it went on, and waits for the next window
        await client.close()


class Hanging:
    """An engine's process that does nothing any more."""

    killed = False

    def kill(self) -> None:
        self.killed = True

    async def wait(self) -> None:
        pass


async def test_an_engine_that_hangs_is_given_up_and_ended(quick: None) -> None:
    heard: list[dict[str, Any] | None] = []

    async def engine(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while heard[-1:] != [None]:
            heard.append(await wire.read(reader))
        writer.close()

    server = await asyncio.start_server(engine, "127.0.0.1", 0)
    async with server:
        client = EngineClient(*await asyncio.open_connection(*server.sockets[0].getsockname()), "")
        process = Hanging()
        client.process = process  # type: ignore[assignment]
        gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        client.on_gone = gone.set_result
        with pytest.raises(EngineError, match="gone"):
            await asyncio.wait_for(client.call("devices"), 5)
        assert await gone == "The engine hung and was given up."
        assert process.killed
        await client.close(shutdown=False)
    assert heard.count(BEAT) == pulse._MOST_MISSED
