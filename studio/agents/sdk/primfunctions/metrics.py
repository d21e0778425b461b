"""Numbers that an agent measures: counters, gauges, histograms."""

# pyright: reportUnnecessaryIsInstance=false

import math
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

_NAME_LENGTH = 128


class Sink(Protocol):
    """Where measured values go."""

    def record(self, kind: str, name: str, value: float, tags: Mapping[str, str]) -> None:
        """Take one value; `kind` is counter, gauge or histogram."""
        ...


class _Print:
    def record(self, kind: str, name: str, value: float, tags: Mapping[str, str]) -> None:
        print(f"[metric] {kind} {name} = {value:g}" + (f" {dict(tags)}" if tags else ""))


_impl: Sink = _Print()
_auto_tags: dict[str, str] = {}  # the variants of running experiments


def counter(name: str, *, value: float = 1, tags: Mapping[str, str] | None = None) -> None:
    """Count something. Raises ValueError for a bad name or a value that is not finite."""
    _record("counter", name, value, tags)


def gauge(name: str, value: float, *, tags: Mapping[str, str] | None = None) -> None:
    """State the present size of something. Raises ValueError as `counter` does."""
    _record("gauge", name, value, tags)


def histogram(name: str, value: float, *, tags: Mapping[str, str] | None = None) -> None:
    """Add a value to a distribution. Raises ValueError as `counter` does."""
    _record("histogram", name, value, tags)


def _record(kind: str, name: str, value: float, tags: Mapping[str, str] | None) -> None:
    if not isinstance(name, str) or not 1 <= len(name) <= _NAME_LENGTH:
        raise ValueError(f"The name of a metric has 1 to {_NAME_LENGTH} characters.")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"The value of the metric '{name}' must be a finite number, not {value!r}.")
    _impl.record(kind, name, value, {**_auto_tags, **(tags or {})})


class MetricType(StrEnum):
    """The kinds of metrics."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


metrics = sys.modules[__name__]
"""`from primfunctions.metrics import metrics` gives what `from primfunctions import metrics` gives."""
