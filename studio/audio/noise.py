"""Takes noise out of the caller line, for recognisers that do not do it themselves: WebRTC's processing from livekit."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.audio.resample import to_int16
from studio.audio.streams import Samples

RATE = 16000
_FRAME = RATE // 100  # the module works on exactly 10 ms
_SUPPRESSOR_DELAY = 95  # samples, measured: cross-correlation of speech with itself, clean and in noise
_BAND_HZ = (300.0, 3400.0)
_BAND_TAPS = 201  # odd: its delay is a whole number of samples

KINDS = ("near_field", "far_field", "telephony")


class NoiseReduction:
    """Processes consecutive blocks of one caller line; what comes out stands where it stood.

    `near_field` takes away half of the noise's amplitude, `far_field` all that can be had and brings a distant voice up,
    `telephony` all that can be had and what lies outside of a telephone's band. Blocks come out later than they went in,
    by 6 to 22 ms, and of other lengths, but with the number of their first sample: no sample changes its place, none is lost
    or doubled when the kind is changed. Where the library is missing, `problem` says so and sound passes unchanged.
    """

    def __init__(self) -> None:
        self.kind = ""
        self.problem = ""
        self._module: Any = None
        self._frame: Any = None
        self._band: _Band | None = None
        self._held = np.empty(0, np.int16)  # went in and has not come out yet, as it was
        self._fed = 0  # how much of it the module has heard
        self._ahead = 0  # samples that the module gives before those of its first input
        self._next = 0  # the first sample of what is held

    def use(self, kind: str) -> None:
        """Change the kind ("" for none); what has not come out yet comes out of the new one."""
        if kind == self.kind:
            return
        self.kind = kind
        self._module = self._band = None
        if kind and not self.problem:
            self._build(kind)
        self._fed = 0

    def process(self, block: Samples, first_sample: int) -> tuple[Samples, int]:
        """The next samples that are ready, and where the first stands. After a gap what was held back is dropped."""
        if self._module is None and not self._held.size:
            return block, first_sample
        if first_sample != self._next + self._held.size:
            self._held, self._next, self._fed = np.empty(0, np.int16), first_sample, 0
            if self._module:
                self._build(self.kind)
        self._held = np.concatenate((self._held, block))
        ready = self._reduced() if self._module else self._held
        first = self._next
        self._next += ready.size
        self._fed = max(0, self._fed - ready.size)
        self._held = self._held[ready.size :]
        return ready, first

    def _build(self, kind: str) -> None:
        try:
            from livekit import rtc

            self._module = rtc.AudioProcessingModule(noise_suppression=True, auto_gain_control=kind == "far_field")
            self._frame = rtc.AudioFrame
        except (ImportError, OSError, RuntimeError) as error:
            self.problem = f"Noise reduction is missing ({error}): install the package livekit."
            return
        self._band = _Band() if kind == "telephony" else None
        self._ahead = _SUPPRESSOR_DELAY + (self._band.delay if self._band else 0)

    def _reduced(self) -> Samples:
        """All that can be had of what is held."""
        frames: list[Samples] = []
        while self._held.size - self._fed >= _FRAME:
            frames.append(self._clean(self._held[self._fed : self._fed + _FRAME]))
            self._fed += _FRAME
        if not frames:
            return np.empty(0, np.int16)
        clean = np.concatenate(frames)
        dropped = min(self._ahead, clean.size)
        self._ahead -= dropped
        clean = clean[dropped:]
        if self.kind != "near_field":
            return clean
        return ((clean.astype(np.int32) + self._held[: clean.size]) // 2).astype(np.int16)

    def _clean(self, frame: Samples) -> Samples:
        data = bytearray(frame.tobytes())
        self._module.process_stream(self._frame(data, RATE, 1, frame.size))
        sound = np.frombuffer(bytes(data), np.int16)
        return self._band.process(sound) if self._band else sound


class _Band:
    """Passes 300 to 3400 Hz, as a telephone does."""

    def __init__(self) -> None:
        self._filter = _band_pass()
        self._past = np.zeros(_BAND_TAPS - 1, np.float32)
        self.delay = _BAND_TAPS // 2

    def process(self, block: Samples) -> Samples:
        sound = np.concatenate((self._past, block), dtype=np.float32, casting="unsafe")
        self._past = sound[sound.size - self._past.size :]
        return to_int16(np.convolve(sound, self._filter, "valid"))


def _band_pass() -> NDArray[np.float32]:
    place = np.arange(_BAND_TAPS) - _BAND_TAPS // 2
    low, high = (2 * edge / RATE for edge in _BAND_HZ)
    window = np.blackman(_BAND_TAPS)
    return ((high * np.sinc(high * place) - low * np.sinc(low * place)) * window).astype(np.float32)
