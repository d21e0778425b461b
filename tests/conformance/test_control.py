"""What takes effect at once, and what concerns other sessions."""

import pytest

from studio.runtime.plan import Step
from tests.conformance.desk import behaviour, logs, said, texts
from tests.conformance.test_speech import start


@behaviour(87)
def test_interrupt_silences_protected_speech_and_the_handler_goes_on(desk):
    talk = desk.hold("""
async def handler(event, context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("one two three four five", interruptible=False)
        await asyncio.sleep(0.5)
        yield InterruptEvent()
        yield TextToSpeechEvent("after")
""")
    assert talk.of("cut")[0].data["by"] == "interrupt"
    assert said(talk) == ["after"]


@behaviour(88)
def test_input_is_refused_until_allowed_or_the_handler_ends(desk):
    async def speak(session):
        import asyncio

        for _ in range(3):
            await asyncio.sleep(1)
            session.say(f"at {session.journal.now() // 10**9}")

    talk = desk.hold(
        """
async def handler(event, context):
    if isinstance(event, StartEvent):
        yield InputAllowedEvent(False)
        await asyncio.sleep(2.5)
""",
        act=speak,
        silence=4,
    )
    assert texts(talk) == ["at 3"]
    assert [record.data["text"] for record in talk.of("input_refused")] == ["at 1", "at 2"]


@behaviour(91)
def test_custom_events_have_any_name_and_are_marked(desk):
    talk = desk.hold(start('CustomEvent("state_update", {"a": {"b": [1]}})'))
    (row,) = talk.of("CustomEvent")
    assert (row.data["name"], row.data["data"]) == ("state_update", {"a": {"b": [1]}, "custom": True})


@behaviour(91)
@pytest.mark.parametrize("name", ["stop", "interrupt", "text_to_speech", "transfer_session", "log", "metrics.count.x"])
def test_a_custom_event_with_the_name_of_another_is_only_reported(desk, name):
    data = {"text": "never", "phone_number": "+12025550142", "message": "never", "metric_type": "count"}
    talk = desk.hold(start('TextToSpeechEvent("still here")', f'CustomEvent("{name}", {data})', 'LogEvent("after")'))
    (row,) = talk.of("CustomEvent")
    assert (row.data["name"], row.data["data"]) == (name, {**data, "custom": True})
    assert logs(talk) == ["after"]
    assert [play.data["heard"] for play in talk.of("play_ended")] == ["still here"]
    assert not [record.event for record in talk.records if record.cause == row.id]
    assert talk.outcome.reason != "stop"


@behaviour(92)
def test_debug_events_are_rows(desk):
    talk = desk.hold(start('DebugEvent("thinking", {"step": 1}, "output", {})'))
    assert talk.of("DebugEvent")[0].data["data"]["event_name"] == "thinking"


@behaviour(93)
def test_metric_events_are_named_by_type_and_name(desk):
    talk = desk.hold(start('MetricEvent("latency", "lookup", {"value_s": 0.2})'))
    assert talk.of("MetricEvent")[0].data["name"] == "metrics.latency.lookup"


@behaviour(94)
@pytest.mark.parametrize(
    ("event", "says"),
    [
        ('StartSessionEvent(agent_id="x", environment="y")', "nobody is called"),
        ('MergeSessionEvent("s1")', "bridge this call with session s1"),
    ],
)
def test_other_sessions_are_shown(desk, event, says):
    (row,) = desk.hold(start(event)).of("accepted")
    assert says in row.message


@behaviour(94)
def test_a_message_to_another_session_is_shown_and_one_to_this_session_arrives(desk):
    talk = desk.hold("""
async def handler(event, context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("one two")
        yield ExternalEvent("me", "elsewhere", "hello", {})
        yield ExternalEvent("me", context.session_id, "later", {"n": 1}, after_speech=True)
    if isinstance(event, ExternalEvent):
        yield LogEvent(event.data["name"])
""")
    assert [record.data["delivered"] for record in talk.of("external_sent")] == [False, True]
    assert logs(talk) == ["later"]
    assert talk.of("external_sent")[1].publish_time >= talk.of("play_ended")[0].publish_time


@behaviour(90)
def test_what_waits_for_speech_does_not_happen_when_it_was_cut(desk):
    source = start(
        'TextToSpeechEvent("one two three four five")',
        'ExternalEvent("me", "elsewhere", "after", {}, after_speech=True)',
    )
    assert desk.hold(source).of("external_sent")
    assert not desk.hold(source, Step(say="stop", after_speech_start=0.3)).of("external_sent")


@behaviour(95)
@pytest.mark.parametrize(
    "event",
    [
        "CollectPaymentEvent(12.5)",
        'ConnectSTSEvent({"model": "x"})',
        "DisconnectSTSEvent()",
        'SupervisorResponseEvent("yes")',
        'UpdateCallEvent({"twiml": "<Response/>"})',
    ],
)
def test_payment_speech_to_speech_supervisor_and_call_updates_are_shown(desk, event):
    talk = desk.hold(start(event, 'TextToSpeechEvent("one")'))
    assert "platform would" in talk.of("accepted")[0].message
    assert said(talk) == ["one"]


@behaviour(95)
def test_a_payment_of_nothing_is_an_error_row(desk):
    talk = desk.hold(start("CollectPaymentEvent(-1)"))
    assert talk.of("bad_event")[0].level == "error"


@behaviour(95)
def test_the_answer_to_a_payment_can_be_given(desk):
    talk = desk.hold(
        """
async def handler(event, context):
    if isinstance(event, CollectPaymentSuccessEvent):
        yield LogEvent("paid")
""",
        Step(event="collect_payment_success"),
    )
    assert logs(talk) == ["paid"]
