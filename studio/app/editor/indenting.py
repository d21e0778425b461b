"""What the editor types by itself: indentation, closing brackets, comment signs. Works on plain text."""

import re

INDENT = 4

PAIRS = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'"}

_BLOCK_ENDS = re.compile(r"\s*(return|pass|break|continue|raise)\b")
_STRING_OR_COMMENT = re.compile(r"""#.*$|("([^"\\]|\\.)*"|'([^'\\]|\\.)*')""")


def indent_of(line: str) -> str:
    """The white space at the start of a line."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def indent_after(line: str) -> str:
    """The indentation of the line that follows `line` (the part before the cursor)."""
    indent = indent_of(line)
    code = _STRING_OR_COMMENT.sub("", line).rstrip()
    if code.endswith((":", "(", "[", "{")):
        return indent + " " * INDENT
    if _BLOCK_ENDS.match(code) and _balanced(code):
        return indent[:-INDENT] if indent.endswith(" " * INDENT) else indent
    return indent


def _balanced(code: str) -> bool:
    return all(code.count(left) <= code.count(right) for left, right in ("()", "[]", "{}"))


def indented(line: str) -> str:
    """One step to the right; empty lines stay."""
    return " " * INDENT + line if line.strip() else line


def unindented(line: str) -> str:
    """One step to the left."""
    if line.startswith("\t"):
        return line[1:]
    return line[min(INDENT, len(line) - len(line.lstrip(" "))) :]


def commented(lines: list[str]) -> list[str]:
    """The lines with their comment signs put in or, where all have one, taken away."""
    full = [line for line in lines if line.strip()]
    if full and all(line.lstrip().startswith("#") for line in full):
        return [re.sub(r"^(\s*)# ?", r"\1", line, count=1) for line in lines]
    column = min((len(indent_of(line)) for line in full), default=0)
    return [line[:column] + "# " + line[column:] if line.strip() else line for line in lines]


def closing_for(typed: str, before: str, after: str) -> str:
    """What to put behind the cursor when `typed` is typed between `before` and `after` (rest of the line); "" for nothing."""
    if typed not in PAIRS or (after and after[0] not in " \t)]},:"):
        return ""
    if typed in "\"'" and before and (before[-1].isalnum() or before[-1] in "\"'_") and before[-1] not in "rbfuRBFU":
        return ""
    return PAIRS[typed]
