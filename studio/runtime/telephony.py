"""Who calls whom: telephone numbers, and what the platform tells an agent about a call."""

import re
from collections.abc import Mapping
from typing import Any

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")

CALLER = "+12025550142"
CALLED = "+12025550100"
"""Numbers that are nobody's: for a call on the desk."""


def is_phone_number(text: object) -> bool:
    """Whether it is a telephone number with country code (E.164)."""
    return isinstance(text, str) and _E164.fullmatch(text) is not None


def call_data(channel: str, session_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """`context.data` as the platform pre-fills it, under what was given for this session."""
    phone = channel == "phone"
    caller = str(given.get("callerPhone") or (CALLER if phone else ""))
    called = str(given.get("calledPhone") or (CALLED if phone else ""))
    filled: dict[str, Any] = {
        "strategy": "phone" if phone else "web",
        "phoneNumber": called,
        "telephonyCallId": f"call-{session_id}" if phone else "",
        "sttFallbackModel": "",
        "functionTransport": "local",
        "tracingEnabled": False,
    }
    for side, number in (("caller", caller), ("called", called)):
        known = phone and number in (CALLER, CALLED)
        filled |= {
            f"{side}Phone": number,
            f"{side}City": "Washington" if known else "",
            f"{side}State": "DC" if known else "",
            f"{side}Zip": "20001" if known else "",
            f"{side}Country": "US" if number.startswith("+1") else "",
        }
    return {**filled, **given}
