"""Which stretch of a Python text is what, by tree-sitter. Knows no widget.

Offsets are UTF-16 code units, as Qt counts them.
"""

import re
from dataclasses import dataclass
from functools import cache

import tree_sitter_python
from tree_sitter import Language, Node, Parser, Point, Query, QueryCursor, Tree

_QUERY = """
(comment) @comment
(string) @string
(interpolation) @plain
[(integer) (float)] @number
[(true) (false) (none)] @keyword
(call function: (identifier) @call)
(call function: (attribute attribute: (identifier) @call))
(decorator) @call
(function_definition name: (identifier) @call)
(identifier) @name
["and" "as" "assert" "async" "await" "break" "class" "continue" "def" "del" "elif" "else" "except" "finally" "for" "from"
 "global" "if" "import" "in" "is" "lambda" "nonlocal" "not" "or" "pass" "raise" "return" "try" "while" "with" "yield"
 "match" "case" "is not" "not in"] @keyword
"""

_ORDER = ("string", "plain", "number", "call", "class", "keyword", "comment")
"""Later ones are painted over earlier ones."""

_CLASS_NAME = re.compile(r"_*[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch [start, end) of one kind: string, plain, number, call, class, keyword or comment."""

    start: int
    end: int
    kind: str


@cache
def _language() -> Language:
    return Language(tree_sitter_python.language())


@cache
def _query() -> Query:
    return Query(_language(), _QUERY)


class SyntaxTree:
    """The tree of a text that is edited piece by piece."""

    def __init__(self, text: str = "") -> None:
        self._parser = Parser(_language())
        self._bytes = b""
        self._tree: Tree | None = None
        self.replace(text)

    def replace(self, text: str) -> None:
        """Parse another text from scratch."""
        self._bytes = text.encode("utf-16-le", "surrogatepass")
        self._tree = self._parser.parse(self._bytes, encoding="utf16le")

    def edit(self, text: str, at: int, removed: int, added: int) -> None:
        """Take over a change: at offset `at`, `removed` units became `added`; `text` is the whole text after it."""
        new = text.encode("utf-16-le", "surrogatepass")
        if self._tree is None or len(self._bytes) + 2 * (added - removed) != len(new):
            self.replace(text)  # the change was told inexactly, as Qt does when a whole document is set
            return
        start, old_end, new_end = 2 * at, 2 * (at + removed), 2 * (at + added)
        self._tree.edit(
            start_byte=start,
            old_end_byte=old_end,
            new_end_byte=new_end,
            start_point=_point(self._bytes, start),
            old_end_point=_point(self._bytes, old_end),
            new_end_point=_point(new, new_end),
        )
        self._bytes = new
        self._tree = self._parser.parse(new, self._tree, encoding="utf16le")

    def _text_of(self, node: Node) -> str:
        return self._bytes[node.start_byte : node.end_byte].decode("utf-16-le", "replace")

    def spans(self, start: int, end: int) -> list[Span]:
        """What touches [start, end), in the order of painting."""
        if self._tree is None:
            return []
        cursor = QueryCursor(_query())
        cursor.set_byte_range(2 * start, 2 * end)
        captures = cursor.captures(self._tree.root_node)
        names = captures.pop("name", [])  # the query's own #match? would compare with UTF-8
        captures["class"] = [node for node in names if _CLASS_NAME.fullmatch(self._text_of(node))]
        return [
            Span(node.start_byte // 2, node.end_byte // 2, kind)
            for kind in _ORDER
            for node in captures.get(kind, ())
            if node.end_byte > 2 * start and node.start_byte < 2 * end
        ]


def _point(content: bytes, offset: int) -> Point:
    """Row and byte column of an offset. A newline unit may only begin at an even byte."""
    row, last, at = 0, -1, content.find(b"\n\0", 0, offset)
    while at != -1:
        if at % 2 == 0:
            row, last = row + 1, at
            at = content.find(b"\n\0", at + 2, offset)
        else:
            at = content.find(b"\n\0", at + 1, offset)
    return Point(row, offset - (last + 2 if last >= 0 else 0))
