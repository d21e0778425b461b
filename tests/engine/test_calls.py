"""A call by its commands: what the window asks for, what it is told, what it finds recorded."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from studio.engine.client import EngineError
from studio.sessions.records import EVENT_IN, Record
from studio.sessions.stored import StoredSession
from tests.engine.conftest import NO_DEVICES, AnsweringChild, Desk, OpenDesk
from tests.runtime.fakes import tts


async def refused(desk: Desk, command: str, **params: Any) -> str:
    with pytest.raises(EngineError) as caught:
        await desk.call(command, **params)
    return str(caught.value)


def inputs(records: list[Record]) -> list[tuple[str, Any]]:
    return [(r.event, r.data["data"].get("text")) for r in records if r.topic == EVENT_IN]


async def talk(desk: Desk, *lines: str) -> str:
    """A whole call with typed lines; returns the recording's path."""
    started = await desk.start()
    await desk.seen.until(lambda: len(desk.seen.of("turn_closed")) == 1)
    for n, line in enumerate(lines, 2):
        await desk.call("say", text=line)
        await desk.seen.until(lambda n=n: len(desk.seen.of("turn_closed")) == n)
    await desk.call("stop_session")
    await desk.until_idle()
    return str(started["path"])


async def test_a_call_from_start_to_stop(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        await talk(desk, "yes")
        assert desk.seen.phases == ["idle", "starting", "running", "ending", "idle"]
        assert inputs(desk.seen.records) == [("StartEvent", None), ("TextEvent", "yes"), ("StopEvent", None)]
        assert [record.seq for record in desk.seen.records] == list(range(1, len(desk.seen.records) + 1))
        assert desk.seen.of("session_ended")[0].data["reason"] == "closed"


async def test_garbage_is_collected_when_a_turn_has_closed(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[int] = []
    monkeypatch.setattr("studio.engine.collector.Collector.between_turns", lambda _: swept.append(1))
    async with open_desk() as desk:
        await talk(desk, "one", "two")
        assert len(swept) == len(desk.seen.of("turn_closed"))


async def test_the_recording_has_what_the_window_saw(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        path = await talk(desk, "yes")
        (row,) = await desk.call("sessions")
        assert (row["path"], row["state"], row["agent"]) == (path, "finished", "agent")
        assert (await desk.call("open_session", path=path))["folder"]
        stored = list(StoredSession(Path(path)).records())
        assert [(r.seq, r.event, r.publish_time) for r in stored] == [
            (r.seq, r.event, r.publish_time) for r in desk.seen.records
        ]


async def test_with_keep_off_nothing_is_recorded(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        await desk.call("keep", on=False, limit_bytes=0)
        assert await talk(desk) == ""
        assert await desk.call("sessions") == []
        assert desk.seen.states[-1]["kept"] is False


async def test_a_change_of_keep_holds_from_the_next_call_on(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        await desk.start()
        await desk.call("keep", on=False, limit_bytes=2**30)
        await desk.seen.until(lambda: len(desk.seen.of("turn_closed")) == 1)
        await desk.call("stop_session")
        await desk.until_idle()
        told = [state["kept"] for state in desk.seen.states if state["session"] in ("running", "ending")]
        assert set(told) == {True}
        assert desk.seen.states[-1]["kept"] is False


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be deleted there")
async def test_a_recording_whose_file_is_deleted_during_the_call_is_told_of_at_once(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        path = (await desk.start())["path"]
        await desk.seen.until(lambda: len(desk.seen.of("turn_closed")) == 1)
        assert desk.seen.states[-1]["kept"] is True
        await asyncio.to_thread(Path(path + ".part").unlink)
        await desk.seen.until(lambda: bool(desk.seen.of("recording_stopped")))
        (told,) = desk.seen.of("recording_stopped")
        assert "was deleted or moved" in told.message
        await desk.seen.until(lambda: desk.seen.states[-1]["recording_stopped"])
        assert (desk.seen.states[-1]["kept"], desk.seen.states[-1]["banner"]) == (False, told.message)
        await desk.call("stop_session")
        await desk.until_idle()
        assert (desk.seen.states[-1]["recording_stopped"], desk.seen.states[-1]["banner"]) == (False, told.message)
        assert await desk.call("sessions") == []


@pytest.mark.parametrize(
    ("code", "voice"),
    [
        ("StopEvent()\nTextToSpeechEvent('b', voice={'provider': 'cartesia', 'identifier': 'x'})", None),
        (
            "TextToSpeechEvent('a', voice=NAME)\nTextToSpeechEvent('b', 'brooke')\nTextToSpeechEvent('c', 'nova')",
            "brooke",
        ),
        ("TextToSpeechEvent('a')", "nova"),
        ("this is no code", "nova"),
    ],
    ids=["by provider", "the first that is spelt out", "the default", "unreadable"],
)
async def test_the_voice_that_the_code_names_first_is_warmed_while_the_agent_starts(
    open_desk: OpenDesk, code: str, voice: str | None
) -> None:
    async with open_desk() as desk:
        assert await desk.voices.warmed.get() == (None, ""), "the local one, as the engine starts"
        (desk.project / "handler.py").write_text(code)
        await desk.start()
        expected = voice or {"provider": "cartesia", "identifier": "x"}
        assert await asyncio.wait_for(desk.voices.warmed.get(), 10) == (expected, "nova")


async def test_a_call_can_be_run_again_with_its_typed_inputs(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        path = await talk(desk, "one", "two")
        before = len(desk.seen.records)
        await desk.start(again=path)
        await desk.seen.until(lambda: len(desk.seen.of("session_ended")) == 2)
        again = inputs(desk.seen.records[before:])
        assert [text for event, text in again if event == "TextEvent"] == ["one", "two"]
        await desk.seen.until(lambda: desk.seen.phases[-1] == "idle")
        assert len(await desk.call("sessions")) == 2


async def test_a_call_that_is_run_again_is_on_the_channel_of_the_session(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        first = await desk.start(channel="phone")
        await desk.seen.until(lambda: desk.seen.of("turn_closed"))
        await desk.call("dtmf", digits="1#")
        await desk.seen.until(lambda: desk.seen.of("DTMFEvent"))
        await desk.call("stop_session")
        await desk.until_idle()
        await desk.start(again=first["path"])
        await desk.seen.until(lambda: len(desk.seen.of("session_ended")) == 2)
        assert [record.data["data"] for record in desk.seen.of("DTMFEvent")] == [{"digits": "1#"}] * 2
        assert [record.data["channel"] for record in desk.seen.of("session_started")] == ["phone", "phone"]
        assert {state["channel"] for state in desk.seen.states if state["session"] == "running"} == {"phone"}


async def test_without_devices_a_banner_says_why_and_typing_works(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        await desk.start()
        await desk.seen.until(lambda: desk.seen.states[-1]["banner"])
        assert desk.seen.states[-1]["banner"] == f"{NO_DEVICES} The call goes on with typed input."
        await desk.seen.until(lambda: desk.seen.of("turn_closed"))
        await desk.call("say", text="typed")
        await desk.seen.until(lambda: len(desk.seen.of("play_ended")) == 2)
        assert [record.message.startswith(NO_DEVICES) for record in desk.seen.of("sound")] == [True]


async def test_devices_can_be_chosen_while_it_runs(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        await desk.start()
        await desk.seen.until(lambda: desk.seen.of("turn_closed"))
        described = await desk.call("use_devices", output="Headphones")
        assert described["output"] == "Headphones"
        await desk.seen.until(lambda: desk.seen.of("devices_changed"))
        assert desk.seen.of("devices_changed")[0].data["output"] == "Headphones"
        await desk.call("say", text="still there")
        await desk.seen.until(lambda: len(desk.seen.of("play_ended")) == 2)


async def test_a_scripted_call_leaves_the_microphone_alone_when_devices_change(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_desk() as desk:
        await desk.start(inputs=["hello", {"wait": 60}])
        await desk.seen.until(lambda: desk.seen.of("turn_closed"))
        monkeypatch.setattr("studio.engine.sound.Sound._open_microphone", lambda *_: pytest.fail("opened"))
        assert await desk.call("use_devices", input="Desk microphone")


@pytest.mark.parametrize("end", ["source", "sink"])
async def test_a_call_without_one_end_opens_only_the_other(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    opened: list[str] = []
    for name in ("speaker", "microphone"):
        monkeypatch.setattr(f"studio.engine.sound.Sound._open_{name}", lambda *_, name=name: opened.append(name))
    async with open_desk() as desk:
        await desk.start(**{end: "none"})
        await desk.seen.until(lambda: desk.seen.of("play_ended"))
    assert opened == ["speaker" if end == "source" else "microphone"]


async def test_an_unknown_project_is_a_sentence(open_desk: OpenDesk, tmp_path: Path) -> None:
    async with open_desk() as desk:
        assert str(tmp_path / "none") in await refused(desk, "start_session", project=str(tmp_path / "none"))
        await desk.start()  # and nothing is left of it


async def test_a_second_start_is_refused(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        first = asyncio.create_task(desk.start())
        await asyncio.sleep(0)
        assert "already" in await refused(desk, "start_session", project=str(desk.project))
        await first
        assert "already" in await refused(desk, "start_session", project=str(desk.project))


@pytest.mark.parametrize(
    ("command", "params"),
    [
        ("say", {"text": "hello"}),
        ("set", {"name": "timeout", "value": 3}),
        ("talk", {"on": True}),
        ("correct", {"record": "in-1", "text": "no"}),
    ],
)
async def test_without_a_call_there_is_nobody_to_talk_to(
    open_desk: OpenDesk, command: str, params: dict[str, Any]
) -> None:
    async with open_desk() as desk:
        assert await refused(desk, command, **params) == "No call is on. Run the agent first."


async def test_stop_without_a_call_does_nothing(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        assert await desk.call("stop_session") == {}


@pytest.mark.parametrize(
    ("command", "params", "sentence"),
    [
        ("say", {"text": 5}, "text"),
        ("say", {}, "missing a required argument: 'text'"),
        ("say", {"text": "x", "loud": True}, "unexpected keyword argument 'loud'"),
        ("volume", {"value": 7}, "less than or equal to 1"),
        ("start_session", {"project": "x", "channel": "carrier pigeon"}, "'web' or 'phone'"),
        ("keep", {"on": True, "limit_bytes": -1}, "limit_bytes"),
        ("range", {"session": "x", "first": 0}, "first"),
        ("play", {"pcm": b"", "rate": 1}, "out of range"),
        ("dance", {}, "knows no command 'dance'"),
    ],
)
async def test_wrong_parameters_are_a_sentence(
    open_desk: OpenDesk, command: str, params: dict[str, Any], sentence: str
) -> None:
    async with open_desk() as desk:
        assert sentence in await refused(desk, command, **params)


async def test_settings_are_changed_by_name_and_bad_ones_refused(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        await desk.start()
        await desk.call("set", name="timeout", value=9)
        await desk.seen.until(lambda: desk.seen.of("setting_changed"))
        assert "There is no session setting 'colour'" in await refused(desk, "set", name="colour", value=1)
        assert "between 0 and 1" in await refused(desk, "set", name="vad_threshold", value=5)


async def test_a_start_with_a_bad_setting_is_a_sentence(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        sentence = await refused(desk, "start_session", project=str(desk.project), settings={"colour": 1})
        assert "There is no session setting 'colour'" in sentence


@pytest.mark.parametrize("path", ["/nowhere/session.mcap", "handler.py"])
async def test_a_session_that_cannot_be_run_again_is_a_sentence(open_desk: OpenDesk, path: str) -> None:
    async with open_desk() as desk:
        sentence = await refused(desk, "start_session", project=str(desk.project), again=str(desk.project / path))
        assert path in sentence
        assert "Error" not in sentence


async def test_mute_is_a_record_and_holds_for_the_next_call(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        await desk.start()
        await desk.call("mute", on=True)
        await desk.seen.until(lambda: desk.seen.of("muted"))
        await desk.call("stop_session")
        await desk.until_idle()
        await desk.start()
        await desk.seen.until(lambda: len(desk.seen.of("muted")) == 2)


async def test_a_folder_that_cannot_be_written_is_said_and_the_call_goes_on(
    open_desk: OpenDesk, tmp_path: Path
) -> None:
    (tmp_path / "home" / "data").mkdir(parents=True)
    (tmp_path / "home" / "data" / "sessions").write_text("in the way")
    async with open_desk() as desk:
        await desk.start(source="none", sink="none")
        await desk.seen.until(lambda: desk.seen.states[-1]["banner"])
        assert "not recorded" in desk.seen.states[-1]["banner"]
        await desk.seen.until(lambda: desk.seen.of("play_ended"))


class HangingImport(AnsweringChild):
    """A child that never gets ready."""

    async def start(self, initialize: Mapping[str, Any]) -> dict[str, Any]:
        self._killed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._killed
        return {"type": "failed", "error": {"sentence": "The agent's process was ended by the studio."}}

    def kill(self) -> None:
        super().kill()
        if not self._killed.done():
            self._killed.set_result(None)


async def test_a_call_that_is_still_starting_can_be_stopped(open_desk: OpenDesk) -> None:
    async with open_desk(child=HangingImport) as desk:
        await desk.start()
        await desk.seen.until(lambda: desk.seen.phases[-1] == "starting")
        assert "still starting" in await refused(desk, "say", text="hello")
        await desk.call("stop_session")
        await desk.until_idle()
        assert [record.data["reason"] for record in desk.seen.of("session_ended")] == ["closed"]


class Deaf(AnsweringChild):
    """A child whose loop is blocked: it dies only when it is killed."""

    def send(self, frame: Mapping[str, Any]) -> None:
        if frame["type"] == "event" and not self.sent:
            super().send(frame)
        self.sent.append(frame)

    def kill(self) -> None:
        super().kill()
        asyncio.get_running_loop().call_soon(self.on_gone, "The agent's process was ended by the studio.")


async def test_stop_ends_an_agent_that_does_not_answer(open_desk: OpenDesk) -> None:
    async with open_desk(child=Deaf) as desk:
        await desk.start()
        await desk.seen.until(lambda: desk.seen.of("turn_closed"))
        began = asyncio.get_running_loop().time()
        await desk.call("stop_session")
        await desk.until_idle()
        assert asyncio.get_running_loop().time() - began < 5  # not the 30 s of a handler that answers
        assert len(desk.seen.of("stop_blocked")) == 1


async def slow_end(event: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
    if event["name"] == "stop":
        await asyncio.sleep(60)
    yield tts("hi")


async def test_a_second_stop_does_not_wait_for_the_handler(open_desk: OpenDesk) -> None:
    async with open_desk(slow_end) as desk:
        await desk.start()
        await desk.seen.until(lambda: desk.seen.of("turn_closed"))
        await desk.call("stop_session")
        await desk.seen.until(lambda: desk.seen.phases[-1] == "ending")
        assert not desk.seen.of("stop_blocked")
        await desk.call("stop_session")
        assert desk.children[0].killed
        desk.children[0].on_gone("The agent's process was ended by the studio.")
        await desk.until_idle()


async def test_the_next_call_is_its_own_session(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        await talk(desk)
        first = desk.seen.states[-1]["id"]
        second = await desk.start()
        assert second["session"] != first
        assert await desk.call("range", session=first, first=1) == {"rows": [], "next": None}
        rows = await desk.call("range", session=second["session"], first=1)
        assert rows["rows"]
