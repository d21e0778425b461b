import json

from studio.app.inspector.inspector_model import InspectorModel
from studio.sessions.records import AUDIO_AGENT, NS
from tests.app.synthetic import Script, conversation, row_of
from tests.app.time_views import read_all
from tests.sessions.making import failed_task


def inspect(id: str, event: str = "") -> InspectorModel:
    timeline = read_all(conversation())
    model = InspectorModel(timeline)
    data = timeline.data
    place = next(
        place for place, record in enumerate(data.records()) if record.id == id and (not event or record.event == event)
    )
    timeline.select(place)
    return model


def value(model: InspectorModel, label: str) -> str:
    return next(row.value for row in model.rows if row.label == label)


def test_a_cut_line_says_how_much_was_heard() -> None:
    model = inspect("out-3")
    assert model.title == "TextToSpeechEvent"
    assert value(model, "heard") == "3.15 s of 4.90 s, 9 of 15 words"
    assert value(model, "cut") == "barge-in by voice, 171 ms to silence"


def test_a_line_says_when_it_began_and_where_it_came_from() -> None:
    model = inspect("out-3")
    assert value(model, "first byte") == "112 ms"
    assert value(model, "first sample") == "180 ms after the yield"
    assert value(model, "interruptible") == "unset (true)"
    assert model.source is not None
    assert (model.source.file, model.source.line) == ("handler.py", 25)


def test_a_cause_leads_to_its_record() -> None:
    model = inspect("out-3")
    row = next(row for row in model.rows if row.label == "Caused by")
    assert row.link is not None
    assert model._timeline.data.record(row.link.place).id == "in-2"


def test_a_failed_run_shows_the_frames_of_the_user() -> None:
    model = inspect("run-4", "handler_ended")
    assert any(row.tone == "error" and "KeyError" in row.value for row in model.rows)
    frame = next(row for row in model.rows if row.link and row.link.file)
    assert (frame.link.file, frame.link.line) == ("handler.py", 41)


def test_a_failed_background_task_shows_the_frames_of_the_user() -> None:
    script = Script(2)
    script.rows.append(row_of(failed_task(4)))
    timeline = read_all(script.session())
    model = InspectorModel(timeline)
    timeline.select(0)
    assert (model.source.file, model.source.line) == ("handler.py", 5)
    assert any(row.value == "handler.py:5" and row.label == "in look_up" for row in model.rows)


def test_the_start_of_a_failed_run_tells_its_end_and_the_line() -> None:
    model = inspect("run-4", "handler_started")
    assert any(row.label == "ended" and row.value.startswith("error") for row in model.rows)
    assert any(row.value == "handler.py:41" and row.label == "in handler" for row in model.rows)


def test_frames_of_the_interpreter_are_left_out() -> None:
    model = inspect("out-3")
    model.rows.clear()
    model._error({"sentence": "x", "frames": [{"file": "<frozen importlib>", "line": 3, "function": "load"}]})
    assert [row.value for row in model.rows] == ["x"]


def test_the_moment_of_a_line_is_what_sounded() -> None:
    moment = inspect("out-3").moment
    assert moment is not None
    assert moment.track == AUDIO_AGENT
    assert abs(moment.end - 12.12 * NS) < 1_000_000


def test_the_copied_record_is_json() -> None:
    assert json.loads(inspect("out-3").json)["event"] == "TextToSpeechEvent"
    assert json.loads(inspect("run-4", "handler_ended").json)["data"]["status"] == "error"


def test_what_comes_later_appears_in_a_live_session() -> None:
    from studio.app.timeline.timeline_model import TimelineModel

    data = conversation()
    data.grow_to(10 * NS)
    timeline = TimelineModel(data)
    model = InspectorModel(timeline)
    timeline.select_id("out-3")
    assert not any(row.label == "heard" for row in model.rows)
    data.grow_to(13 * NS)
    timeline.refresh(1.0)
    assert any(row.label == "heard" for row in model.rows)


def test_nothing_selected_shows_nothing() -> None:
    model = inspect("out-3")
    model.show(None)
    assert (model.title, model.rows, model.moment) == ("", [], None)
