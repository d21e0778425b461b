"""What becomes of trying an account."""

from dataclasses import replace
from pathlib import Path

import pytest

from studio.providers import checks
from studio.providers.accounts import Accounts
from studio.providers.checks import try_account
from studio.providers.credentials import Credentials
from studio.providers.manifests import load_providers

SERVICE = '''
"""A service that answers as it is told."""

import asyncio

from studio.providers.errors import ProviderError


class Service:
    closed = 0

    def __init__(self, account):
        self.account = account

    async def check(self):
        match self.account.key:
            case "good":
                return
            case "hangs":
                await asyncio.sleep(60)
            case "breaks":
                raise RuntimeError("not foreseen")
            case key:
                failure = key.removeprefix("a key that is ")
                raise ProviderError("openai", failure, f"It is {failure}.")

    async def close(self):
        Service.closed += 1
'''


@pytest.mark.parametrize(
    ("key", "state", "part"),
    [
        ("good", "works", "accepts the key"),
        ("", "no key", "no key for OpenAI"),
        ("a key that is bad_key", "refused", "It is bad_key."),
        ("a key that is limit", "limit", "It is limit."),
        ("a key that is unreachable", "cannot reach", "It is unreachable."),
        ("hangs", "cannot reach", "did not answer in time"),
        ("breaks", "untested", "RuntimeError: not foreseen"),
    ],
)
async def test_an_account_is_tried(key: str, state: str, part: str, tmp_path: Path):
    (tmp_path / "service.py").write_text(SERVICE)
    provider = replace(load_providers()["openai"], name="tried", folder=tmp_path, service="service:Service")
    verdict = await try_account(provider, Accounts(Credentials({"OPENAI_API_KEY": key})), wait_s=0.02)
    assert verdict.state == state
    assert part in verdict.sentence


async def test_a_plugin_that_cannot_try_keys_says_so():
    provider = replace(load_providers()["openai"], service="")
    verdict = await try_account(provider, Accounts(Credentials({"OPENAI_API_KEY": "good"})))
    assert (verdict.state, "hear a voice instead" in verdict.sentence) == ("untested", True)


async def test_what_runs_here_works():
    assert (await try_account(load_providers()["local"], Accounts(Credentials({})))).state == "works"


def test_every_failure_has_a_state():
    from typing import get_args

    from studio.providers.errors import Failure

    assert set(checks._STATES) == set(get_args(Failure))
