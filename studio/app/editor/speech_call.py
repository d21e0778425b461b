"""Speech events in the source of a handler: which lines it says, and how a voice is written into it. Knows no widget.

Offsets are UTF-16 code units, as Qt counts them. The text may be one that is being written: it need not be valid Python.
"""

import ast
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tree_sitter import Node

from studio.app.editor.event_place import CannotWriteError, place_of_event
from studio.app.editor.python_source import PythonSource

EVENT = "TextToSpeechEvent"
_FIELDS = ("text", "voice", "cache", "interruptible", "instructions", "speed", "language", "stream", "model", "replace")
"""Of the event, in the order in which they may be given without their names."""


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A text that stands in the source as it is spoken. `line` counts from 1; what is not literal is absent."""

    line: int
    text: str
    instructions: str = ""
    language: str = ""
    voice: Any = None
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """Who speaks, how fast and how. `voice` is a name or {"provider", "identifier"}."""

    voice: str | Mapping[str, str]
    speed: float = 1.0
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in place of [start, end)."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Insertion:
    """Edits from the first to the last; none overlaps another. `replaces` tells a call that was there from a new one."""

    edits: tuple[Edit, ...]
    replaces: bool
    note: str = ""
    """What the person still has to do; "" for nothing."""


@dataclass(frozen=True, slots=True)
class _Arguments:
    """Which node stands for which field: `given` are the whole arguments, `values` what they give."""

    given: dict[str, Node]
    values: dict[str, Node]
    splats: frozenset[str]
    """`*` and `**` where some are passed on."""


def _read(source: PythonSource, arguments: Node) -> _Arguments:
    given: dict[str, Node] = {}
    values: dict[str, Node] = {}
    splats: set[str] = set()
    place = 0
    for node in arguments.named_children:
        match node.type:
            case "keyword_argument":
                name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
                if name and value:
                    given[source.of(name)], values[source.of(name)] = node, value
            case "list_splat":
                splats.add("*")
            case "dictionary_splat":
                splats.add("**")
            case "comment":
                pass
            case _:
                if place < len(_FIELDS) and "*" not in splats:
                    given[_FIELDS[place]] = values[_FIELDS[place]] = node
                place += 1
    return _Arguments(given, values, frozenset(splats))


def _helpers(source: PythonSource) -> set[str]:
    """Functions that make the event of what they get first: `def say(text): return TextToSpeechEvent(text, ...)`."""
    found: set[str] = set()
    for _, arguments in source.calls(EVENT):
        said = _read(source, arguments).values.get("text")
        node = arguments.parent
        while node and node.type != "function_definition":
            node = node.parent
        if said and node and said.type == "identifier":
            name, parameters = node.child_by_field_name("name"), node.child_by_field_name("parameters")
            first = next(iter(parameters.named_children), None) if parameters else None
            if name and first and source.of(said) == re.split(r"[\s:=]", source.of(first))[0]:
                found.add(source.of(name))
    return found


def spoken_lines(text: str) -> list[SpokenLine]:
    """The lines that a handler says and that stand in it literally, in the order of the source.

    Those given to a function that makes the event of its first argument count too.
    """
    source = PythonSource(text)
    found: list[SpokenLine] = []
    for call, node in source.calls(EVENT, *_helpers(source)):
        values = {name: _literal(source.of(value)) for name, value in _read(source, node).values.items()}
        said = values.get("text")
        if not isinstance(said, str) or not said.strip():
            continue
        speed = values.get("speed")
        found.append(
            SpokenLine(
                call.start_point.row + 1,
                said,
                _string(values.get("instructions")),
                _string(values.get("language")),
                values.get("voice"),
                float(speed) if isinstance(speed, int | float) and not isinstance(speed, bool) and speed > 0 else 1.0,
            )
        )
    return sorted(found, key=lambda line: line.line)


def write(text: str, cursor: int, said: str, delivery: Delivery) -> Insertion:
    """How a delivery gets into a source: into the event under the cursor, else as an event that says `said` there.

    Raises CannotWriteError where neither can be done.
    """
    source = PythonSource(text)
    call = _call_at(source, cursor)
    if call:
        return Insertion(tuple(_replaced(source, call, delivery)), True)
    place = place_of_event(source, cursor)
    fields = {"text": _quoted(said), "voice": _spelt(delivery.voice)}
    if delivery.speed != 1:
        fields["speed"] = _number(delivery.speed)
    if delivery.instructions:
        fields["instructions"] = _quoted(delivery.instructions)
    name = _spelling(source)
    event = f"{name}({', '.join(f'{name}={value}' for name, value in fields.items())})"
    note = (
        "" if name != EVENT or _knows_event(source) else f"Add to the imports: from primfunctions.events import {EVENT}"
    )
    return Insertion((Edit(place.at, place.at, f"{place.before}{event}{place.after}"),), False, note)


def _call_at(source: PythonSource, cursor: int) -> Node | None:
    """The arguments of the innermost event around the cursor, else of the only one on its line."""
    row = source.between(0, cursor).count("\n")
    around: Node | None = None
    beside: list[Node] = []
    for call, arguments in source.calls(EVENT):
        if call.start_byte <= 2 * cursor <= call.end_byte:
            around = arguments
        if call.start_point.row <= row <= call.end_point.row:
            beside.append(arguments)
    return around or (beside[0] if len(beside) == 1 else None)


def _replaced(source: PythonSource, node: Node, delivery: Delivery) -> Iterator[Edit]:
    arguments = _read(source, node)
    wanted = {"voice": _spelt(delivery.voice), "speed": _number(delivery.speed)}
    if delivery.instructions:
        wanted["instructions"] = _quoted(delivery.instructions)
    edits: list[Edit] = []
    added: list[str] = []
    for name, value in wanted.items():
        if name in arguments.values:
            old = arguments.values[name]
            edits.append(Edit(old.start_byte // 2, old.end_byte // 2, value))
        elif arguments.splats:
            raise CannotWriteError(
                f"This event takes fields from {' and '.join(sorted(arguments.splats))}: write the voice there."
            )
        elif name != "speed" or delivery.speed != 1:
            added.append(f"{name}={value}")
    old = arguments.values.get("instructions")
    if old and not delivery.instructions and isinstance(_literal(source.of(old)), str):
        argument = arguments.given["instructions"]
        if argument is old:  # by its place: others follow it
            edits.append(Edit(old.start_byte // 2, old.end_byte // 2, '""'))
        elif added:
            edits.append(Edit(argument.start_byte // 2, argument.end_byte // 2, ", ".join(added)))
            added = []
        else:
            edits.append(_removed(argument))
    if added:
        edits.append(_appended(source, node, added))
    return iter(sorted(edits, key=lambda edit: edit.start))


def _appended(source: PythonSource, arguments: Node, added: list[str]) -> Edit:
    """Further arguments behind the last one, laid out as it is."""
    parts = [child for child in arguments.children if child.type not in ("(", ")", "comment")]
    if not parts:
        at = arguments.start_byte // 2 + 1
        return Edit(at, at, ", ".join(added))
    last = parts[-1]
    at = last.end_byte // 2
    trailing = last.type == ","
    argument = parts[-2] if trailing else last
    own_line = argument.start_point.row > arguments.start_point.row
    between = "\n" + source.between(_line_start(source, argument), argument.start_byte // 2) if own_line else " "
    if own_line and between.strip():
        between = " "  # it shares its line with others
    if trailing:
        return Edit(at, at, "".join(f"{between}{item}," for item in added))
    return Edit(at, at, "".join(f",{between}{item}" for item in added))


def _removed(argument: Node) -> Edit:
    """Take an argument away with one of its commas; comments stay."""
    before, after = argument.prev_sibling, argument.next_sibling
    start, end = argument.start_byte, argument.end_byte
    if after and after.type == ",":
        if before and before.type != "(":
            start, end = before.end_byte, after.end_byte
        else:
            end = after.next_sibling.start_byte if after.next_sibling else after.end_byte
    elif before and before.type == ",":
        start = before.start_byte
    return Edit(start // 2, end // 2, "")


def _line_start(source: PythonSource, node: Node) -> int:
    at = node.start_byte // 2
    before = source.between(0, at)
    return at - len(before[before.rfind("\n") + 1 :].encode("utf-16-le", "surrogatepass")) // 2


def _spelling(source: PythonSource) -> str:
    """The event as the file calls it: by its own name, or as a part of a module."""
    if _knows_event(source):
        return EVENT
    for call, _ in source.calls(EVENT):
        function = call.child_by_field_name("function")
        if function and function.type == "attribute":
            return source.of(function)
    for pattern in _MODULES:
        if found := re.search(pattern, source.text, re.MULTILINE):
            return f"{found[1]}.{EVENT}"
    return EVENT


_MODULES = (
    r"^[ \t]*from\s+primfunctions\s+import\s+events\s+as\s+(\w+)",
    r"^[ \t]*from\s+primfunctions\s+import\s+(events)\b",
    r"^[ \t]*import\s+primfunctions\.events\s+as\s+(\w+)",
    r"^[ \t]*import\s+(primfunctions\.events)\b",
)
"""How the module of the events may be imported; the group is what stands before its names."""


def _knows_event(source: PythonSource) -> bool:
    """Whether the name is bound: imported by itself or with everything, or defined."""
    pattern = rf"^\s*(from\s+\S+\s+import\s+(\*|\(?[^#\n]*\b{EVENT}\b)|class\s+{EVENT}\b|{EVENT}\s*=)"
    joined = re.sub(r"\(([^()]*)\)", lambda m: "(" + m[1].replace("\n", " ") + ")", source.text)
    return re.search(pattern, joined, re.MULTILINE) is not None


def _literal(text: str) -> Any:
    """The value of a literal; None for what is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # read at every key; what Python warns of is told where the agent runs
            return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _quoted(text: str) -> str:
    """A Python string in double quotes, on one line."""
    quoted = json.dumps(text, ensure_ascii=False)
    for character in "\x7f\x85\u2028\u2029":
        quoted = quoted.replace(character, f"\\u{ord(character):04x}")
    return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", quoted)


def _spelt(voice: str | Mapping[str, str]) -> str:
    if isinstance(voice, str):
        return _quoted(voice)
    return "{" + ", ".join(f"{_quoted(name)}: {_quoted(value)}" for name, value in voice.items()) + "}"


def _number(speed: float) -> str:
    return repr(float(speed))
