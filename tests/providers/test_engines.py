"""When the engine of a provider is made, and when it is made anew."""

import pytest

from studio.providers.accounts import Account, Accounts
from studio.providers.credentials import Credentials
from studio.providers.engines import Engines
from studio.providers.manifests import load_providers

OPENAI = load_providers()["openai"]


class Engine:
    """Knows the account that it was made with."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.closed = False

    async def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def adapters(monkeypatch):
    monkeypatch.setattr("studio.providers.engines.load_adapter", lambda provider, adapter: Engine)


@pytest.fixture
def keys():
    return {"OPENAI_API_KEY": "first-key"}


@pytest.fixture
def settings():
    return {"openai": {"url": "http://127.0.0.1:1/v1"}}


@pytest.fixture
async def engines(keys, settings):
    engines = Engines(Accounts(Credentials(keys), lambda: settings))
    yield engines
    await engines.close()


async def test_an_engine_is_made_once(engines):
    assert await engines.get(OPENAI, "x") is await engines.get(OPENAI, "x")


async def test_another_key_or_another_address_makes_another_engine_and_what_the_old_one_is_at_goes_on(
    engines, keys, settings
):
    first = await engines.get(OPENAI, "x")
    keys["OPENAI_API_KEY"] = "second-key"
    second = await engines.get(OPENAI, "x")
    settings["openai"] = {"url": "http://127.0.0.1:2/v1"}
    third = await engines.get(OPENAI, "x")
    assert [engine.account.key for engine in (first, second, third)] == ["first-key", "second-key", "second-key"]
    assert [engine.account["url"][-4] for engine in (first, second, third)] == ["1", "1", "2"]
    assert not first.closed
    await engines.close()
    assert first.closed
    assert third.closed


async def test_the_key_of_another_provider_changes_nothing(engines, keys):
    first = await engines.get(OPENAI, "x")
    keys["DEEPGRAM_API_KEY"] = "another-key"
    assert await engines.get(OPENAI, "x") is first
