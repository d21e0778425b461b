"""Python as a person writes it: parsed, whether it is valid or not. Offsets are UTF-16 code units, as Qt counts them."""

from collections.abc import Iterator
from functools import cache

import tree_sitter_python
from tree_sitter import Language, Node, Parser


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_python.language()))


class PythonSource:
    """A parsed text; places of nodes in UTF-16 units."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.bytes = text.encode("utf-16-le", "surrogatepass")
        self.root = _parser().parse(self.bytes, encoding="utf16le").root_node

    def of(self, node: Node) -> str:
        """The text of a node."""
        return self.between(node.start_byte // 2, node.end_byte // 2)

    def between(self, start: int, end: int) -> str:
        """The text of [start, end)."""
        return self.bytes[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")

    def calls(self, *names: str) -> Iterator[tuple[Node, Node]]:
        """Every call of one of these names, outer ones first, and its arguments."""
        for node in self.nodes("call"):
            function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
            if (
                function
                and arguments
                and arguments.type == "argument_list"
                and self.of(function).rpartition(".")[2] in names
            ):
                yield node, arguments

    def at(self, place: int) -> Node | None:
        """The smallest node at a place."""
        return self.root.descendant_for_byte_range(2 * place, 2 * place)

    def nodes(self, kind: str) -> Iterator[Node]:
        """Every node of a kind, outer ones first."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            waiting.extend(reversed(node.children))
            if node.type == kind:
                yield node
