"""The rows of a session that `vr debug` has exported: a JSON array, or one row a line as its headless form prints them."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MOST_BYTES = 256 * 1024 * 1024
MOST_ROWS = 500_000
_MOST_PROBLEMS = 50
_YEARS = range(2000, 2101)
_MILLISECONDS_FROM = 1e11
"""A number from here on counts milliseconds since 1970, below it seconds."""


class NoExportError(Exception):
    """A file is no export of the debugger; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `at` (the platform's clock) and `client` (the debugger's) are epoch ns, None where the row does not say."""

    index: int
    """Its place in the file, from 0."""
    type: str
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    turn: int = 0
    at: int | None = None
    client: int | None = None


def read_rows(path: Path) -> tuple[list[Row], list[str]]:
    """The rows of a file, and a sentence for each that had to be left out. Raises NoExportError."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise NoExportError(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(raw) > MOST_BYTES:
        raise NoExportError(f"{path} is larger than {MOST_BYTES // 2**20} MB: no session of the debugger is.")
    rows, problems = rows_of(_values(raw, path))
    if not rows:
        raise NoExportError(
            f"{path} is no session of VoiceRun's debugger: it holds no row with type and name. "
            "Export one from the debugger's window, or keep what `vr debug` prints without one."
        )
    return rows, problems


def rows_of(values: list[Any]) -> tuple[list[Row], list[str]]:
    """The rows among JSON values, and a sentence for each value that is none."""
    rows: list[Row] = []
    problems: list[str] = []
    for index, value in enumerate(values[:MOST_ROWS]):
        row = _row(index, value)
        if isinstance(row, Row):
            rows.append(row)
        else:
            problems.append(f"Row {index} was left out: {row}.")
    if len(values) > MOST_ROWS:
        problems.append(f"The rows from {MOST_ROWS} on were left out: {len(values)} are too many.")
    if len(problems) > _MOST_PROBLEMS:
        problems[_MOST_PROBLEMS:] = [f"{len(problems) - _MOST_PROBLEMS} more rows were left out."]
    return rows, problems


def _values(raw: bytes, path: Path) -> list[Any]:
    try:
        text = raw.decode("utf-8-sig")
        try:
            value = json.loads(text)
        except ValueError:
            lines = [line for line in text.splitlines() if line.strip()]
            if len(lines) < 2 or not lines[0].lstrip().startswith("{"):
                raise
            return [_line(line) for line in lines]
    except UnicodeDecodeError:
        raise NoExportError(f"{path} is no session of VoiceRun's debugger: it is not UTF-8 text.") from None
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        raise NoExportError(f"{path} is no session of VoiceRun's debugger: it is not valid JSON ({why}).") from None
    if isinstance(value, dict) and "event" in value:
        return [value]
    if not isinstance(value, list):
        raise NoExportError(f"{path} is no session of VoiceRun's debugger: that is a JSON array of rows.")
    return value


def _line(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return line


def _row(index: int, value: Any) -> Row | str:
    """The row of a value, or why it is none."""
    if not isinstance(value, dict):
        return "it is no object"
    if value.get("event") != "debug":
        return "its event is not 'debug'"
    name, type = value.get("name"), value.get("type")
    if not isinstance(name, str) or not name:
        return "it has no name"
    if not isinstance(type, str):
        return "it has no type"
    data, turn = value.get("data"), value.get("turn")
    if data is not None and not isinstance(data, dict):
        return "its data are no object"
    return Row(
        index=index,
        type=type,
        name=name,
        data=data or {},
        turn=turn if isinstance(turn, int) and not isinstance(turn, bool) and 0 <= turn < 2**31 else 0,
        at=epoch_ns(value.get("timestamp")),
        client=epoch_ns(value.get("_clientTime")),
    )


def epoch_ns(value: Any) -> int | None:
    """Epoch nanoseconds of an ISO text or a number; None for what is no time of this century."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            if moment.year not in _YEARS:
                return None
            since = moment - datetime(1970, 1, 1, tzinfo=UTC)
            return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
            if datetime.fromtimestamp(seconds, UTC).year in _YEARS:
                return round(seconds * 1_000_000) * 1000  # a float holds no more of it
    except (ValueError, OverflowError, OSError):
        return None
    return None
