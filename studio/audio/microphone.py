"""The caller line from a microphone."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

import numpy as np

from studio.audio.clockline import ClockLine
from studio.audio.devices import Block, DeviceStream, call_on
from studio.audio.echo import EchoCanceller
from studio.audio.loudness import PeakMeter
from studio.audio.resample import Resampler
from studio.audio.streams import Push, Samples

LINE_RATE = 16000
_KEPT_BLOCKS = 3000  # 30 s that a blocked event loop may take before sound is lost

RawTap = Callable[[Samples, int, int], None]
"""`on_raw(block, first_sample, rate)`: the microphone as it is, before echo cancelling and muting."""


class Microphone:
    """Pushes a microphone's sound as the caller line: mono int16 at 16 kHz.

    `on_lost` gets a sentence when the device goes away; nothing is pushed after that. Samples that never arrived are
    replaced by zeros and counted in `lost_samples`, so that a sample's number always tells its time.
    """

    def __init__(
        self,
        device: str = "",
        *,
        echo: EchoCanceller | None = None,
        on_lost: Callable[[str], None] = lambda sentence: None,
        on_raw: RawTap | None = None,
    ):
        self.muted = False
        """Push zeros."""
        self.on_raw = on_raw
        self.lost_samples = 0
        """Raw samples replaced by zeros, in all."""
        self._stream = DeviceStream("input", device, self._block_came, on_lost)
        self._stream.on_reopen = self._reopening
        self._echo = echo
        self._meter = PeakMeter()
        self._ring: deque[tuple[int, float, Samples]] = deque(maxlen=_KEPT_BLOCKS)

    def start(self, push: Push) -> None:
        """Open the device and begin to push. Raises `DeviceError`."""
        self._push = push
        self._loop = asyncio.get_running_loop()
        self._loop_offset = self._loop.time() - time.perf_counter()
        self._arrived = 0  # samples given by the driver; only its thread changes it
        self._drained = 0  # samples of those that came out of the ring
        self._woken = False
        self._reopened_at = -1  # the first sample after the stream was opened anew
        self._raw_next = self._line_next = 0
        self._stream.open()
        self._resampler = Resampler(self._stream.rate, LINE_RATE)
        self.clock = ClockLine(self._stream.rate)
        """Loop time of raw samples: `clock.time_of(n)`."""

    def stop(self) -> None:
        """Close the device; idempotent."""
        self._stream.close()
        self._ring.clear()

    @property
    def name(self) -> str:
        """The device that is used."""
        return self._stream.name

    @property
    def rate(self) -> int:
        """Rate of the raw sound."""
        return self._stream.rate

    @property
    def latency_s(self) -> float:
        """What the driver says lies between the air and the program; assumed, not measured."""
        return self._stream.latency_s

    @property
    def overflows(self) -> int:
        """How often the driver said that it lost samples."""
        return self._stream.glitches

    @property
    def delay_s(self) -> float:
        """How much later than the raw sound the same sound comes in the caller line, by echo cancelling and filter."""
        return self._resampler.delay / LINE_RATE + (self._echo.delay_s if self._echo else 0.0)

    @property
    def level_dbfs(self) -> float:
        """Raw peak of the last 50 ms, also while muted."""
        return self._meter.dbfs

    def time_of(self, sample: int) -> float:
        """The loop time at which the sound of a sample of the caller line arrived from the device."""
        return self.clock.time_of(round(sample * self.rate / LINE_RATE)) - self.delay_s

    def _block_came(self, data: Block) -> None:
        block = data[:, 0].copy()
        self._ring.append((self._arrived, time.perf_counter(), block))
        self._arrived += block.size
        if not self._woken:
            self._woken = True
            call_on(self._loop, self._drain)

    def _drain(self) -> None:
        self._woken = False
        while self._ring:
            number, at, block = self._ring.popleft()
            self._fill(number - self._drained)
            if number == self._reopened_at:
                self._fill(self.clock.sample_at(at + self._loop_offset) - block.size - self._raw_next)
            self._drained = number + block.size
            self.clock.add(self._raw_next + block.size, at + self._loop_offset)
            self._handle(block, at)

    def _reopening(self) -> None:
        self._reopened_at = self._arrived

    def _fill(self, missing: int) -> None:
        """Zeros in the place of samples that did not come."""
        if missing > 0:
            self.lost_samples += missing
            self._handle(np.zeros(missing, np.int16), time.perf_counter())

    def _handle(self, block: Samples, at: float) -> None:
        if self.on_raw:
            self.on_raw(block, self._raw_next, self.rate)
        self._raw_next += block.size
        self._meter.add(block)
        clean = self._echo.clean(block, self.rate, at) if self._echo else block
        line = self._resampler.process(np.zeros_like(clean) if self.muted else clean)
        first, self._line_next = self._line_next, self._line_next + line.size
        self._push(line, first)
