"""The agent line: a queue of clips that a sink pulls samples from.

`take` may run in a device's thread. It never locks: the loop's side only appends (chunks to clips, clips to the queue)
and raises the generation; `take` alone consumes, and leaves marks that say at which sample what happened. The counter of
samples taken is the truth about what was said.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from studio.audio.streams import Samples
from studio.runtime.background import Background
from studio.sessions.records import AGENT_RATE

FADE_SAMPLES = AGENT_RATE * 5 // 1000
_RAMP = np.linspace(1.0, 0.0, FADE_SAMPLES, endpoint=False, dtype=np.float32)
_PROTECTED = math.inf
_NOTHING: Samples = np.zeros(0, np.int16)


class Clip:
    """Sound of one item, growing while it is made. Appended to by the loop, read by `Playout.take`."""

    __slots__ = (
        "_chunk",
        "_offset",
        "chunks",
        "finished",
        "generation",
        "id",
        "loop",
        "once",
        "quiet",
        "read",
        "written",
    )

    def __init__(
        self, id: str, *, protected: bool = False, loop: bool = False, quiet: bool = False, once: bool = False
    ) -> None:
        """A `quiet` clip does not make the background make way. One that is read `once` lets go of what was read."""
        self.id = id
        self.quiet = quiet
        self.once = once
        self.generation = _PROTECTED if protected else 0
        self.loop = loop
        self.chunks: list[Samples] = []
        self.written = 0
        self.read = 0
        self.finished = False
        self._chunk = 0
        self._offset = 0

    def append(self, samples: Samples) -> None:
        """Add sound; the array must not be changed afterwards."""
        if len(samples):
            self.chunks.append(samples)
            self.written += len(samples)

    def finish(self) -> None:
        """No more sound will come."""
        self.finished = True

    def into(self, out: Samples) -> int:
        """Copy as much as is there into `out`; return how many samples."""
        filled = 0
        while filled < len(out) and self._chunk < len(self.chunks):
            chunk = self.chunks[self._chunk]
            part = chunk[self._offset : self._offset + len(out) - filled]
            out[filled : filled + len(part)] = part
            filled += len(part)
            self._offset += len(part)
            if self._offset == len(chunk):
                if self.once:
                    self.chunks[self._chunk] = _NOTHING
                self._chunk += 1
                self._offset = 0
        self.read += filled
        return filled

    @property
    def exhausted(self) -> bool:
        """Whether everything written has been read."""
        return self._chunk == len(self.chunks)

    def rewind(self) -> None:
        """Begin again (a looped clip)."""
        self._chunk = self._offset = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """What happened to a clip at a sample of the agent line.

    `started` at its first sample, `passed` at the end of a looped clip's pass, `ended` after its last sample, `cut` at the
    first sample that was not handed over whole (the fade follows), `dropped` where it would have begun.
    """

    what: Literal["started", "passed", "ended", "cut", "dropped"]
    clip: Clip
    sample: int
    read: int
    """Samples of the clip handed over before the mark."""


class Playout:
    """Hands the queue's samples to a sink, silence where there is none."""

    def __init__(self) -> None:
        self.position = 0
        """Samples taken so far, silence included."""
        self._queue: deque[Clip] = deque()
        self._generation = 0
        self._marks: deque[Mark] = deque()
        self._taken: deque[tuple[int, Samples]] = deque()
        self._begun: Clip | None = None
        self.background = Background()
        self._fade: Samples = np.zeros(0, np.int16)
        self.hold_back = False
        """Whether a clip that may be cut waits with its first sample: something that may cut it is about to be known."""
        self.keep_taken = False
        """Whether to keep what was taken for `collect` (somebody records it)."""

    def enqueue(self, clip: Clip) -> None:
        """Add a clip behind all others."""
        if clip.generation != _PROTECTED:
            clip.generation = self._generation
        self._queue.append(clip)

    def cut(self) -> None:
        """Cut or drop every clip queued so far that is not protected. Takes effect at the next sample taken."""
        self._generation += 1

    def withdraw(self, clip: Clip) -> None:
        """Cut or drop one clip, protected or not."""
        clip.generation = -1

    @property
    def ahead(self) -> int | None:
        """Samples until the clip at the head ends; None while it is still being made or nothing is queued."""
        try:
            head = self._queue[0]
        except IndexError:
            return None
        if self._stale(head):
            return FADE_SAMPLES
        if head.loop:
            return head.written - head.read % head.written if head.written and head.finished else None
        return head.written - head.read if head.finished else None

    def give_taken(self, on_taken: Callable[[int, Samples], None]) -> None:
        """Give what was handed over since the last call, on the loop's side: `on_taken(first_sample, samples)`."""
        while self._taken:
            on_taken(*self._taken.popleft())

    def collect(self, on_taken: Callable[[int, Samples], None] = lambda first, samples: None) -> list[Mark]:
        """Marks since the last call, on the loop's side; `on_taken` as for `give_taken`."""
        self.give_taken(on_taken)
        marks: list[Mark] = []
        while self._marks:
            marks.append(self._marks.popleft())
        return marks

    def take(self, n: int) -> Samples:
        """The next n samples of the line."""
        out = np.zeros(n, np.int16)
        filled = 0
        spoken: list[tuple[int, int]] = []
        while filled < n:
            if len(self._fade):
                part = self._fade[: n - filled]
                out[filled : filled + len(part)] = part
                self._fade = self._fade[len(part) :]
                filled += len(part)
                continue
            if not self._queue:
                break
            head, at = self._queue[0], self.position + filled
            if self._stale(head):
                self._retire(head, at)
                continue
            complete = head.finished  # read before the samples: what is appended later is then never missed
            if head is not self._begun:
                if (not head.written and not complete) or (self.hold_back and head.generation != _PROTECTED):
                    break
                self._begun = head
                self._marks.append(Mark("started", head, at, 0))
            count = head.into(out[filled:])
            if count and not head.quiet:
                spoken.append((filled, filled + count))
            filled += count
            if not (complete and head.exhausted):
                break  # the block is full, or the clip is starved: silence until more arrives
            at = self.position + filled
            if head.loop and head.written and len(self._queue) == 1:
                self._marks.append(Mark("passed", head, at, head.read))
                head.rewind()
            else:
                self._marks.append(Mark("ended", head, at, head.read))
                self._queue.popleft()
        if self.background.playing:
            self.background.mix(out, self.position, spoken)
        if self.keep_taken:
            self._taken.append((self.position, out))
        self.position += n
        return out

    def _stale(self, clip: Clip) -> bool:
        return clip.generation < self._generation

    def _retire(self, clip: Clip, at: int) -> None:
        """End a cut clip: fade what sounds, drop what has not begun."""
        if clip is self._begun:
            self._marks.append(Mark("cut", clip, at, clip.read))
            fade = np.zeros(FADE_SAMPLES, np.int16)
            count = clip.into(fade)
            self._fade = (fade[:count] * _RAMP[:count]).astype(np.int16)
        else:
            self._marks.append(Mark("dropped", clip, at, 0))
        self._queue.popleft()
