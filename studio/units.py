"""Durations and sizes, short enough for a column."""

_SIZES = ("B", "kB", "MB")


def span(seconds: float) -> str:
    """A duration in its largest unit, rounded down: `3 d`, `5 h`, `12 min` or `8 s`."""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(seconds)} s"


def size(count: float) -> str:
    """Bytes as `12.3 kB`."""
    for unit in _SIZES:
        if count < 999.95:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
