"""When the lines of a platform session sounded, as far as its rows tell; the rest is estimated and says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.sessions.records import NS

_WORD_NS = 350_000_000
"""How long a word takes where nothing says how long a line was."""
_SOUND_NS = NS
"""How long a sound file counts as where nothing says."""
_MOST_MS = 24 * 3600 * 1000


@dataclass(slots=True)
class Mark:
    """What the platform reports of one item's playback: at `at` it was over. In ns, None where it does not say."""

    at: int
    played: int | None = None
    received: int | None = None
    discarded: int | None = None
    heard: str | None = None
    heard_words: int | None = None
    cut: bool = False


@dataclass(slots=True)
class Sounding:
    """One output that sounds. `estimated` says that begin or end are not the platform's."""

    out: str
    kind: str
    text: str
    queued: int
    turn: int
    nominal: int
    """How long it takes by its words or its own duration, in ns."""
    mark: Mark | None = None
    start: int = 0
    end: int = 0
    state: str = "done"
    """`done`, `cut`, or `dropped`: it never began."""
    heard: str = ""
    heard_words: int = 0
    cut_by: str = ""
    estimated: bool = False

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())


@dataclass(slots=True)
class TurnFacts:
    """What rows tell of one turn. Session times in ns."""

    began: int
    first_audio: int | None = None
    ended: int | None = None
    cut_at: int | None = None
    cut_by: str = "voice"
    heard: str | None = None
    """What was heard of the turn's last line when the caller cut it."""
    next_input: int | None = None
    items: list[Sounding] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


def sounding_of(out: str, cls: str, data: Mapping[str, Any], queued: int, turn: int) -> Sounding | None:
    """The item of an output event of that class; None for one that does not sound."""
    if cls == "TextToSpeechEvent" and isinstance(text := data.get("text"), str) and text.strip():
        return Sounding(out, "speech", text, queued, turn, _WORD_NS * len(text.split()))
    if cls == "AudioEvent":
        return Sounding(out, "audio", "", queued, turn, _SOUND_NS)
    if cls == "SilenceEvent" and (duration := milliseconds(data, "duration")):
        return Sounding(out, "silence", "", queued, turn, duration)
    return None


def mark_of(data: Mapping[str, Any], at: int) -> Mark | None:
    """The mark in a row's data; None where the row says nothing of playback."""
    played = milliseconds(data, "played_ms", "playedMs")
    received = milliseconds(data, "received_ms", "receivedMs")
    discarded = milliseconds(data, "discarded_ms", "discardedMs")
    if played is None and received is None and discarded is None:
        return None
    heard, count = data.get("heard"), data.get("heard_words")
    return Mark(
        at,
        played,
        received,
        discarded,
        heard if isinstance(heard, str) else None,
        count if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 2**31 else None,
        bool(discarded) or data.get("interrupted") is True,
    )


def milliseconds(data: Mapping[str, Any], *names: str) -> int | None:
    """A duration in ns from the first of these names that holds one in ms."""
    for name in names:
        value = data.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST_MS:
            return round(value * 1_000_000)
    return None


def place(turn: TurnFacts) -> None:
    """Give every item of a turn its place: from its mark, else between the instants that the turn's rows tell."""
    for item, mark in zip(turn.items, turn.marks, strict=False):
        item.mark = item.mark or mark
    unmarked = [item for item in turn.items if item.mark is None or item.mark.played is None]
    for item in turn.items:
        if item not in unmarked:
            _by_mark(item, turn)
    if unmarked:
        _between(unmarked, turn)


def _by_mark(item: Sounding, turn: TurnFacts) -> None:
    mark = item.mark
    assert mark is not None
    assert mark.played is not None
    item.end = max(item.queued, mark.at)
    item.start = max(item.queued, mark.at - mark.played)
    if mark.played == 0 and mark.discarded:
        item.state = "dropped"
    elif mark.cut:
        item.state, item.cut_by = "cut", turn.cut_by
    whole = mark.received or (mark.played + (mark.discarded or 0))
    heard = mark.heard if mark.heard is not None else turn.heard if item is turn.items[-1] else None
    _hear(item, heard, mark.heard_words, mark.played / whole if whole else 1.0)


def _between(items: Sequence[Sounding], turn: TurnFacts) -> None:
    begin = turn.first_audio if turn.first_audio is not None else items[0].queued
    begin = max(begin, items[0].queued)
    end = turn.ended if turn.ended is not None else begin + sum(item.nominal for item in items)
    if turn.ended is None and turn.cut_at is None and turn.next_input is not None:
        end = min(end, turn.next_input)
    end = max(begin, end)
    total = sum(item.nominal for item in items) or 1
    exact = turn.first_audio is not None and turn.ended is not None and len(items) == 1
    at = begin
    for number, item in enumerate(items):
        item.estimated = not exact
        item.start = max(at, item.queued)
        share = (end - begin) * item.nominal // total
        item.end = end if number == len(items) - 1 and turn.cut_at is None else max(item.start, at + share)
        at = item.end
    cut = turn.cut_at
    for item in items:
        if cut is None or item.end <= cut:
            _hear(item, None, None, 1.0)
        elif item.start >= cut:
            item.state, item.start, item.end = "dropped", cut, cut
        else:
            part = (cut - item.start) / max(1, item.end - item.start)
            item.state, item.cut_by, item.end = "cut", turn.cut_by, cut
            _hear(item, turn.heard, None, part)


def _hear(item: Sounding, heard: str | None, words: int | None, part: float) -> None:
    """What was heard of the text; where no row says it, as many whole words as fit the part that was played."""
    if item.state == "done":
        item.heard, item.heard_words = item.text, item.words
        return
    if item.state == "dropped":
        return
    if heard is not None and item.text.startswith(heard):
        item.heard = heard
        item.heard_words = len(heard.split()) if words is None else words
        return
    item.estimated = True
    item.heard_words = int(item.words * min(1.0, part)) if words is None else min(words, item.words)
    item.heard = " ".join(item.text.split()[: item.heard_words])
