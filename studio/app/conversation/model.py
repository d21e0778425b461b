"""What the conversation panel offers: its lines are the call's, this adds the chips and what may be typed now."""

from collections.abc import Sequence

from studio.app.call.model import CallModel
from studio.app.sessions.model import when

MAX_CHIPS = 6


def suggestions(call: CallModel) -> Sequence[str]:
    """Things to try saying: the project's phrases that the caller has not used yet, first ones first."""
    lines = call.live.conversation.lines if call.live and call.running else ()
    used = {_plain(line.text) for line in lines if line.speaker == "caller"}
    return [phrase for phrase in call.phrases if _plain(phrase) not in used][:MAX_CHIPS]


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum() or letter == " ").strip()


def can_type(call: CallModel) -> bool:
    """Whether a typed line would reach the agent."""
    return call.phase == "running" and not call.away


def hint(call: CallModel) -> str:
    """What the line to type in says while it is empty."""
    match call.phase:
        case "running":
            return "The agent blocks the caller's input now" if call.input_blocked else "Type what the caller says"
        case "starting":
            return "The agent is starting"
        case "ending":
            return (call.live.recordings.waits_for if call.live else "") or "The call is ending"
        case _:
            return "Run the agent to talk to it"


def recorded(call: CallModel) -> str:
    """When the session that is shown was recorded, and what can be done with it; "" for the newest call."""
    if not call.away or call.shown is None or call.shown.recorded is None:
        return ""
    again = "" if call.running else " · Ctrl+F5 runs it again"
    broken = " until its engine went away" if call.shown.broke_off else ""
    return f"Recorded {when(call.shown.recorded)}{broken}{again}"
