"""Who was asked for and who speaks or hears, with every step between them that a person should know of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.providers.manifests import Provider, Voice
from studio.sessions.records import Level


@dataclass(frozen=True, slots=True)
class Note:
    """A stand-in, a clamp, a guess: code, sentence and facts of a notice."""

    code: str
    sentence: str
    facts: Mapping[str, Any]
    level: Level = "warning"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who can speak a line.

    `speed` is how fast it sounds, `engine_speed` what the engine is asked for: where it reaches no further, the sound is
    stretched. `model` is "" where the provider has none to choose.
    """

    voice: Voice
    speed: float = 1.0
    model: str = ""
    engine_speed: float = 1.0

    @property
    def stretch(self) -> float:
        """How much faster the engine's sound has to be played, with its pitch kept."""
        return self.speed / self.engine_speed


@dataclass(frozen=True, slots=True)
class Casting:
    """Who was asked for, who speaks, and why it is not who was asked for.

    `speakers` has at least one: who speaks, and in order those who take over where one fails.
    """

    asked: Voice
    speakers: tuple[Speaker, ...]
    notes: tuple[Note, ...] = ()

    @property
    def speaks(self) -> Voice:
        """Who speaks as long as nothing fails."""
        return self.speakers[0].voice

    @property
    def speed(self) -> float:
        """How fast it sounds."""
        return self.speakers[0].speed

    @property
    def model(self) -> str:
        """The model that speaks."""
        return self.speakers[0].model


@dataclass(frozen=True, slots=True)
class Role:
    """Who speaks for a voice, without a line: itself, its successor or a stand-in.

    `heir` is the voice itself or, past its date `ended`, its successor; `reason` says in half a sentence why that one cannot
    speak ("" where it does).
    """

    voice: Voice
    heir: Voice
    speaks: Voice
    reason: str = ""

    ended: str = ""
    """In half a sentence why its successor has taken its place, "" where none has."""

    @property
    def itself(self) -> bool:
        """Whether nobody stands in for it."""
        return self.speaks is self.voice

    @property
    def why(self) -> str:
        """Why it is not itself that speaks; "" where it is."""
        return self.reason or self.ended


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who hears for a recognition model: itself, past its date its successor, or the local recogniser.

    `provider` has the model, None where no plugin does; `heir` is the model itself or its successor; `reason` says in half a
    sentence why that one cannot hear ("" where it does). `service` is the title of whoever has the model, "" where nobody is
    known to.
    """

    model: str
    provider: Provider | None
    heir: str
    reason: str = ""
    service: str = ""
