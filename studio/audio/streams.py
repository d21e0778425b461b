"""Sources push, sinks pull: the two ends of a session's sound.

A source pushes int16 blocks of the caller line (16 kHz mono) in order, of any length. A sink pulls the agent line
(24 kHz mono int16) from a `take` function when it needs samples. A device adapter converts to and from its own rate.
Neither ticks for a session: a source calls when it has samples, a sink knows when a sample will be due.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

Push = Callable[[Samples, int], None]
"""`push(block, first_sample)`: consecutive caller samples, on the event loop's thread."""

Take = Callable[[int], Samples]
"""`take(n)`: exactly n samples of the agent line. May be called from a device's thread: never blocks, never raises."""


class Source(Protocol):
    """Where the caller line comes from: a microphone, a file, a scripted caller."""

    def start(self, push: Push) -> None:
        """Begin to push. Raises `studio.audio.devices.DeviceError` with a plain sentence when it cannot."""
        ...

    def stop(self) -> None:
        """Stop pushing; idempotent."""
        ...


class Sink(Protocol):
    """Where the agent line goes: a speaker, a file, nowhere (the null sink)."""

    @property
    def queue_ns(self) -> int:
        """How long a sample handed over now waits before it can be heard, in ns (0 for files and the null sink)."""
        ...

    def start(self, take: Take) -> None:
        """Begin to pull. Raises `studio.audio.devices.DeviceError` with a plain sentence when it cannot."""
        ...

    def settle(self) -> int:
        """Pull what is due by now (sinks without a clock of their own) and return how many samples were taken in all."""
        ...

    def due(self, sample: int) -> float:
        """The loop time at which that sample of the agent line will have been taken, as well as can be known."""
        ...

    def taken_at(self, sample: int) -> float:
        """The loop time at which the sample of that number, from 0, was taken: never before it was.

        Before it was taken: as well as can be known.
        """
        ...

    def flush(self) -> int:
        """Drop what was taken but not yet heard, and return how many samples; 0 where the queue is short or absent."""
        ...

    def stop(self) -> None:
        """Stop pulling; idempotent."""
        ...
