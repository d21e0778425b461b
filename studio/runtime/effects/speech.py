"""TextToSpeechEvent, and whatever else the agent says aloud."""

from collections.abc import Callable, Mapping
from typing import Any

from studio.agents.session_settings import SessionSettings
from studio.providers.desk import Line
from studio.runtime.effects.effect import Emission, note
from studio.runtime.effects.queued import enqueue
from studio.runtime.journal import Journal
from studio.runtime.speaking import Speaking
from studio.runtime.synthesis import Synthesis


class Speech:
    """Speaks lines in the order in which they were emitted."""

    wires = ("text_to_speech",)

    def __init__(
        self, journal: Journal, speaking: Speaking, synthesis: Synthesis, settings: Callable[[], SessionSettings]
    ) -> None:
        self._journal = journal
        self._speaking = speaking
        self._synthesis = synthesis
        self._settings = settings

    def happen(self, emission: Emission) -> None:
        """Put the line into the queue and ask for its sound."""
        data = emission.data
        text = str(data.get("text") or "")
        if not text.strip():
            note(self._journal, emission, "empty_text", "TextToSpeechEvent has no text: nothing is said.")
            return
        if data.get("replace"):
            self._speaking.cut("replace")
        line = Line(
            text=text,
            voice=self._voice(data),
            speed=data.get("speed", 1.0),
            language=str(data.get("language") or ""),
            instructions=str(data.get("instructions") or ""),
            model=str(data.get("model") or ""),
            cache=data.get("cache", True) is not False,
            stream=data.get("stream"),
            **self._rules(),
        )
        self.say(emission, line, protected=data.get("interruptible") is False)

    def close(self, emission: Emission) -> None:
        """Say the `closing_speech` of a stop or a transfer, if there is one; the caller cannot cut it."""
        data = emission.data
        text = str(data.get("closing_speech") or "")
        if text.strip():
            line = Line(
                text,
                self._voice(data),
                data.get("speed", 1.0),
                str(data.get("language") or ""),
                **self._rules(),
            )
            self.say(emission, line, protected=True)

    def _voice(self, data: Mapping[str, Any]) -> Any:
        """What the agent names as its voice, whatever that is; the default one where it names none."""
        voice = data.get("voice")
        return self._settings().default_voice if voice is None or voice == "" else voice

    def _rules(self) -> dict[str, Any]:
        """What the session's settings say about every line."""
        settings = self._settings()
        return {
            "default_voice": settings.default_voice,
            "speed_rules": settings.speed_rules,
            "failover": settings.tts_failover,
            "first_s": settings.speech_first_s,
            "stall_s": settings.speech_stall_s,
        }

    def say(self, emission: Emission, line: Line, *, protected: bool) -> None:
        """Queue a line that some output event asks for."""
        item = enqueue(self._journal, self._speaking, emission, "speech", protected=protected, text=line.text)
        if item:
            self._synthesis.submit(item, line)
