"""YAML as plain values with the lines they stand in: bounded, and without running anything."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml
    from yaml.nodes import MappingNode, Node, ScalarNode

MOST_BYTES = 256 * 1024
_MOST_VALUES = 20_000
"""Aliases count as often as they are used: a few lines can stand for billions of values."""
_DEEPEST = 50
_CORE = "tag:yaml.org,2002:"

Place = tuple[str | int, ...]
"""The keys and positions that lead to a value."""


class YamlError(Exception):
    """A file is no YAML that can be used; the message is a sentence, `line` where it is so."""

    def __init__(self, sentence: str, line: int = 1) -> None:
        super().__init__(sentence)
        self.line = line


@dataclass(slots=True)
class YamlDocument:
    """One document of a file: mappings, lists, texts, numbers, switches and None."""

    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    """In which line each key or item stands, from 1."""

    def line(self, *place: str | int) -> int:
        """The line of a value, else of the nearest that holds it."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return 1


def read_yaml(path: Path) -> list[YamlDocument]:
    """The documents of a file. Raises YamlError, also when the file cannot be read."""
    return parse_yaml(read_text(path))


def read_text(path: Path) -> str:
    """The text of a file of YAML. Raises YamlError."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise YamlError(f"The file cannot be read: {error.strerror or error}.") from None
    if len(raw) > MOST_BYTES:
        raise YamlError(f"The file is larger than {MOST_BYTES // 1024} kB: it is not read.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise YamlError("The file is not UTF-8 text.") from None


def parse_yaml(text: str) -> list[YamlDocument]:
    """The documents of a text, empty ones left out. Raises YamlError."""
    import yaml  # only projects with files of `.voicerun` need it

    try:
        documents = [_Builder().build(node) for node in yaml.compose_all(text, _loader())]
        return [document for document in documents if document.value is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(f"This is not valid YAML: {error.problem or error}.", mark.line + 1 if mark else 1) from None
    except yaml.YAMLError as error:
        raise YamlError(f"This is not valid YAML: {str(error).splitlines()[0]}.") from None
    except RecursionError:
        raise YamlError("The YAML is nested too deeply.") from None


@cache
def _loader() -> type["yaml.SafeLoader"]:
    """A loader that gives up where brackets are deeper than in any file: its own limit takes it a second to reach."""
    import yaml

    class Loader(yaml.SafeLoader):
        def fetch_flow_collection_start(self, TokenClass: type["yaml.Token"]) -> None:  # noqa: N803
            if self.flow_level > _DEEPEST:
                raise RecursionError
            super().fetch_flow_collection_start(TokenClass)

    return Loader


class _Builder:
    """Makes the values of one document."""

    def __init__(self) -> None:
        from yaml.constructor import SafeConstructor

        self._scalars = SafeConstructor()
        self._document = YamlDocument()
        self._count = 0

    def build(self, root: "Node") -> YamlDocument:
        self._document.value = self._value(root, ())
        return self._document

    def _value(self, node: "Node", place: Place) -> Any:
        from yaml.nodes import MappingNode, ScalarNode

        line = node.start_mark.line + 1
        self._document.lines.setdefault(place, line)
        self._count += 1
        if self._count > _MOST_VALUES or len(place) > _DEEPEST:
            raise YamlError("The YAML stands for too much: it nests or repeats its aliases without end.", line)
        if isinstance(node, ScalarNode):
            return self._scalar(node, line)
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        if node.tag != _CORE + "seq":
            raise YamlError(f"The YAML tag {node.tag} is not known here.", line)
        return [self._value(item, (*place, number)) for number, item in enumerate(node.value)]

    def _mapping(self, node: "MappingNode", place: Place) -> dict[str, Any]:
        if node.tag != _CORE + "map":
            raise YamlError(f"The YAML tag {node.tag} is not known here.", node.start_mark.line + 1)
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key, item in node.value:
            if key.tag == _CORE + "merge":
                given = self._value(item, (*place, "<<"))
                for other in given if isinstance(given, list) else [given]:
                    if isinstance(other, dict):
                        merged = {**other, **merged}
                continue
            name = str(key.value) if isinstance(key.value, str) else ""
            if not name:
                sentence = "A key of the YAML is empty or not a text. A value with {{ }} has to stand in quotes."
                raise YamlError(sentence, key.start_mark.line + 1)
            self._document.lines[(*place, name)] = key.start_mark.line + 1
            own[name] = self._value(item, (*place, name))
        return {**merged, **own}

    def _scalar(self, node: "ScalarNode", line: int) -> Any:
        kind = node.tag.removeprefix(_CORE)
        if kind in ("str", "timestamp", "value"):
            return str(node.value)
        make = {
            "null": self._scalars.construct_yaml_null,
            "bool": self._scalars.construct_yaml_bool,
            "int": self._scalars.construct_yaml_int,
            "float": self._scalars.construct_yaml_float,
        }.get(kind)
        if make is None:
            raise YamlError(f"The YAML tag {node.tag} is not known here.", line)
        try:
            return make(node)
        except (ValueError, KeyError, OverflowError):
            raise YamlError(f"{str(node.value)[:40]!r} is no {kind} of YAML.", line) from None
