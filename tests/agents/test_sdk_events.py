import pytest
from primfunctions import events
from primfunctions.events import (
    AudioEvent,
    ContextPatchEvent,
    CustomEvent,
    DebugEvent,
    Event,
    LogEvent,
    MetricEvent,
    StartEvent,
    StartSessionEvent,
    StopEvent,
    STTUpdateSettingsEvent,
    TextEvent,
    TextToSpeechEvent,
    TimeoutEvent,
    TransferSessionEvent,
    VoicemailDetectionEvent,
    event_from_str,
    event_to_dict,
    event_to_str,
)

from studio.events.vocabulary import BY_CLASS


@pytest.mark.parametrize("name", sorted(BY_CLASS))
def test_every_event_of_the_vocabulary_exists_under_its_wire_name(name):
    assert getattr(events, name)._wire_name == BY_CLASS[name].wire


def test_events_without_data_do_not_share_it():
    first, second = StartEvent(), StartEvent()
    first.data["seen"] = True
    assert second.data == {}


def test_payload_is_no_attribute():
    with pytest.raises(AttributeError):
        _ = TextEvent("speech", "hi").text


def test_timestamp_is_iso_8601_in_utc():
    assert StartEvent().timestamp.endswith("+00:00")


def test_text_keeps_extra_keys():
    assert TextEvent("text", "hi", confidence=0.5).data == {
        "source": "text",
        "text": "hi",
        "language": None,
        "confidence": 0.5,
    }


def test_timeout_without_fields():
    assert TimeoutEvent().data == {"count": 0, "ms_since_input": 0}


def test_voicemail_arrives_in_the_background():
    assert VoicemailDetectionEvent().background


def test_speech_leaves_out_stream_and_model_until_given():
    plain, given = TextToSpeechEvent("hi"), TextToSpeechEvent("hi", stream=False, model="m")
    assert not {"stream", "model"} & set(plain.data)
    assert (given.data["stream"], given.data["model"]) == (False, "m")


def test_interruptible_keeps_its_three_states():
    assert [TextToSpeechEvent("", interruptible=i).data["interruptible"] for i in (None, True, False)] == [
        None,
        True,
        False,
    ]


def test_speech_accepts_a_provider_dict_and_any_speed():
    voice = {"provider": "azure", "identifier": "en-AU-WilliamNeural"}
    assert TextToSpeechEvent("", voice, speed=9).data | {"text": ""} == TextToSpeechEvent("", voice, speed=9).data


def test_audio_defaults():
    assert AudioEvent("u").data == {"path": "u", "interruptible": True, "loop": False}


def test_stop_without_fields():
    assert StopEvent().data["closing_speech"] is None


def test_custom_event_is_marked_and_leaves_the_given_data_alone():
    given = {"a": 1}
    assert CustomEvent("mine", given).data == {"a": 1, "custom": True}
    assert given == {"a": 1}


def test_log_names_the_line_that_made_it():
    assert LogEvent("x").data["location"].startswith("test_sdk_events.py:")


def test_log_keeps_a_given_location():
    assert LogEvent("x", "a.py:1", {"k": 2}).data == {"message": "x", "location": "a.py:1", "attributes": {"k": 2}}


def test_metric_name():
    assert MetricEvent("latency", "llm", {"value_s": 1}).name == "metrics.latency.llm"


def test_debug_event_takes_a_context_object():
    class Context:
        def serialize(self):
            return {"session_id": "s"}

    assert DebugEvent("n", {}, "output", Context()).data["context"] == {"session_id": "s"}


@pytest.mark.parametrize("name", ["noise_reduction", "noise_reduction_type", "prewarm_model", "endpointing"])
def test_recognition_settings_hold_what_was_given(name):
    given = {key: value for key, value in STTUpdateSettingsEvent(**{name: 3}).data.items() if value is not None}
    assert given == {name: 3}


@pytest.mark.parametrize(
    "target",
    [
        {"phone_number": "anything"},
        {"agent_id": "a"},
        {"environment": "e"},
        {"agent_id": "a", "environment": "e"},
        {"destination": {"type": "phone", "number": "+4930123"}, "mode": "bridge"},
        {"destination": {"type": "sip", "uri": "sip:100@example.org:5060"}, "mode": "refer"},
    ],
)
def test_transfers_that_are_possible(target):
    assert TransferSessionEvent(**target).data["data"] == {}


@pytest.mark.parametrize(
    "target",
    [
        {},
        {"phone_number": "+1", "agent_id": "a"},
        {"phone_number": "+1", "destination": {"type": "phone", "number": "1"}},
        {"agent_id": "a", "destination": {"type": "phone", "number": "1"}},
        {"agent_id": "a", "mode": "bridge"},
        {"phone_number": "+1", "mode": "warm"},
        {"phone_number": "+1", "mode": "bridge", "data": {"transfer_mode": "refer"}},
        {"destination": {"type": "phone", "number": "1" * 16}},
        {"destination": {"type": "phone", "number": "12a"}},
        {"destination": {"type": "sip", "uri": "sip:100@example.org"}},
        {"destination": {"type": "sip", "uri": "sip:me@example.org"}, "mode": "refer"},
        {"destination": {"type": "sip", "uri": "sip:1@" + "a" * 512}, "mode": "refer"},
        {"destination": {"type": "fax"}},
    ],
)
def test_transfers_that_are_not(target):
    with pytest.raises(ValueError, match=r"transfer|destination|mode"):
        TransferSessionEvent(**target)


@pytest.mark.parametrize("target", [{}, {"agent_id": "a", "entrypoint_id": "e"}])
def test_new_session_needs_exactly_one_target(target):
    with pytest.raises(ValueError, match="agent_id"):
        StartSessionEvent(**target)


def test_round_trip_keeps_class_and_fields():
    event = TextToSpeechEvent("hi")
    event.turn, event.background, event.background_task_name = 3, True, "t"
    again = event_from_str(event_to_str(event))
    assert type(again) is TextToSpeechEvent
    assert again == event


def test_wire_form_is_one_json_object():
    assert set(event_to_dict(ContextPatchEvent({}))) == {
        "name",
        "data",
        "timestamp",
        "turn",
        "background",
        "background_task_name",
    }


def test_event_from_str_knows_metrics_and_custom_events():
    assert type(event_from_str(event_to_str(MetricEvent("count", "c")))) is MetricEvent
    assert type(event_from_str(event_to_str(CustomEvent("mine")))) is CustomEvent


@pytest.mark.parametrize("row", ['{"name": "nope"}', '{"name": 3}', "[]", "{}"])
def test_event_from_str_refuses_what_it_does_not_know(row):
    with pytest.raises(ValueError, match="event"):
        event_from_str(row)


def test_module_lists_only_events_their_parts_and_their_wire_form():
    parts = {
        "event_from_str",
        "event_to_dict",
        "event_to_str",
        "TTSProvider",
        "TextToSpeechIdentifier",
        *(n for n in events.__all__ if "Destination" in n),
    }
    assert all(issubclass(getattr(events, n), Event) for n in events.__all__ if n not in parts)
