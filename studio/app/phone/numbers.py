"""Telephone numbers of the next call. Knows no widget."""

import re
from dataclasses import dataclass

CALLER = "+12025550142"
CALLED = "+12025550100"
"""Numbers that are nobody's, valid all the same."""

HINT = f"Needs + and a country code, as in {CALLER}."
"""What every number that will not do is short of."""

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN = re.compile(r"[\s().\-/]+")


@dataclass(frozen=True, slots=True)
class Numbers:
    """Who calls whom, as they were typed."""

    caller: str = CALLER
    called: str = CALLED

    @property
    def data(self) -> dict[str, str]:
        """What the agent's `context.data` is given of them."""
        return {"callerPhone": plain(self.caller), "calledPhone": plain(self.called)}

    @property
    def problem(self) -> str:
        """Why a call cannot be made with them; "" when it can."""
        return problem_of(self.caller, "caller's") or problem_of(self.called, "called")


def plain(number: str) -> str:
    """A number without the spaces, dashes and brackets that people write into it."""
    return _BETWEEN.sub("", number)


def problem_of(number: str, whose: str) -> str:
    """What is wrong with a number, in a sentence; "" when it is one with country code (E.164)."""
    if _E164.fullmatch(plain(number)):
        return ""
    return f"The {whose} number {HINT[0].lower()}{HINT[1:]}"
