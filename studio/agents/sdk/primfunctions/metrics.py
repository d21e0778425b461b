"""Numbers that an agent measures: counters, gauges, histograms."""

# pyright: reportUnnecessaryIsInstance=false

import math as _math
from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

MAX_METRIC_NAME_LENGTH = 128


class _Sink(Protocol):
    """Where measured values go."""

    def record(self, kind: str, name: str, value: float, tags: Mapping[str, str]) -> None:
        """Take one value; `kind` is counter, gauge or histogram."""
        ...


class _Print:
    def record(self, kind: str, name: str, value: float, tags: Mapping[str, str]) -> None:
        print(f"[metric] {kind} {name} = {value:g}" + (f" {dict(tags)}" if tags else ""))


class Metrics:
    """Takes values of three kinds; `metrics` is the one that there is."""

    def __init__(self) -> None:
        self._impl: _Sink = _Print()
        self._auto_tags: dict[str, str] = {}  # the variants of running experiments

    def counter(self, name: str, *, value: float = 1, tags: Mapping[str, str] | None = None) -> None:
        """Count something. Raises ValueError for a bad name or a value that is not finite."""
        self._record("counter", name, value, tags)

    def gauge(self, name: str, *, value: float, tags: Mapping[str, str] | None = None) -> None:
        """State the present size of something. Raises ValueError as `counter` does."""
        self._record("gauge", name, value, tags)

    def histogram(self, name: str, *, value: float, tags: Mapping[str, str] | None = None) -> None:
        """Add a value to a distribution. Raises ValueError as `counter` does."""
        self._record("histogram", name, value, tags)

    def _record(self, kind: str, name: str, value: float, tags: Mapping[str, str] | None) -> None:
        if not isinstance(name, str) or not 1 <= len(name) <= MAX_METRIC_NAME_LENGTH:
            raise ValueError(f"The name of a metric has 1 to {MAX_METRIC_NAME_LENGTH} characters.")
        if isinstance(value, bool) or not isinstance(value, int | float) or not _math.isfinite(value):
            raise ValueError(f"The value of the metric '{name}' must be a finite number, not {value!r}.")
        self._impl.record(kind, name, value, {**self._auto_tags, **(tags or {})})


class MetricType(StrEnum):
    """The kinds of metrics."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


metrics = Metrics()
