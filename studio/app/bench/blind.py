"""A blind comparison: pairs of clips in random order, without names, until somebody has seen enough. Knows no widget."""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from studio.app.bench.votes import Standing, Vote, standings


@dataclass(frozen=True, slots=True)
class Contender:
    """A clip that is compared. `name` is how votes call it, `title` how people do."""

    name: str
    title: str
    clip: str


class BlindTrial:
    """Every two of the contenders once, in random order, each pair with its sides drawn by lot."""

    def __init__(self, text: str, contenders: Sequence[Contender], lot: random.Random, left_out: str = "") -> None:
        """`left_out` says who takes no part, and why."""
        self.text = text
        self.contenders = contenders
        self.left_out = left_out
        pairs = [list(pair) for pair in itertools.combinations(contenders, 2)]
        lot.shuffle(pairs)
        for pair in pairs:
            lot.shuffle(pair)
        self._pairs = pairs
        self._at = 0
        self._ended = False
        self.votes: list[Vote] = []
        self.heard: set[int] = set()
        """Sides of the pair that have been played: one votes on what one has heard."""

    @property
    def pair(self) -> tuple[Contender, Contender] | None:
        """What is compared now; None when it is over."""
        if self._ended or self._at >= len(self._pairs):
            return None
        first, second = self._pairs[self._at]
        return first, second

    @property
    def place(self) -> tuple[int, int]:
        """Which pair it is, from 1, and of how many."""
        return min(self._at + 1, len(self._pairs)), len(self._pairs)

    def listen(self, side: int) -> Contender | None:
        """Side 1 or 2 is played; returns who that is."""
        pair = self.pair
        if pair is None:
            return None
        self.heard.add(side)
        return pair[side - 1]

    def vote(self, winner: int, keep: Callable[[Vote], object]) -> str:
        """Prefer side 1 or 2, or 0 for neither. Returns "" or why that is no vote yet."""
        pair = self.pair
        if pair is None:
            return ""
        if self.heard != {1, 2}:
            return "Hear both first: ← plays 1, → plays 2."
        vote = Vote(self.text, pair[0].name, pair[1].name, winner)
        self.votes.append(vote)
        keep(vote)
        self._at += 1
        self.heard.clear()
        return ""

    def end(self) -> None:
        """No more pairs: show who is who."""
        self._ended = True

    def result(self) -> list[Standing]:
        """Standings by the votes of this comparison."""
        return standings(self.votes)

    def title_of(self, name: str) -> str:
        """What people call a contender."""
        return next((contender.title for contender in self.contenders if contender.name == name), name)
