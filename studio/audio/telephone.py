"""What a telephone line does to sound: a band of 4 kHz and mu-law samples (ITU-T G.711)."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from studio.audio.resample import Resampler
from studio.audio.streams import Samples

RATE = 8000


@cache
def _encoding() -> NDArray[np.uint8]:
    """Code of every int16 value, indexed by its bits read as uint16."""
    value = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32) >> 2
    magnitude = np.minimum(np.abs(value), 8158) + 33
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 5
    code = (exponent << 4) | ((magnitude >> (exponent + 1)) & 15)
    return np.where(value < 0, code ^ 0x7F, code ^ 0xFF).astype(np.uint8)


@cache
def _decoding() -> Samples:
    code = ~np.arange(256, dtype=np.uint8)
    magnitude = (((code & 15).astype(np.int32) << 3) + 132 << ((code >> 4) & 7)) - 132
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def encode_mulaw(samples: Samples) -> NDArray[np.uint8]:
    """One byte of mu-law per int16 sample."""
    return _encoding()[samples.view(np.uint16)]


def decode_mulaw(codes: NDArray[np.uint8]) -> Samples:
    """The int16 sample of every byte of mu-law."""
    return _decoding()[codes]


class TelephoneLine:
    """Sends consecutive int16 blocks through 8 kHz mu-law and back: as many samples out as in, `delay` samples late."""

    def __init__(self, rate: int):
        self._down = Resampler(rate, RATE)
        self._up = Resampler(RATE, rate)
        self._ahead = np.empty(0, np.int16)
        self.delay = 2 * round(self._up.delay)

    def process(self, block: Samples) -> Samples:
        """The block as the other end of the line hears it."""
        line = encode_mulaw(self._down.process(block))
        heard = np.concatenate((self._ahead, self._up.process(decode_mulaw(line))))
        self._ahead = heard[block.size :]  # the two filters round up, so nothing is ever missing
        return heard[: block.size]


def telephone_band(samples: Samples, rate: int) -> Samples:
    """A whole piece of sound as the other end of a telephone line hears it, in time with the original."""
    line = TelephoneLine(rate)
    heard = np.concatenate((line.process(samples), line.process(np.zeros(line.delay, np.int16))))
    return heard[line.delay :]
