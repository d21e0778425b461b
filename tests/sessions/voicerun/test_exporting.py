"""Sessions written as rows of the platform's debugger, and read back."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.events.vocabulary import BY_WIRE
from studio.runtime.plan import Step
from studio.sessions.records import EVENT_IN, EVENT_OUT, NS, TURN
from studio.sessions.voicerun.exporting import rows_of as exported
from studio.sessions.voicerun.exporting import write_rows
from studio.sessions.voicerun.importing import records_of
from studio.sessions.voicerun.rows import rows_of
from tests.runtime.fakes import converse, tts
from tests.sessions.voicerun.making import call

STARTED = 1_775_550_600 * NS


def back(rows):
    """The records of exported rows, through JSON."""
    read, problems = rows_of(json.loads(json.dumps(rows)))
    assert problems == []
    return records_of(read, "call.json", "0")[0]


def events(records):
    return [
        (record.topic, record.event, record.data["name"], record.data["data"], record.turn)
        for record in records
        if record.topic in (EVENT_IN, EVENT_OUT)
    ]


def times(records, *names):
    """Milliseconds from the first record of these events on."""
    found = [r for r in records if r.event in names and not (r.topic == TURN and r.data.get("estimated"))]
    return [(record.event, (record.publish_time - found[0].publish_time) / 1e6) for record in found]


async def desk(event):
    if event["name"] == "start":
        yield {"name": "log", "data": {"message": "hello"}}
        yield tts("one two three", voice="nova")
        yield {"name": "silence", "data": {"duration": 400}}
        yield tts("four five")
    elif event["name"] == "text":
        yield {"name": "shown", "data": {"n": 1, "custom": True}}
        await asyncio.sleep(0.2)
        yield tts("six seven eight nine ten eleven")
        yield tts("never heard")
    elif event["name"] == "timeout":
        yield {"name": "stop", "data": {}}


@pytest.fixture(scope="module")
def talk():
    steps = [Step(say="hello"), Step(say="stop it", after_speech_start=0.5)]
    return converse(desk, steps, user_silence_s=6.0)


def test_a_session_keeps_its_events_order_and_times(talk):
    again = back(list(exported(talk.records, STARTED)))
    assert events(again) == events(talk.records)
    names = ("StartEvent", "TextEvent", "TextToSpeechEvent", "turn_closed", "play_started", "play_ended", "play_cut")
    for name in names:
        before, after = times(talk.records, "StartEvent", name), times(again, "StartEvent", name)
        assert [event for event, _ in after] == [event for event, _ in before]
        assert [at for _, at in after] == pytest.approx([at for _, at in before], abs=1.0)


def test_what_was_heard_of_a_cut_line_comes_back(talk):
    cut = [record.data["heard"] for record in talk.of("play_cut")]
    again = back(list(exported(talk.records, STARTED)))
    assert [record.data["heard"] for record in again if record.event == "play_cut"] == cut != []


def test_rows_have_the_debuggers_shape(talk):
    rows = list(exported(talk.records, STARTED))
    assert {row["event"] for row in rows} == {"debug"}
    assert {row["type"] for row in rows} == {"input", "output", "metric", "mark"}
    speech = next(row for row in rows if row["name"] == "text_to_speech")
    assert {"text", "voice", "background", "background_task_name", "context"} <= set(speech["data"])
    assert speech["timestamp"] == "2026-04-07T08:30:00.000000+00:00"
    assert speech["_clientTime"] == STARTED / 1e6
    names = [row["name"] for row in rows if row["turn"] == 0]
    assert names[0] == "start"
    assert names[-1] == "turn_end"
    assert names.index("metrics.latency.handler_first_speech_event") < names.index("text_to_speech")


def test_an_imported_session_gives_the_rows_that_it_was_made_of():
    rows = call()
    del rows[6]["timestamp"], rows[6]["_clientTime"]
    made = records_of(rows_of(rows)[0], "call.json", "0")
    again = list(exported(made[0], made[1].started))
    assert [(row["type"], row["name"], row["turn"]) for row in again] == [
        (row["type"], row["name"], row["turn"]) for row in rows
    ]
    for before, after in zip(rows, again, strict=True):
        was, now = rows_of([before])[0][0], rows_of([after])[0][0]
        assert (was.at is None) == (now.at is None)
        if was.at is not None and now.at is not None and was.client is not None and now.client is not None:
            assert abs(was.at - now.at) < 1_000_000
            assert abs(was.client - now.client) < 1_000_000
        hidden = {**before["data"]}
        if "context" in hidden:
            hidden["context"] = {**hidden["context"], "variables": {"KEY": "(not kept)"}}
        assert after["data"] == hidden


NAMES = [*BY_WIRE, "turn_end", "turn_interrupted", "gate", "metrics.count.calls", "order"]


def test_a_custom_event_stays_one_whatever_its_name_is():
    async def named_like_others(event):
        if event["name"] == "start":
            for name in NAMES:
                yield {"name": name, "data": {"text": "one", "duration": 500, "custom": True}}
            yield tts("spoken")

    talk = converse(named_like_others)
    again = back(list(exported(talk.records, STARTED)))
    assert events(again) == events(talk.records)
    assert [(r.event, r.data["name"]) for r in again if r.topic == EVENT_OUT][:-1] == [
        ("CustomEvent", n) for n in NAMES
    ]
    assert len([record for record in again if record.event == "play_started"]) == 1
    assert [record.data["reason"] for record in again if record.event == "session_ended"] == ["hang_up"]
    assert events(back(list(exported(again, STARTED)))) == events(talk.records)


def test_the_file_is_json_whatever_the_data_hold(tmp_path, talk):
    odd = [*talk.records]
    odd[-1] = type(odd[-1])(
        99, 0, 0, EVENT_OUT, "CustomEvent", {"name": "x", "data": {"n": float("nan"), "s": "\ud800"}}
    )
    count = write_rows(odd, STARTED, tmp_path / "call.json")
    rows = json.loads((tmp_path / "call.json").read_text("utf-8"))
    assert len(rows) == count
    assert rows[-1]["data"]["n"] is None


_SAYS = st.lists(st.sampled_from(["a b c", "d"]), min_size=1, max_size=3)


@given(_SAYS, _SAYS, st.floats(0.1, 1.0))
def test_any_conversation_comes_back(first, second, cut_after):
    async def handler(event):
        for text in first if event["name"] == "start" else second if event["name"] == "text" else ():
            yield tts(text)

    talk = converse(handler, [Step(say="x", after_speech_start=cut_after), Step(say="y")])
    again = back(list(exported(talk.records, STARTED)))
    assert events(again) == events(talk.records)
    before, after = times(talk.records, "StartEvent", "play_started"), times(again, "StartEvent", "play_started")
    assert [at for _, at in after] == pytest.approx([at for _, at in before], abs=1.0)
