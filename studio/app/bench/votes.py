"""Votes of blind comparisons: kept line by line, and what they say about who is liked. Knows no widget."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from studio import paths

_Z90 = 1.645
_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Vote:
    """One comparison. `first` and `second` name a clip, e.g. `openai:nova 1`; `winner` is 1, 2 or 0 for neither."""

    text: str
    first: str
    second: str
    winner: int
    when: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one clip did.

    `score` is the chance that it is preferred to an average one of those compared, `low` to `high` where it lies with
    nine chances in ten. `clear` says whether it is as surely ahead of the next one.
    """

    name: str
    wins: int
    ties: int
    votes: int
    score: float
    low: float
    high: float
    clear: bool = False


class VoteBook:
    """A file in the user's state that only grows, one vote a line. Lines that cannot be read are passed over."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or paths.state_dir() / "casting-votes.jsonl"

    def add(self, vote: Vote) -> str:
        """Keep a vote. Returns "" or the sentence that says why it is not kept."""
        row = asdict(vote) | {"when": vote.when or datetime.now(UTC).isoformat(timespec="seconds")}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        except OSError as error:
            return f"The vote cannot be kept in {self._file} ({error.strerror})."
        return ""

    def of(self, text: str) -> list[Vote]:
        """All votes on that text, the oldest first."""
        try:
            lines = self._file.read_text("utf-8", "replace").splitlines()
        except OSError:
            return []
        return [vote for line in lines if (vote := _vote(line)) and vote.text == text]


def _vote(line: str) -> Vote | None:
    try:
        vote = Vote(**json.loads(line))
    except (ValueError, TypeError):
        return None
    return vote if vote.winner in (0, 1, 2) else None


def standings(votes: Sequence[Vote]) -> list[Standing]:
    """The clips from the most liked to the least, by the Bradley-Terry model; a tie is half a win for each.

    Everybody begins with one tie against the average, so that a single vote does not make anybody invincible.
    """
    names = sorted({name for vote in votes for name in (vote.first, vote.second)})
    place = {name: at for at, name in enumerate(names)}
    won = np.zeros((len(names), len(names)))
    for vote in votes:
        first, second = place[vote.first], place[vote.second]
        won[first, second] += {1: 1.0, 2: 0.0, 0: 0.5}[vote.winner]
        won[second, first] += {1: 0.0, 2: 1.0, 0: 0.5}[vote.winner]
    games = won + won.T
    strength = np.ones(len(names))
    for _ in range(_ROUNDS):
        met = (games / (strength[:, None] + strength[None, :])).sum(1) + 1 / (strength + 1)
        strength = (won.sum(1) + 0.5) / met
    log = np.log(strength)
    even = strength[:, None] * strength[None, :] / (strength[:, None] + strength[None, :]) ** 2
    told = games * even
    information = np.diag(told.sum(1) + strength / (strength + 1) ** 2) - told
    spread = np.linalg.inv(information) if names else information
    error = np.sqrt(np.diag(spread))
    found: list[Standing] = []
    for name, at in place.items():
        mine = [vote for vote in votes if name in (vote.first, vote.second)]
        wins = sum(vote.winner != 0 and (vote.first, vote.second)[vote.winner - 1] == name for vote in mine)
        ties = sum(vote.winner == 0 for vote in mine)
        low, score, high = (float(1 / (1 + np.exp(-(log[at] + z * error[at])))) for z in (-_Z90, 0, _Z90))
        found.append(Standing(name, wins, ties, len(mine), score, low, high))
    found.sort(key=lambda standing: (-standing.score, standing.name))
    for at, (ahead, behind) in enumerate(itertools.pairwise(found)):
        i, j = place[ahead.name], place[behind.name]
        apart = log[i] - log[j] > _Z90 * np.sqrt(spread[i, i] + spread[j, j] - 2 * spread[i, j])
        found[at] = replace(ahead, clear=bool(apart))
    return found


def verdict(ranked: Sequence[Standing]) -> str:
    """What can be said of the result, in a sentence."""
    if len(ranked) < 2 or not any(standing.votes for standing in ranked):
        return "There are no votes yet."
    first, second = ranked[0], ranked[1]
    if first.clear:
        return f"{first.name} is preferred, and clearly so."
    if first.score - second.score < 0.02:
        return "There is no favourite: the votes do not tell the first two apart."
    return f"{first.name} leads, but so few votes leave it open."
