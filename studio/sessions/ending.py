"""How a session ended, in words."""

from collections.abc import Mapping
from typing import Any

from studio.sessions.records import NS, Record

_WHY = {
    "stop": "The agent ended the call",
    "transferred": "The caller was transferred",
    "hang_up": "The caller hung up",
    "finished": "The script was at its end",
    "limit": "The session reached its time limit",
    "agent_failed": "The agent failed",
    "agent_gone": "The agent's process ended",
    "window_gone": "The window was closed",
    "closed": "The call was ended from the desk",
    "engine_error": "The studio's engine failed",
}


def why_ended(reason: str) -> str:
    """The reason of `session_ended` as a clause that begins a sentence, without its full stop."""
    return _WHY.get(reason) or (f"The session ended: {reason.replace('_', ' ')}" if reason else "The session ended")


def transfer_told(effect: Mapping[str, Any]) -> list[str]:
    """What a `transferred` effect means to the caller, sentence by sentence."""
    target = str(effect.get("target") or "somebody")
    if effect.get("to") == "agent":
        where = f" in {effect['environment']}" if effect.get("environment") else ""
        return [f"The agent {target}{where} goes on with the caller."]
    mode = effect.get("mode")
    told = [f"The platform would now connect the caller to {target}{f', mode {mode}' if mode else ''}."]
    data = effect.get("data")
    if isinstance(data, Mapping) and data:
        told.append("It would pass on " + ", ".join(f"{name} = {value}" for name, value in data.items()) + ".")
    else:
        told.append("It would pass on no data.")
    told.append("The desk places no calls: it ended the session here.")
    return told


def end_told(ended: Record, transfer: Mapping[str, Any], turns: int, errors: int) -> tuple[str, tuple[str, ...]]:
    """The card of a session's end: a title and further sentences.

    `transfer` is the `transferred` effect that ended it, if one did; `turns` are the caller's, `errors` those of the log.
    """
    reason = str(ended.data.get("reason") or "")
    title = why_ended(reason)
    details: list[str] = []
    if reason == "transferred" and transfer:
        title = f"Transferred to {transfer.get('target') or 'somebody'}"
        details += transfer_told(transfer)
    elif ended.message:
        details.append(ended.message)
    parts = [f"{ended.publish_time / NS:.1f} s", f"{turns} turn{'s' if turns != 1 else ''} of the caller"]
    if errors:
        parts.append(f"{errors} error{'s' if errors != 1 else ''}")
    details.append(", ".join(parts) + ".")
    return title, tuple(details)
