"""Takes the agent's own voice out of the microphone, with the noise if wanted: WebRTC's processing from livekit.

The speaker tells what it plays, from its own thread; the microphone's sound goes through `clean` on the event loop.
Both stamp their blocks, so that a late event loop does not disturb the order in which the module sees them.
"""

import time
from collections import deque
from typing import Any

import numpy as np

from studio.audio.echo_path import EchoPath
from studio.audio.streams import Samples

_FRAMES_PER_S = 100  # the module works on exactly 10 ms
_FAR_KEPT = 4 * _FRAMES_PER_S
_FAR_STALE_S = 0.5
_FAR_AUDIBLE = 32768 * 10 ** (-50 / 20)
_ECHO_AUDIBLE = (32768 * 10 ** (-65 / 20)) ** 2
_TAIL_FRAMES = 30  # an echo is looked for this long after the speaker was last audible
_SMOOTHING = 0.1
_JUDGED_FRAMES = 2 * _FRAMES_PER_S
_ENOUGH_FRAMES = 50


class EchoCanceller:
    """One microphone and one speaker that hear each other.

    Noise suppression, high-pass and gain can be switched at any time; the echo filter then learns the room anew, which
    takes a few tenths of a second. Where the library is missing, `problem` says so and sound passes unchanged.
    """

    def __init__(self, *, echo: bool = True, noise: bool = False, high_pass: bool = True, gain: bool = False) -> None:
        self.problem = ""
        self._wanted = (echo, noise, high_pass, gain)
        self._module: Any = None
        self._frame: Any = None
        self._far: deque[tuple[float, int, Samples]] = deque(maxlen=_FAR_KEPT)
        self._far_rest = np.empty(0, np.int16)
        self._near_rest = np.empty(0, np.int16)
        self._ready = np.empty(0, np.int16)
        self._path = EchoPath()
        self._forget()
        self._build()

    def configure(self, *, echo: bool, noise: bool, high_pass: bool, gain: bool) -> None:
        """Switch the parts on or off. On the event loop's thread."""
        if (wanted := (echo, noise, high_pass, gain)) != self._wanted:
            self._wanted = wanted
            self._build()

    @property
    def active(self) -> bool:
        """Whether sound is processed at all."""
        return self._module is not None

    @property
    def delay_s(self) -> float:
        """How late the cleaned sound is: 1 ms, 8 more with echo cancelling, 6 more with noise suppression."""
        echo, noise, _, _ = self._wanted
        return 0.001 + 0.008 * echo + 0.006 * noise if self.active else 0.0

    @property
    def erle_db(self) -> float | None:
        """How much quieter the microphone becomes while the speaker plays, in dB; None before there was an echo.

        The median of the last two seconds of it, measured on levels. A caller who talks over the agent lowers it.
        """
        return float(np.median(self._gains)) if len(self._gains) >= _ENOUGH_FRAMES else None

    def played(self, block: Samples, rate: int) -> None:
        """The speaker is about to play this. From any one thread."""
        if self._module is None or not self._wanted[0]:
            return
        at, size = time.perf_counter(), rate // _FRAMES_PER_S
        sound = np.concatenate((self._far_rest, block)) if self._far_rest.size else block
        whole = sound.size - sound.size % size
        for start in range(0, whole, size):
            self._far.append((at, rate, sound[start : start + size]))
        self._far_rest = sound[whole:]

    def clean(self, block: Samples, rate: int, at: float | None = None) -> Samples:
        """The microphone's next block without echo, as long as the block; `at` is its `time.perf_counter` (now).

        Blocks of whole 10 ms come back at once; the sound of others up to 10 ms later.
        """
        if self._module is None:
            return block
        at = time.perf_counter() if at is None else at
        while self._far and self._far[0][0] <= at:
            self._hear_far(*self._far.popleft(), now=at)
        size = rate // _FRAMES_PER_S
        sound = np.concatenate((self._near_rest, block)) if self._near_rest.size else block
        whole = sound.size - sound.size % size
        self._near_rest = sound[whole:]
        done = [self._clean_frame(sound[start : start + size], rate) for start in range(0, whole, size)]
        if whole == block.size and not self._ready.size:
            return np.concatenate(done) if done else block
        self._ready = np.concatenate((self._ready, *done))
        missing = np.zeros(max(0, block.size - self._ready.size), np.int16)
        out = np.concatenate((missing, self._ready[: block.size]))
        self._ready = self._ready[block.size :]
        return out

    def _build(self) -> None:
        self._forget()
        self._module = None
        if not any(self._wanted):
            return
        try:
            from livekit import rtc

            echo, noise, high_pass, gain = self._wanted
            self._module = rtc.AudioProcessingModule(
                echo_cancellation=echo, noise_suppression=noise, high_pass_filter=high_pass, auto_gain_control=gain
            )
            self._frame = rtc.AudioFrame
        except (ImportError, OSError, RuntimeError) as error:
            self.problem = (
                f"The echo canceller is missing ({error}): install the package livekit, or use headphones so that the "
                "microphone does not hear the agent."
            )

    def _forget(self) -> None:
        self._far.clear()
        self._since_far = _TAIL_FRAMES
        self._power_in = self._power_out = 0.0
        self._gains: deque[float] = deque(maxlen=_JUDGED_FRAMES)

    def _hear_far(self, at: float, rate: int, frame: Samples, now: float) -> None:
        if now - at > _FAR_STALE_S:
            return
        self._path.hear_far(_rms(frame))
        expected = frame if self._path.present else np.zeros_like(frame)
        self._module.process_reverse_stream(self._frame(bytearray(expected.tobytes()), rate, 1, frame.size))
        if self._path.present and np.abs(frame).max() > _FAR_AUDIBLE:
            self._since_far = 0

    def _clean_frame(self, frame: Samples, rate: int) -> Samples:
        self._path.hear_near(_rms(frame))
        data = bytearray(frame.tobytes())
        self._module.process_stream(self._frame(data, rate, 1, frame.size))
        out = np.frombuffer(data, np.int16)
        self._power_in += _SMOOTHING * (float(np.square(frame, dtype=np.float32).mean()) - self._power_in)
        self._power_out += _SMOOTHING * (float(np.square(out, dtype=np.float32).mean()) - self._power_out)
        self._since_far += 1
        if self._since_far < _TAIL_FRAMES and self._power_in > _ECHO_AUDIBLE:
            self._gains.append(10 * float(np.log10(self._power_in / max(self._power_out, 1e-3))))
        return out


def _rms(frame: Samples) -> float:
    return float(np.sqrt(np.square(frame, dtype=np.float32).mean()))
