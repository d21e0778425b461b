"""One conversation in real time, heard and spoken by many services, one of which breaks off in the middle of a line."""

import asyncio
import itertools
import json
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from studio import paths
from studio.providers.desk import LINE_RATE, Line, SpeechDesk
from studio.providers.manifests import load_providers
from tests.stand_ins.azure import AzureSpeech
from tests.stand_ins.cartesia import CartesiaSpeech
from tests.stand_ins.deepgram import DeepgramEars
from tests.stand_ins.google import GoogleSpeech
from tests.stand_ins.openai import OpenAISpeech
from tests.stand_ins.stand_in import KEY, Step, Utterance
from tests.stand_ins.voicerun import VoiceRunSpeech

pytestmark = pytest.mark.end_to_end

HANDLER = """
from primfunctions.events import StartEvent, StopEvent, TextEvent, TextToSpeechEvent


async def handler(event, context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("good morning", voice="nova")
        yield TextToSpeechEvent("here is google", voice="zephyr")
    elif isinstance(event, TextEvent):
        yield TextToSpeechEvent("you would like a table for four people", voice="brooke")
        yield TextToSpeechEvent("all is done", voice="lyric")
        yield TextToSpeechEvent("for monday then", voice="jenny", speed=1.25)
        yield TextToSpeechEvent("good bye", voice="brooke")
        yield StopEvent()
"""
LINES = [
    "good morning",
    "here is google",
    "you would like a table for four people",
    "all is done",
    "for monday then",
    "good bye",
]
GAP_S = 0.2
"""Longer silences than this within a line need a reason; the stand-ins leave 50 ms between words."""


async def _caller(file: Path) -> None:
    desk = SpeechDesk(None)
    _, chunks = await desk.speak(Line("a table for four please", "English (local)"), lambda note: None)
    pcm = b"".join([chunk.pcm async for chunk in chunks])
    await desk.close()
    soundfile.write(file, np.frombuffer(pcm, "<i2"), LINE_RATE)


async def _talk(folder: Path) -> tuple[list[dict[str, Any]], np.ndarray, dict[str, Any]]:
    """Records, the agent's line at its rate, and the stand-ins by provider."""
    ears = DeepgramEars()
    ears.utterances = [Utterance("a table for four please")]
    voices = [OpenAISpeech(), GoogleSpeech(), AzureSpeech(), CartesiaSpeech((Step("drop_mid"),)), VoiceRunSpeech()]
    services = {service.provider: service for service in (ears, *voices)}
    async with AsyncExitStack() as opened:
        for service in services.values():
            await opened.enter_async_context(service)
        home = folder / "home"
        config = home / "config"
        config.mkdir(parents=True)
        tables = [
            f"[providers.{name}]\n" + "".join(f"{key} = {json.dumps(text)}\n" for key, text in service.settings.items())
            for name, service in services.items()
        ]
        (config / "settings.toml").write_text("\n".join(tables))
        project = folder / "agent"
        (project / ".studio").mkdir(parents=True)
        (project / "handler.py").write_text(HANDLER)
        (project / ".studio" / "settings.toml").write_text('tts_failover = ["nova"]\n')
        await _caller(folder / "caller.wav")
        keys = {load_providers()[name].key: KEY for name in services}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "studio", "run", str(project), "--hear", str(folder / "caller.wav")),
            *("--json", "--out", str(folder / "out.wav"), "--limit", "40"),
            env={**os.environ, **keys, "STUDIO_HOME": str(home), "PYTHONPATH": str(paths.PACKAGE_ROOT)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(120):
            output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert KEY.encode() not in output + errors
    sound, rate = soundfile.read(folder / "out.wav", dtype="int16")
    assert rate == LINE_RATE
    return [json.loads(line) for line in output.splitlines()], sound[:, 1], services


def _gaps(line: np.ndarray, first: int, end: int) -> list[tuple[int, int]]:
    """Silences in a stretch of the line that are longer than `GAP_S`."""
    loud = np.flatnonzero(np.abs(line[first:end].astype(int)) > 100) + first
    return [(int(a), int(b)) for a, b in itertools.pairwise(loud) if b - a > GAP_S * LINE_RATE]


async def test_a_conversation_through_six_services_is_one_waveform_whose_gaps_are_all_explained(tmp_path):
    records, line, services = await _talk(tmp_path)

    def of(event):
        return [record for record in records if record["event"] == event]

    heard = [record["data"] for record in records if record["name"] == "stt.final"]
    assert [(final["text"], final["provider"]) for final in heard] == [("a table for four please", "deepgram")]
    assert [record["data"]["heard"] for record in of("play_ended") if record["data"]["item"] == "speech"] == LINES
    assert not of("speech_failed")
    spoke = [[part["provider"] for part in r["data"].get("parts", [r["data"]])] for r in of("speech_ready")]
    assert spoke == [["openai"], ["google"], ["cartesia", "openai"], ["voicerun"], ["azure"], ["cartesia"]]
    (note,) = of("failed_over")
    assert (note["data"]["from"], note["data"]["to"]) == ("cartesia:brooke", "openai:nova")
    cut = note["data"]["text_start"]
    assert 0 < cut < len(LINES[2])
    assert services["openai"].asked[-1].text == LINES[2][cut:]
    starts = {record["data"]["out"]: record["data"]["sample"] for record in of("play_started")}
    broken = next(record["data"]["out"] for record in of("speech_ready") if "parts" in record["data"])
    for record in of("play_ended"):
        out, end = record["data"]["out"], record["data"]["sample"]
        if record["data"]["item"] == "speech":
            gaps = _gaps(line, starts[out], end)
            assert len(gaps) <= (out == broken), "only the one who takes over may be awaited"
            assert np.abs(line[starts[out] : end].astype(int)).max() > 1000
