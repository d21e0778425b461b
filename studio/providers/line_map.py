"""Where that lies on the caller line which a service counts from the first sound that it was sent."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

RATE = 16_000


@dataclass(slots=True)
class _Piece:
    """Consecutive samples: where they begin in the stream, where on the line, and how many there are."""

    sent: int
    sample: int
    count: int


class LineMap:
    """A stream leaves out the silence between utterances; this remembers where. Samples are of 16 kHz."""

    def __init__(self) -> None:
        self.sent = 0
        """How many samples were sent."""
        self._pieces: list[_Piece] = []

    def add(self, count: int, first_sample: int) -> None:
        """The next `count` samples lie on the line from `first_sample` on."""
        last = self._pieces[-1] if self._pieces else None
        if last and last.count and last.sample + last.count == first_sample:
            last.count += count
        else:
            self._pieces.append(_Piece(self.sent, first_sample, count))
        self.sent += count

    def pad(self, count: int) -> None:
        """The next `count` samples lie nowhere on the line."""
        last = self._pieces[-1] if self._pieces else _Piece(0, 0, 0)
        self._pieces.append(_Piece(self.sent, last.sample + last.count, 0))
        self.sent += count

    def start(self, seconds: float) -> int:
        """The sample with which something begins that begins so late in the stream."""
        return self._place(bisect_right(self._pieces, round(seconds * RATE), key=_sent), seconds)

    def end(self, seconds: float) -> int:
        """The sample before which something ends that ends so late in the stream."""
        return self._place(bisect_left(self._pieces, round(seconds * RATE), key=_sent), seconds)

    def _place(self, found: int, seconds: float) -> int:
        if not self._pieces:
            return 0
        piece = self._pieces[max(0, found - 1)]
        return piece.sample + min(max(0, round(seconds * RATE) - piece.sent), piece.count)


def _sent(piece: _Piece) -> int:
    return piece.sent
