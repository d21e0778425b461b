"""Silence, logs, and how a session ends or goes on elsewhere."""

import json

import pytest

from studio.runtime.plan import Step
from tests.conformance.desk import behaviour, logs, said
from tests.conformance.test_speech import start


@behaviour(59)
def test_silence_takes_its_place_in_the_queue(desk):
    talk = desk.hold(start('TextToSpeechEvent("one")', "SilenceEvent(1500)", 'TextToSpeechEvent("two")'))
    starts = [(record.data["item"], record.data["sample"]) for record in talk.of("play_started")]
    assert starts == [("speech", 0), ("silence", 4800), ("speech", 4800 + 36000)]


@behaviour(60)
def test_a_silence_of_nothing_is_nothing_and_a_negative_one_an_error_row(desk):
    talk = desk.hold(start("SilenceEvent(0)", "SilenceEvent(-5)", 'TextToSpeechEvent("one")'))
    assert talk.of("bad_silence")[0].level == "error"
    assert len(talk.of("play_started")) == 1


@behaviour(61)
def test_a_log_has_its_line_its_attributes_and_no_sound(desk):
    talk = desk.hold(start('LogEvent("noted", attributes={"level": "warning", "n": 7})'))
    (log,) = talk.of("log")
    assert (log.message, log.level, log.data["attributes"]["n"]) == ("noted", "warning", 7)
    assert log.data["location"].startswith("handler.py:")
    assert not talk.of("play_queued")


@behaviour(62)
def test_stop_ends_after_queued_and_closing_speech(desk):
    talk = desk.hold(start('TextToSpeechEvent("one two")', 'StopEvent(closing_speech="good bye", voice="onyx")'))
    assert said(talk) == ["one two", "good bye"]
    assert talk.outcome.reason == "stop"
    assert talk.inputs()[-1][1] == "StopEvent"


@behaviour(63)
@pytest.mark.parametrize("closing", ["None", "''"])
def test_no_closing_speech_is_a_silent_end(desk, closing):
    talk = desk.hold(start(f"StopEvent(closing_speech={closing})"))
    assert said(talk) == []
    assert talk.outcome.reason == "stop"


@behaviour(64)
def test_clear_speech_drops_the_queue_before_the_end(desk):
    line = 'TextToSpeechEvent("one two three", interruptible=False)'
    talk = desk.hold(start(line, 'StopEvent(closing_speech="bye", clear_speech=True)'))
    assert said(talk) == ["bye"]


@behaviour(65)
def test_after_stop_the_code_goes_on_and_its_sound_is_ignored(desk):
    talk = desk.hold(
        start("StopEvent()", 'TextToSpeechEvent("late")', 'LogEvent("noted")', 'CustomEvent("mine", {"a": 1})')
    )
    assert logs(talk) == ["noted"]
    assert talk.of("CustomEvent")
    assert [record.message.split()[0] for record in talk.of("ignored_after_stop")] == ["TextToSpeechEvent"]


def test_goodbye_and_stop_with_the_caller_talking_over_it_ends_the_call(desk):
    source = start('TextToSpeechEvent("good bye and thank you")', "StopEvent()")
    talk = desk.hold(source, Step(say="wait, one more thing", after_speech_start=0.4))
    assert talk.outcome.reason == "stop"
    assert talk.of("after_the_end")
    assert [cls for _, cls, _ in talk.inputs()] == ["StartEvent", "StopEvent"]


def test_a_protected_notice_after_a_cut_greeting_is_heard_whole(desk):
    source = start('TextToSpeechEvent("hello and welcome")', 'TextToSpeechEvent("a notice", interruptible=False)')
    talk = desk.hold(source, Step(say="hi", after_speech_start=0.3))
    assert said(talk) == ["a notice"]
    assert talk.of("play_cut")


def test_no_timeout_within_a_long_silence(desk):
    assert not desk.hold(start("SilenceEvent(8000)"), silence=4.5).of("TimeoutEvent")


PHONE = 'TransferSessionEvent(phone_number="+12025550142"{})'


@behaviour(66, 69, 72)
def test_a_transfer_to_a_number_ends_the_session_on_the_phone(desk):
    talk = desk.hold(start('TextToSpeechEvent("one")', PHONE.format("")), channel="phone")
    assert talk.outcome.reason == "transferred"
    (done,) = talk.of("transferred")
    assert (done.data["target"], done.data["data"]) == ("+12025550142", {})
    assert [cls for _, cls, _ in talk.inputs()] == ["StartEvent", "StopEvent"]


@behaviour(66, 73)
def test_a_transfer_to_a_number_is_an_error_row_on_the_web(desk):
    talk = desk.hold(start(PHONE.format(""), 'TextToSpeechEvent("still here")'))
    assert talk.of("transfer_refused")[0].level == "error"
    assert said(talk) == ["still here"]


@behaviour(66)
def test_a_number_without_a_country_code_is_an_error_row(desk):
    talk = desk.hold(start('TransferSessionEvent(phone_number="5550142")'), channel="phone")
    assert "country code" in talk.of("transfer_refused")[0].message


def sales(desk, code="yield TextToSpeechEvent('sales here')"):
    """Another agent beside the one of the test."""
    folder = desk.folder / "sales"
    folder.mkdir()
    (folder / "handler.py").write_text(
        "from primfunctions.events import *\n\n\nasync def handler(event, context):\n"
        f"    if isinstance(event, StartEvent):\n        {code}\n"
    )
    return folder


@behaviour(67, 69)
def test_a_transfer_to_an_agent_goes_on_with_it_and_hands_it_the_data(desk):
    sales(desk, "yield LogEvent(str([event.data, context.data['transfer'], context.input_data, context.environment]))")
    source = start('TransferSessionEvent(agent_id="sales", environment="live", data={"order": 7})')
    talk = desk.hold(source)
    assert logs(talk) == ["[{}, {'order': 7}, {'order': 7}, 'live|desk']"]
    assert [record.data["agent"] for record in talk.of("agent_seam")] == ["sales"]
    assert talk.outcome.reason == "finished"


@behaviour(67)
def test_an_agent_is_found_by_the_id_of_its_lock(desk):
    folder = sales(desk)
    (folder / ".voicerun").mkdir()
    (folder / ".voicerun" / "agent.lock").write_text(json.dumps({"id": "a1b2"}))
    talk = desk.hold(start('TransferSessionEvent(agent_id="a1b2")'))
    assert said(talk) == ["sales here"]
    assert talk.of("transfer_same")[0].level == "info"


@behaviour(73)
def test_an_agent_transfer_on_the_phone_is_a_warning(desk):
    sales(desk)
    talk = desk.hold(start('TransferSessionEvent(agent_id="sales")'), channel="phone")
    assert talk.of("transfer_channel")[0].level == "warning"
    assert said(talk) == ["sales here"]


@behaviour(68)
@pytest.mark.parametrize("fields", ["", 'phone_number="+12025550142", agent_id="x", environment="y"'])
def test_neither_or_both_targets_are_a_value_error(desk, fields):
    talk = desk.hold(start(f"TransferSessionEvent({fields})"))
    assert talk.of("handler_ended")[0].data["error"]["type"] == "ValueError"


@behaviour(70)
def test_closing_speech_comes_before_a_transfer(desk):
    source = start(
        'TextToSpeechEvent("one two three")', PHONE.format(', closing_speech="one moment", clear_speech=True')
    )
    talk = desk.hold(source, channel="phone")
    assert said(talk) == ["one moment"]
    assert talk.of("transferred")[0].publish_time >= talk.of("play_ended")[0].publish_time


@behaviour(71)
def test_typed_destinations(desk):
    source = start('TransferSessionEvent(destination={"type": "sip", "uri": "sip:12@host"}, mode="refer")')
    (done,) = desk.hold(source, channel="phone").of("transferred")
    assert (done.data["to"], done.data["target"], done.data["mode"]) == ("sip", "sip:12@host", "refer")
