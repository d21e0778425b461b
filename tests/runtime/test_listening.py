"""When voice has lasted long enough to cut."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from studio.agents.session_settings import SessionSettings
from studio.runtime.listening import Listening
from tests.runtime.fakes import LoudIsVoiced

MS = 16
WINDOW = 512
BLOCK = 10 * MS


class Probabilities:
    """Voice activity that says what a test wants, window by window."""

    def __init__(self, *windows: float) -> None:
        self._windows = list(windows)
        self._waiting = 0

    def process(self, samples: np.ndarray) -> np.ndarray:
        count, self._waiting = divmod(self._waiting + len(samples), WINDOW)
        said, self._windows = self._windows[:count], self._windows[count:]
        return np.array(said, np.float32)


def told_at(sound: np.ndarray, *windows: float) -> list[int]:
    """The samples that were there when voice was said to last, at blocks as a device gives them."""
    nothing: Any = SimpleNamespace(add=lambda *_, **__: "", vad=lambda *_: None, wants_audio=False)
    ears: Any = SimpleNamespace(
        noise_reduction="", ends_turns=False, hear=lambda *_: None, begin=lambda *_: None, pause=lambda: None
    )
    listening = Listening(nothing, Probabilities(*windows), LoudIsVoiced(), ears, SessionSettings(voice_ms=200))
    told: list[int] = []
    at = 0
    listening.on_lasting = lambda start: told.append(at)
    for first in range(0, len(sound), BLOCK):
        at = first + BLOCK
        listening.push(sound[first:at], first)
    return told


def loud(ms: int) -> np.ndarray:
    return np.full(ms * MS, 3000, np.int16)


def silent(ms: int) -> np.ndarray:
    return np.zeros(ms * MS, np.int16)


def test_voice_has_lasted_with_the_block_that_completes_it_and_not_with_a_window_of_voice_activity():
    assert told_at(loud(400), *[1.0] * 12) == [200 * MS]


def test_a_window_that_is_not_full_is_voice_only_while_its_sound_goes_on():
    sound = np.concatenate((loud(190), silent(210)))
    assert told_at(sound, *[1.0] * 6, *[0.0] * 6) == []


def test_sound_is_voice_where_voice_activity_has_a_hole_in_it():
    assert told_at(loud(400), *[1.0] * 4, 0.1, 0.1, *[1.0] * 6) == [230 * MS]


@pytest.mark.parametrize("pause", [50, 100])
def test_silence_within_a_stretch_of_voice_does_not_count(pause: int):
    holes = -(-pause * MS // WINDOW)
    sound = np.concatenate((loud(96), silent(pause), loud(300)))
    (at,) = told_at(sound, *[1.0] * 3, *[0.0] * holes, *[1.0] * 9)
    assert (200 + pause) * MS <= at <= (200 + pause + 10) * MS
