"""All stand-ins at once, as people start them to try the studio by hand."""

import math
import tomllib
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from studio.providers.manifests import load_providers
from tests.stand_ins.__main__ import slowed
from tests.stand_ins.openai import OpenAISpeech
from tests.stand_ins.openai_ears import OpenAIEars
from tests.stand_ins.slow_line import Pace
from tests.stand_ins.stand_in import KEY, Asked
from tests.stand_ins.together import met, stand_ins, write
from tests.stand_ins.voicebox import SpeakingVoices


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


def test_they_speak_for_every_service_whatever_keys_the_person_has(monkeypatch: pytest.MonkeyPatch):
    providers = load_providers()
    for provider in providers.values():
        if provider.key:
            monkeypatch.setenv(provider.key, KEY)
    with SpeakingVoices() as voices:
        for name, voice in (("openai", "nova"), ("google", "en-US-Chirp3-HD-Zephyr"), ("voicerun", "id-lyric")):
            said = voices.of(name)(Asked("good morning", voice), 24_000)
            assert said.pcm.size > 12_000
            assert [word for word, _, _ in said.words] == ["good", "morning"]


def test_on_a_slow_line_each_piece_waits_for_the_delay_and_for_those_before_it():
    pace = Pace(delay_s=1.0, bytes_per_s=100)
    assert [pace.due(0.0, 100), pace.due(0.0, 50), pace.due(9.0, 100)] == [2.0, 2.5, 11.0]


async def test_a_slow_line_loses_nothing():
    async with AsyncExitStack() as stack:
        settings = (await stack.enter_async_context(OpenAISpeech())).settings
        far = await slowed(stack, {"openai": settings}, 0.01, math.inf)
        client = await stack.enter_async_context(
            httpx.AsyncClient(headers={"Authorization": f"Bearer {KEY}"}, trust_env=False)
        )
        body = {"input": "good morning " * 20, "voice": "nova", "model": "tts-1", "response_format": "pcm"}
        near, slow = [
            (await client.post(f"{table['url']}/audio/speech", json=body)).content
            for table in (settings, far["openai"])
        ]
        assert far["openai"]["url"] != settings["url"]
        assert len(near) > 100_000
        assert slow == near
