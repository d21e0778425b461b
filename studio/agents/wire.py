"""Frames as they come from a child. Its code may be faulty or hostile: nothing malformed gets further."""

import json
from collections.abc import Mapping
from typing import Any

from studio.agents.link import MAX_FRAME, Frame

_NUMBER = (int, float)
_OPTIONAL_INT = (int, type(None))
_OPTIONAL_DICT = (dict, type(None))

_FIELDS: dict[str, dict[str, Any]] = {
    "ready": {"sdk": str, "python": str},
    "failed": {"error": dict},
    "output": {"run": str, "at": int, "event": dict, "file": str, "line": int},
    "run_end": {
        "run": str,
        "at": int,
        "status": str,
        "outputs": int,
        "wall_ms": _NUMBER,
        "error": _OPTIONAL_DICT,
        "file": str,
        "line": int,
    },
    "tasks": {"at": int, "unfinished": int, "names": list},
    "log": {"at": int, "stream": str, "level": str, "text": str, "file": str, "line": int, "attributes": dict},
    "context": {"at": int, "context": dict},
    "beat": {"file": str, "line": int, "blocked_ms": int},
    "busy": {"file": str, "line": int},
    "idle": {"next": _OPTIONAL_INT, "real": list},
    "request": {"request": str, "service": str, "run": str, "task": str, "at": int, "body": dict},
    "request_cancel": {"request": str, "at": int},
    "pong": {},
    "closed": {},
}
_EVENT = {"name": str, "data": dict, "turn": int, "background": bool}
_ERROR = {"type": str, "message": str, "sentence": str, "frames": list}


def encode(frame: Mapping[str, Any]) -> bytes:
    """The line of a frame. Raises ValueError when it cannot be sent."""
    line = json.dumps(frame, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "replace")
    if len(line) >= MAX_FRAME:
        raise ValueError(f"A frame has at most {MAX_FRAME} bytes, not {len(line)}.")
    return line + b"\n"


def decode(line: bytes) -> Frame | None:
    """The frame of a line; None when it is not one."""
    try:
        frame = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        return None
    fields = _FIELDS.get(frame["type"])
    if fields is None or not _fits(frame, fields):
        return None
    if frame["type"] == "output" and not _fits(frame["event"], _EVENT):
        return None
    if isinstance(frame.get("error"), dict) and not _fits(frame["error"], _ERROR):
        return None
    return frame


def _fits(row: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    return all(isinstance(row.get(name), kind) and (name in row) for name, kind in fields.items())
