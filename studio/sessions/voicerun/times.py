"""When the rows of an export happened, on the timeline of one session."""

from collections.abc import Sequence
from dataclasses import dataclass

from studio.sessions.records import NS
from studio.sessions.voicerun.rows import Row

_LONGEST_NS = 24 * 3600 * NS
"""A row that lies further than this from most others carries a wrong time."""
_LATEST_NS = 60 * NS
"""A row that seems to have been seen later than this after it happened was not: the debugger's clock was changed."""


@dataclass(frozen=True, slots=True)
class RowTime:
    """Session times of a row in ns. `estimated`: the row carries no time of its own."""

    happened: int
    seen: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The times of all rows, by their place. `zero` is the epoch time of session time 0, 0 where no row has a time."""

    zero: int
    client_offset: int | None
    """How much the debugger's clock was ahead of the platform's, with the quickest row's way, in ns; None without it."""
    times: Sequence[RowTime]


def timeline_of(rows: Sequence[Row]) -> Timeline:
    """Place the rows. The order in which they were seen is that of the file."""
    own = _usable([row.at for row in rows])
    clients = _usable([row.client for row in rows])
    both = [client - at for at, client in zip(own, clients, strict=True) if at is not None and client is not None]
    offset = min(both) if both else None
    known = [
        at if at is not None else client - (offset or 0) if client is not None else None
        for at, client in zip(own, clients, strict=True)
    ]
    zero = min((at for at in known if at is not None), default=0)
    times: list[RowTime] = []
    happened = seen = 0
    for at, client in zip(known, clients, strict=True):
        happened = seen if at is None else at - zero
        arrived = client - (offset or 0) - zero if client is not None else happened
        if not happened <= arrived <= happened + _LATEST_NS:
            arrived = happened
        seen = max(seen, arrived, happened)
        times.append(RowTime(happened, seen, at is None))
    return Timeline(zero, offset, times)


def _usable(times: Sequence[int | None]) -> list[int | None]:
    """The times, without those that lie far from most."""
    known = sorted(time for time in times if time is not None)
    middle = known[len(known) // 2] if known else 0
    return [time if time is not None and abs(time - middle) <= _LONGEST_NS else None for time in times]
