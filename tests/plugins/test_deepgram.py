"""What is Deepgram's own: thresholds of flux, late finals, trying a key."""

import asyncio

import numpy as np
import pytest

from studio.providers.accounts import Account
from studio.providers.ear_desk import EarDesk
from studio.providers.errors import ProviderError
from studio.providers.manifests import load_providers
from studio.providers.plugin_modules import load_adapter
from studio.providers.recognition import Listener, RecogniserSettings
from studio.providers.socket_ear import SocketEar
from tests.plugins.kit.recognition_cases import CASES
from tests.plugins.kit.test_recognition_kit import Caller, Told, ear_of, service_of
from tests.stand_ins.deepgram import DeepgramEars
from tests.stand_ins.stand_in import KEY, Step

_NOVA, _FLUX = (case for case in CASES if case.provider == "deepgram")


async def test_thresholds_beyond_the_services_range_are_clamped_and_said():
    async with (
        service_of(_FLUX) as service,
        ear_of(_FLUX, service, Told(), eot_threshold=0.97, eot_timeout_ms=100) as ear,
    ):
        assert (service.opened[0]["eot_threshold"], service.opened[0]["eot_timeout_ms"]) == ("0.9", "500")
        assert [remark.sentence for remark in ear.remarks] == [
            "eot_threshold=0.97 is beyond what Flux takes, 0.5 to 0.9: 0.9 is used.",
            "eot_timeout_ms=100 is beyond what Flux takes, 500 to 10000: 500 is used.",
        ]


async def test_a_final_that_comes_after_it_was_given_up_is_not_said_twice(monkeypatch):
    monkeypatch.setattr(SocketEar, "final_s", -1.0)
    told = Told()
    async with service_of(_NOVA, "one two", "three") as service, ear_of(_NOVA, service, told) as ear:
        caller = Caller(ear, told)
        await caller.voice(1.5)
        while len(service.heard) < 48_000:  # noqa: ASYNC110 - the stand-in tells nobody
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        assert "one two".startswith((await ear.finish(caller.at)).text)
        monkeypatch.setattr(SocketEar, "final_s", 1.0)
        tone = np.full(16_000, 5000, "<i2")
        ear.feed(tone.tobytes(), caller.at)
        assert (await ear.finish(caller.at + tone.size)).text == "three"  # the first final comes while it is waited for


async def test_what_a_stream_remarks_is_a_notice_of_the_desk(monkeypatch):
    async with service_of(_FLUX) as service:
        engine = _FLUX.engine(service)
        monkeypatch.setattr("studio.providers.engines.load_adapter", lambda *what: lambda account: engine)
        monkeypatch.setenv("DEEPGRAM_API_KEY", KEY)
        notices = []
        desk = EarDesk()
        settings = RecogniserSettings(model=_FLUX.model, eot_threshold=0.2)
        stream, _ = await desk.open(
            _FLUX.model, lambda hearer: settings, Listener(), lambda *notice: notices.append(notice)
        )
        await stream.close()
        await desk.close()
    assert [code for code, _, _ in notices] == ["recogniser_clamped"]


@pytest.mark.parametrize(
    ("step", "failure"),
    [
        (Step(), None),
        (Step("status", status=403), None),
        (Step("status", status=401), "bad_key"),
        (Step("status", status=429), "limit"),
        (Step("status", status=502), "unreachable"),
    ],
)
async def test_a_key_is_tried_by_a_list_that_it_may_be_too_humble_to_see(step, failure):
    provider = load_providers()["deepgram"]
    async with DeepgramEars() as service:
        service.plan.steps.append(step)
        adapter = load_adapter(provider, provider.service)(Account("deepgram", "Deepgram", KEY, service.settings))
        try:
            if failure is None:
                await adapter.check()
            else:
                with pytest.raises(ProviderError) as raised:
                    await adapter.check()
                assert raised.value.failure == failure
        finally:
            await adapter.close()
