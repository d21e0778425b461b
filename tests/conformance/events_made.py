"""Makes every event, with and without its optional fields, and prints what travels. Run by a Python that has an SDK."""

import json

from primfunctions import events

CALLS = [
    ("TextToSpeechEvent", ("hi",), {}),
    (
        "TextToSpeechEvent",
        ("hi",),
        {
            "voice": {"provider": "openai", "identifier": "x"},
            "cache": False,
            "interruptible": False,
            "instructions": "i",
            "speed": 2.0,
            "language": "es",
            "stream": False,
            "model": "m",
            "replace": True,
        },
    ),
    ("AudioEvent", ("u",), {}),
    ("AudioEvent", ("u",), {"interruptible": False, "loop": True}),
    ("SilenceEvent", (100,), {}),
    ("StopEvent", (), {}),
    ("StopEvent", (), {"closing_speech": "b", "voice": "v", "speed": 1.5, "language": "fr", "clear_speech": True}),
    ("TransferSessionEvent", (), {"phone_number": "+1"}),
    (
        "TransferSessionEvent",
        (),
        {
            "agent_id": "a",
            "environment": "e",
            "data": {"x": 1},
            "closing_speech": "c",
            "voice": "v",
            "speed": 2.0,
            "language": "de",
            "clear_speech": True,
        },
    ),
    ("TransferSessionEvent", (), {"destination": {"type": "phone", "number": "911"}}),
    ("TransferSessionEvent", (), {"destination": {"type": "sip", "uri": "sip:12@h"}, "mode": "refer"}),
    ("LogEvent", ("m",), {"location": "a.py:1"}),
    ("LogEvent", ("m",), {"location": "a.py:1", "attributes": {"a": 1}}),
    ("InterruptEvent", (), {}),
    ("InputAllowedEvent", (False,), {}),
    ("CustomEvent", ("n",), {}),
    ("CustomEvent", ("n", {"a": 1}), {}),
    ("DebugEvent", ("n", {"a": 1}, "output", {}), {}),
    ("MetricEvent", ("latency", "n", {"v": 1}), {}),
    ("MetricEvent", ("latency", "n"), {}),
    ("ErrorEvent", ("m",), {}),
    ("STTUpdateSettingsEvent", (), {}),
    (
        "STTUpdateSettingsEvent",
        (),
        {"language": "en", "prompt": "p", "endpointing": 3, "noise_reduction_type": "near_field", "model": "m"},
    ),
    ("StartRecordingEvent", (), {}),
    ("StartRecordingEvent", ("http://x",), {}),
    ("StopRecordingEvent", (), {}),
    ("UpdateAudioSettingsEvent", (), {}),
    (
        "UpdateAudioSettingsEvent",
        (),
        {
            "background_track_url": "u",
            "background_track_volume": 0.5,
            "background_track_loop": False,
            "after_speech": True,
        },
    ),
    ("ExternalEvent", (), {"agent_id": "a", "session_id": "s", "name": "n", "data": {"x": 1}}),
    ("ExternalEvent", (), {"agent_id": "a", "session_id": "s", "name": "n", "data": {}, "after_speech": True}),
    ("StartSessionEvent", (), {"agent_id": "a", "environment": "e"}),
    (
        "StartSessionEvent",
        (),
        {"entrypoint_id": "x", "input_type": "phone", "input_parameters": {"a": 1}, "parameters": {"b": 2}},
    ),
    ("MergeSessionEvent", ("s",), {}),
    ("UpdateCallEvent", ({"a": 1},), {}),
    ("CollectPaymentEvent", (1.5,), {}),
    ("ConnectSTSEvent", ({"a": 1},), {}),
    ("DisconnectSTSEvent", (), {}),
    ("SupervisorResponseEvent", ("c",), {}),
    ("ContextUpdateEvent", ({"a": 1},), {}),
    ("ContextPatchEvent", ({"a": 1},), {}),
    ("StartEvent", (), {}),
    ("TextEvent", ("speech", "t"), {}),
    ("TextEvent", ("speech", "t"), {"language": "en", "extra": 1}),
    ("TimeoutEvent", (), {}),
    ("TimeoutEvent", (), {"count": 1, "ms_since_input": 2}),
    ("DTMFEvent", ("1",), {}),
    ("VoicemailDetectionEvent", (), {}),
    ("STTModelSwitchedEvent", ("a", "b"), {}),
    ("CollectPaymentSuccessEvent", (), {}),
    ("SupervisorRequestEvent", ("c",), {}),
    ("SessionEndEvent", (), {}),
    ("TurnEndEvent", (3,), {}),
    ("TurnInterruptedEvent", (), {}),
    ("TranscriptPartEvent", ("user", "c"), {}),
    ("HandlerEndEvent", (), {}),
    ("TransferSessionEvent", (), {}),
    ("TransferSessionEvent", (), {"phone_number": "+1", "agent_id": "a", "environment": "e"}),
    ("TransferSessionEvent", (), {"agent_id": "a"}),
    ("StartSessionEvent", (), {}),
    ("TransferSessionEvent", (), {"phone_number": "+1", "mode": "x"}),
    ("TransferSessionEvent", (), {"destination": {"type": "sip", "uri": "sip:12@h"}}),
    ("TransferSessionEvent", (), {"destination": {"type": "phone", "number": "abc"}}),
]

for name, args, fields in CALLS:
    try:
        event = getattr(events, name)(*args, **fields)
    except Exception as error:
        print(name, args, fields, "raises", type(error).__name__)
    else:
        print(name, args, fields, "is", event.name, json.dumps(event.data, sort_keys=True), event.background)
