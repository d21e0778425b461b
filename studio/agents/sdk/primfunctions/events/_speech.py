"""What is heard, in order: speech, audio files, silence, and the end of the session."""

from typing import Any

from primfunctions.events._base import Event


class TextToSpeechEvent(Event):
    """Speak `text`.

    `voice` is a name or {"provider", "identifier"}. `interruptible` and `stream` left at None mean the platform's
    default; `stream` and `model` then do not appear in the data. `replace` drops queued speech first.
    """

    _wire_name = "text_to_speech"

    def __init__(
        self,
        text: str,
        voice: str | dict[str, str] = "nova",
        cache: bool = True,
        interruptible: bool | None = None,
        instructions: str = "",
        speed: float = 1.0,
        language: str = "en",
        stream: bool | None = None,
        model: str | None = None,
        replace: bool = False,
    ) -> None:
        data: dict[str, Any] = {
            "text": text,
            "voice": voice,
            "cache": cache,
            "interruptible": interruptible,
            "instructions": instructions,
            "speed": speed,
            "language": language,
            "replace": replace,
        }
        if stream is not None:
            data["stream"] = stream
        if model is not None:
            data["model"] = model
        super().__init__(self._wire_name, data)


class AudioEvent(Event):
    """Play the audio at a URL."""

    _wire_name = "audio"

    def __init__(self, path: str, interruptible: bool = True, loop: bool = False) -> None:
        super().__init__(self._wire_name, {"path": path, "interruptible": interruptible, "loop": loop})


class SilenceEvent(Event):
    """Be silent for `duration` milliseconds."""

    _wire_name = "silence"

    def __init__(self, duration: float) -> None:
        super().__init__(self._wire_name, {"duration": duration})


class StopEvent(Event):
    """As output: end the session once queued speech and `closing_speech` have been heard. As input: it has ended."""

    _wire_name = "stop"

    def __init__(
        self,
        closing_speech: str | None = None,
        voice: str | dict[str, str] | None = None,
        speed: float = 1.0,
        language: str = "en",
        clear_speech: bool = False,
    ) -> None:
        super().__init__(
            self._wire_name,
            {
                "closing_speech": closing_speech,
                "voice": voice,
                "speed": speed,
                "language": language,
                "clear_speech": clear_speech,
            },
        )
