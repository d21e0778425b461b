"""Where the ruler has its ticks, and what it writes there."""

from studio.sessions.records import NS
from studio.sessions.sentences import clock

_STEPS = tuple(
    int(seconds * NS)
    for seconds in (
        0.001,
        0.002,
        0.005,
        0.01,
        0.02,
        0.05,
        0.1,
        0.2,
        0.5,
        1,
        2,
        5,
        10,
        20,
        30,
        60,
        120,
        300,
        600,
        1200,
        1800,
        3600,
    )
)


def step_for(ns_per_px: float, least_px: float) -> int:
    """The distance of ticks in ns, so that they stand `least_px` apart or more."""
    return next((step for step in _STEPS if step >= ns_per_px * least_px), _STEPS[-1] * 2)


def ticks(start: int, end: int, step: int) -> list[int]:
    """The ticks in [start, end], never before the session's start."""
    first = max(0, -(-start // step) * step)
    return list(range(first, end + 1, step))


def tick_label(time: int, step: int) -> str:
    """A tick's time, with as many decimals as the distance of ticks needs."""
    return clock(time, 0 if step >= NS else 1 if step >= NS // 10 else 2 if step >= NS // 100 else 3)
