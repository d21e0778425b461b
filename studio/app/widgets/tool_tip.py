"""Tooltips of texts that may be long: Qt shows plain text on one line, however far that reaches."""

import textwrap

_COLUMNS = 84
_MOST_LINES = 24


def in_lines(text: str) -> str:
    """The text in lines that fit a screen, as many as fit one; line breaks of its own stay."""
    lines = [
        part
        for line in text.split("\n")[: _MOST_LINES + 1]
        for part in textwrap.wrap(line, _COLUMNS, break_on_hyphens=False, max_lines=_MOST_LINES, placeholder=" …")
        or [""]
    ]
    return "\n".join(lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], "…"])
