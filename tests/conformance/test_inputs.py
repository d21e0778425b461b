"""What the handler is given, and when."""

import asyncio
from datetime import datetime

import pytest

from studio.runtime.plan import Step
from tests.conformance.desk import behaviour, logs, said, texts
from tests.runtime.fakes import spoken

ECHO = """
async def handler(event, context):
    yield LogEvent(f"{type(event).__name__} {event.name} {event.turn} {event.data}")
"""
GREETER = """
async def handler(event, context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("one two three four five")
    if isinstance(event, TimeoutEvent):
        yield TextToSpeechEvent("hello again")
"""


@behaviour(1, 4, 5, 10)
def test_every_input_runs_the_handler_once_and_counts_a_turn(desk):
    talk = desk.hold(ECHO, Step(say="hi"), silence=5.5)
    assert [line.split()[:3] for line in logs(talk)] == [
        ["StartEvent", "start", "0"],
        ["TextEvent", "text", "1"],
        ["TimeoutEvent", "timeout", "2"],
        ["StopEvent", "stop", "3"],
    ]
    assert logs(talk)[0].endswith("{}")


@behaviour(2)
def test_outputs_are_processed_in_the_order_in_which_they_are_yielded(desk):
    talk = desk.hold("""
async def handler(event, context):
    if isinstance(event, StartEvent):
        yield LogEvent("a")
        yield TextToSpeechEvent("one")
        yield LogEvent("b")
        yield TextToSpeechEvent("two")
""")
    assert [r.event for r in talk.records if r.topic == "/event/out"] == [
        *("LogEvent", "TextToSpeechEvent", "LogEvent", "TextToSpeechEvent")
    ]
    assert said(talk) == ["one", "two"]


@behaviour(3)
def test_a_plain_coroutine_is_awaited(desk):
    talk = desk.hold("""
from primfunctions.logger import logger
async def handler(event, context):
    await asyncio.sleep(1)
    print("done", event.name)
""")
    assert logs(talk)[0] == "done start"
    assert talk.of("handler_ended")[0].data["outputs"] == 0
    assert talk.outcome.exit_code == 0


@behaviour(6, 9)
def test_a_text_event_holds_its_payload_in_data_and_nowhere_else(desk):
    talk = desk.hold(
        """
async def handler(event, context):
    if isinstance(event, TextEvent):
        yield LogEvent(f"{event.data['source']} {event.data['text']} {event.data['language']} {hasattr(event, 'text')}")
""",
        Step(say="hello"),
    )
    assert logs(talk) == ["text hello None False"]


@behaviour(7)
def test_spoken_input_comes_as_speech(desk):
    talk = desk.hold(ECHO, Step(hear=spoken(0, 0.5)), Step(say="typed"), phrases=["spoken"])
    sources = [(data["source"], data["text"]) for _, cls, data in talk.inputs() if cls == "TextEvent"]
    assert sources == [("speech", "spoken"), ("text", "typed")]


@behaviour(8)
def test_extra_keys_of_an_input_reach_the_handler(desk):
    talk = desk.hold(ECHO, Step(event="external_event", data={"name": "x", "data": {}, "odd": [1]}))
    assert "'odd': [1]" in logs(talk)[1]


@behaviour(11)
def test_outputs_carry_the_turn_of_their_run(desk):
    talk = desk.hold(ECHO, Step(say="hi"))
    assert [r.turn for r in talk.of("LogEvent")] == [0, 1, 2]


@behaviour(12)
def test_timestamps_are_iso_8601_in_utc(desk):
    talk = desk.hold(
        """
async def handler(event, context):
    yield LogEvent(event.timestamp)
""",
        Step(say="hi", after=2.5),
    )
    first, second, _ = (datetime.fromisoformat(line) for line in logs(talk))
    assert first.utcoffset().total_seconds() == 0
    assert (second - first).total_seconds() == 2.5


@behaviour(13, 14, 15, 16)
def test_timeouts_follow_the_agents_turns(desk):
    talk = desk.hold(GREETER, silence=13)
    timeouts = [(t, data["count"]) for t, cls, data in talk.inputs() if cls == "TimeoutEvent"]
    # a line of five words ends at 1.0, one of two words takes 0.4
    assert [t for t, _ in timeouts] == pytest.approx([6.0, 11.4], abs=0.001)
    assert [count for _, count in timeouts] == [1, 2]


@behaviour(13)
def test_the_length_of_a_timeout_can_be_set(desk):
    talk = desk.hold(GREETER, silence=4, settings={"timeout": 2.0})
    assert [t for t, cls, _ in talk.inputs() if cls == "TimeoutEvent"] == pytest.approx([3.0], abs=0.001)


@behaviour(17)
def test_the_count_begins_again_when_the_caller_speaks(desk):
    talk = desk.hold(ECHO, Step(say="hi", after=11), silence=5.5)
    assert [data["count"] for _, cls, data in talk.inputs() if cls == "TimeoutEvent"] == [1, 2, 1]


@behaviour(18)
def test_ms_since_input_counts_from_the_last_input_that_is_no_timeout(desk):
    talk = desk.hold(ECHO, Step(say="hi", after=2), silence=10.5)
    since = [data["ms_since_input"] for _, cls, data in talk.inputs() if cls == "TimeoutEvent"]
    assert since == [5000, 10000]


@behaviour(19)
def test_many_timeouts_do_not_end_the_session(desk):
    talk = desk.hold(ECHO, silence=121)
    assert len(talk.of("TimeoutEvent")) == 24
    assert talk.outcome.reason == "finished"


@behaviour(20)
def test_no_timeout_while_the_agent_speaks_or_a_handler_runs(desk):
    talk = desk.hold(
        """
async def handler(event, context):
    if isinstance(event, StartEvent):
        yield SilenceEvent(8000)
    elif isinstance(event, TextEvent):
        await asyncio.sleep(9)
""",
        Step(say="hi", after=1),
        silence=4,
    )
    assert not talk.of("TimeoutEvent")


@behaviour(21)
def test_no_timeout_while_a_background_task_speaks(desk):
    talk = desk.hold(
        """
async def talk():
    for _ in range(3):
        await asyncio.sleep(3)
        yield TextToSpeechEvent("still here")

async def handler(event, context):
    if isinstance(event, StartEvent):
        context.create_task(talk())
    yield LogEvent(event.name)
""",
        silence=6,
    )
    assert [cls for _, cls, _ in talk.inputs()] == ["StartEvent", "TimeoutEvent", "StopEvent"]
    assert talk.of("TimeoutEvent")[0].publish_time / 1e9 == pytest.approx(9.4 + 5.0, abs=0.01)


@behaviour(22, 23)
def test_keys_arrive_in_groups_on_the_phone_and_not_at_all_on_the_web(desk):
    steps = (Step(dtmf="12#"), Step(dtmf="34"))
    phone = desk.hold(ECHO, *steps, channel="phone")
    assert [(t, data["digits"]) for t, cls, data in phone.inputs() if cls == "DTMFEvent"] == [(0.0, "12#"), (2.0, "34")]
    web = desk.hold(ECHO, *steps)
    assert not web.of("DTMFEvent")
    assert web.of("no_keypad")


@behaviour(24)
@pytest.mark.parametrize(
    ("source", "step", "reason"),
    [
        (ECHO, Step(hang_up=True), "hang_up"),
        (ECHO, Step(say="x"), "finished"),
        (ECHO.replace("    yield LogEvent", "    yield StopEvent()\n    yield LogEvent"), Step(after=9), "stop"),
    ],
)
def test_stop_is_delivered_once_at_the_end(desk, source, step, reason):
    talk = desk.hold(source, step)
    assert talk.outcome.reason == reason
    assert [cls for _, cls, _ in talk.inputs()].count("StopEvent") == 1
    assert talk.inputs()[-1][1] == "StopEvent"


@behaviour(25)
def test_in_the_last_run_only_reports_and_context_count(desk):
    talk = desk.hold("""
async def handler(event, context):
    if isinstance(event, StopEvent):
        yield TextToSpeechEvent("bye")
        yield LogEvent("noted")
        yield ErrorEvent("odd")
        context.set_output({"done": True})
""")
    assert logs(talk) == ["noted"]
    assert talk.of("ErrorEvent")
    assert talk.of("ContextPatchEvent")
    assert not talk.of("speech_requested")
    (spoken, *_) = talk.of("ignored_after_stop")
    assert "has no effect" in spoken.message
    assert "closing_speech" in spoken.message


@behaviour(26)
def test_the_last_run_has_thirty_seconds(desk):
    talk = desk.hold("""
async def handler(event, context):
    if isinstance(event, StopEvent):
        await asyncio.sleep(100)
""")
    assert talk.of("stop_grace")[0].publish_time / 1e9 == pytest.approx(30, abs=0.01)


@behaviour(27)
def test_voicemail_detection_interrupts_nothing(desk):
    async def detect(session):
        await asyncio.sleep(0.5)
        session.give("voicemail_detection", {"transcript": "leave a message", "confidence": 0.9, "reason": "beep"})

    talk = desk.hold(
        """
async def handler(event, context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("one two three four five")
        await asyncio.sleep(2)
        yield TextToSpeechEvent("six")
    if isinstance(event, VoicemailDetectionEvent):
        yield LogEvent(f"{event.background} {event.data['reason']}")
""",
        act=detect,
    )
    assert logs(talk) == ["True beep"]
    assert said(talk) == ["one two three four five", "six"]
    assert not talk.of("cut")


@behaviour(28)
def test_an_external_event_reaches_the_handler_and_cancels_nothing(desk):
    async def send(session):
        await asyncio.sleep(0.5)
        session.give("external_event", {"name": "order_ready", "data": {"n": 7}})

    talk = desk.hold(
        """
async def handler(event, context):
    if isinstance(event, StartEvent):
        await asyncio.sleep(1)
        yield LogEvent("start goes on")
    if isinstance(event, ExternalEvent):
        yield LogEvent(f"{event.data['name']} {event.data['data']}")
""",
        act=send,
    )
    assert logs(talk) == ["order_ready {'n': 7}", "start goes on"]
    assert [r.data["status"] for r in talk.of("handler_ended")] == ["ok", "ok", "ok"]


@behaviour(128)
def test_a_second_input_cancels_the_run_of_the_first(desk):
    async def twice(session):
        await asyncio.sleep(1)
        session.say("one")
        await asyncio.sleep(1)
        session.say("two")

    talk = desk.hold(
        """
async def handler(event, context):
    if isinstance(event, TextEvent):
        await asyncio.sleep(3)
        yield TextToSpeechEvent(event.data["text"])
""",
        act=twice,
        silence=9,
    )
    assert texts(talk) == ["one", "two"]
    assert said(talk) == ["two"]
    assert [r.data["status"] for r in talk.of("handler_ended")][:3] == ["ok", "cancelled", "ok"]
