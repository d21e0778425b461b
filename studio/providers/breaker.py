"""A provider that keeps failing is left alone for a while, so that no line waits for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from studio.providers.errors import Failure, ProviderError

State = Literal["closed", "open", "half-open"]
"""`closed`: it is asked. `open`: it is left alone. `half-open`: one question is on its way to find out."""

FAILURES = 2
"""So many failures within `WITHIN_S` open the breaker."""
WITHIN_S = 60.0
FIRST_S, LONGEST_S = 15.0, 300.0
"""How long a provider is left alone; twice as long each time that it fails again when it is asked."""
_AT_ONCE: frozenset[Failure] = frozenset({"bad_key", "limit"})
"""What the next question would not change."""
_NOT_ITS_HEALTH: frozenset[Failure] = frozenset({"no_key", "unknown_voice", "unknown_model", "refused"})
"""What concerns one question only."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a provider does. Times are of the loop, in seconds; None where nothing happened."""

    state: State = "closed"
    error: ProviderError | None = None
    """What went wrong last; None again from the first success on."""
    failed_at: float | None = None
    open_until: float | None = None


def worse(one: Mapping[str, Health], other: Mapping[str, Health]) -> dict[str, Health]:
    """Of each provider the health of the two that keeps it from being asked, else the one with the later failure."""

    def badness(health: Health) -> tuple[bool, float]:
        return health.state != "closed", health.failed_at or 0.0

    return {**one, **{name: max(health, one.get(name, Health()), key=badness) for name, health in other.items()}}


@dataclass(slots=True)
class _Breaker:
    version: int
    failures: deque[float] = field(default_factory=deque[float])
    error: ProviderError | None = None
    failed_at: float | None = None
    open_until: float | None = None
    probing: float | None = None
    pause_s: float = FIRST_S


class Breakers:
    """One breaker per provider. A change of the user's accounts closes them all."""

    def __init__(self, version: Callable[[], int] = lambda: 0, now: Callable[[], float] | None = None) -> None:
        """`version` rises when an account may be another one; `now` replaces the running loop's time."""
        self._version = version
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._breakers: dict[str, _Breaker] = {}

    def state(self, provider: str) -> Health:
        """How it does now."""
        breaker = self._of(provider)
        if breaker.open_until is None:
            state: State = "closed"
        elif breaker.probing is not None or self._now() >= breaker.open_until:
            state = "half-open"
        else:
            state = "open"
        return Health(state, breaker.error, breaker.failed_at, breaker.open_until)

    def allows(self, provider: str) -> bool:
        """Whether it may be asked now. A question to one that was left alone long enough is the only one until it is answered."""
        breaker = self._of(provider)
        if breaker.open_until is None:
            return True
        now = self._now()
        if now < breaker.open_until or (breaker.probing is not None and now < breaker.probing + FIRST_S):
            return False
        breaker.probing = now
        return True

    def succeeded(self, provider: str) -> None:
        """It has done what it was asked."""
        self._breakers.pop(provider, None)

    def failed(self, error: ProviderError, provider: str = "") -> None:
        """It has failed: the error's provider, or the one that is known here by that name."""
        breaker = self._of(provider or error.provider)
        now = self._now()
        breaker.error, breaker.failed_at = error, now
        if error.failure in _NOT_ITS_HEALTH:
            breaker.probing = None
            return
        breaker.failures.append(now)
        while breaker.failures[0] < now - WITHIN_S:
            breaker.failures.popleft()
        if breaker.probing is not None:
            breaker.pause_s = min(LONGEST_S, breaker.pause_s * 2)
        elif breaker.open_until is not None:
            return  # asked before it was left alone
        elif error.failure not in _AT_ONCE and len(breaker.failures) < FAILURES:
            return
        breaker.open_until = now + max(breaker.pause_s, error.retry_after_s or 0.0)
        breaker.probing = None

    def health(self) -> dict[str, Health]:
        """Every provider that has failed since its last success."""
        return {provider: self.state(provider) for provider in list(self._breakers) if self._of(provider).error}

    def _of(self, provider: str) -> _Breaker:
        version = self._version()
        breaker = self._breakers.get(provider)
        if breaker is None or breaker.version != version:
            breaker = self._breakers[provider] = _Breaker(version)
        return breaker
