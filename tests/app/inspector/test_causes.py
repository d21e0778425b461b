"""Links to what led to a record where the record does not name it."""

from typing import Any

from studio.app.inspector.causes import causes_of
from studio.app.inspector.inspector_model import InspectorModel
from studio.sessions.records import EFFECT, EVENT_IN, EVENT_OUT, HANDLER, NOTICE, PLAY, STT_FINAL, TURN, Record
from tests.app.synthetic_tour import tour
from tests.app.time_views import read_all


def row(topic: str, event: str, id: str = "", run: str = "", **data: Any) -> Record:
    return Record(0, 0, 0, topic, event, data, id=id, run=run)


def causes(*records: Record) -> list[tuple[str, Record]]:
    """Of the last one."""
    data: Any = _Rows(records)
    return [(cause.label, cause.record) for cause in causes_of(data, len(records) - 1, records[-1])]


class _Rows:
    def __init__(self, records: tuple[Record, ...]) -> None:
        self._records = records

    def records(self, start: int = 0, end: int | None = None) -> tuple[Record, ...]:
        return self._records[start:end]


def queued(number: int, *, protected: bool) -> tuple[Record, Record]:
    out = row(EVENT_OUT, "TextToSpeechEvent", f"out-{number}", "run-1")
    return out, row(PLAY, "play_queued", f"say-{number}", out=out.id, interruptible=not protected)


def test_held_speech_leads_to_the_protected_line_that_plays() -> None:
    first, second, third = queued(1, protected=True), queued(2, protected=False), queued(3, protected=True)
    over = row(PLAY, "play_ended", "say-1")
    held = row(TURN, "speech_held", text="hello", origin="speech")
    assert causes(*first, *second, *third, over, held) == [("Because of", third[0])]
    assert causes(*first, *third, held) == [("Because of", first[0])]
    assert causes(*first, over, held) == []


def test_refused_input_leads_to_the_closed_gate() -> None:
    blocked, allowed = row(EFFECT, "input_blocked"), row(EFFECT, "input_allowed")
    refused = row(TURN, "input_refused", text="hello")
    assert causes(blocked, allowed, blocked, refused) == [("Because of", blocked)]
    assert causes(blocked, allowed, refused) == []


def test_the_event_of_a_switch_leads_to_the_switch() -> None:
    switch = row(EFFECT, "recogniser_switched", to_model="b")
    assert causes(switch, row(EVENT_IN, "STTModelSwitchedEvent", "in-1", "run-1")) == [("Because of", switch)]


def test_words_that_were_held_lead_to_their_hold_and_to_what_was_heard() -> None:
    heard = row(STT_FINAL, "transcript", text="hello", start=100, end=200)
    other = row(STT_FINAL, "transcript", text="before", start=10, end=50)
    held = row(TURN, "speech_held", text="hello", origin="speech")
    delivered = row(TURN, "held_delivered", inputs=1)
    given = row(EVENT_IN, "TextEvent", "in-1", "run-1", origin="speech", data={"text": "hello"}, start=100, end=220)
    assert causes(other, heard, held, delivered, given) == [("Was held", held), ("Heard as", heard)]
    assert causes(held, delivered, given, given) == []


def test_what_no_run_yielded_leads_to_the_run_that_was_going_on() -> None:
    first, second = row(HANDLER, "handler_started", "run-1"), row(HANDLER, "handler_started", "run-2")
    patch = row(EVENT_OUT, "ContextPatchEvent", "out-1")
    assert causes(first, row(HANDLER, "handler_ended", "run-1"), second, patch) == [("During", second)]
    assert causes(first, second, patch) == []
    assert causes(first, row(NOTICE, "agent_mistake")) == [("During", first)]


def test_the_inspector_shows_them_as_links() -> None:
    timeline = read_all(tour())
    model = InspectorModel(timeline)
    records = timeline.data.records()
    model.show(next(place for place, record in enumerate(records) if record.event == "input_refused"))
    link = next(line.link for line in model.rows if line.label == "Because of")
    assert link is not None
    assert records[link.place].event == "input_blocked"
