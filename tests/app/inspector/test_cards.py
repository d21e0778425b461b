"""Every record is a card in plain words: what it means, its facts with units, what caused it, what came of it."""

import json
import re
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from studio.app.inspector.facts import fact_rows
from studio.app.inspector.inspector_model import InspectorModel
from studio.app.inspector.inspector_view import InspectorView
from studio.app.inspector.json_text import JsonText
from studio.app.inspector.meanings import MEANINGS
from studio.app.inspector.related import ended_for, family_of
from studio.app.inspector.rows import Link, Row
from studio.app.inspector.value_label import ValueLabel
from studio.app.timeline.timeline_model import TimelineModel
from studio.events.vocabulary import BY_CLASS
from studio.sessions.records import PLAY, SESSION
from tests.app.synthetic import Script
from tests.app.synthetic_tour import tour
from tests.app.time_views import read_all


@pytest.fixture(scope="module")
def timeline() -> TimelineModel:
    return read_all(tour())


def card(timeline: TimelineModel, event: str, number: int = 0) -> list[Row]:
    model = InspectorModel(timeline)
    places = [place for place, record in enumerate(timeline.data.records()) if record.event == event]
    model.show(places[number])
    return model.rows


def told(rows: list[Row], label: str) -> list[str]:
    return [row.value for row in rows if row.label == label]


def test_every_event_of_the_platform_is_explained() -> None:
    assert {*BY_CLASS, "CustomEvent", "MetricEvent"} <= set(MEANINGS)


def test_every_record_has_a_sentence_and_no_json_among_its_facts(timeline: TimelineModel) -> None:
    model = InspectorModel(timeline)
    for place, record in enumerate(timeline.data.records()):
        model.show(place)
        assert model.rows[0].label == "", record
        assert model.rows[0].value, record
        for row in model.rows:
            assert not re.search(r"[{}]", row.value), (record.event, row)
        json.loads(model.json)


def test_facts_have_plain_names_and_units() -> None:
    rows = fact_rows(
        {
            "switch_delay_ms": 4,
            "background_track_volume": 0.3,
            "duration": 400,
            "endpointing": 500,
            "speed": 1.5,
            "caller_sample": 32_000,
            "loop": True,
            "tools": ["a", "b"],
            "usage": {"prompt_tokens": 412},
            "nothing": None,
        }
    )
    assert [(row.label, row.value) for row in rows] == [
        ("switch took", "4 ms"),
        ("volume", "30%"),
        ("duration", "400 ms"),
        ("endpointing", "500 ms"),
        ("speed", "1.5 ×"),
        ("caller line at", "00:02.000"),
        ("in a loop", "yes"),
        ("tools", "a, b"),
        ("usage · prompt_tokens", "412"),
    ]


def test_an_output_event_leads_to_what_it_did(timeline: TimelineModel) -> None:
    rows = card(timeline, "CollectPaymentEvent")
    did = next(row for row in rows if row.label == "Did")
    assert did.value == "The platform would do it; the desk only shows it."
    assert timeline.data.record(did.link.place).event == "accepted"


def test_a_refused_event_says_why_in_red(timeline: TimelineModel) -> None:
    rows = card(timeline, "TransferSessionEvent", 1)
    (error,) = [row for row in rows if row.label == "Error"]
    assert error.tone == "error"
    assert error.value.startswith("555 0100 is no number")


def test_an_input_leads_to_its_run_its_models_and_its_outputs(timeline: TimelineModel) -> None:
    rows = card(timeline, "TextEvent")
    assert told(rows, "run-2") == ["ok, 2900 ms"]
    assert told(rows, "Asked") == ["gpt-4o-mini", "gpt-4o", "gpt-4o-mini"]
    assert told(rows, "Yielded")[0] == "“Your appointment on Tuesday is cancelled.”  nova"


def test_a_request_to_a_model_tells_its_timing_and_its_tools(timeline: TimelineModel) -> None:
    rows = card(timeline, "completion_requested")
    assert told(rows, "first token") == ["420 ms after it was asked"]
    assert told(rows, "complete") == ["920 ms after it was asked"]
    assert told(rows, "Tool") == ["The model calls the tool find_slot.", "The tool find_slot answered."]


def test_held_words_lead_to_the_event_they_became(timeline: TimelineModel) -> None:
    for event in ("speech_held", "held_delivered"):
        rows = card(timeline, event)
        (row,) = [row for row in rows if row.label == "Given as"]
        assert row.value == "TextEvent  “I want to cancel”"
        assert timeline.data.record(row.link.place).id == "in-2"


def test_held_words_find_their_event_while_the_session_runs() -> None:
    data = tour()
    data.grow_to(3_400_000_000)
    timeline = TimelineModel(data)
    model = InspectorModel(timeline)
    place = next(place for place, record in enumerate(data.records()) if record.event == "speech_held")
    timeline.select(place)
    assert not told(model.rows, "Given as")
    data.grow_to(4_000_000_000)
    timeline.refresh(1.0)
    assert told(model.rows, "Given as")


def test_the_json_is_one_click_away_and_stays_open(qtbot: QtBot, timeline: TimelineModel) -> None:
    model = InspectorModel(timeline)
    view = InspectorView(model)
    qtbot.addWidget(view)
    model.show(3)
    assert not view.findChildren(JsonText)
    view._toggle_json()
    assert json.loads(view.findChild(JsonText).toPlainText()) == json.loads(model.json)
    model.show(4)
    assert json.loads(view.findChild(JsonText).toPlainText()) == json.loads(model.json)


def test_the_question_to_the_supervisor_is_called_one(timeline: TimelineModel) -> None:
    rows = card(timeline, "SupervisorRequestEvent")
    assert told(rows, "question") == ["May I give a discount?"]
    assert told(rows, "answer") == []
    assert told(card(timeline, "SupervisorResponseEvent"), "answer") == ["Offer ten percent"]


def test_a_stop_that_is_given_tells_that_the_session_is_over_and_why() -> None:
    script = Script(2)
    script.given(1.0, "StopEvent", "stop", {}, 0.1)
    script.given(1.4, "StopEvent", "stop", {}, 0.1)
    script.add(SESSION, "session_ended", 1.9, data={"reason": "hang_up"})
    timeline = read_all(script.session())
    assert told(card(timeline, "StopEvent", 0), "because") == []
    last = card(timeline, "StopEvent", 1)
    assert last[0].value.startswith("The session is over for this agent.")
    assert told(last, "because") == ["The caller hung up"]
    places = [place for place, record in enumerate(timeline.data.records()) if record.event == "StopEvent"]
    read_anew = replace(timeline.data.record(places[1]))
    assert ended_for(family_of(timeline.data, places[1], read_anew)) == ["hang_up"]


def test_a_long_sentence_is_shown_whole_in_a_narrow_panel(qtbot: QtBot, timeline: TimelineModel) -> None:
    model = InspectorModel(timeline)
    view = InspectorView(model)
    qtbot.addWidget(view)
    view.resize(220, 600)
    view.show()
    sentence = "The platform would start a session of reminder; nobody is called from the desk."
    model.title, model.rows = "x", [Row("Did", sentence, "link", Link(place=1), wraps=True)]
    model.changed()
    qtbot.wait(1)
    label = next(label for label in view.findChildren(ValueLabel) if label.whole == sentence)
    assert label.height() >= label.heightForWidth(label.width())


def test_an_event_of_the_agents_own_tells_its_name_and_a_metric_its_kind(timeline: TimelineModel) -> None:
    custom, metric = card(timeline, "CustomEvent"), card(timeline, "MetricEvent")
    assert (told(custom, "name"), told(custom, "items")) == (["cart_updated"], ["2"])
    assert (told(metric, "kind"), told(metric, "name"), told(metric, "value s")) == (
        ["latency"],
        ["lookup"],
        ["0.31 s"],
    )


def test_a_transcript_tells_when_it_was_said_not_in_samples(timeline: TimelineModel) -> None:
    assert fact_rows({"start": 668672, "end": 680000}, event="transcript") == [
        Row("start", "00:41.792", mono=True),
        Row("end", "00:42.500", mono=True),
    ]
    assert told(fact_rows({"start": 5}, event="CustomEvent"), "start") == ["5"]


def test_events_are_named_in_words_not_by_their_ids(timeline: TimelineModel) -> None:
    model = InspectorModel(timeline)
    for place, record in enumerate(timeline.data.records()):
        model.show(place)
        assert not any(re.fullmatch(r"(in|out)-\d+", row.value) for row in model.rows), record


def test_a_line_that_was_never_heard_says_why_in_words() -> None:
    script = Script(2)
    out = script.emitted(0.1, "TextToSpeechEvent", "text_to_speech", {"text": "hi"}, ("", ""), 3)
    facts = {"out": out, "reason": "voice"}
    message = "Never heard: the caller spoke."
    script.add(PLAY, "play_dropped", 0.5, id="say-1", cause=out, data=facts, message=message)
    timeline = read_all(script.session())
    assert told(card(timeline, "TextToSpeechEvent"), "heard") == ["never: the caller spoke"]
    assert told(card(timeline, "play_dropped"), "reason") == []
