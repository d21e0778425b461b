"""Sessions of the platform's debugger, opened here."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.sessions.conversation import conversation
from studio.sessions.reader import SessionReader
from studio.sessions.records import EVENT_IN, EVENT_OUT, NS
from studio.sessions.stored import StoredSession
from studio.sessions.voicerun.importing import ImportFailedError, import_session, records_of
from studio.sessions.voicerun.rows import rows_of
from tests.sessions.voicerun.making import CONTEXT, call, row


def imported(values):
    rows, problems = rows_of(values)
    return records_of(rows, "call.json", "0123", problems)[0]


def of(records, *events):
    return [(round(r.publish_time / NS, 3), r.event) for r in records if r.event in events]


def test_rows_become_events_in_their_order_at_their_times():
    records = imported(call())
    assert of(records, "StartEvent", "TimeoutEvent", "TextEvent", "StopEvent") == [
        (0.0, "StartEvent"),
        (7.4, "TimeoutEvent"),
        (10.0, "TextEvent"),
        (12.0, "TextEvent"),
        (12.1, "StopEvent"),
        (12.2, "StopEvent"),
    ]
    assert [r.turn for r in records if r.topic == EVENT_IN] == [0, 1, 2, 3, 4]
    text = next(r for r in records if r.event == "TextEvent")
    assert text.data["data"] == {"source": "speech", "text": "yes it is me", "language": "en"}
    assert (text.data["origin"], text.log_time - text.publish_time) == ("speech", 0)
    assert [r.seq for r in records] == list(range(1, len(records) + 1))
    assert all(a.log_time <= b.log_time for a, b in itertools.pairwise(records))


def test_a_line_sounds_from_its_first_frame_to_the_end_of_its_turn():
    records = imported(call())
    assert of(records, "play_started", "play_ended")[:4] == [
        (0.3, "play_started"),
        (2.4, "play_ended"),
        (7.7, "play_started"),
        (8.9, "play_ended"),
    ]
    assert of(records, "turn_closed")[:2] == [(2.4, "turn_closed"), (8.9, "turn_closed")]
    assert "estimated" not in next(r for r in records if r.event == "play_ended").data
    ended = next(r for r in records if r.event == "handler_ended")
    assert (ended.data["elapsed_ms"], ended.publish_time) == (104.0, round(0.104 * NS))


def test_a_cut_line_says_what_was_heard_of_it():
    records = imported(call())
    (cut,) = (r for r in records if r.event == "play_cut")
    assert (cut.publish_time, cut.data["by"], cut.data["heard"]) == (round(11.8 * NS), "text", "one two three")
    line = next(line for line in conversation(records) if line.state == "cut")
    assert (line.heard, line.unheard) == ("one two three", "four five six seven eight")


def test_a_line_without_a_word_of_its_end_is_estimated_and_says_so():
    values = [row(0, "input", "start"), row(0.1, "output", "text_to_speech", text="one two three")]
    records = imported(values)
    ended = next(r for r in records if r.event == "play_ended")
    assert ended.data["estimated"] is True
    assert ended.publish_time == round((0.1 + 3 * 0.35) * NS)
    assert next(r for r in records if r.event == "turn_closed").data == {"estimated": True}


def test_marks_of_playback_place_lines_exactly():
    values = [
        row(0, "input", "start"),
        row(0.1, "output", "text_to_speech", text="one two"),
        row(0.1, "output", "text_to_speech", text="three four five six"),
        row(1.5, "mark", "playback", received_ms=1200.0, played_ms=1200.0, discarded_ms=0),
        row(2.1, "mark", "playback", received_ms=2000.0, played_ms=500.0, discarded_ms=1500.0),
    ]
    records = imported(values)
    assert of(records, "play_started", "play_ended", "play_cut") == [
        (0.3, "play_started"),
        (1.5, "play_ended"),
        (1.6, "play_started"),
        (2.1, "play_cut"),
    ]
    cut = next(r for r in records if r.event == "play_cut")
    assert (cut.data["heard"], cut.data["samples"], cut.data["estimated"]) == ("three", 48_000, True)


def test_the_gate_and_metrics_are_kept():
    gates = [row(1, "gate", "gate", open=False, reason="protected"), row(2, "gate", "gate", state="open")]
    records = imported([*call()[:2], *gates])
    assert of(records, "input_blocked", "input_allowed") == [(1.0, "input_blocked"), (2.0, "input_allowed")]
    gate = next(r for r in records if r.event == "input_blocked")
    assert gate.data["data"]["reason"] == "protected"
    assert next(r for r in records if r.event == "metric").data["data"] == {"value_s": 0.1}


def test_the_context_is_kept_and_values_of_variables_are_not():
    records = imported(call())
    context = next(r for r in records if r.topic == EVENT_OUT).data["context"]
    assert context == {**CONTEXT, "variables": {"KEY": "(not kept)"}}
    assert "s3cret" not in json.dumps([dict(r.data) for r in records])
    started = next(r for r in records if r.event == "session_started")
    assert (started.data["agent"], started.data["environment"]) == ("agent-7", "debug|env-1")
    assert (started.data["platform"], started.data["variables"]) == ("voicerun", ["KEY"])


def test_rows_without_a_time_are_placed_where_they_were_seen_and_marked():
    values = call()
    del values[2]["timestamp"], values[2]["_clientTime"]
    del values[4]["timestamp"]
    records = imported(values)
    out = next(r for r in records if r.topic == EVENT_OUT)
    assert (out.publish_time // 1_000_000, out.data["estimated"]) == (100, True)
    closed = next(r for r in records if r.event == "turn_closed")
    assert (closed.publish_time // 1_000_000, "estimated" in closed.data) == (2400, False)


def test_a_time_of_another_day_is_no_time():
    values = call()
    values[3]["timestamp"] = "2019-01-01T00:00:00Z"
    assert max(r.publish_time for r in imported(values)) < 13 * NS


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (3, "it is no object"),
        ({"event": "x"}, "its event is not 'debug'"),
        ({"event": "debug", "type": "input"}, "it has no name"),
        ({"event": "debug", "name": "text", "type": 3}, "it has no type"),
        ({"event": "debug", "name": "text", "type": "input", "data": []}, "its data are no object"),
    ],
)
def test_a_malformed_row_is_named_by_its_place_and_left_out(value, why):
    records = imported([*call()[:2], value])
    (notice,) = (r for r in records if r.event == "row_left_out")
    assert notice.message == f"Row 2 was left out: {why}."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "no row with type and name"),
        ("[1, 2]", "no row with type and name"),
        ("{}", "a JSON array of rows"),
        ('"text"', "a JSON array of rows"),
        ("[", "not valid JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("\ud800".encode("utf-8", "surrogatepass"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_export_is_refused_with_a_sentence(tmp_path, text, says):
    file = tmp_path / "call.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ImportFailedError, match=says):
        import_session(file, tmp_path)
    assert list(tmp_path.iterdir()) == [file]


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(ImportFailedError, match="cannot be read"):
        import_session(tmp_path / "call.json", tmp_path)


def test_the_file_opens_as_a_session_and_is_the_same_each_time(tmp_path):
    source = tmp_path / "call.json"
    source.write_text(json.dumps([*call(), 7]))
    done = import_session(source, tmp_path / "sessions")
    assert done.problems == ["Row 17 was left out: it is no object."]
    session = StoredSession(done.path)
    assert (session.title, session.streams, session.meta.turns) == ("agent-7 - yes it is me", [], 2)
    lines = [line.text for line in conversation(session.records())]
    assert "This session was imported from VoiceRun's debugger (call.json). It has no sound." in lines
    first = done.path.read_bytes()
    assert import_session(source, tmp_path / "sessions").path == done.path
    assert done.path.read_bytes() == first
    with SessionReader(done.path) as reader:
        assert sum(1 for _ in reader.items()) == session.record_count


def test_what_the_headless_debugger_prints_is_taken_line_by_line(tmp_path):
    source = tmp_path / "call.jsonl"
    source.write_text("\n".join([*map(json.dumps, call()), "{broken"]))
    done = import_session(source, tmp_path / "out.mcap")
    assert (done.rows, done.problems) == (17, ["Row 17 was left out: it is no object."])


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_NAMES = ["start", "text", "text_to_speech", "turn_end", "turn_interrupted", "audio", "silence", "stop", "gate", "odd"]
_ROWS = st.fixed_dictionaries(
    {"event": st.just("debug"), "type": st.sampled_from(["input", "output", "metric", "mark"]) | _JSON},
    optional={
        "name": st.sampled_from(_NAMES) | _JSON,
        "data": st.dictionaries(
            st.sampled_from(["text", "duration", "played_ms", "received_ms", "discarded_ms", "context", "source"])
            | st.text(max_size=5),
            _JSON,
            max_size=5,
        )
        | _JSON,
        "turn": st.integers(0, 3) | _JSON,
        "timestamp": st.sampled_from(["2026-04-07T09:30:00Z", "2026-04-07T09:30:02.5+02:00"]) | _JSON,
        "_clientTime": st.floats(1.7e12, 1.8e12) | _JSON,
    },
)


@given(st.lists(_ROWS | _JSON, max_size=12))
def test_any_json_is_a_session_or_left_out_with_a_sentence(values):
    rows, problems = rows_of(values)
    records, _ = records_of(rows, "any.json", "0", problems)
    assert len(rows) + len(problems) == len(values)
    assert all(a.log_time <= b.log_time for a, b in itertools.pairwise(records))
    assert all(0 <= record.publish_time < 2**62 for record in records)
    conversation(records)
