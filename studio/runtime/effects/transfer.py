"""TransferSessionEvent: the caller goes on to a number, an address, or another agent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.runtime.effects.effect import Emission, note, note_effect
from studio.runtime.effects.speech import Speech
from studio.runtime.journal import Journal
from studio.runtime.plan import Channel
from studio.runtime.speaking import Speaking
from studio.runtime.telephony import is_phone_number


@dataclass(frozen=True, slots=True)
class Target:
    """Where a transfer leads."""

    to: Literal["phone", "sip", "agent"]
    name: str
    """The number, the address, or the agent's id ("": the same agent)."""
    environment: str
    """"" where it stays as it is."""
    mode: str
    data: Mapping[str, Any]


class TransferError(Exception):
    """A transfer cannot be; `str()` is a plain sentence."""


class Transfer:
    """Checks a transfer when it is emitted, and makes it happen when what was said before has been heard."""

    wires = ("transfer_session",)

    def __init__(
        self,
        journal: Journal,
        speaking: Speaking,
        speech: Speech,
        channel: Channel,
        find_agent: Callable[[Target], None],
        on_transfer: Callable[[Target], None],
    ) -> None:
        """`find_agent` raises TransferError where there is no such agent; `on_transfer` is called when it happens."""
        self._journal = journal
        self._speaking = speaking
        self._speech = speech
        self._channel = channel
        self._find_agent = find_agent
        self._on_transfer = on_transfer

    def happen(self, emission: Emission) -> None:
        """Commit to it, or say why not: then the session goes on."""
        try:
            target = _target_of(emission.data)
            self._check(target, emission)
        except TransferError as refused:
            note(self._journal, emission, "transfer_refused", str(refused), level="error")
            return
        if emission.data.get("clear_speech"):
            self._speaking.clear("cleared")
        self._speech.close(emission)
        record = emission.record
        self._speaking.enqueue_place(
            "transfer", lambda: self._go(target, emission), out=record.id, run=record.run, turn=record.turn
        )
        if emission.run:
            emission.run.stopped = record.event

    def _check(self, target: Target, emission: Emission) -> None:
        if target.to == "agent":
            self._find_agent(target)
            if not (target.name and target.environment):
                kept = "the environment stays as it is" if target.name else "the agent stays the same"
                sentence = f"TransferSessionEvent names no {'environment' if target.name else 'agent_id'}: {kept}."
                note(self._journal, emission, "transfer_same", sentence, level="info")
            if self._channel == "phone":
                note(
                    self._journal,
                    emission,
                    "transfer_channel",
                    "The reference gives agent transfers to web and API sessions only: it works here, "
                    "and may not on a telephone call of the platform.",
                )
        elif self._channel != "phone":
            raise TransferError(
                "A transfer to a number exists on the phone channel only: choose Phone and run again "
                "(studio run --channel phone). The session goes on."
            )

    def _go(self, target: Target, emission: Emission) -> None:
        facts = {
            "to": target.to,
            "target": target.name,
            "environment": target.environment,
            "mode": target.mode,
            "data": dict(target.data),
        }
        note_effect(self._journal, emission, "transferred", facts, _would(target))
        self._on_transfer(target)


def _target_of(data: Mapping[str, Any]) -> Target:
    """Raises TransferError."""
    handed = data.get("data")
    passed = dict(handed) if isinstance(handed, Mapping) else {}
    mode = str(data.get("mode") or passed.get("transfer_mode") or "bridge")
    destination = data.get("destination")
    if isinstance(destination, Mapping):
        if destination.get("type") == "sip":
            return Target("sip", str(destination.get("uri") or ""), "", mode, passed)
        return Target("phone", str(destination.get("number") or ""), "", mode, passed)
    number = data.get("phone_number")
    if number:
        if not is_phone_number(number):
            raise TransferError(
                f"{number!r} is no telephone number with country code (E.164, such as +12025550142): "
                "nobody is called, the session goes on."
            )
        return Target("phone", str(number), "", mode, passed)
    agent, environment = str(data.get("agent_id") or ""), str(data.get("environment") or "")
    if not (agent or environment):
        raise TransferError("TransferSessionEvent names no target: give it a phone_number or an agent_id.")
    return Target("agent", agent, environment, "", passed)


def _would(target: Target) -> str:
    if target.to == "agent":
        return f"The call goes on with {target.name or 'the same agent'}."
    how = "connect the caller to" if target.mode == "bridge" else "refer the call to"
    return f"The platform would now {how} {target.name}. The session ends here."
