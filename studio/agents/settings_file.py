"""What a project's `.studio/settings.toml` may hold, and what in it is wrong."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from studio.agents.names import catalogue, unknown_in_failover
from studio.agents.project import Project
from studio.agents.session_settings import SessionSettings
from studio.agents.shared_data import SharedDataError, SharedStore

FILE = ".studio/settings.toml"
TABLES = frozenset({"completions", "environment", "organization", "shared_data", "variables"})
"""What else than settings of a session stands there."""
_TABLES = frozenset({"completions", "organization", "variables"})

Code = Literal["unknown_setting", "unknown_voice", "unknown_model", "bad_failover", "bad_shared_data", "bad_value"]


@dataclass(frozen=True, slots=True)
class WrongSetting:
    """A name that nothing reads, a value that names nobody, or one that cannot be taken as it is. It is kept."""

    name: str
    line: int
    code: Code
    sentence: str
    refused: bool = False
    """Whether no session begins with it."""


def wrong_settings(project: Project) -> Iterator[WrongSetting]:
    """What is wrong in a project's settings, in their order."""
    for name, value in project.settings.items():
        for code, sentence in _wrong(project, name, value):
            yield WrongSetting(name, line_of(project, name), code, sentence)
        if name in SessionSettings.names():
            try:
                SessionSettings().changed(name, value)
            except ValueError as error:
                yield WrongSetting(name, line_of(project, name), "bad_value", str(error), refused=True)


def line_of(project: Project, name: str) -> int:
    """The line of the file on which a setting or a table stands."""
    text = (project.root / FILE).read_text("utf-8")
    found = re.search(rf"""^[ \t]*\[*[ \t]*["']?{re.escape(name)}\b""", text, re.M)
    return text.count("\n", 0, found.end()) + 1 if found else 1


def _wrong(project: Project, name: str, value: object) -> Iterator[tuple[Code, str]]:
    if name not in SessionSettings.names() | TABLES:
        yield "unknown_setting", _no_setting(name)
    elif name in _TABLES and not isinstance(value, Mapping):
        yield "unknown_setting", f"{name} is a table, [{name}], not {value!r}: it has no effect."
    elif name == "environment" and not isinstance(value, str):
        yield "unknown_setting", f"environment is a name, not {value!r}: it has no effect."
    elif name == "shared_data":
        try:
            SharedStore(value, project.root / ".studio").read()
        except SharedDataError as error:
            yield "bad_shared_data", f"{error} Until that is mended the agent finds no value there."
    elif name == "default_voice" and value and isinstance(value, str | int | float):
        for note in catalogue().cast(str(value)).notes:
            if note.code == "unknown_voice":
                yield "unknown_voice", f"default_voice: {note.sentence}"
    elif name == "stt_model" and value and isinstance(value, str | int | float):
        if unknown := catalogue().unknown_recogniser(str(value)):
            yield "unknown_model", f"stt_model: {unknown} The local recogniser hears in its place."
    elif name in ("stt_failover", "tts_failover"):
        for sentence in unknown_in_failover(name, value):
            yield "bad_failover", f"{name}: {sentence}"
    elif right := _as_text(name, value):
        yield "bad_value", f"{name} is no text, and {value!r} is one: write {name} = {right}."


def _as_text(name: str, value: object) -> str:
    """How a number or a switch that is given as a text is written as one; "" for anything else."""
    if not isinstance(value, str) or name in TABLES or SessionSettings.kind(name) not in (int, float, bool):
        return ""
    try:
        taken = getattr(SessionSettings().changed(name, value), name)
    except ValueError:  # it is none, which is said apart
        return ""
    return "" if taken is None else str(taken).lower() if isinstance(taken, bool) else value.strip()


def _no_setting(name: str) -> str:
    near = difflib.get_close_matches(name.casefold(), sorted(SessionSettings.names() | TABLES), n=1)
    means = f"; did you mean '{near[0]}'?" if near else ": it has no effect."
    return f"There is no setting '{name}'{means}"
