"""The file of a scripted model: TOML or JSON, a list of rules, and what decides which of them fits.

    first_token_ms = 250          # for rules that do not say it themselves
    tokens_per_second = 40        # 0: all at once

    [[rule]]
    said = "weather"              # in the caller's last line: a regular expression, whatever the case
    text = "Let me look."         # {said} is the caller's line, {KEY} a value of the tools' last answer
    tools = [{ name = "get_weather", arguments = { city = "Rome" } }]

    [[rule]]
    tool = "get_weather"          # the last message is that tool's answer
    text = "It is {degrees} degrees."

    [[rule]]
    turn = 3                      # the caller's third line
    times = 1                     # how often the rule fits in one session
    error = "limit"               # a failure in place of an answer; `sentence` says it in words

A rule without conditions fits everything.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast, get_args

from studio.providers.errors import Failure, ProviderError


@dataclass(frozen=True, slots=True)
class Situation:
    """What a rule is held against."""

    said: str
    """The caller's last line."""
    turn: int
    """How many lines the caller has said."""
    tool: str
    """The tool whose answer is the last message; "" where it is not a tool's."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """What texts may name: `said`, and the keys of the tools' last answer."""

    @classmethod
    def of(cls, messages: Sequence[Mapping[str, Any]]) -> Self:
        """The situation after some messages."""
        lines = [_text(row.get("content")) for row in messages if row.get("role") == "user"]
        answers = [row for row in messages if row.get("role") == "tool"]
        names = {
            call.get("id"): call.get("function", {}).get("name", "")
            for row in messages
            for call in row.get("tool_calls") or ()
        }
        last = messages[-1] if messages else {}
        tool = ""
        if last.get("role") == "tool":
            tool = last.get("name") or names.get(last.get("tool_call_id"), "")
        said = lines[-1] if lines else ""
        answer = answers[-1].get("content") if answers else None
        return cls(said, len(lines), tool, {**(answer if isinstance(answer, Mapping) else {}), "said": said})


@dataclass(frozen=True, slots=True)
class Rule:
    """When, and what then."""

    said: re.Pattern[str] | None = None
    turn: int = 0
    tool: str = ""
    times: int = 0
    text: str = ""
    tools: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    finish_reason: str = "stop"
    error: Failure | None = None
    sentence: str = ""
    first_token_ms: float = 0.0
    tokens_per_second: float = 0.0

    def fits(self, situation: Situation) -> bool:
        """Whether every condition holds. A rule for a caller's line does not fit a tool's answer."""
        if self.tool != situation.tool and (self.tool or self.said or self.turn):
            return False
        if self.said and not self.said.search(situation.said):
            return False
        return self.turn in (0, situation.turn)


@dataclass(frozen=True, slots=True)
class Script:
    """A file's rules, in order."""

    rules: tuple[Rule, ...] = ()


def read_script(file: Path) -> Script:
    """Read a script. Raises ProviderError with a sentence that says what is wrong in which rule."""
    try:
        text = file.read_text("utf-8-sig")
        table = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise _faulty(file, f"cannot be read: {error}") from None
    if not isinstance(table, dict):
        raise _faulty(file, "must be an object with a list 'rule'")
    rows = table.pop("rule", [])
    if not isinstance(rows, list):
        raise _faulty(file, "takes rules as [[rule]]")
    if unknown := set(table) - _DEFAULTS:
        raise _faulty(file, f"has no '{sorted(unknown)[0]}': beside rules it takes {', '.join(sorted(_DEFAULTS))}")
    return Script(
        tuple(_rule(file, number, {**table, **_table(file, number, row)}) for number, row in enumerate(rows, 1))
    )


_DEFAULTS = {"first_token_ms", "tokens_per_second"}
_KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "said": (str, "a text"),
    "turn": (int, "a whole number from 1"),
    "tool": (str, "a tool's name"),
    "times": (int, "a whole number from 1"),
    "text": (str, "a text"),
    "tools": (list, "a list of tables with name and arguments"),
    "finish_reason": (str, "a text"),
    "error": (str, "a failure"),
    "sentence": (str, "a text"),
    "first_token_ms": ((int, float), "a number of milliseconds"),
    "tokens_per_second": ((int, float), "a number"),
}


def _table(file: Path, number: int, row: Any) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise _faulty(file, f"takes tables as rules: rule {number} is none")
    return cast("dict[str, Any]", row)


def _rule(file: Path, number: int, row: Mapping[str, Any]) -> Rule:
    for key, value in row.items():
        if key not in _KINDS:
            near = difflib.get_close_matches(key, _KINDS, n=1)
            means = f"did you mean '{near[0]}'? A rule" if near else "a rule"
            raise _faulty(file, f"has no '{key}' in a rule (rule {number}); {means} takes {', '.join(_KINDS)}")
        kind, words = _KINDS[key]
        bad = not isinstance(value, kind) or isinstance(value, bool)
        if bad or (isinstance(value, int | float) and value < (1 if key in ("turn", "times") else 0)):
            raise _faulty(file, f"takes {words} as {key}, not {value!r} (rule {number})")
    fields = dict(row)
    if "said" in fields:
        try:
            fields["said"] = re.compile(fields["said"], re.IGNORECASE)
        except re.error as error:
            raise _faulty(file, f"has a faulty expression in said of rule {number}: {error}") from None
    if fields.get("error") and fields["error"] not in get_args(Failure):
        raise _faulty(
            file, f"knows no error '{fields['error']}' (rule {number}): it may be {', '.join(get_args(Failure))}"
        )
    fields["tools"] = tuple(_tool(file, number, tool) for tool in fields.get("tools", ()))
    return Rule(**fields)


def _tool(file: Path, number: int, tool: Any) -> tuple[str, Mapping[str, Any]]:
    match tool:
        case {"name": str(name), **rest} if set(rest) <= {"arguments"} and isinstance(rest.get("arguments", {}), dict):
            return name, cast("Mapping[str, Any]", rest.get("arguments", {}))
        case _:
            raise _faulty(file, f"takes tools as {{ name = ..., arguments = {{...}} }}, not {tool!r} (rule {number})")


def _faulty(file: Path, sentence: str) -> ProviderError:
    return ProviderError("script", "refused", f"The script {file.name} {sentence}.")


def _text(content: Any) -> str:
    """The text of a message, whose content may be a list of parts."""
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return str(content or "")
