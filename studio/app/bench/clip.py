"""One cell of the bench: a voice at a speed, and the clip of it. Knows no widget."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from studio.providers.casting.pace import is_off
from studio.providers.manifests import Voice
from studio.units import span

Key = tuple[str, float]
"""Which cell: the voice's key and the speed."""
State = Literal["empty", "waiting", "coming", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Clip:
    """What the engine answers about a clip; names and units as in `studio.engine.protocol`."""

    id: str
    voice: str
    provider: str
    speed: float
    stands_in: bool
    notes: tuple[str, ...]
    cache: str
    age_s: float | None
    first_byte_ms: float | None
    first_sound_ms: float | None
    total_ms: float | None
    seconds: float
    spoken_s: float
    word_times: bool
    wpm: float | None
    lufs: float | None
    outline: bytes = field(repr=False)

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "Clip":
        """From the answer of `cast_clip` or `example`."""
        names = [name for name in cls.__slots__ if name not in ("id", "notes")]
        return cls(id=answer["clip"], notes=tuple(answer["notes"]), **{name: answer[name] for name in names})

    @property
    def made(self) -> str:
        """Where it comes from, in a few words."""
        if self.cache == "hit":
            return f"from cache, {span(self.age_s or 0)} old"
        return "made now, not kept" if self.cache in ("off", "miss") else "made now"


@dataclass(slots=True)
class Cell:
    """A voice at a speed. `come_s` is how much of it has come while it is spoken, of about `expected_s`."""

    voice: Voice
    speed: float
    state: State = "empty"
    come_s: float = 0.0
    expected_s: float = 0.0
    clip: Clip | None = None
    problem: str = ""
    realised: float | None = None
    """The speed that it really has, against the voice's own clip at 1.0; None before that is there."""

    @property
    def key(self) -> tuple[str, float]:
        """Names it on the bench."""
        return self.voice.key, self.speed

    @property
    def done(self) -> float:
        """How much has come, 0..1, as far as one can tell before the end."""
        return min(0.95, self.come_s / self.expected_s) if self.expected_s > 0 else 0.0

    @property
    def why_no_contender(self) -> str:
        """Why a blind comparison leaves it out, in a few words; "" where its voice is heard with others."""
        if self.clip is None or self.state != "ready":
            return "failed" if self.state == "failed" else "not spoken"
        return f"{self.clip.voice} speaks in its place" if self.clip.stands_in else ""

    @property
    def flag(self) -> str:
        """What is wrong with its speed, in a few words; "" for nothing."""
        if self.realised is None or not is_off(self.speed, self.realised):
            return ""
        asked = f"{self.speed:.1f}" if round(self.speed, 1) == self.speed else f"{self.speed:g}"
        digits = 1 if f"{self.realised:.1f}" != f"{self.speed:.1f}" else 2
        return f"asked {asked}, got {self.realised:.{digits}f}"
