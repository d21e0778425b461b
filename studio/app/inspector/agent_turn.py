"""What the opening of the agent's turn tells about the whole of it: what opened it, how long it was, what ended it."""

from studio.app.inspector.related import Family
from studio.app.inspector.rows import Link, Moment, Row
from studio.sessions.event_words import input_words, yielded_words
from studio.sessions.fates import doer
from studio.sessions.records import AUDIO_AGENT, EVENT_IN, EVENT_OUT, Record
from studio.sessions.sentences import clock, duration

_FATES = frozenset({"play_ended", "play_cut", "play_dropped"})
_MOST_STEPS = 6


def turn_rows(opened: Record, family: Family) -> list[Row]:
    """Rows about the turn that `opened` begins; `family` is what came before its end, in order, with its opener."""
    rows: list[Row] = []
    opener = next(((at, other) for at, other in family if other.seq < opened.seq), None)
    if opener:
        at, other = opener
        rows.append(Row("opened by", f"{_opening(other)} {clock(other.publish_time)}", "link", Link(at), wraps=True))
    within = [(at, other) for at, other in family if other.seq > opened.seq]
    closed = _closing(family)
    rows.append(Row("lasted", duration(closed.publish_time - opened.publish_time) if closed else "not over yet"))
    fates = [(at, other) for at, other in within if other.event in _FATES]
    last = _last(fates) if closed else None
    if closed:
        rows.append(_ended(within, fates, last))
    steps = [step for step in within if step != last and (_is_input(step[1]) or step[1].event == "play_cut")]
    for at, other in steps[:_MOST_STEPS]:
        told = input_words(other) if _is_input(other) else _told(other)
        link = Link(at) if _is_input(other) else _cause(at, other, within)
        rows.append(Row("meanwhile", f"{told} {clock(other.publish_time)}", "link", link, wraps=True))
    return rows


def turn_moment(opened: Record, family: Family) -> Moment | None:
    """The sound of the whole turn; None while it is open or where it has no length."""
    closed = _closing(family)
    if closed and closed.publish_time > opened.publish_time:
        return Moment(AUDIO_AGENT, opened.publish_time, closed.publish_time)
    return None


def _closing(family: Family) -> Record | None:
    return next((other for _, other in family if other.event == "turn_closed"), None)


def _opening(record: Record) -> str:
    if record.topic == EVENT_IN:
        return input_words(record)
    return yielded_words(record) if record.topic == EVENT_OUT else "the line that was cut goes on"


def _is_input(record: Record) -> bool:
    return record.topic == EVENT_IN and record.event != "StopEvent"


def _last(fates: Family) -> tuple[int, Record] | None:
    """What became of the last thing that was to be heard: where it was dropped, the cut that it was dropped with."""
    if not fates or fates[-1][1].event != "play_dropped":
        return fates[-1] if fates else None
    why = fates[-1][1].data.get("reason")
    cuts = [fate for fate in fates if fate[1].event == "play_cut" and fate[1].data.get("by") == why]
    return cuts[-1] if cuts else fates[-1]


def _ended(within: Family, fates: Family, last: tuple[int, Record] | None) -> Row:
    for at, other in within:
        heard_after = last is not None and last[1].event == "play_ended" and last[1].seq > other.seq
        if other.event == "transferred" and not heard_after:
            return Row("ended", f"by the transfer to {other.data.get('target') or 'somebody'}", "link", Link(at))
    if last is None:
        return Row("ended", "the handler was done; nothing was to be heard")
    at, fate = last
    if fate.event != "play_ended":
        return Row("ended", _told(fate), "link", _cause(at, fate, within), wraps=True)
    whole = all(other.event == "play_ended" for _, other in fates)
    return Row("ended", "all of it was heard" if whole else "the last line was heard whole", "link", Link(at))


def _told(fate: Record) -> str:
    """How a line was cut or dropped, and by whom."""
    cut = fate.event == "play_cut"
    by = str(fate.data.get("by" if cut else "reason") or "")
    if by == "failed":
        return "broken off: its speech failed" if cut else "never heard: its speech failed"
    return f"{'cut' if cut else 'dropped'} by {doer(by)}"


def _cause(at: int, fate: Record, within: Family) -> Link:
    """The decision that a line was cut, else the failure of its speech, else what became of it."""
    for place, other in within:
        decided = other.event == "barge_in" and other.cause == fate.cause
        if fate.cause and (decided or (other.event == "speech_failed" and other.id == fate.id)):
            return Link(place)
    return Link(at)
