"""What the platform gives to a handler (`StopEvent` and `ExternalEvent` go both ways and stand with the outputs)."""

from typing import Any

from primfunctions.events._base import Event


class StartEvent(Event):
    """The session begins. Always first, once, in turn 0."""

    _wire_name = "start"

    def __init__(self) -> None:
        super().__init__(self._wire_name)


class TextEvent(Event):
    """The caller said (`source` "speech") or typed ("text") something. Extra keys are kept."""

    _wire_name = "text"

    def __init__(self, source: str, text: str, language: str | None = None, **extra: Any) -> None:
        super().__init__(self._wire_name, {"source": source, "text": text, "language": language, **extra})


class TimeoutEvent(Event):
    """The caller has been silent; `count` counts consecutive times, `ms_since_input` from the last other input."""

    _wire_name = "timeout"

    def __init__(self, count: int = 0, ms_since_input: int = 0) -> None:
        super().__init__(self._wire_name, {"count": count, "ms_since_input": ms_since_input})


class DTMFEvent(Event):
    """Keys of the telephone, such as "123#"."""

    _wire_name = "dtmf"

    def __init__(self, digits: str) -> None:
        super().__init__(self._wire_name, {"digits": digits})


class VoicemailDetectionEvent(Event):
    """An answering machine took the call. Arrives in the background and interrupts nothing."""

    _wire_name = "voicemail_detection"

    def __init__(self, transcript: str = "", confidence: float | None = None, reason: str | None = None) -> None:
        data = {"transcript": transcript, "confidence": confidence, "reason": reason}
        super().__init__(self._wire_name, data, background=True)


class STTModelSwitchedEvent(Event):
    """Another recognition model hears the caller from now on."""

    _wire_name = "stt_model_switched"

    def __init__(
        self, from_model: str | None, to_model: str | None, warmup_ms: float = 0, switch_delay_ms: float = 0
    ) -> None:
        super().__init__(
            self._wire_name,
            {
                "from_model": from_model,
                "to_model": to_model,
                "warmup_ms": warmup_ms,
                "switch_delay_ms": switch_delay_ms,
            },
        )


class CollectPaymentSuccessEvent(Event):
    """A payment asked for with `CollectPaymentEvent` went through."""

    _wire_name = "collect_payment_success"

    def __init__(self) -> None:
        super().__init__(self._wire_name)


class SupervisorRequestEvent(Event):
    """A speech-to-speech model asks its supervisor."""

    _wire_name = "supervisor_request"

    def __init__(self, content: Any) -> None:
        super().__init__(self._wire_name, {"content": content})


class SessionEndEvent(Event):
    """The session is over (seen by evaluators, not by handlers)."""

    _wire_name = "session_end"

    def __init__(self) -> None:
        super().__init__(self._wire_name)


class TurnEndEvent(Event):
    """The agent's turn has been played; `duration` is the handler's run time in ms."""

    _wire_name = "turn_end"

    def __init__(self, duration: float) -> None:
        super().__init__(self._wire_name, {"duration": duration})


class TurnInterruptedEvent(Event):
    """The caller cut the agent's turn."""

    _wire_name = "turn_interrupted"

    def __init__(self) -> None:
        super().__init__(self._wire_name)


class TranscriptPartEvent(Event):
    """A line of the transcript; `role` is "user" or "agent"."""

    _wire_name = "transcript_part"

    def __init__(self, role: str, content: str) -> None:
        super().__init__(self._wire_name, {"role": role, "content": content})


class HandlerEndEvent(Event):
    """A run of the handler is over."""

    _wire_name = "handler_end"

    def __init__(self) -> None:
        super().__init__(self._wire_name)


class InitializeEvent(Event):
    """The platform prepares a session."""

    _wire_name = "initialize"

    def __init__(self) -> None:
        super().__init__(self._wire_name)


class TestingEvent(Event):
    """State of a test, for its runner."""

    _wire_name = "testing"
    __test__ = False  # not a test class, whatever pytest thinks of the name

    def __init__(self, data: dict[str, Any] | None) -> None:
        super().__init__(self._wire_name, data)
