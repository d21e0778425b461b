"""The speech cache by its commands, and what can be made to fail by one."""

import pytest

from studio.engine.client import EngineError
from studio.providers.cache import Clip, ClipKey
from studio.runtime.household import speech_cache
from tests.engine.conftest import OpenDesk

KEY = ClipKey("local", "en-us", "", "good morning", "", "", 1.0, 24_000)
PCM = b"\1\2" * 240


async def test_kept_lines_are_listed_heard_and_removed(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        assert (await desk.call("kept_speech"))["clips"] == []
        speech_cache().put(KEY, Clip(PCM, 24_000, ()), "English")
        (clip,) = (await desk.call("kept_speech"))["clips"]
        assert (clip["text"], clip["name"], clip["hits"]) == ("good morning", "English", 0)
        assert await desk.call("kept_clip", id=clip["id"]) == {"pcm": PCM, "rate": 24_000}
        assert await desk.call("remove_speech", ids=[clip["id"]]) == {"removed": 1}
        with pytest.raises(EngineError, match="not in the speech cache any more"):
            await desk.call("kept_clip", id=clip["id"])


async def test_all_kept_lines_are_removed_at_once(open_desk: OpenDesk) -> None:
    speech_cache().put(KEY, Clip(PCM, 24_000, ()))
    async with open_desk() as desk:
        assert await desk.call("remove_speech") == {"removed": 1}
        with pytest.raises(EngineError, match="is no clip"):
            await desk.call("remove_speech", ids=["../../settings.toml"])


async def test_the_next_line_of_a_call_can_be_made_to_fail(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        with pytest.raises(EngineError, match="No call is on"):
            await desk.call("fail", fault="speech_refused")
        await desk.start()
        await desk.seen.until(lambda: len(desk.seen.of("turn_closed")) == 1)
        with pytest.raises(EngineError, match="There is no fault 'fire'"):
            await desk.call("fail", fault="fire")
        await desk.call("fail", fault="speech_refused")
        await desk.call("say", text="hello")
        await desk.seen.until(lambda: desk.seen.of("play_dropped"))
        await desk.call("say", text="again")
        await desk.seen.until(lambda: len(desk.seen.of("play_ended")) == 2)
        assert [record.data["failure"] for record in desk.seen.of("speech_failed")] == ["refused"]
        await desk.call("stop_session")
        await desk.until_idle()
