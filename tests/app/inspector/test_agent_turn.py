"""The bar of the agent's turn: what opened it, how long it was, what ended it."""

from typing import Any

from studio.app.inspector.inspector_model import InspectorModel
from studio.app.inspector.rows import Row
from studio.app.timeline.timeline_model import TimelineModel
from studio.sessions.records import AUDIO_AGENT, EFFECT, EVENT_IN, EVENT_OUT, NS, PLAY, SPEECH, TURN
from tests.app.synthetic import Script
from tests.app.time_views import read_all


class Turn:
    """A turn that a typed line opens at 1 s, and what the inspector says of it."""

    def __init__(self, *opening: str) -> None:
        """`opening` are topic and event of what opens it after the typed line, where that is not the line itself."""
        self.script = Script(9.0)
        self.hears(0.5 if opening else 1.0, "Hello.")
        if opening:
            self.add(1.0, *opening)
        self.script.add(TURN, "turn_opened", 1.0)

    def add(self, at: float, topic: str, event: str, id: str = "", cause: str = "", **data: Any) -> None:
        self.script.add(topic, event, at, id=id, cause=cause, data=data)

    def hears(self, at: float, text: str) -> None:
        self.add(at, EVENT_IN, "TextEvent", name="text", origin="typed", data={"text": text})

    def closes(self, at: float) -> None:
        self.add(at, TURN, "turn_closed")

    def rows(self) -> list[Row]:
        return self.inspected().rows

    def inspected(self) -> InspectorModel:
        self.timeline = read_all(self.script.session())
        model = InspectorModel(self.timeline)
        select(self.timeline)
        return model

    def said(self, label: str) -> tuple[str, str]:
        """The row's value, and the event that it leads to."""
        row = next(row for row in self.rows() if row.label == label)
        assert self.timeline.data
        return row.value, self.timeline.data.record(row.link.place).event if row.link else ""


def select(timeline: TimelineModel) -> None:
    assert timeline.data
    timeline.select(next(at for at, r in enumerate(timeline.data.records()) if r.event == "turn_opened"))


def test_it_says_what_opened_it_and_how_long_it_was_and_leads_there() -> None:
    turn = Turn()
    turn.add(2.5, PLAY, "play_ended", "say-1", "out-1")
    turn.closes(2.5)
    assert turn.said("opened by") == ("TextEvent  “Hello.” 00:01.00", "TextEvent")
    assert turn.said("lasted") == ("1.50 s", "")
    assert turn.said("ended") == ("all of it was heard", "play_ended")
    moment = turn.inspected().moment
    assert moment
    assert (moment.track, moment.start, moment.end) == (AUDIO_AGENT, NS, round(2.5 * NS))


def test_cut_by_the_caller_it_leads_to_the_decision() -> None:
    turn = Turn()
    turn.add(2.0, TURN, "barge_in", cause="out-1", by="voice")
    turn.add(2.1, PLAY, "play_cut", "say-1", "out-1", by="voice")
    turn.add(2.1, PLAY, "play_dropped", "say-2", "out-2", reason="voice")
    turn.closes(2.1)
    assert turn.said("ended") == ("cut by the caller, who spoke", "barge_in")
    assert not [row for row in turn.rows() if row.label == "meanwhile"]


def test_a_cut_that_did_not_end_it_and_the_input_that_came_of_it_are_told_meanwhile() -> None:
    turn = Turn()
    turn.add(2.0, PLAY, "play_cut", "say-1", "out-1", by="text")
    turn.hears(2.0, "No.")
    turn.add(3.0, PLAY, "play_ended", "say-2", "out-2")
    turn.closes(3.0)
    assert turn.said("ended") == ("the last line was heard whole", "play_ended")
    assert [row.value for row in turn.rows() if row.label == "meanwhile"] == [
        "cut by the caller, who typed 00:02.00",
        "TextEvent  “No.” 00:02.00",
    ]


def test_a_transfer_ended_it() -> None:
    turn = Turn()
    turn.add(2.0, PLAY, "play_ended", "say-1", "out-1")
    turn.add(2.0, EFFECT, "transferred", cause="out-2", to="phone", target="+1 555 0100")
    turn.closes(2.0)
    assert turn.said("ended") == ("by the transfer to +1 555 0100", "transferred")


def test_a_transfer_after_which_the_next_agent_spoke_did_not_end_it() -> None:
    turn = Turn()
    turn.add(2.0, EFFECT, "transferred", cause="out-2", to="agent", target="billing")
    turn.add(3.0, PLAY, "play_ended", "say-2", "out-3")
    turn.closes(3.0)
    assert turn.said("ended") == ("all of it was heard", "play_ended")


def test_a_line_that_failed_ended_it() -> None:
    turn = Turn()
    turn.add(1.9, SPEECH, "speech_failed", "say-1", "out-1")
    turn.add(2.0, PLAY, "play_dropped", "say-1", "out-1", reason="failed")
    turn.closes(2.0)
    assert turn.said("ended") == ("never heard: its speech failed", "speech_failed")


def test_without_sound_the_handler_was_done() -> None:
    turn = Turn()
    turn.closes(1.2)
    assert turn.said("ended") == ("the handler was done; nothing was to be heard", "")


def test_while_it_lasts_it_says_so_and_its_end_appears() -> None:
    turn = Turn()
    turn.add(2.5, PLAY, "play_ended", "say-1", "out-1")
    turn.closes(2.5)
    turn.add(4.0, TURN, "voice_started")
    data = turn.script.session()
    data.grow_to(2 * NS)
    timeline = TimelineModel(data)
    model = InspectorModel(timeline)
    select(timeline)
    assert [row.value for row in model.rows if row.label in ("lasted", "ended")] == ["not over yet"]
    data.grow_to(3 * NS)
    timeline.refresh(1.0)
    assert [row.value for row in model.rows if row.label in ("lasted", "ended")] == ["1.50 s", "all of it was heard"]


def test_a_line_of_a_background_task_or_one_that_goes_on_opens_it_too() -> None:
    spoken = Turn(EVENT_OUT, "TextToSpeechEvent")
    assert spoken.said("opened by") == ("TextToSpeech 00:01.00", "TextToSpeechEvent")
    resumed = Turn(TURN, "speech_resumed")
    assert resumed.said("opened by") == ("the line that was cut goes on 00:01.00", "speech_resumed")
