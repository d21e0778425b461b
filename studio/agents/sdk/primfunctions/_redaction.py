"""Errors as they may be shown: the agent's own lines, nothing secret."""

import os
import re
import sys
import traceback

_SECRETS = (
    (re.compile(r"\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{12,}"), "[key]"),
    (re.compile(r"(?i)\bbearer\s+[A-Za-z0-9._~+/=-]{8,}"), "Bearer [token]"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"), "[token]"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\b(?:\d[ -]?){13,19}\b"), "[card]"),
    (re.compile(r"\+\d[\d ()-]{7,}\d"), "[phone]"),
)
_SDK = os.path.dirname(os.path.abspath(__file__))
_LIBRARY = os.path.dirname(os.__file__)


def redact(text: str) -> str:
    """The text without keys, tokens, card and phone numbers and e-mail addresses."""
    for pattern, placeholder in _SECRETS:
        text = pattern.sub(placeholder, text)
    return text


def text_of(error: BaseException) -> str:
    """`str(error)`; what is wrong with its `__str__` where that fails."""
    try:
        return str(error)
    except Exception as fault:
        return f"(no text: its __str__ raises {type(fault).__name__})"


def format_exception(error: BaseException) -> str:
    """A redacted traceback of the agent's own frames only."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_agents(frame.filename)]
    lines = ["Traceback (most recent call last):\n", *traceback.format_list(frames)] if frames else []
    return redact("".join(lines + traceback.format_exception_only(error)).rstrip())


def _is_agents(file: str) -> bool:
    return not (
        file.startswith((_SDK, _LIBRARY, sys.prefix + os.sep, "<frozen")) or f"{os.sep}site-packages{os.sep}" in file
    )
