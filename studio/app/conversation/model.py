"""What the conversation panel offers: its lines are the call's, this adds the chips and what may be typed now."""

from collections.abc import Sequence

from studio.app.call.model import CallModel

MAX_CHIPS = 6


def suggestions(call: CallModel) -> Sequence[str]:
    """Things to try saying: the project's phrases that the caller has not used yet, first ones first."""
    if call.shown is None or call.shown is not call.live:
        return list(call.phrases)[:MAX_CHIPS]
    used = {line.text.casefold() for line in call.shown.conversation.lines if line.speaker == "caller"}
    fresh = [phrase for phrase in call.phrases if phrase.casefold() not in used]
    return fresh[:MAX_CHIPS]


def can_type(call: CallModel) -> bool:
    """Whether a typed line would reach the agent."""
    return call.phase == "running" and call.shown is call.live


def hint(call: CallModel) -> str:
    """What the line to type in says while it is empty."""
    if call.shown is not call.live and call.shown is not None:
        return "Run the agent to talk to it" if call.live is None else "Show the live call to type"
    match call.phase:
        case "running":
            return "Type what the caller says"
        case "starting":
            return "The agent is starting"
        case "ending":
            return "The call is ending"
        case _:
            return "Run the agent to talk to it"
