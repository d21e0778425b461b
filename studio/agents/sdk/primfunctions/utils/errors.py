"""Errors as they may be shown."""

from primfunctions import _redaction


def format_error_with_filtered_traceback(e: BaseException) -> str:
    """A redacted traceback of the agent's own frames only."""
    return _redaction.format_exception(e)
