"""Both lines of a session in one stereo WAV at 24 kHz: the caller left, the agent right, each sample where it happened."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from studio.audio.files import AudioFileError, WavWriter
from studio.audio.resample import Resampler
from studio.audio.streams import Samples
from studio.runtime.clock import samples_at
from studio.runtime.journal import Journal
from studio.runtime.speaking import LINE_TICK_S, Speaking
from studio.runtime.virtual_time import is_virtual
from studio.sessions.placement import Placement
from studio.sessions.records import AGENT_RATE, AUDIO_AGENT, AUDIO_CALLER, CALLER_RATE, NS, AudioBlock

GRID = AGENT_RATE // np.gcd(AGENT_RATE, CALLER_RATE).item()
"""Every so many frames a sample of either line begins; recordings begin there."""
_LATE_NS = 2 * NS
"""How long after its time a sample may still come; in virtual time so much longer than the agent's line takes to come."""
_TICK_S = 0.5
_JUMP = AGENT_RATE // 200
"""From here on the clock did not drift, it jumped: the file has a hole or leaves samples out."""


class _Track:
    """One channel of the file: samples in order, holes filled with silence."""

    def __init__(self, start: int) -> None:
        self.end = start
        """The frame after the last that is there."""
        self._pieces: deque[Samples] = deque()

    def put(self, frame: int, samples: Samples) -> None:
        """Samples from that frame on; where some are there already those stay."""
        self.fill(frame)
        samples = samples[self.end - frame :]
        if len(samples):
            self._pieces.append(samples)
            self.end += len(samples)

    def fill(self, frame: int) -> None:
        """Silence up to that frame."""
        while (missing := frame - self.end) > 0:
            silence = np.zeros(min(missing, AGENT_RATE), np.int16)
            self._pieces.append(silence)
            self.end += len(silence)

    def take_into(self, out: Samples) -> None:
        """The next samples; there are enough."""
        filled = 0
        while filled < len(out):
            piece = self._pieces.popleft()
            part = piece[: len(out) - filled]
            out[filled : filled + len(part)] = part
            filled += len(part)
            if len(part) < len(piece):
                self._pieces.appendleft(piece[len(part) :])


class StereoWriter:
    """Writes a WAV as audio blocks come. Frames count from the session's start: frame n begins at n / 24000 s.

    Samples lie where the session's timeline has them, which knows how fast a device's clock goes from one block to the
    next: a block waits for the one behind it. Where time is exact (no device), so is the file.
    Raises AudioFileError where the file cannot be written.
    """

    def __init__(self, path: Path, start: int) -> None:
        """`start` is the first frame, a multiple of `GRID`."""
        self._wav = WavWriter(path, AGENT_RATE, channels=2)
        self._written = start
        self._agent, self._caller = _Track(start), _Track(start)
        self._placement = Placement(AGENT_RATE)
        self._held: tuple[int, Samples] | None = None
        """The newest block of the agent line, and its first sample."""
        self._resampler = Resampler(CALLER_RATE, AGENT_RATE)
        self._delay = round(self._resampler.delay)
        self._caller_next = start * CALLER_RATE // AGENT_RATE
        self._skip = self._delay
        self._start = start
        self._last: int | None = None

    @property
    def frames(self) -> int:
        """Frames in the file."""
        return self._written - self._start

    def take(self, block: AudioBlock) -> None:
        """A block of either line; others are left alone."""
        samples = np.frombuffer(block.pcm, "<i2")
        if block.topic == AUDIO_AGENT:
            self._take_agent(block.first_sample, block.publish_time, samples)
        elif block.topic == AUDIO_CALLER:
            self._take_caller(round(block.publish_time * CALLER_RATE / NS), samples)

    def silent_before(self, frame: int) -> None:
        """Whatever has not come by now from before that frame is silence."""
        if self._held and self._frame_of(self._held[0] + len(self._held[1])) <= frame:
            self._place_held()
        self._agent.fill(frame)
        self._hear_nothing_until(frame // GRID * GRID * CALLER_RATE // AGENT_RATE)
        self._write(frame)

    def end_at(self, end: int) -> None:
        """The file's last frame is the one before `end`, if no earlier end was named, whatever comes until it is complete."""
        self._last = end if self._last is None else min(end, self._last)

    def finish(self, end: int) -> None:
        """Complete the file: its last frame is the one before `end`."""
        self.end_at(end)
        self._place_held()
        self._agent.fill(end)
        self._hear_nothing_until((end + self._delay) * CALLER_RATE // AGENT_RATE + 1)
        self._write(end)
        self._wav.close()

    def _take_agent(self, first: int, time: int, samples: Samples) -> None:
        self._placement.add(first, time)
        self._place_held()
        self._held = (first, samples)

    def _place_held(self) -> None:
        """Put the held block between its own time and that of what follows it."""
        if self._held is None:
            return
        (first, samples), self._held = self._held, None
        frame, after = self._frame_of(first), self._frame_of(first + len(samples))
        if after - frame != len(samples) and abs(after - frame - len(samples)) <= _JUMP:
            places = np.linspace(0, len(samples) - 1, after - frame)
            samples = np.interp(places, np.arange(len(samples)), samples).astype(np.int16)
        self._agent.put(frame, samples)
        self._write(self._agent.end)

    def _frame_of(self, sample: int) -> int:
        return round(self._placement.time_of(sample) * AGENT_RATE / NS)

    def _take_caller(self, first: int, samples: Samples) -> None:
        self._hear_nothing_until(first)
        samples = samples[self._caller_next - first :]
        if len(samples):
            self._hear(samples)
            self._write(self._caller.end)

    def _hear_nothing_until(self, caller_sample: int) -> None:
        while (missing := caller_sample - self._caller_next) > 0:
            self._hear(np.zeros(min(missing, CALLER_RATE), np.int16))

    def _hear(self, samples: Samples) -> None:
        self._caller_next += len(samples)
        sound = self._resampler.process(samples)
        skipped = min(self._skip, len(sound))  # the filter's delay
        self._skip -= skipped
        self._caller.put(self._caller.end, sound[skipped:])

    def _write(self, end: int) -> None:
        """Write what both lines have, up to `end`."""
        last = end if self._last is None else min(end, self._last)
        count = min(self._agent.end, self._caller.end, last) - self._written
        if count <= 0:
            return
        frames = np.empty((count, 2), np.int16)
        left, right = np.empty(count, np.int16), np.empty(count, np.int16)
        self._caller.take_into(left)
        self._agent.take_into(right)
        frames[:, 0], frames[:, 1] = left, right
        self._wav.write(frames)
        self._written += count


class LineRecorder:
    """Writes both lines of a running session into a file while it runs; the disk is waited for elsewhere.

    In real time a thread of its own writes, in virtual time the session waits. `on_problem` gets a sentence, once, when
    the file cannot be written; the session goes on.
    """

    def __init__(
        self,
        journal: Journal,
        speaking: Speaking,
        hand_over: Callable[[], None],
        path: Path,
        on_problem: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        """Begins now. `hand_over` has both lines given to the journal's listeners, up to now.

        Raises AudioFileError when the file cannot be made.
        """
        speaking.watch()
        now = samples_at(journal.now(), AGENT_RATE)
        self.start = -(-now // GRID) * GRID
        """The first frame, counted from the session's start."""
        self.problem = ""
        self.lost = False
        """Whether the complete file is not where it was written."""
        self.path = path
        self._on_problem = on_problem
        self._journal = journal
        self._hand_over = hand_over
        self._loop = asyncio.get_running_loop()
        self._writer = StereoWriter(path, self.start)
        self._thread = None if is_virtual() else ThreadPoolExecutor(1, "call recording")
        self._unsubscribe = journal.subscribe(on_audio=self._take)
        self._ticking = self._loop.call_later(_TICK_S, self._tick)
        hand_over()

    def end_at(self, end_ns: int) -> None:
        """Take nothing from after that session time; what is still on its way from before it is waited for."""
        self._do(self._writer.end_at, max(self.start, samples_at(end_ns, AGENT_RATE)))

    def finish(self, end_ns: int) -> Future[int]:
        """Complete the file with what happened before that session time; gives the number of frames. Never fails.

        Whoever calls has had the lines handed over.
        """
        self._ticking.cancel()
        self._unsubscribe()
        end = max(self.start, samples_at(end_ns, AGENT_RATE))
        self._do(self._complete, end)
        done: Future[int] = Future()
        if self._thread:
            self._thread.submit(lambda: done.set_result(self._writer.frames))
            self._thread.shutdown(wait=False)
        else:
            done.set_result(self._writer.frames)
        return done

    def _complete(self, end: int) -> None:
        self._writer.finish(end)
        self.lost = not self.path.exists()
        if self.lost:  # some systems let go of an open file without a word to its writer
            raise AudioFileError(f"{self.path} is gone: it was deleted or moved while it was written.")

    def _take(self, block: AudioBlock) -> None:
        self._do(self._writer.take, block)

    def _tick(self) -> None:
        self._ticking = self._loop.call_later(_TICK_S, self._tick)
        late = _LATE_NS
        if self._thread:
            self._hand_over()
        else:  # what else is written of the session is not to depend on this file
            late += round(LINE_TICK_S * NS)
        self._do(self._writer.silent_before, samples_at(max(0, self._journal.now() - late), AGENT_RATE))

    def _do[T](self, step: Callable[[T], None], value: T) -> None:
        if self._thread:
            self._thread.submit(self._tried, step, value)
        else:
            self._tried(step, value)

    def _tried[T](self, step: Callable[[T], None], value: T) -> None:
        if self.problem:
            return
        try:
            step(value)
        except AudioFileError as error:
            self.problem = str(error)
            self._loop.call_soon_threadsafe(self._on_problem, self.problem)
