"""Who spoke a line of the agent, and for whom: the same words in every view."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.sessions.records import SPEECH, Record


@dataclass(frozen=True, slots=True)
class SpokenBy:
    """Who speaks a line, in order where several had to, and the voice that was asked for."""

    names: tuple[str, ...]
    asked: str = ""

    @property
    def as_asked(self) -> bool:
        """Whether the voice that was asked for speaks, and nobody else."""
        return all(map(self._is_asked, self.names))

    @property
    def words(self) -> str:
        """`nova`; `brooke for nova`; `nova, then brooke`."""
        spoke = ", then ".join(self.names)
        return spoke if not self.asked or any(map(self._is_asked, self.names)) else f"{spoke} for {self.asked}"

    def _is_asked(self, name: str) -> bool:
        return name.casefold() in (self.asked.casefold(), self.asked.rpartition(":")[2].casefold())


def asked_voice(voice: Any) -> str:
    """The name of a voice as an event gives it: a text, or `{"provider", "identifier"}`."""
    return str(voice.get("identifier") or "" if isinstance(voice, Mapping) else voice or "")


class Voices:
    """Reads from the records who speaks each line."""

    def __init__(self) -> None:
        self._known: dict[str, SpokenBy] = {}

    def apply(self, record: Record) -> SpokenBy | None:
        """Take the next record; gives the speaker of its line where that has become known, or another one."""
        if record.topic != SPEECH:
            return None
        before = self._known.get(record.id, SpokenBy(()))
        if record.event == "speech_requested":
            self._known[record.id] = SpokenBy((), asked_voice(record.data.get("voice")))
        name = record.data.get("voice")
        if record.event != "speech_first_audio" or not isinstance(name, str) or name in ("", *before.names[-1:]):
            return None
        asked = str(record.data.get("named") or before.asked)
        self._known[record.id] = speaker = SpokenBy((*before.names, name), asked)
        return speaker
