"""What became of a line that was not heard whole, or not given to the agent, in words."""

from studio.sessions.conversation import Line

_KEPT = {
    "protected": "dropped: the agent's line may not be interrupted",
    "blocked": "refused: the agent blocks the caller's input",
    "backchannel": "not given to the agent: it interrupts nothing",
    "unclear": "not given to the agent: no words were understood in the end",
    "ending": "recorded, not given to the agent: the call is ending",
    "ended": "never given to the agent: the session ended",
}
_CUTS = {
    "end": "cut by the end of the call",
    "replace": "cut by the agent's next line",
    "failed": "its speech broke off",
    "interrupt": "cut by the agent itself",
    "cleared": "cut by the agent itself",
}
_DOERS = {
    "voice": "the caller, who spoke",
    "text": "the caller, who typed",
    "keys": "the caller, who pressed keys",
    "replace": "the agent's next line",
    "interrupt": "the agent's InterruptEvent",
    "cleared": "the agent's clear_speech",
    "end": "the end of the call",
}


def who_cut(line: Line) -> str:
    """What ended an agent's line before its time: `cut by the caller`."""
    return _CUTS.get(line.cut_by, "cut by the caller")


def doer(by: str) -> str:
    """Who or what cut or dropped a line, where there is room to say it exactly; `by` is the record's."""
    return _DOERS.get(by, by or "somebody")


def why_kept(line: Line) -> str:
    """What kept a caller's line from the agent."""
    return _KEPT.get(line.why, "never given to the agent")
