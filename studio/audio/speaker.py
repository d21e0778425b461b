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

    def start(self, take: Take) -> None:
        """Open the device and begin to take. Raises `DeviceError`."""
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._loop_offset = self._loop.time() - time.perf_counter()
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
        while self._arrivals:
            self._line.add(*self._arrivals.popleft())
        taken = self._taken
        in_blocks = self._line_base + -(-(sample - self._line_base) // _LINE_BLOCK) * _LINE_BLOCK
        if self._line.known:
            when = self._line.time_of(in_blocks)
        else:
            when = self._line_start + (in_blocks - self._line_base) / LINE_RATE
        return when if sample <= taken else max(when, self._loop.time() + _SOON_S)

    def flush(self) -> int:
        """Drop what was taken and not heard, where that is more than 50 ms; returns how many samples."""
        if self.queue_ns <= _SHORT_QUEUE_NS:
            return 0
        since = self._line_base
        self._stream.restart()
        return min(self._line_base - since, round(self.queue_ns * LINE_RATE / 1e9))

    def _restart_line(self) -> None:
        """The driver is about to fill its queue anew: times of samples before this do not tell those after it."""
        self._arrivals: deque[tuple[int, float]] = deque(maxlen=10 * BLOCKS_PER_S)
        self._line = ClockLine(LINE_RATE)
        self._line_base = self._taken
        self._line_start = self._loop.time()

    def _block_wanted(self, out: Block) -> None:
        at, frames = time.perf_counter(), out.shape[0]
        if self._resampler is None:
            self._resampler = Resampler(LINE_RATE, self._stream.rate)
        wanted = self._resampler.inputs_for(frames - self._ahead.size)
        sound = np.concatenate((self._ahead, self._resampler.process(self._take(wanted))))
        self._taken += wanted
        self._ahead = sound[frames:]
        heard = self._at_volume(sound[:frames])
        out[:] = heard[:, np.newaxis]
        self._arrivals.append((self._taken, at + self._loop_offset))
        self._meter.add(heard)
        if self._echo:
            self._echo.played(heard, self._stream.rate)

    def _at_volume(self, sound: Samples) -> Samples:
        old, new = self._gain, self.volume
        if old == new == 1.0:
            return sound
        self._gain = new
        return to_int16(sound * np.linspace(old, new, sound.size, dtype=np.float32))
