"""Callers whose every word is known by its samples, and recognisers that know them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from studio.providers.ear_desk import EarDesk, Engine, Hearer
from studio.providers.recognition import Abilities, HeardWord
from studio.providers.scripted_recognition import Script, ScriptedRecognition
from studio.sessions.records import CALLER_RATE

MS = CALLER_RATE // 1000


def sentence(lengths_ms: Iterable[int], gaps_ms: Iterable[int], at_ms: int) -> tuple[np.ndarray, list[HeardWord]]:
    """A caller's sound to be spoken at that moment of the session, and where its words `w0`, `w1`, ... are on the line."""
    pieces: list[np.ndarray] = []
    words: list[HeardWord] = []
    at = at_ms * MS
    for number, (length, gap) in enumerate(zip(lengths_ms, gaps_ms, strict=True)):
        words.append(HeardWord(f"w{number}", at, at + length * MS))
        pieces += [np.full(length * MS, 3000, np.int16), np.zeros(gap * MS, np.int16)]
        at += (length + gap) * MS
    return np.concatenate(pieces), words


def recogniser(words: Sequence[HeardWord], **script: Any) -> ScriptedRecognition:
    """A scripted recogniser of these words."""
    return ScriptedRecognition(Script(words, **script))


def loud(words: Sequence[HeardWord]) -> list[HeardWord]:
    """The same words, spelled so that it can be seen who heard them."""
    return [replace(word, text=word.text.upper()) for word in words]


def desk(**engines: ScriptedRecognition) -> EarDesk:
    """A desk of scripted recognisers; `_` in a name stands for `-`."""
    return EarDesk(engines={name.replace("_", "-"): Engine(one, one.script.abilities) for name, one in engines.items()})


class StandIn(EarDesk):
    """A desk of which one recogniser hears for every model, as without any key."""

    def __init__(self, one: ScriptedRecognition) -> None:
        super().__init__(engines={"stand-in": Engine(one, one.script.abilities)})
        self._hearer = Hearer("stand-in", "stand-in", one.script.abilities)

    def hearer(self, model: str) -> Hearer:
        """The same for each."""
        return self._hearer


def able(**abilities: Any) -> Abilities:
    """Abilities of a scripted recogniser."""
    return Abilities(**{"word_times": True, "external": False, **abilities})


def update(**data: Any) -> dict[str, Any]:
    """An STTUpdateSettingsEvent as the child sends it."""
    return {"name": "stt_update_settings", "data": data}
