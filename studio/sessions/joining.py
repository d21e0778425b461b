"""Small blocks of sound and voice activity joined into the tenths and quarters of a second that a file likes."""

from studio.sessions.profile import VAD_STEP
from studio.sessions.records import AUDIO_SPEECH, NS, AudioBlock

_SAME_TIME_NS = 1_000_000
"""A block that begins this near to where the last one ended goes on with it."""
_VAD_WINDOWS = 8


class _Run:
    """Consecutive blocks of one stream."""

    __slots__ = ("blocks", "end", "frames")

    def __init__(self) -> None:
        self.blocks: list[AudioBlock] = []
        self.frames = 0
        self.end = 0

    def add(self, block: AudioBlock) -> None:
        frames = len(block.pcm) // 2
        self.blocks.append(block)
        self.frames += frames
        self.end = block.first_sample + frames

    def takes(self, block: AudioBlock) -> bool:
        """Whether the block goes on where this ends, in samples and in time."""
        first = self.blocks[0]
        if block.rate != first.rate or block.first_sample != self.end:
            return False
        expected = first.publish_time + self.frames * NS // block.rate
        return block.topic == AUDIO_SPEECH or abs(block.publish_time - expected) <= _SAME_TIME_NS


class AudioJoiner:
    """Joins consecutive blocks of each stream to at least 100 ms, and cuts what is longer than a second."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], _Run] = {}

    def add(self, block: AudioBlock) -> list[AudioBlock]:
        """Take a block; returns what is complete, in order."""
        key = block.topic, block.id
        run = self._open.get(key)
        done: list[AudioBlock] = []
        if run is not None and not run.takes(block):
            done += _joined(self._open.pop(key).blocks)
            run = None
        if run is None:
            run = self._open[key] = _Run()
        run.add(block)
        if run.frames * 10 >= block.rate:
            done += _joined(self._open.pop(key).blocks)
        return done

    def flush(self) -> list[AudioBlock]:
        """Everything that waits, complete or not."""
        done = [block for run in self._open.values() for block in _joined(run.blocks)]
        self._open.clear()
        return done


def _joined(blocks: list[AudioBlock]) -> list[AudioBlock]:
    first, last = blocks[0], blocks[-1]
    pcm = first.pcm if len(blocks) == 1 else b"".join(block.pcm for block in blocks)
    step = 2 * first.rate
    return [
        AudioBlock(
            topic=first.topic,
            log_time=last.log_time,
            publish_time=first.publish_time + at // 2 * NS // first.rate,
            first_sample=first.first_sample + at // 2,
            rate=first.rate,
            pcm=pcm[at : at + step],
            id=first.id,
        )
        for at in range(0, len(pcm), step)
    ]


class VadJoiner:
    """Joins consecutive windows of voice activity to eight (a quarter of a second)."""

    def __init__(self) -> None:
        self._first = 0
        self._windows: list[float] = []

    def add(self, first_sample: int, probabilities: tuple[float, ...]) -> list[tuple[int, tuple[float, ...]]]:
        """Take windows; returns complete groups as (first sample, probabilities)."""
        done = []
        if self._windows and first_sample != self._first + VAD_STEP * len(self._windows):
            done += self.flush()
        if not self._windows:
            self._first = first_sample
        # four decimals here, so that the index beside the file holds what the file holds
        self._windows += [round(float(p), 4) for p in probabilities]
        while len(self._windows) >= _VAD_WINDOWS:
            done.append((self._first, tuple(self._windows[:_VAD_WINDOWS])))
            self._first += VAD_STEP * _VAD_WINDOWS
            del self._windows[:_VAD_WINDOWS]
        return done

    def flush(self) -> list[tuple[int, tuple[float, ...]]]:
        """What waits."""
        done = [(self._first, tuple(self._windows))] if self._windows else []
        self._windows = []
        return done
