"""What concerns other sessions: transfers, new sessions, merges, messages."""

import re
from typing import Any

from primfunctions.events._base import Event

_NUMBER = re.compile(r"\+?[0-9]{1,15}")
_SIP = re.compile(r"sip:\+?[0-9]+@[^\s@:;/?]+(:[0-9]{1,5})?")
_SIP_LENGTH = 512
_MODES = ("bridge", "refer")


class TransferSessionEvent(Event):
    """Hand the caller to a telephone number, a SIP address or another agent; the session then ends here.

    The target is a `phone_number`, or an agent (`agent_id`, `environment` or both: the one left out stays as it is), or
    a `destination` {"type": "phone", "number"} or {"type": "sip", "uri"} with a `mode` "bridge" or "refer". Raises
    ValueError when there is none or more than one of them, or when they do not fit together.
    """

    _wire_name = "transfer_session"

    def __init__(
        self,
        *,
        phone_number: str | None = None,
        agent_id: str | None = None,
        environment: str | None = None,
        data: dict[str, Any] | None = None,
        closing_speech: str | None = None,
        voice: str | dict[str, str] | None = None,
        speed: float = 1.0,
        language: str = "en",
        clear_speech: bool = False,
        destination: dict[str, str] | None = None,
        mode: str | None = None,
    ) -> None:
        data = {} if data is None else data
        agent = agent_id or environment
        if destination is not None and (phone_number or agent):
            raise ValueError("A transfer takes a destination, or a phone_number, or an agent: not several of them.")
        if phone_number and agent_id:
            raise ValueError("A transfer goes to a phone_number or to an agent_id, not to both.")
        if not (phone_number or agent or destination is not None):
            raise ValueError("A transfer needs a phone_number, an agent_id, an environment or a destination.")
        if mode is not None:
            _check_mode(mode, agent, data)
        if destination is not None:
            _check_destination(destination, mode)
        payload: dict[str, Any] = {
            "phone_number": phone_number,
            "agent_id": agent_id,
            "environment": environment,
            "data": data,
            "closing_speech": closing_speech,
            "voice": voice,
            "speed": speed,
            "language": language,
            "clear_speech": clear_speech,
        }
        if destination is not None:
            payload["destination"] = destination
        if mode is not None:
            payload["mode"] = mode
        super().__init__(self._wire_name, payload)


def _check_mode(mode: str, agent: str | None, data: dict[str, Any]) -> None:
    if mode not in _MODES:
        raise ValueError(f"The mode of a transfer is 'bridge' or 'refer', not {mode!r}.")
    if agent:
        raise ValueError("A transfer to an agent has no mode; leave it out.")
    if data.get("transfer_mode") not in (None, mode):
        raise ValueError(f"The mode {mode!r} contradicts data['transfer_mode'] ({data['transfer_mode']!r}).")


def _check_destination(destination: dict[str, str], mode: str | None) -> None:
    kind = destination.get("type")
    if kind == "phone":
        if not _NUMBER.fullmatch(str(destination.get("number", ""))):
            raise ValueError("The number of a phone destination has 1 to 15 digits, with or without a leading '+'.")
    elif kind == "sip":
        uri = str(destination.get("uri", ""))
        if len(uri) > _SIP_LENGTH or not _SIP.fullmatch(uri):
            raise ValueError("The uri of a SIP destination is 'sip:digits@host' or 'sip:digits@host:port'.")
        if mode != "refer":
            raise ValueError("A transfer to a SIP destination needs mode='refer'.")
    else:
        raise ValueError(f"The type of a destination is 'phone' or 'sip', not {kind!r}.")


class StartSessionEvent(Event):
    """Start another session, usually an outbound call. Raises ValueError unless exactly one of the targets is given."""

    _wire_name = "start_session"

    def __init__(
        self,
        agent_id: str = "",
        environment: str = "",
        input_type: str = "",
        input_parameters: dict[str, Any] | None = None,
        parameters: dict[str, Any] | None = None,
        *,
        entrypoint_id: str = "",
    ) -> None:
        if bool(agent_id) == bool(entrypoint_id):
            raise ValueError("A new session needs either an agent_id or an entrypoint_id.")
        data: dict[str, Any] = {
            "agent_id": agent_id,
            "environment": environment,
            "input_type": input_type,
            "input_parameters": input_parameters or {},
            "parameters": parameters or {},
            "entrypoint_id": entrypoint_id,
        }
        super().__init__(self._wire_name, data)


class MergeSessionEvent(Event):
    """Bridge this session with another (warm transfer)."""

    _wire_name = "merge_session"

    def __init__(self, session_id: str) -> None:
        super().__init__(self._wire_name, {"session_id": session_id})


class ExternalEvent(Event):
    """A message to another session; the same class arrives there as input."""

    _wire_name = "external_event"

    def __init__(
        self,
        agent_id: str,
        session_id: str,
        name: str,
        data: dict[str, Any] | None,
        after_speech: bool = False,
    ) -> None:
        super().__init__(
            self._wire_name,
            {
                "agent_id": agent_id,
                "session_id": session_id,
                "name": name,
                "data": {} if data is None else data,
                "after_speech": after_speech,
            },
        )
