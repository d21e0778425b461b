"""The one core behind both ways into the gateway: it takes a service's request and gives its answer."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import date, datetime, time
from typing import Any

from studio.agents.project import Project
from studio.agents.shared_data import MISSING, SharedDataError, SharedStore
from studio.providers.errors import ProviderError
from studio.providers.faults import Faults
from studio.providers.models import Models, Route
from studio.runtime.gateway.completions import Asker, Completions, Line, answer_at_once
from studio.runtime.gateway.decisions import decide
from studio.runtime.gateway.errors import ServiceError, invalid
from studio.runtime.gateway.requests import read_question
from studio.runtime.gateway.settings import PLATFORM_PROVIDERS
from studio.runtime.journal import Journal
from studio.sessions.records import NOTICE


class Gateway:
    """The services of one session."""

    def __init__(
        self, journal: Journal, project: Project, models: Models, faults: Faults, *, virtual: bool, allow_network: bool
    ) -> None:
        self.completions = Completions(journal, models, self._allow, faults)
        self._journal = journal
        self._models = models
        self._virtual = virtual
        self._allow_network = allow_network
        self._shared = SharedStore(project.settings.get("shared_data", {}), project.root / ".studio")
        self._told: set[str] = set()
        self.on_real: Callable[[list[str]], None] = lambda reasons: None
        """Called with reasons when something escapes virtual time."""

    async def answer(self, service: str, body: Any, asker: Asker) -> AsyncGenerator[Line]:
        """The lines of an answer; a whole answer is one line. Raises ServiceError."""
        match service:
            case "completions":
                question = read_question(body)
                lines = self.completions.answer(question, asker)
                if not question.streaming:
                    yield await answer_at_once(lines)
                    return
                async with aclosing(lines):
                    async for line in lines:
                        yield line
            case "decisions":
                yield await decide(body, self.completions, asker)
            case "shared_data":
                yield self._shared_value(body)
            case "warm":
                yield await self._warm(body)
            case _:
                raise ServiceError(f"There is no service '{service}'.", "NotFoundError", 404)

    async def close(self) -> None:
        """Let go of all engines."""
        await self._models.close()

    async def _warm(self, body: Any) -> Line:
        providers = body.get("providers") if isinstance(body, dict) else None
        if not isinstance(providers, list):
            raise invalid("A request to warm up names its providers in a list.")
        keys = body.get("api_keys")
        for provider in providers:
            key = keys.get(provider) if isinstance(keys, dict) else ""
            self._note_unknown(str(provider))
            await self.completions.warm_up(str(provider), str(key or ""))
        return {"warmed": providers}

    def _note_unknown(self, provider: str) -> None:
        if provider not in PLATFORM_PROVIDERS and provider not in self._told:
            self._told.add(provider)
            sentence = (
                f"VoiceRun has no provider '{provider}' of language models. It has {', '.join(PLATFORM_PROVIDERS)}."
            )
            self._journal.add(NOTICE, "unknown_provider", {"provider": provider}, level="warning", message=sentence)

    def _shared_value(self, body: Any) -> Line:
        key = str(body.get("key", "")) if isinstance(body, dict) else ""
        try:
            value = self._shared.get(key)
        except SharedDataError as error:
            if str(error) not in self._told:
                self._told.add(str(error))
                self._journal.add(NOTICE, "shared_data_unreadable", level="warning", message=str(error))
            raise ServiceError(str(error), "NotFoundError", 404) from None
        if value is MISSING:
            raise ServiceError(f"There is no shared value '{key}'.", "NotFoundError", 404)
        return {"data": {"key": key, "data": _plain(value)}}

    def _allow(self, route: Route) -> None:
        if not (self._virtual and route.network):
            return
        if not self._allow_network:
            raise ProviderError(
                route.provider,
                "refused",
                f"In virtual time no network is asked, so the language model at {route.engine} is not: add "
                "--allow-network, or give the project a scripted model ([completions] with script in "
                ".studio/settings.toml).",
            )
        self.on_real(["a language model over the network"])


def _plain(value: Any) -> Any:
    """The value as JSON has it: TOML knows dates and times too."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
