"""What changes the session at once: input, recognition, recording, ambience, telephony."""

from typing import Any

from primfunctions.events._base import Event


class InterruptEvent(Event):
    """Stop all audio now, protected speech included. The handler goes on."""

    _wire_name = "interrupt"

    def __init__(self) -> None:
        super().__init__(self._wire_name)


class InputAllowedEvent(Event):
    """Block the caller's input (False) until allowed again or until the handler ends."""

    _wire_name = "input_allowed"

    def __init__(self, allowed: bool) -> None:
        super().__init__(self._wire_name, {"allowed": allowed})


class STTUpdateSettingsEvent(Event):
    """Change recognition. What is left at None stays as it is.

    `noise_reduction` and `noise_reduction_type` are two spellings of one setting; with `prewarm_model` it appears in the
    data only where it is given.
    """

    _wire_name = "stt_update_settings"

    def __init__(
        self,
        language: str | None = None,
        prompt: str | None = None,
        endpointing: int | None = None,
        noise_reduction_type: str | None = None,
        model: str | None = None,
        *,
        noise_reduction: str | None = None,
        prewarm_model: str | None = None,
    ) -> None:
        data = {
            "language": language,
            "prompt": prompt,
            "endpointing": endpointing,
            "noise_reduction_type": noise_reduction_type,
            "model": model,
        }
        further = {"noise_reduction": noise_reduction, "prewarm_model": prewarm_model}
        super().__init__(self._wire_name, data | {key: value for key, value in further.items() if value is not None})


class StartRecordingEvent(Event):
    """Record the call (telephone only)."""

    _wire_name = "start_recording"

    def __init__(self, status_callback_url: str | None = None) -> None:
        super().__init__(self._wire_name, {"status_callback_url": status_callback_url})


class StopRecordingEvent(Event):
    """End the recording."""

    _wire_name = "stop_recording"

    def __init__(self) -> None:
        super().__init__(self._wire_name)


class UpdateAudioSettingsEvent(Event):
    """Background music or ambience; `after_speech` waits for the speech before it."""

    _wire_name = "update_audio_settings"

    def __init__(
        self,
        background_track_url: str | None = None,
        background_track_volume: float = 1.0,
        background_track_loop: bool = True,
        after_speech: bool = False,
    ) -> None:
        super().__init__(
            self._wire_name,
            {
                "background_track_url": background_track_url,
                "background_track_volume": background_track_volume,
                "background_track_loop": background_track_loop,
                "after_speech": after_speech,
            },
        )


class UpdateCallEvent(Event):
    """Change the telephone call."""

    _wire_name = "update_call"

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(self._wire_name, {"data": data})


class CollectPaymentEvent(Event):
    """Ask the caller to pay."""

    _wire_name = "collect_payment"

    def __init__(self, amount: float) -> None:
        super().__init__(self._wire_name, {"amount": amount})


class ConnectSTSEvent(Event):
    """Hand the conversation to a speech-to-speech model."""

    _wire_name = "connect_sts"

    def __init__(self, configuration: dict[str, Any]) -> None:
        super().__init__(self._wire_name, {"configuration": configuration})


class DisconnectSTSEvent(Event):
    """Take the conversation back from the speech-to-speech model."""

    _wire_name = "disconnect_sts"

    def __init__(self) -> None:
        super().__init__(self._wire_name)


class SupervisorResponseEvent(Event):
    """Answer a `SupervisorRequestEvent`."""

    _wire_name = "supervisor_response"

    def __init__(self, content: Any) -> None:
        super().__init__(self._wire_name, {"content": content})


class ContextUpdateEvent(Event):
    """The whole context, serialised (the host's own)."""

    _wire_name = "context"

    def __init__(self, context: dict[str, Any]) -> None:
        super().__init__(self._wire_name, {"context": context})


class ContextPatchEvent(Event):
    """What changed in the context (the host's own; `Context.set_output` sends it)."""

    _wire_name = "context_patch"

    def __init__(self, patch: dict[str, Any]) -> None:
        super().__init__(self._wire_name, patch)
