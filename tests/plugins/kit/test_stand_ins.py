"""All stand-ins at once, as people start them to try the studio by hand."""

import tomllib
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from studio.providers.manifests import load_providers
from tests.stand_ins.__main__ import met, stand_ins, write
from tests.stand_ins.openai import OpenAISpeech
from tests.stand_ins.openai_ears import OpenAIEars
from tests.stand_ins.stand_in import KEY


def test_every_service_has_a_stand_in():
    services = {name for name, provider in load_providers().items() if provider.hosts}
    assert services <= {kind.provider for kind in stand_ins()}


async def test_a_service_that_speaks_and_listens_is_met_at_one_address():
    async with AsyncExitStack() as stack:
        both = [await stack.enter_async_context(stand_in) for stand_in in (OpenAISpeech(), OpenAIEars())]
        settings = await met(stack, both)
        client = await stack.enter_async_context(
            httpx.AsyncClient(headers={"Authorization": f"Bearer {KEY}"}, trust_env=False)
        )
        assert (await client.get(f"{settings['url']}/models")).json()["object"] == "list"
        assert (await client.get(f"{settings['url']}/models/whisper-1")).status_code == 200  # of the one that listens
        assert (await client.get(f"{settings['url']}/models")).json()["object"] == "list"


def test_settings_of_providers_are_replaced_and_others_kept(tmp_path: Path):
    file = tmp_path / "settings.toml"
    file.write_text('theme = "dark"\n\n[providers.openai]\nurl = "old"\n\n[audio]\nlatency = 0.03\n')
    for url in ("new", "newer"):
        write(file, {"openai": {"url": url}, "azure": {"region": "here", "url": url}})
    assert tomllib.loads(file.read_text()) == {
        "theme": "dark",
        "audio": {"latency": 0.03},
        "providers": {"openai": {"url": "newer"}, "azure": {"region": "here", "url": "newer"}},
    }
