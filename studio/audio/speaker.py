"""The agent line to a loudspeaker."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from studio.audio.clockline import ClockLine
from studio.audio.devices import BLOCKS_PER_S, LATENCIES_S, Block, DeviceStream
from studio.audio.echo import EchoCanceller
from studio.audio.loudness import PeakMeter
from studio.audio.resample import Resampler, to_int16
from studio.audio.streams import Samples, Take

LINE_RATE = 24000
_LINE_BLOCK = LINE_RATE // BLOCKS_PER_S
_SHORT_QUEUE_NS = 50_000_000
_SOON_S = 0.001
_FILLING_S = 0.2
"""While its queue is being filled a driver does not ask at the pace of the device."""
_DRY_S = 0.02
"""A block that is asked for so much later than the queue is deep comes to a queue that has run dry."""
_KEPT = 10 * BLOCKS_PER_S


class Speaker:
    """Plays the agent line, mono int16 at 24 kHz, on a device.

    `take` is called in PortAudio's thread. `on_lost` gets a sentence when the device goes away; nothing is taken after
    that. `volume` (0 to 1) changes what is heard, never what is taken.
    """

    def __init__(
        self,
        device: str = "",
        *,
        echo: EchoCanceller | None = None,
        on_lost: Callable[[str], None] = lambda sentence: None,
        latencies_s: Sequence[float] = LATENCIES_S,
        deepens: Callable[[], bool] = lambda: True,
    ):
        self.volume = 1.0
        self._stream = DeviceStream("output", device, self._block_wanted, on_lost, latencies_s, deepens)
        self._stream.on_reopen = self._restart_line
        self._echo = echo
        self._meter = PeakMeter()
        self._taken = 0
        self._blocks: deque[tuple[int, float]] = deque(maxlen=_KEPT)
        """How many samples had been taken when, in loop time, block by block."""

    def start(self, take: Take) -> None:
        """Open the device and begin to take. Raises `DeviceError`."""
        self._take = take
        self._loop = asyncio.get_running_loop()
        before = time.perf_counter()
        self._loop_offset = self._loop.time() - before  # at worst late: nothing is dated before it happened
        self._resampler: Resampler | None = None
        self._ahead = np.empty(0, np.int16)  # converted and not yet due: at odd rates a sample or two
        self._gain = self.volume
        self._restart_line()
        self._stream.open()

    def stop(self) -> None:
        """Close the device; idempotent."""
        self._stream.close()

    @property
    def name(self) -> str:
        """The device that is used."""
        return self._stream.name

    @property
    def rate(self) -> int:
        """The device's rate."""
        return self._stream.rate

    @property
    def queue_ns(self) -> int:
        """How long a sample taken now waits before it can be heard, as far as the driver says."""
        return round(self._stream.latency_s * 1e9)

    @property
    def underflows(self) -> int:
        """How often the driver said that it had no samples to play."""
        return self._stream.glitches

    @property
    def level_dbfs(self) -> float:
        """Peak of the last 50 ms, as loud as it is heard."""
        return self._meter.dbfs

    def settle(self) -> int:
        """How many samples were taken in all."""
        return self._taken

    def due(self, sample: int) -> float:
        """The loop time from which `settle` gives at least `sample`; samples are taken in blocks of 10 ms."""
        self._learn()
        taken = self._taken
        in_blocks = self._line_base + -(-(sample - self._line_base) // _LINE_BLOCK) * _LINE_BLOCK
        if self._line.known:
            when = self._line.time_of(in_blocks)
        else:
            when = self._line_start + (in_blocks - self._line_base) / LINE_RATE
        return when if sample <= taken else max(when, self._loop.time() + _SOON_S)

    def taken_at(self, sample: int) -> float:
        """The loop time at which the block with the sample of that number was taken; before that, when it is due."""
        self._learn()
        found = None
        for taken, at in reversed(self._blocks):
            if taken <= sample:
                break
            found = at
        return self.due(sample + 1) if found is None else found

    def flush(self) -> int:
        """Drop what was taken and not heard, where that is more than 50 ms; returns how many samples."""
        if self.queue_ns <= _SHORT_QUEUE_NS:
            return 0
        since = self._line_base
        self._stream.restart()
        return min(self._line_base - since, round(self.queue_ns * LINE_RATE / 1e9))

    def _restart_line(self) -> None:
        """The driver is about to fill its queue anew: times of samples before this do not tell those after it."""
        self._arrivals: deque[tuple[int, float]] = deque(maxlen=_KEPT)
        self._line = ClockLine(LINE_RATE)
        self._line_base = self._taken
        self._line_start = self._loop.time()
        self._filling = True

    def _learn(self) -> None:
        """Take notice of the blocks that were taken meanwhile."""
        while self._arrivals:
            taken, at = self._arrivals.popleft()
            self._blocks.append((taken, at))
            filled = self._filling and at > self._line_start + _FILLING_S
            dry = self._line.known and at - self._line.time_of(taken) > self._stream.latency_s + _DRY_S
            if filled or dry:
                self._filling = self._filling and not filled
                self._line = ClockLine(LINE_RATE)  # what is asked for from here on is later than what was before
            self._line.add(taken, at)

    def _block_wanted(self, out: Block) -> None:
        frames = out.shape[0]
        if self._resampler is None:
            self._resampler = Resampler(LINE_RATE, self._stream.rate)
        wanted = self._resampler.inputs_for(frames - self._ahead.size)
        taken = self._take(wanted)
        self._arrivals.append((self._taken + wanted, time.perf_counter() + self._loop_offset))
        self._taken += wanted
        sound = np.concatenate((self._ahead, self._resampler.process(taken)))
        self._ahead = sound[frames:]
        heard = self._at_volume(sound[:frames])
        out[:] = heard[:, np.newaxis]
        self._meter.add(heard)
        if self._echo:
            self._echo.played(heard, self._stream.rate)

    def _at_volume(self, sound: Samples) -> Samples:
        old, new = self._gain, self.volume
        if old == new == 1.0:
            return sound
        self._gain = new
        return to_int16(sound * np.linspace(old, new, sound.size, dtype=np.float32))
