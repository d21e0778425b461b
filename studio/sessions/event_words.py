"""Events in a few plain words: what an input was, what an output event does, and what came of it.

A label is "Head  detail": where there is little room the head stands alone.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from studio.sessions.records import Record
from studio.sessions.sentences import quoted
from studio.sessions.spoken_by import SpokenBy, asked_voice

Payload = Mapping[str, Any]

_LONGEST_JSON = 60


def input_words(record: Record) -> str:
    """The label of an event that was given to the handler."""
    data = payload_of(record)
    match record.event:
        case "TextEvent":
            detail = quoted(str(data.get("text") or ""))
        case "DTMFEvent":
            detail = f"keys {' '.join(str(data.get('digits') or ''))}"
        case "TimeoutEvent":
            detail = f"number {data['count']}" if data.get("count") else ""
        case "STTModelSwitchedEvent":
            detail = f"{data.get('from_model') or 'none'} → {data.get('to_model') or 'none'}"
        case "VoicemailDetectionEvent":
            detail = "an answering machine took the call"
        case "CollectPaymentSuccessEvent":
            detail = "the payment went through"
        case "SupervisorRequestEvent":
            detail = f"asks {_short(data.get('content'))}"
        case "ExternalEvent":
            detail = f"{data.get('name') or 'a message'} from {data.get('agent_id') or 'another session'}"
        case _:
            text = data.get("text") or data.get("message") or ""
            detail = quoted(str(text)) if text else ""
    return f"{record.event}  {detail}".rstrip()


def output_words(record: Record) -> str:
    """The label of an event that the handler yielded: what it asks for."""
    data = payload_of(record)
    words = _OUTPUTS.get(record.event)
    head, detail = words(data) if words else (record.event.removesuffix("Event"), _text(data))
    if record.event == "CustomEvent":
        head, detail = "Custom", f"{record.data.get('name') or 'event'}  {_short(_without(data, 'custom'))}".rstrip()
    elif record.event == "MetricEvent":
        name = str(record.data.get("name") or "").removeprefix("metrics.").replace(".", " ")
        head, detail = "Metric", f"{name}  {_short(data)}".rstrip()
    return f"{head}  {detail}".rstrip()


def line_words(record: Record, speaker: SpokenBy | None = None) -> str:
    """The label of what is heard: what is said and by whom, which sound, how long a pause.

    Until it is known who speaks, it names who is asked to.
    """
    data = payload_of(record)
    text = data.get("text") if record.event == "TextToSpeechEvent" else closing_speech(record)
    if record.event != "TextToSpeechEvent" and not text:
        return output_words(record)
    return f"{_said(text)}  {speaker.words if speaker else asked_voice(data.get('voice'))}".strip()


def yielded_words(record: Record) -> str:
    """What the handler yielded, where it stands among others: a line by its text, everything else by what it asks for."""
    return (record.event == "TextToSpeechEvent" and line_words(record)) or output_words(record)


def closing_speech(record: Record) -> str:
    """What a stop or a transfer says before it happens; "" without any, and for every other event."""
    if record.event not in ("StopEvent", "TransferSessionEvent"):
        return ""
    return str(payload_of(record).get("closing_speech") or "").strip()


def outcome_words(effect: Record) -> str:
    """What an output event did, to stand behind its label; "" where the label has said it."""
    data = effect.data
    match effect.event:
        case "accepted":
            return "shown only"
        case "external_sent":
            return "delivered" if data.get("delivered") else "not delivered"
        case "transferred":
            return "transferred"
        case "interrupted":
            count = len(data.get("items") or ())
            return "nothing was playing" if not count else f"{count} line{'s' if count != 1 else ''} silenced"
        case "recording_ended":
            return "lost" if data.get("lost") else f"{float(data.get('seconds') or 0):.1f} s recorded"
        case "recogniser_switched":
            return f"switched in {float(data.get('switch_delay_ms') or 0):.0f} ms"
        case "standby_ready":
            return f"ready after {float(data.get('warmup_ms') or 0):.0f} ms"
        case "standby_failed" | "callback_failed":
            return "failed"
        case _:
            return ""


def refusal_words(notice: Record) -> str:
    """What a notice says about the output event that caused it; "" where it changes nothing."""
    known = {"ignored_after_stop": "no effect after Stop", "not_for_yielding": "shown only"}
    return known.get(notice.event, "no effect" if notice.level == "error" else "")


def changes_in_words(changed: Mapping[str, Any]) -> str:
    """Settings of recognition that are given: "language es, endpointing 500 ms"."""
    return ", ".join(_changed(name, value) for name, value in changed.items() if value is not None)


def file_of(url: str) -> str:
    """The last part of a URL or path: what a person calls the file."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2] or url


def payload_of(record: Record) -> Payload:
    """The event's own data."""
    data = record.data.get("data")
    return data if isinstance(data, Mapping) else {}


def target_of(data: Payload) -> str:
    """Who a transfer goes to."""
    destination = data.get("destination")
    if isinstance(destination, Mapping):
        return str(destination.get("number") or destination.get("uri") or "somebody")
    if data.get("phone_number"):
        return str(data["phone_number"])
    agent, environment = data.get("agent_id"), data.get("environment")
    if agent:
        return f"agent {agent}" + (f" in {environment}" if environment else "")
    return f"environment {environment}" if environment else "somebody"


# ---- one event each: head and detail


def _speech(data: Payload) -> tuple[str, str]:
    return "TextToSpeech", asked_voice(data.get("voice"))


def _transfer(data: Payload) -> tuple[str, str]:
    mode = f" by {data['mode']}" if data.get("mode") else ""
    return "Transfer", f"to {target_of(data)}{mode}"


def _background(data: Payload) -> tuple[str, str]:
    url = data.get("background_track_url")
    if not url:
        return "Background", "off"
    volume = data.get("background_track_volume")
    loud = f" at {volume:.0%}" if isinstance(volume, int | float) else ""
    return "Background", f"{file_of(str(url))}{loud}"


def _payment(data: Payload) -> tuple[str, str]:
    amount = data.get("amount")
    return "Payment", f"asks for {amount:.2f}" if isinstance(amount, int | float) else "asks for a payment"


def _session(data: Payload) -> tuple[str, str]:
    return "Start session", f"with {data.get('agent_id') or data.get('entrypoint_id') or 'another agent'}"


def _recogniser(data: Payload) -> tuple[str, str]:
    return "Recogniser", changes_in_words(data) or "unchanged"


_OUTPUTS: dict[str, Callable[[Payload], tuple[str, str]]] = {
    "TextToSpeechEvent": _speech,
    "AudioEvent": lambda data: ("Audio", file_of(str(data.get("path") or data.get("url") or ""))),
    "SilenceEvent": lambda data: ("Silence", f"{data.get('duration')} ms"),
    "StopEvent": lambda data: ("Stop", _said(data.get("closing_speech")) or "ends the session"),
    "TransferSessionEvent": _transfer,
    "InterruptEvent": lambda data: ("Interrupt", ""),
    "InputAllowedEvent": lambda data: ("Input", "allowed" if data.get("allowed") else "blocked"),
    "STTUpdateSettingsEvent": _recogniser,
    "StartRecordingEvent": lambda data: ("Recording", "starts"),
    "StopRecordingEvent": lambda data: ("Recording", "ends"),
    "UpdateAudioSettingsEvent": _background,
    "ExternalEvent": lambda data: ("External", f"{data.get('name')} to {data.get('agent_id') or 'another session'}"),
    "StartSessionEvent": _session,
    "MergeSessionEvent": lambda data: ("Merge", f"with session {data.get('session_id')}"),
    "UpdateCallEvent": lambda data: ("Update call", _short(data)),
    "CollectPaymentEvent": _payment,
    "ConnectSTSEvent": lambda data: ("Speech-to-speech", f"connects {_short(data.get('configuration'))}".rstrip()),
    "DisconnectSTSEvent": lambda data: ("Speech-to-speech", "disconnects"),
    "SupervisorResponseEvent": lambda data: ("Supervisor", f"is answered {_short(data.get('content'))}"),
    "DebugEvent": lambda data: ("Debug", f"{data.get('event_name')}  {_short(data.get('event_data'))}".rstrip()),
    "LogEvent": lambda data: ("Log", _said(data.get("message"))),
    "ErrorEvent": lambda data: ("Error", _said(data.get("message"))),
    "ContextUpdateEvent": lambda data: ("Context", "sent whole"),
    "ContextPatchEvent": lambda data: ("Context", _short(data)),
}

_SETTINGS = {
    "noise_reduction_type": "noise reduction",
    "noise_reduction": "noise reduction",
    "prewarm_model": "prewarm",
    "endpointing": "end of turn",
}


def _changed(name: str, value: Any) -> str:
    if name == "phrases":
        return f"{len(value)} phrase{'s' if len(value) != 1 else ''}"
    return f"{_SETTINGS.get(name, name)} {_setting(name, value)}"


def _setting(name: str, value: Any) -> str:
    if name == "endpointing" and isinstance(value, int | float) and value > 3:
        return f"{value:g} ms"
    return quoted(str(value), 40) if name == "prompt" else str(value)


def _said(text: Any) -> str:
    return quoted(str(text)) if text else ""


def _text(data: Payload) -> str:
    return _said(data.get("message") or data.get("text"))


def _without(data: Payload, *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


def _short(value: Any) -> str:
    """A value as a person reads it: text in quotation marks, one number bare, anything else as short JSON."""
    if isinstance(value, str):
        return quoted(value, _LONGEST_JSON)
    if value in (None, {}, []):
        return ""
    if isinstance(value, Mapping):
        text = ", ".join(f"{name} {_bare(part)}" for name, part in value.items())
    else:
        text = _bare(value)
    return text if len(text) <= _LONGEST_JSON else text[: _LONGEST_JSON - 1] + "…"


def _bare(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
