"""Keys, tests and lists of providers by their commands."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from studio import paths
from studio.engine import accounts as engine_accounts
from studio.engine.accounts import AccountCommands
from studio.engine.client import EngineError
from studio.engine.connection import CommandError
from studio.providers import checks
from studio.providers.accounts import Account, Accounts
from studio.providers.breaker import Health
from studio.providers.catalogue import Catalogue
from studio.providers.credentials import Credentials
from studio.providers.errors import ProviderError
from studio.providers.own_voices import UserVoices
from studio.providers.service import ServiceVoice
from studio.providers.user import UserProviders
from studio.runtime.gateway.settings import users_models
from tests.engine.conftest import OpenDesk

FAILED: dict[str, Health] = {}
RECOVERED: list[str] = []
KEY = "sk-a-key-that-nobody-may-see-1234"


class FakeService:
    """A service that knows one key."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def check(self) -> None:
        if self._account.key != KEY:
            raise ProviderError("openai", "bad_key", "OpenAI does not accept the key.")

    async def voices(self) -> Sequence[ServiceVoice]:
        await self.check()
        return [ServiceVoice("v1", "Robin", "en-US", "female")]

    async def close(self) -> None:
        pass


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> AccountCommands:
    """The commands over no key at all, and a service for every provider."""
    RECOVERED.clear()
    for module in (engine_accounts, checks):
        monkeypatch.setattr(module, "load_adapter", lambda provider, adapter: FakeService)
    made = AccountCommands(Accounts(Credentials({}), UserProviders()), users_models, lambda: FAILED, RECOVERED.append)
    made._plugins = {
        name: plugin if name == "local" else _served(plugin)
        for name, plugin in engine_accounts.load_providers().items()
    }
    return made


def _served(plugin):  # type: ignore[no-untyped-def]
    return replace(plugin, service="service:Fake")


async def test_a_key_is_told_by_where_it_is_and_how_it_ends(commands: AccountCommands) -> None:
    assert (await commands.providers())["keys"] == {}
    told = await commands.set_key("OPENAI_API_KEY", f"  {KEY}\n", "session")
    assert told["keys"] == {"OPENAI_API_KEY": {"source": "session", "ending": "1234"}}
    assert KEY not in str(told)
    assert (await commands.remove_key("OPENAI_API_KEY"))["keys"] == {}


async def test_a_key_that_is_none_is_refused_without_being_told(commands: AccountCommands) -> None:
    with pytest.raises(CommandError, match="space in it") as refused:
        await commands.set_key("OPENAI_API_KEY", f"{KEY} {KEY}", "session")
    assert KEY not in str(refused.value)


async def test_a_test_says_what_became_of_it_until_a_key_changes(commands: AccountCommands) -> None:
    assert (await commands.check_provider("openai"))["state"] == "no key"
    await commands.set_key("OPENAI_API_KEY", "another-key-that-is-wrong", "session")
    verdict = await commands.check_provider("openai")
    assert (verdict["state"], verdict["sentence"]) == ("refused", "OpenAI does not accept the key.")
    assert (await commands.providers())["tried"] == {"openai": verdict}
    assert (await commands.set_key("AZURE_SPEECH_KEY", KEY, "session"))["tried"] == {"openai": verdict}
    assert (await commands.set_key("OPENAI_API_KEY", KEY, "session"))["tried"] == {}
    assert (await commands.check_provider("openai"))["state"] == "works"


def set_up(text: str) -> None:
    file = paths.config_dir() / "settings.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


async def test_a_test_holds_until_another_address_is_asked(commands: AccountCommands) -> None:
    await commands.set_key("OPENAI_API_KEY", KEY, "session")
    verdict = await commands.check_provider("openai")
    set_up('[providers.azure]\nregion = "westeurope"\n')
    assert (await commands.providers())["tried"] == {"openai": verdict}
    set_up('[providers.openai]\nurl = "https://example.org/v1"\n')
    assert (await commands.providers())["tried"] == {}


async def test_a_test_of_language_models_holds_until_another_address_or_key_is_asked(
    commands: AccountCommands,
) -> None:
    set_up('[completions.mine]\nurl = "http://127.0.0.1:9/v1"\nkey_variable = "MY_KEY"\n')
    verdict = await commands.check_endpoint("mine")
    assert (await commands.providers())["tried"] == {"completions.mine": verdict}
    assert (await commands.set_key("MY_KEY", KEY, "session"))["tried"] == {}
    await commands.check_endpoint("mine")
    set_up('[completions.mine]\nurl = "http://127.0.0.1:8/v1"\nkey_variable = "MY_KEY"\n')
    assert (await commands.providers())["tried"] == {}


async def test_that_it_works_holds_until_it_fails(commands: AccountCommands) -> None:
    await commands.set_key("OPENAI_API_KEY", KEY, "session")
    now = asyncio.get_running_loop().time()
    FAILED["openai"] = Health("closed", ProviderError("openai", "dropped", "It hung up."), now - 1)
    verdict = await commands.check_provider("openai")
    assert RECOVERED == ["openai"]
    assert (await commands.providers())["tried"] == {"openai": verdict}
    FAILED["openai"] = Health("closed", ProviderError("openai", "dropped", "It hung up."), now + 60)
    assert (await commands.providers())["tried"] == {}
    FAILED.clear()
    assert (await commands.providers())["tried"] == {}


async def test_the_voices_that_a_service_lists_are_in_the_catalogue_from_then_on(commands: AccountCommands) -> None:
    catalogue = Catalogue(own=UserVoices())
    assert catalogue.cast("Robin").notes[0].code == "unknown_voice"
    with pytest.raises(CommandError, match="no key for OpenAI"):
        await commands.refresh_voices("openai")
    await commands.set_key("OPENAI_API_KEY", KEY, "session")
    told = await commands.refresh_voices("openai")
    assert told["count"] == 1
    assert datetime.fromisoformat(told["listed"]["openai"]) <= datetime.now(UTC)
    assert catalogue.cast("Robin").asked.id == "v1"
    with pytest.raises(CommandError, match="no provider 'nobody'"):
        await commands.refresh_voices("nobody")


async def test_a_provider_that_has_failed_is_told_with_what_it_said_and_when(commands: AccountCommands) -> None:
    now = asyncio.get_running_loop().time()
    FAILED["azure"] = Health("open", ProviderError("azure", "limit", "Azure refuses for now."), now - 60, now + 30)
    failed = (await commands.providers())["health"]["azure"]
    FAILED.clear()
    assert (failed["state"], failed["sentence"]) == ("open", "Azure refuses for now.")
    ago = datetime.now(UTC) - datetime.fromisoformat(failed["at"])
    assert 59 <= ago.total_seconds() <= 65
    assert datetime.fromisoformat(failed["until"]) > datetime.now(UTC)


async def test_what_the_user_sets_of_a_provider_is_noticed_at_once(commands: AccountCommands) -> None:
    assert (await commands.providers())["settings"]["azure"] == {"region": "eastus", "url": ""}
    before = commands._accounts.version
    file = paths.config_dir() / "settings.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('[providers.azure]\nregion = "westeurope"\n')
    assert commands._accounts.version > before
    assert (await commands.providers())["settings"]["azure"] == {"region": "westeurope", "url": ""}


async def test_an_endpoint_without_its_key_says_so_and_its_key_is_listed(commands: AccountCommands) -> None:
    file = paths.config_dir() / "settings.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('[completions.mine]\nurl = "http://127.0.0.1:9/v1"\nkey_variable = "MY_KEY"\n')
    verdict = await commands.check_endpoint("mine")
    assert (verdict["state"], "MY_KEY" in verdict["sentence"]) == ("no key", True)
    told = await commands.set_key("MY_KEY", KEY, "session")
    assert told["keys"]["MY_KEY"]["source"] == "session"


async def test_the_window_reaches_the_accounts(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        told = await desk.call("set_key", name="DEEPGRAM_API_KEY", value=KEY, where="session")
        assert told["keys"]["DEEPGRAM_API_KEY"] == {"source": "session", "ending": "1234"}
        assert (await desk.call("check_provider", provider="local"))["state"] == "works"
        with pytest.raises(EngineError, match="where") as refused:
            await desk.call("set_key", name="DEEPGRAM_API_KEY", value=KEY, where="a file")
        assert KEY not in str(refused.value)
