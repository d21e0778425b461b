"""Events that concern other sessions and services of the platform: checked, shown, and said what they would do."""

from collections.abc import Callable, Mapping
from typing import Any

from studio.runtime.effects.effect import Emission, note, note_effect
from studio.runtime.journal import Journal
from studio.runtime.speaking import Speaking

_GIVE = 'A script item {{"event": "{}"}} or the command of the same name in the window gives the answer.'


class Accepted:
    """Payment, supervisor, speech-to-speech, call updates, new and merged sessions: one clear row each."""

    wires = (
        "collect_payment",
        "connect_sts",
        "disconnect_sts",
        "merge_session",
        "start_session",
        "supervisor_response",
        "update_call",
    )

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def happen(self, emission: Emission) -> None:
        """Say what the platform would do, or what is wrong with the event."""
        wire = str(emission.record.data.get("name"))
        problem = _problem(wire, emission.data)
        if problem:
            note(self._journal, emission, "bad_event", f"{emission.record.event}: {problem}", level="error")
            return
        note_effect(self._journal, emission, "accepted", {"what": wire}, _would(wire, emission.data))


class External:
    """ExternalEvent: a message to a session. Only this one is on the desk."""

    wires = ("external_event",)

    def __init__(
        self, journal: Journal, speaking: Speaking, session_id: str, give: Callable[[Mapping[str, Any]], None]
    ) -> None:
        """`give` hands a message to this session's own handler."""
        self._journal = journal
        self._speaking = speaking
        self._session_id = session_id
        self._give = give

    def happen(self, emission: Emission) -> None:
        """Send it now, or when what was said before has been heard."""
        record = emission.record
        if not emission.data.get("after_speech"):
            self._send(emission)
        elif emission.run is not None and emission.run.wire == "stop":
            sentence = "ExternalEvent(after_speech=True) has no effect: the call has ended, nothing is spoken any more."
            note(self._journal, emission, "ignored_after_stop", sentence)
        else:
            self._speaking.enqueue_place(
                "action", lambda: self._send(emission), out=record.id, run=record.run, turn=record.turn
            )

    def _send(self, emission: Emission) -> None:
        data = emission.data
        own = str(data.get("session_id") or "") == self._session_id
        facts = {name: data.get(name) for name in ("agent_id", "session_id", "name")} | {"delivered": own}
        sentence = "" if own else "The platform would deliver this to the other session; only this one is on the desk."
        note_effect(self._journal, emission, "external_sent", facts, sentence)
        if own:
            self._give(data)


def _problem(wire: str, data: Mapping[str, Any]) -> str:
    """What is wrong with an event; "" where nothing is."""
    if wire == "collect_payment":
        amount = data.get("amount")
        if isinstance(amount, bool) or not isinstance(amount, int | float) or not amount > 0:
            return f"an amount is a number above 0, not {amount!r}."
    if wire == "merge_session" and not data.get("session_id"):
        return "it needs the session_id of the session to merge with."
    if wire == "connect_sts" and not isinstance(data.get("configuration"), Mapping):
        return "it needs a configuration of the speech-to-speech model."
    return ""


def _would(wire: str, data: Mapping[str, Any]) -> str:
    match wire:
        case "collect_payment":
            return (
                f"The platform would ask the caller to pay {data['amount']:g} and answer with "
                f"CollectPaymentSuccessEvent. {_GIVE.format('collect_payment_success')}"
            )
        case "connect_sts":
            return "The platform would hand the conversation to a speech-to-speech model; here the handler goes on."
        case "disconnect_sts":
            return "The platform would take the conversation back from the speech-to-speech model."
        case "merge_session":
            return f"The platform would bridge this call with session {data['session_id']}."
        case "start_session":
            target = data.get("agent_id") or f"entry point {data.get('entrypoint_id')}"
            return f"The platform would start a session of {target}; nobody is called from the desk."
        case "supervisor_response":
            return "The platform would give this answer to the speech-to-speech model."
        case _:
            return "The platform would change the telephone call; the desk only shows it."
