"""`studio run --allow-network` with a language model on loopback."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from studio import paths
from tests.plugins.openai_stand_in import Reply, stand_in, stop, text

HANDLER = """
from primfunctions.completions import CompletionsProxyError, configure_provider, generate_chat_completion
from primfunctions.events import StartEvent, TextToSpeechEvent

async def handler(event, context):
    if isinstance(event, StartEvent):
        configure_provider("openai", voicerun_managed=True)
        request = {"provider": "openai", "model": "gpt", "messages": [{"role": "user", "content": "hi"}]}
        try:
            yield TextToSpeechEvent((await generate_chat_completion(request)).message.content)
        except CompletionsProxyError:
            yield TextToSpeechEvent("nobody there")
"""


async def run(folder: Path, url: str, *options: str) -> list[dict[str, Any]]:
    """The records of a session."""
    (folder / ".studio").mkdir(exist_ok=True)
    (folder / "handler.py").write_text(HANDLER)
    (folder / ".studio" / "settings.toml").write_text(f'[completions]\nurl = "{url}"\nkey_variable = "MODEL_KEY"')
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-P",
            "-m",
            "studio",
            "run",
            str(folder),
            "--say",
            "hi",
            "--virtual-time",
            "--json",
            *options,
        ),
        env={
            **os.environ,
            "STUDIO_HOME": str(folder / "home"),
            "PYTHONPATH": str(paths.PACKAGE_ROOT),
            "MODEL_KEY": "sk-very-secret",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert b"sk-very-secret" not in output + errors
    return [json.loads(line) for line in output.splitlines()]


def spoken(records: list[dict[str, Any]]) -> list[str]:
    return [record["data"]["text"] for record in records if record["event"] == "TextToSpeechEvent"]


async def test_a_model_over_the_network_is_refused_in_virtual_time(tmp_path: Path):
    async with stand_in(Reply([text("Hello."), stop()])) as server:
        records = await run(tmp_path, server.url)
        assert not server.bodies
    assert spoken(records) == ["nobody there"]
    assert "--allow-network" in next(r["message"] for r in records if r["event"] == "completion_failed")


async def test_with_leave_it_is_asked_and_the_session_says_that_it_is_not_reproducible(tmp_path: Path):
    async with stand_in(Reply([text("Hel"), text("lo."), stop()])) as server:
        records = await run(tmp_path, server.url, "--allow-network")
        assert server.headers[0]["authorization"] == "bearer sk-very-secret"
    assert spoken(records) == ["Hello."]
    assert [record["data"] for record in records if record["event"] == "not_reproducible"] == [
        {"reasons": ["a language model over the network"]}
    ]
    (ended,) = [record for record in records if record["event"] == "completion_ended"]
    assert ended["data"]["elapsed_ms"] == 0.0
