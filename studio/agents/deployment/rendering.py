"""Helm templates, as far as they only put values into their places.

`{{ .Values.a.b }}`, constants, and the functions `default`, `quote`, `squote`, `upper`, `lower`, `trim`, `toYaml`,
`indent`, `nindent`, piped or called. Everything else (conditions, loops, includes) is refused, never guessed.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_ACTION = re.compile(r"\{\{(?P<left>-(?=\s))?(?P<body>.*?)(?P<right>(?<=\s)-)?\}\}", re.S)
_SECRET = re.compile(r"Secrets\.organization\.\w+")
_TERM = re.compile(
    r"""\s*(?:(?P<pipe>\|)|(?P<text>"(?:[^"\\]|\\.)*"|`[^`]*`)|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])"""
    r"""|(?P<value>\.Values(?:\.[A-Za-z_]\w*)+)|(?P<word>[A-Za-z]\w*))"""
)
_WORDS = {"true": True, "false": False, "nil": None}


class RenderError(Exception):
    """A template needs Helm; the message is a sentence, `line` where it does."""

    def __init__(self, sentence: str, line: int) -> None:
        super().__init__(sentence)
        self.line = line


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a template became. `origins` holds for each of its lines the line of the template that it comes from."""

    text: str
    origins: list[int]


def render(template: str, values: Mapping[str, Any]) -> Rendered:
    """Put the values into a template. Raises RenderError. Placeholders of secrets stay as they are."""
    pieces: list[tuple[str, int, bool]] = []  # text, its line in the template, whether an action made it
    at, trimmed = 0, False
    for found in _ACTION.finditer(template):
        start = at + _blank(template[at : found.start()]) if trimmed else at
        between = template[start : found.start()]
        pieces.append((between.rstrip() if found["left"] else between, _line(template, start), False))
        line = _line(template, found.start("body"))
        pieces.append((_action(found, values, line), line, True))
        at, trimmed = found.end(), bool(found["right"])
    start = at + _blank(template[at:]) if trimmed else at
    pieces.append((template[start:], _line(template, start), False))
    origins = [1]
    for text, line, made in pieces:
        origins += [line if made else line + number for number in range(1, text.count("\n") + 1)]
    return Rendered("".join(text for text, _, _ in pieces), origins)


def _line(template: str, at: int) -> int:
    return template.count("\n", 0, at) + 1


def _blank(text: str) -> int:
    return len(text) - len(text.lstrip())


def value_names(template: str) -> set[str]:
    """The first names below `.Values` that a template mentions, whatever else is in it."""
    return set(re.findall(r"\.Values\.([A-Za-z_]\w*)", template))


def _action(found: re.Match[str], values: Mapping[str, Any], line: int) -> str:
    body = found["body"].strip()
    if body.startswith("/*") and body.endswith("*/"):
        return ""
    return found[0] if _SECRET.fullmatch(body) else _pipeline(body, values, line)


def _pipeline(body: str, values: Mapping[str, Any], line: int) -> str:
    stages = _stages(body, line)
    result = _call(stages[0], values, line)
    for stage in stages[1:]:
        result = _call([*stage, ("given", result)], values, line)
    if isinstance(result, Mapping | list):
        raise RenderError(f"'{body}' is a whole table: Helm is needed, or toYaml.", line)
    return _plain(result)


_Term = tuple[str, Any]


def _stages(body: str, line: int) -> list[list[_Term]]:
    """The terms of each stage of a pipeline."""
    stages: list[list[_Term]] = [[]]
    at = 0
    while body[at:].strip():
        found = _TERM.match(body, at)
        if found is None:
            raise RenderError(f"'{body}' is more than the studio renders without Helm.", line)
        kind = str(found.lastgroup)
        if kind == "pipe":
            stages.append([])
        else:
            stages[-1].append((kind, found[kind]))
        at = found.end()
    if not all(stages):
        raise RenderError(f"'{body}' is not complete.", line)
    return stages


def _call(terms: Sequence[_Term], values: Mapping[str, Any], line: int) -> Any:
    (kind, head), *rest = terms
    if kind == "word" and head not in _WORDS:
        if head not in _FUNCTIONS:
            raise RenderError(f"The template uses '{head}', which needs Helm.", line)
        arguments = [_constant(term, values, line) for term in rest]
        try:
            return _FUNCTIONS[head](*arguments)
        except (TypeError, ValueError, AttributeError):
            raise RenderError(f"'{head}' is given what it cannot use.", line) from None
    if rest:
        raise RenderError(f"'{head}' is followed by what only Helm understands.", line)
    return _constant((kind, head), values, line)


def _constant(term: _Term, values: Mapping[str, Any], line: int) -> Any:
    kind, text = term
    if kind == "text":
        return _text(text, line)
    if kind == "number":
        return float(text) if "." in text else int(text)
    if kind == "value":
        found: Any = values
        for name in text.split(".")[2:]:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found
    if kind == "word" and text not in _WORDS:
        raise RenderError(f"'{text}' is more than the studio renders without Helm.", line)
    return _WORDS[text] if kind == "word" else text


def _text(literal: str, line: int) -> str:
    if literal[0] == "`":
        return literal[1:-1]
    try:
        return json.loads(literal, strict=False)
    except ValueError:
        raise RenderError(f"{literal} is no text of a template.", line) from None


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _to_yaml(value: Any) -> str:
    import yaml

    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=False)
    return text.removesuffix("...\n").rstrip("\n")


def _indent(width: int, text: Any) -> str:
    if not 0 <= width <= 100:
        raise ValueError(width)
    return "\n".join(" " * width + row for row in _plain(text).split("\n"))


_FUNCTIONS = {
    "default": lambda otherwise, value: value if value not in (None, "", 0, False, [], {}) else otherwise,
    "quote": lambda value: json.dumps(_plain(value), ensure_ascii=False),
    "squote": lambda value: "'" + _plain(value).replace("'", "''") + "'",
    "upper": lambda value: _plain(value).upper(),
    "lower": lambda value: _plain(value).lower(),
    "trim": lambda value: _plain(value).strip(),
    "toYaml": _to_yaml,
    "indent": _indent,
    "nindent": lambda width, text: "\n" + _indent(width, text),
}
