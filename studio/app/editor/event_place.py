"""Where in a handler an event can be written, seen from the cursor. Knows no widget."""

import re
from dataclasses import dataclass

from tree_sitter import Node

from studio.app.editor.indenting import INDENT
from studio.app.editor.python_source import PythonSource

HANDLER = "handler"
_DEF = re.compile(r"(?:async\s+)?def\s+(\w+)")
_WANTS_EXPRESSION = re.compile(r"(?:[=(\[{,]|\b(?:yield|return|await))\s*$")
_ENDS_LINE = re.compile(r"[ \t]*(?:[)\]},#]|\n|\Z)")
_ENDS_BRACKETS = re.compile(r"\s*(?:#.*\s*)*[)\]},]")
_BRACKETS = frozenset(
    {"argument_list", "list", "tuple", "dictionary", "set", "parenthesized_expression", "subscript", "ERROR"}
)
_LEAVES = frozenset({"return_statement", "raise_statement", "break_statement", "continue_statement"})
"""What follows them in their block is never reached."""
_NOTHING = frozenset({"pass_statement", "comment"})


class CannotWriteError(Exception):
    """It cannot be written there; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Place:
    """Put `before`, the event and `after` at a place of the source, in UTF-16 units."""

    at: int
    before: str = ""
    after: str = ""


def place_of_event(source: PythonSource, cursor: int) -> Place:
    """Where an event goes: where an expression is missing at the cursor, else as a statement of its own that yields it.

    Raises CannotWriteError where no event can be yielded: in texts, outside of functions, in functions that yield nothing.
    """
    _need_code(source, cursor)
    before, after = source.between(0, cursor), source.between(cursor, len(source.bytes) // 2)
    line = before[before.rfind("\n") + 1 :]
    if _wants_expression(source, cursor, before, after):
        return Place(cursor)
    if not line.strip() and not after.partition("\n")[0].strip() and (place := _on_empty_line(source, cursor, before)):
        return place
    return _beside_statement(source, cursor, line)


def _need_code(source: PythonSource, cursor: int) -> None:
    node = source.at(cursor)
    while node:
        inside = node.start_byte < 2 * cursor < node.end_byte
        if inside and node.type in ("string", "string_content", "comment"):
            what = "a comment" if node.type == "comment" else "a text"
            raise CannotWriteError(f"The cursor is in {what}. Put it where the event should stand.")
        node = node.parent


def _wants_expression(source: PythonSource, cursor: int, before: str, after: str) -> bool:
    """Whether something is still to be written there: `x = |`, `yield |`, `say(|)`."""
    at = source.at(cursor)
    if not _WANTS_EXPRESSION.search(before) or _within(at, {"parameters", "lambda_parameters"}):
        return False
    if _within(at, _BRACKETS):
        return _ENDS_BRACKETS.match(after) is not None  # else what follows is the next element
    return bool(before[before.rfind("\n") + 1 :].strip()) and _ENDS_LINE.match(after) is not None


def _within(node: Node | None, kinds: frozenset[str] | set[str]) -> bool:
    while node:
        if node.type in kinds:
            return True
        node = node.parent
    return False


def _on_empty_line(source: PythonSource, cursor: int, before: str) -> Place | None:
    """On the cursor's own line, where it is in a function by its indentation, and in no brackets; None elsewhere.

    White space before the cursor says how deep it stands; without any it belongs to the block above.
    """
    if _within(source.at(cursor), _BRACKETS - {"ERROR"}):
        return None
    if typed := before[before.rfind("\n") + 1 :]:
        return Place(cursor, "yield ") if _in_function(source, before, typed) else None
    code = _last_code(source, cursor)
    above, after = _statement(source, code), _next_indent(source, cursor)
    try:
        if above and above.type in _LEAVES:
            return _beside_statement(source, code, source.between(0, code).rpartition("\n")[2])
        indent = _indent_below(source, code, above, after)
        if _in_function(source, before, indent):
            return Place(cursor, f"{indent}yield ")
    except CannotWriteError:  # a function that says nothing may stand within one that does
        if _in_function(source, before, after):
            return Place(cursor, f"{after}yield ")
        raise
    return None


def _in_function(source: PythonSource, before: str, indent: str) -> bool:
    """Whether a line below `before`, indented so, is in a function. Raises CannotWriteError where that one yields nothing."""
    width = len(indent.expandtabs(8))
    rows = before.split("\n")[:-1]
    for row, text in reversed([*enumerate(rows)]):
        lead = len(text.expandtabs(8)) - len(text.expandtabs(8).lstrip())
        if text.strip() and lead < width and not text.lstrip().startswith("#"):
            if found := _DEF.match(text.lstrip()):
                _need_yielding(found[1], _function_on(source, row))
                return True
            width = lead
    return False


def _last_code(source: PythonSource, cursor: int) -> int:
    """Where the last character before a place stands that is neither white space nor in a comment; -1 for none."""
    at = _last_black(source, cursor)
    while at >= 0 and (node := source.at(at)) and node.type == "comment":
        at = _last_black(source, node.start_byte // 2)
    return at


def _last_black(source: PythonSource, end: int) -> int:
    return len(source.between(0, end).rstrip().encode("utf-16-le", "surrogatepass")) // 2 - 1


def _statement(source: PythonSource, at: int) -> Node | None:
    """The innermost statement at a place; None where there is none."""
    node = source.at(at) if at >= 0 else None
    while node and node.parent and node.parent.type not in ("block", "module", "ERROR"):
        node = node.parent
    return node


def _indent_below(source: PythonSource, code: int, statement: Node | None, after: str) -> str:
    """How a line is indented that follows a statement whose last character is at `code`: deeper below a header.

    `after` is how the next line is.
    """
    if statement is None:
        return ""
    indent = _indent(source, statement.start_byte // 2)
    if source.between(code, code + 1) != ":":
        return indent
    deeper = after.startswith(indent) and after != indent
    return after if deeper else indent + ("\t" if indent.startswith("\t") else " " * INDENT)


def _next_indent(source: PythonSource, cursor: int) -> str:
    """How the line is indented that follows an empty one; "" where nothing does."""
    rest = source.between(cursor, len(source.bytes) // 2)
    following = rest[: len(rest) - len(rest.lstrip())].rpartition("\n")[2]
    return following if rest.strip() else ""


def _function_on(source: PythonSource, row: int) -> Node | None:
    return next((node for node in source.nodes("function_definition") if node.start_point.row == row), None)


def _beside_statement(source: PythonSource, cursor: int, line: str) -> Place:
    """A line of its own behind the cursor's statement, or before one that leaves; within the body whose header it is."""
    start = cursor - len(line.encode("utf-16-le", "surrogatepass")) // 2
    text = source.between(start, len(source.bytes) // 2).partition("\n")[0]
    first = start + len(text) - len(text.lstrip())
    inside = _within(source.at(cursor), _BRACKETS)  # on an empty line of a statement of several
    node = source.at(first) if text.strip() else source.at(cursor) if inside else None
    row = source.between(0, first).count("\n")
    while node and node.parent and node.parent.type != "block":
        if (body := _body(node)) and row < body.start_point.row:
            break
        node = node.parent
    function = node
    while function and function.type != "function_definition":
        function = function.parent
    if node is None or function is None:
        raise CannotWriteError(
            f"The cursor is outside of all functions. Put it into {HANDLER}, where it should be said."
        )
    _need_yielding(source.of(_name(function)), function)
    if (body := _body(node)) and row < body.start_point.row:
        return _first_in(source, body)
    at = node.start_byte // 2
    if node.type in _LEAVES:
        return Place(at, "yield ", f"\n{_indent(source, at)}")
    end = node.end_byte // 2
    rest = source.between(end, len(source.bytes) // 2).partition("\n")[0]
    end += len(rest.rstrip().encode("utf-16-le", "surrogatepass")) // 2
    return Place(end, f"\n{_indent(source, at)}yield ")


def _body(node: Node) -> Node | None:
    """The statements that stand below a header; None where a node is none."""
    return next((child for child in node.named_children if child.type == "block"), None)


def _first_in(source: PythonSource, body: Node) -> Place:
    """Before the first statement of a body; its docstring stays the first."""
    first = body.named_children[0]
    described = first.type == "expression_statement" and first.named_children[0].type == "string"
    if described and len(body.named_children) > 1:
        first = body.named_children[1]
    at = first.start_byte // 2
    indent = _indent(source, at)
    if described and first is body.named_children[0]:
        return Place(first.end_byte // 2, f"\n{indent}yield ")
    return Place(at, "yield ", f"\n{indent}")


def _indent(source: PythonSource, at: int) -> str:
    line = source.between(0, at).rpartition("\n")[2]
    return line[: len(line) - len(line.lstrip())]


def _name(function: Node) -> Node:
    return function.child_by_field_name("name") or function


def _need_yielding(name: str, function: Node | None) -> None:
    """Whether a function yields events, or may come to: by its name, or because there is nothing in it yet."""
    body = _body(function) if function else None
    if name == HANDLER or body is None or _yields(body) or all(child.type in _NOTHING for child in body.named_children):
        return
    raise CannotWriteError(f"{name} yields nothing. Put the cursor into {HANDLER}, where it should be said.")


def _yields(body: Node) -> bool:
    """Whether a body yields anything itself, beside functions within it."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if node.type == "yield":
            return True
        waiting += [child for child in node.named_children if child.type not in ("function_definition", "lambda")]
    return False
