"""A service that redirects: no request, and no key, goes to where it points."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from studio.providers.accounts import Account
from studio.providers.completions import CompletionRequest
from studio.providers.errors import ProviderError
from studio.providers.manifests import load_providers
from studio.providers.plugin_modules import load_adapter
from studio.providers.recognition import Listener
from tests.plugins.kit.recognition_cases import CASES as EARS
from tests.plugins.kit.recognition_cases import Case
from tests.plugins.kit.speaker import Speaker
from tests.plugins.kit.speech_cases import CASES as SPEAKERS
from tests.plugins.kit.speech_cases import SpeechCase
from tests.stand_ins.stand_in import KEY
from tests.stand_ins.web import Server

_ASKED = [case for case in SPEAKERS if case.plugin not in ("google", "azure")]
"""gRPC knows no redirects. Azure's SDK follows them in native code, which no option forbids."""


@dataclass
class Redirecting:
    """The address of a service that sends everybody elsewhere, and who went there."""

    url: str
    asked: list[str] = field(default_factory=list[str])
    """Method and path of what came to the service itself."""
    followed: list[str] = field(default_factory=list[str])
    """What came to the other address."""


@pytest.fixture
async def service() -> AsyncIterator[Redirecting]:
    other, server = Server(), Server()

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        service.followed.append(f"{request.method} {request.path}")
        raise web.HTTPNotFound

    async def redirect(request: web.Request) -> web.StreamResponse:
        service.asked.append(f"{request.method} {request.path}")
        address = other.url if "upgrade" not in request.headers else other.url.replace("http", "ws", 1)
        raise web.HTTPTemporaryRedirect(f"{address}{request.path_qs}")

    for place, answer in ((other, elsewhere), (server, redirect)):
        place.get("/{path:.*}", answer)
        place.post("/{path:.*}", answer)
        await place.start()
    service = Redirecting(server.url)
    yield service
    await server.stop()
    await other.stop()


@pytest.mark.parametrize("case", _ASKED, ids=lambda case: case.name)
async def test_a_voice_follows_no_redirect(case: SpeechCase, service: Redirecting):
    speaker = Speaker(case, KEY, {"url": service.url})
    _, error = await speaker.speak("Hello.")
    await speaker.close()
    assert error
    assert error.failure == "unreachable"
    assert service.asked
    assert service.followed == []


@pytest.mark.parametrize("case", [case for case in EARS if case.network], ids=str)
async def test_an_ear_follows_no_redirect(case: Case, service: Redirecting):
    engine = case.engine(SimpleNamespace(settings={"url": service.url}))  # type: ignore[arg-type]

    async def hear() -> None:
        stream = await engine.open(case.how(), Listener())
        stream.feed(bytes(32_000), 0)
        await stream.finish(16_000)

    with pytest.raises(ProviderError) as raised:
        await hear()
    await engine.close()
    assert raised.value.failure == "unreachable"
    assert service.asked
    assert service.followed == []


@pytest.mark.parametrize("name", [name for name, provider in load_providers().items() if provider.service])
async def test_a_key_that_is_tried_follows_no_redirect(name: str, service: Redirecting):
    if name == "google":
        pytest.skip("gRPC knows no redirects")
    provider = load_providers()[name]
    settings = {setting.name: setting.default for setting in provider.settings} | {"url": service.url}
    asked: Any = load_adapter(provider, provider.service)(Account(name, provider.title, KEY, settings))
    with pytest.raises(ProviderError) as raised:
        await asked.check()
    await asked.close()
    assert raised.value.failure == "unreachable"
    assert service.asked
    assert service.followed == []


async def test_a_language_model_follows_no_redirect(service: Redirecting):
    provider = load_providers()["openai"]
    engine: Any = load_adapter(provider, "completions:OpenAICompletions")("openai", service.url, KEY)
    with pytest.raises(ProviderError):
        async for _ in engine.complete(CompletionRequest("some-model", [{"role": "user", "content": "Hello."}])):
            pass
    await engine.close()
    assert service.asked == ["POST /chat/completions"]
    assert service.followed == []
