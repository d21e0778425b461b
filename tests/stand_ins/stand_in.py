"""What the stand-ins of all services have in common: what they are asked, how they misbehave, how they sound."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol, Self

import numpy as np

KEY = "sk-stand-in-0123456789"
"""The key that every stand-in accepts."""
TONE_S = 0.08
"""How long the sound of a character of a word lasts at speed 1.0."""

Fault = Literal[
    "status",
    "drop",
    "drop_mid",
    "stall",
    "stall_mid",
    "garbage",
    "empty",
    "odd",
    "slow",
    "wrong_rate",
]
"""Ways to misbehave.

`status`: the request (or the socket's handshake) is refused with `Step.status`. `drop`: the connection ends before the
answer begins, `drop_mid` in its middle. `stall`, `stall_mid`: nothing more comes, and the connection stays. `garbage`: the
answer is not of the protocol (HTML, a text where sound should be). `empty`: a well-formed answer without sound or words.
`odd`: chunks end within a sample. `slow`: the answer begins after `Step.delay_s`. `wrong_rate`: sound of half the rate that
was asked for, which the answer says where its protocol can.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one request; without a `fault` it is answered."""

    fault: Fault | None = None
    status: int = 500
    retry_after: str = ""
    message: str = "the stand-in was told to"
    delay_s: float = 0.2


@dataclass(frozen=True, slots=True)
class Asked:
    """A line that the stand-in was asked to speak, as its protocol carried it."""

    text: str
    voice: str
    speed: float = 1.0
    language: str = ""
    instructions: str = ""
    model: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A spoken line: mono int16, and (text, first sample, sample after the last) of every word."""

    pcm: np.ndarray
    words: list[tuple[str, int, int]]


Voicebox = Callable[[Asked, int], Said]
"""Speaks a line at a rate."""


def tones(asked: Asked, rate: int) -> Said:
    """A tone per word, its length by the word's, with short gaps: quick, and the same every time."""
    pieces: list[np.ndarray] = []
    words: list[tuple[str, int, int]] = []
    at = 0
    gap = np.zeros(round(0.05 * rate / asked.speed), np.int16)
    for number, word in enumerate(asked.text.split()):
        n = round(TONE_S * len(word) * rate / asked.speed)
        tone = np.sin(np.arange(n) * 2 * np.pi * (220 + 40 * (number % 8)) / rate)
        pieces += [(8000 * tone).astype(np.int16), gap]
        words.append((word, at, at + n))
        at += n + gap.size
    return Said(np.concatenate([*pieces, np.zeros(0, np.int16)]), words)


@dataclass
class Plan:
    """What a stand-in does with the requests that come: the steps in order, then what it was built for."""

    steps: list[Step] = field(default_factory=list)

    def next(self) -> Step:
        """The step for the request that has just come."""
        return self.steps.pop(0) if self.steps else Step()


class SpeechStandIn(Protocol):
    """A service that speaks. `async with STAND_IN:` opens and closes it; closed, it refuses connections."""

    provider: str
    """Name of the plugin."""
    settings: dict[str, str]
    """Settings of the provider with which its adapter comes here."""
    plan: Plan
    asked: list[Asked]
    """Lines, in the order in which they came."""
    cancelled: int
    """How many answers the other side has left before their end."""
    voicebox: Voicebox

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a recogniser's stand-in is to understand of the next stretch of voice."""

    text: str
    language: str = "en"


class RecognitionStandIn(Protocol):
    """A service that listens: it understands the stretches of voice that it is sent as `utterances`, in order.

    It finds them by level (voice: above -45 dBFS; an end: 300 ms below, or what it was told), gives the words equal
    shares of the stretch, and answers as the service would: partials while they are spoken, finals, ends of turn.
    """

    provider: str
    settings: dict[str, str]
    plan: Plan
    """For connections; a step's fault in the middle happens after a second of voice."""
    utterances: list[Utterance]
    opened: list[dict[str, str]]
    """What every connection asked for: query and first message, flattened."""
    heard: bytearray
    """All sound that has come, as int16 mono 16 kHz."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...
