"""Every event of the platform: its class, its wire name, and which way it goes."""

from dataclasses import dataclass
from typing import Literal

Direction = Literal["input", "output", "both"]


@dataclass(frozen=True, slots=True)
class EventKind:
    """One class of events.

    `sounds` marks those that enter the one ordered queue of the agent's turn (speech, audio, silence, stop, transfer);
    all others take effect when they are emitted.
    """

    cls: str
    wire: str
    direction: Direction
    sounds: bool = False


_KINDS = (
    # given to the handler
    EventKind("StartEvent", "start", "input"),
    EventKind("TextEvent", "text", "input"),
    EventKind("TimeoutEvent", "timeout", "input"),
    EventKind("DTMFEvent", "dtmf", "input"),
    EventKind("VoicemailDetectionEvent", "voicemail_detection", "input"),
    EventKind("STTModelSwitchedEvent", "stt_model_switched", "input"),
    EventKind("CollectPaymentSuccessEvent", "collect_payment_success", "input"),
    EventKind("SupervisorRequestEvent", "supervisor_request", "input"),
    # both
    EventKind("StopEvent", "stop", "both", sounds=True),
    EventKind("ExternalEvent", "external_event", "both"),
    # yielded by the handler, in order
    EventKind("TextToSpeechEvent", "text_to_speech", "output", sounds=True),
    EventKind("AudioEvent", "audio", "output", sounds=True),
    EventKind("SilenceEvent", "silence", "output", sounds=True),
    EventKind("TransferSessionEvent", "transfer_session", "output", sounds=True),
    # yielded by the handler, at once
    EventKind("LogEvent", "log", "output"),
    EventKind("DebugEvent", "debug", "output"),
    EventKind("ErrorEvent", "error", "output"),
    EventKind("InterruptEvent", "interrupt", "output"),
    EventKind("InputAllowedEvent", "input_allowed", "output"),
    EventKind("STTUpdateSettingsEvent", "stt_update_settings", "output"),
    EventKind("StartRecordingEvent", "start_recording", "output"),
    EventKind("StopRecordingEvent", "stop_recording", "output"),
    EventKind("UpdateAudioSettingsEvent", "update_audio_settings", "output"),
    EventKind("StartSessionEvent", "start_session", "output"),
    EventKind("MergeSessionEvent", "merge_session", "output"),
    EventKind("UpdateCallEvent", "update_call", "output"),
    EventKind("CollectPaymentEvent", "collect_payment", "output"),
    EventKind("ConnectSTSEvent", "connect_sts", "output"),
    EventKind("DisconnectSTSEvent", "disconnect_sts", "output"),
    EventKind("SupervisorResponseEvent", "supervisor_response", "output"),
    EventKind("ContextUpdateEvent", "context", "output"),
    EventKind("ContextPatchEvent", "context_patch", "output"),
)

BY_WIRE = {kind.wire: kind for kind in _KINDS}
BY_CLASS = {kind.cls: kind for kind in _KINDS}


def kind_of(wire: str, *, custom: bool = False) -> EventKind:
    """The kind of a wire name. Metrics are named `metrics.TYPE.NAME`; any other unknown name is a CustomEvent.

    `custom` says that the agent made it a CustomEvent, whose name may be that of another.
    """
    if wire in BY_WIRE and not custom:
        return BY_WIRE[wire]
    if wire.startswith("metrics.") and not custom:
        return EventKind("MetricEvent", wire, "output")
    return EventKind("CustomEvent", wire, "output")
