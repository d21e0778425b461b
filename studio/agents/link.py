"""The line between the engine and one agent child: what each side says.

Frames are JSON objects, one per line, UTF-8, at most 16 MB, over two private pipes. Every frame has a `type`; frames that
belong to a handler run carry its `run` id. `at` is session time in ns, given by the side that speaks.

Engine to child
    {"type": "initialize", "project": path, "entry": "handler.py", "virtual": bool, "now": ns, "wall": epoch ns of session
        time 0, "seed": int, "context": {organization_id, agent_id, environment_id, session_id, environment, configuration,
        data, input_data, variables}, "limits": {...}}
    {"type": "services", "now": ns, "url": ..., "token": ...}   only to an SDK that is not ours: where the gateway listens
    {"type": "event", "run": id, "now": ns, "event": {name, data, timestamp, turn, background, background_task_name},
        "context": {patch of context attributes, e.g. "transcript": [...]}}
    {"type": "cancel", "run": id, "now": ns}              cancel that run (barge-in, new text); answered by its run_end
    {"type": "cancel_tasks", "now": ns, "which": "interruptible" | "all"}
    {"type": "context", "now": ns, "patch": {...}}        host-filled context attributes (transcript, ...)
    {"type": "reply", "now": ns, "request": id, "line": {...} or null, "status": 200, "last": bool}
                                                          a piece of the answer to a `request`; a status other than 200
                                                          comes with {"error": sentence, "error_type": name} and is the last
    {"type": "now", "now": ns}                            virtual time only: the clock has moved
    {"type": "ping", "now": ns}                           live only: answered from the child's loop by `pong`
    {"type": "close", "now": ns}                          finish: cancel what is left and exit 0

Child to engine
    {"type": "ready", "sdk": "studio" | version of the real SDK, "python": "3.13.0"}
    {"type": "failed", "error": {...}}                    the handler could not be imported; the child exits 1
    {"type": "output", "run": id or "", "at": ns, "event": {...}, "custom": bool, "file": "handler.py", "line": 25}
                                                          run "" = from a background task or callback; custom: a
                                                          CustomEvent, whose name may be that of another event
    {"type": "run_end", "run": id, "at": ns, "status": "ok" | "error" | "cancelled", "outputs": n, "wall_ms": x,
        "error": {...} or null, "file": ..., "line": n}   file and line: where one waited that was cancelled, else ""
    {"type": "tasks", "at": ns, "unfinished": n, "names": [...]}   whenever the unfinished background tasks change
    {"type": "log", "at": ns, "stream": "stdout" | "stderr" | "logger", "level": ..., "text": ..., "file", "line",
        "attributes": {...}, "fault": true}                "fault" only where the host found a mistake that the run survives
    {"type": "context", "at": ns, "context": {...}}       the serialised context, after each run
    {"type": "request", "request": id, "service": "completions" | "decisions" | "shared_data" | "warm", "run": id or "",
        "task": name or "", "at": ns, "body": {...}}      what our own SDK layer asks of the gateway, with the bodies of the
                                                          SDK's HTTP protocol; `task` names the background task that asks
    {"type": "request_cancel", "request": id, "at": ns}   nobody waits for the answer any more
    {"type": "beat", "file": ..., "line": n, "blocked_ms": n}   live every 0.5 s, from a thread of its own; in virtual
                                                          time once when `time.sleep` has blocked the loop for 2 s
    {"type": "busy", "file": ..., "line": n}              virtual only: the user's line, every 0.5 s of wall time while the
                                                          engine waits for the child longer than that
    {"type": "idle", "next": ns or null, "real": [reasons]}     virtual only: nothing is ready; next timer; `real` names what
                                                          escaped virtual time since the last idle (threads, sockets)
    {"type": "pong"}
    {"type": "closed"}

`error` is {"type": "ZeroDivisionError", "message": ..., "sentence": one plain sentence, "frames": [{"file", "line",
"function", "code"}] of the user's files only, innermost last ("repeated": {"lines": n, "times": n} where so many lines,
this one the last, stand there so many times more), "missing_module": name or absent,
"requirement": what to install for it, or absent}.

In virtual time the engine treats every frame it sends as the start of an exchange that ends with `idle` (or with the
child's death): meanwhile its clock stands still.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

Frame = dict[str, Any]

MAX_FRAME = 16 * 1024 * 1024
HUNG_AFTER_S = 30.0
"""Wall seconds after which a run or an import that gives no sign (virtual: no `idle`) counts as hung.

A call of a language model that blocks takes less, and so does the import of a large library."""


class AgentLink(Protocol):
    """A running child, seen from a session."""

    on_frame: Callable[[Frame], None]
    """Called on the loop for every frame but `ready`, `failed`, `closed`, `beat` and `idle`. Set before `start`."""
    on_gone: Callable[[str], None]
    """Called once when the child is gone, with a plain sentence that says why ("" after a clean close)."""
    on_blocked: Callable[[str, int, int], None]
    """Called when the child's loop has been blocked for 2 s: file ("" unless it is the user's), line, milliseconds."""
    on_real: Callable[[list[str]], None]
    """Called in virtual time when something escaped it (a thread, a connection): plain reasons."""

    async def start(self, initialize: Mapping[str, Any]) -> Frame:
        """Start (or take the warm spare), send `initialize`, return `ready` or `failed`."""
        ...

    def send(self, frame: Mapping[str, Any]) -> None:
        """Queue a frame; never blocks. In virtual time starts an exchange."""
        ...

    async def close(self, grace_s: float) -> None:
        """Ask the child to finish; after `grace_s` end its whole process group."""
        ...

    def kill(self) -> None:
        """End the whole process group now (<= 0.5 s); idempotent."""
        ...
