"""VoiceRun's own SDK, as published, in the agent's environment: the host works with it unpatched."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from studio import paths
from studio.agents.create import SAMPLES
from studio.agents.supervision import ChildLink
from studio.runtime.virtual_time import VirtualLoop, external
from tests.agents.conftest import Talk, event
from tests.real_sdk import REQUIREMENT, interpreter_with_real_sdk

pytestmark = pytest.mark.end_to_end

Converse = Callable[[Talk], Awaitable[Any]]


@pytest.fixture
def python() -> str:
    return interpreter_with_real_sdk()


@pytest.fixture
def virtual(write: Callable[..., Path], python: str) -> Callable[..., Talk]:
    """Runs a conversation with a child of the real SDK in virtual time."""

    def run(source: str, converse: Converse | None = None, **context: Any) -> Talk:
        async def session() -> Talk:
            link = ChildLink(python, external=external, zero=asyncio.get_running_loop().time())
            talk = Talk(link, write(source))
            talk._initialize["context"] |= context
            talk.ready = await talk.start()  # type: ignore[attr-defined]
            await (converse(talk) if converse else talk.run())
            await link.close(2.0)
            return talk

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(session())

    return run


@pytest.fixture
async def live(write: Callable[..., Path], python: str) -> Any:
    talks: list[Talk] = []

    def make(source: str) -> Talk:
        talks.append(Talk(ChildLink(python), write(source)))
        return talks[-1]

    yield make
    for talk in talks:
        await talk.link.close(2.0)


_ON_TOP = {
    "Configuration",  # all its settings have defaults; the host gives them by name
    "STTUpdateSettingsEvent",  # noise_reduction and prewarm_model: the checks say so
    "StreamOptions",  # the old name of an option: it warns
}
"""What the layer lets be called in more ways than the SDK, on purpose."""


def test_the_layer_lets_nothing_through_that_the_sdk_does_not_have(python):
    ours, theirs = _surface(sys.executable, str(paths.AGENT_SDK)), _surface(python)
    odd = [
        f"{module}: {name}"
        for module, names in ours.items()
        for name in names
        if module in theirs and name not in theirs[module]
        if "." not in name or module.startswith("primfunctions")  # the older package shares classes with the newer
    ]
    assert odd == []
    assert set(ours) - set(theirs) == {"voicerun_completions.types"}  # there without an __init__.py


def test_events_and_functions_of_the_layer_are_called_as_those_of_the_sdk(python):
    ours, theirs = _surface(sys.executable, str(paths.AGENT_SDK)), _surface(python)
    odd = [
        f"{module}: {name}: {called} {theirs[module][name]}"
        for module, names in ours.items()
        for name, called in names.items()
        if module.startswith("primfunctions") and called and theirs.get(module, {}).get(name)
        if called != theirs[module][name] and name not in _ON_TOP
    ]
    assert odd == []


def _surface(python: str, path: str = "") -> dict[str, dict[str, Any]]:
    script = Path(__file__).with_name("sdk_surface.py")
    done = subprocess.run(
        [python, str(script)], env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=True
    )
    return json.loads(done.stdout)


def test_the_child_says_which_sdk_it_has(virtual):
    talk = virtual("async def handler(event, context):\n    yield LogEvent('hi')\n")
    assert talk.ready["sdk"] == REQUIREMENT.rpartition("=")[2]


def test_events_go_in_and_out_with_turn_and_payload(virtual):
    source = """
async def handler(event, context):
    if isinstance(event, TextEvent):
        yield TextToSpeechEvent(text=event.data["text"] + event.data["extra"], voice="luna")
        yield LogEvent(f"{event.turn} {event.background}")
"""

    async def converse(talk: Talk) -> None:
        talk.link.send(event("run-1", "text", turn=3, source="speech", text="a", language=None, extra="b"))
        await talk.until(lambda: talk.of("run_end"))

    talk = virtual(source, converse)
    speech, log = talk.outputs("run-1")
    assert speech["event"]["name"] == "text_to_speech"
    assert (speech["event"]["data"]["text"], speech["event"]["turn"], speech["line"]) == ("ab", 3, 6)
    assert log["event"]["data"]["message"] == "3 False"


def test_events_without_data_share_a_dict_and_nothing_of_the_host_gets_into_it(virtual):
    source = """
async def handler(event, context):
    yield InterruptEvent()
    yield Event("own")
    yield Event("own")
"""
    assert [frame["event"]["data"] for frame in virtual(source).outputs()] == [{}, {}, {}]


def test_the_context_holds_what_the_session_was_given(virtual):
    source = """
async def handler(event, context):
    c = context.configuration
    yield LogEvent(f"{context.variables['city']} {context.data['phoneNumber']} {context.session_id} {c.timeout}")
    context.set_data("order", [1])
    context.set_output({"done": True})
    context.cache_set("k", 1)
"""
    talk = virtual(source)
    assert talk.outputs("run-1")[0]["event"]["data"]["message"] == "Rome +1 s-1 5"
    assert talk.outputs("")[0]["event"]["name"] == "context_patch"
    context = talk.of("context")[-1]["context"]
    assert context["data"] == {"phoneNumber": "+1", "order": [1]}
    assert context["variables"] == {"city": "***"}
    assert context["configuration"]["origin"] == "unknown"


def test_the_engines_configuration_reaches_the_agent_in_the_sdks_own_types(virtual):
    source = """
async def handler(event, context):
    yield LogEvent(f"{context.configuration.origin.value} {context.configuration.default_voice}")
"""

    talk = virtual(source, configuration={"origin": "phone", "default_voice": "lyric", "timeout": 7.0})
    assert talk.outputs("run-1")[0]["event"]["data"]["message"] == "phone lyric"
    assert talk.of("context")[-1]["context"]["configuration"]["timeout"] == 7.0


def test_the_transcript_that_the_engine_fills_in_is_read_by_the_handler(virtual):
    source = "async def handler(event, context):\n    yield LogEvent(str([e['content'] for e in context.transcript]))\n"

    async def converse(talk: Talk) -> None:
        said = {"role": "user", "content": "hello", "interrupted": False}
        talk.link.send({**event("run-1"), "context": {"transcript": [said]}})
        await talk.until(lambda: talk.of("run_end"))

    talk = virtual(source, converse)
    assert talk.outputs()[0]["event"]["data"]["message"] == "['hello']"
    assert talk.of("context")[-1]["context"]["transcript"][0]["content"] == "hello"


def test_logger_and_metrics_reach_the_engine(virtual):
    source = """
from primfunctions.logger import logger
from primfunctions.metrics import metrics

async def handler(event, context):
    logger.warn("low", {"left": 2})
    metrics.counter("orders", tags={"kind": "new"})
    metrics.gauge("length", value=4)
    return
    yield
"""
    talk = virtual(source)
    (log,) = talk.of("log", stream="logger")
    assert (log["level"], log["text"], log["attributes"], log["line"]) == ("warning", "low", {"left": 2}, 8)
    names = [frame["event"]["name"] for frame in talk.outputs("")]
    assert names == ["metrics.counter.orders", "metrics.gauge.length"]
    assert talk.outputs("")[0]["event"]["data"]["value"] == 1


def test_a_background_generator_speaks_between_runs_and_is_counted(virtual):
    source = """
async def later():
    await asyncio.sleep(3)
    yield TextToSpeechEvent(text="still here", voice="nova")

async def handler(event, context):
    context.create_task(later(), name="later")
    return
    yield
"""

    async def converse(talk: Talk) -> None:
        await talk.run()
        await talk.until(lambda: talk.of("tasks", unfinished=0))

    talk = virtual(source, converse)
    row = talk.outputs("")[0]["event"]
    assert (row["data"]["text"], row["background"], row["background_task_name"]) == ("still here", True, "later")
    assert [(frame["unfinished"], frame["names"]) for frame in talk.of("tasks")] == [(1, ["later"]), (0, [])]
    assert talk.of("tasks")[-1]["at"] == 3_000_000_000


def test_a_background_task_that_fails_says_where(virtual):
    source = """
async def later():
    raise RuntimeError("no such table")

async def handler(event, context):
    context.create_task(later(), name="later")
    return
    yield
"""

    async def converse(talk: Talk) -> None:
        await talk.run()
        await talk.until(lambda: talk.outputs(""))

    (failed,) = virtual(source, converse).outputs("")
    assert failed["event"]["name"] == "error"
    assert failed["event"]["background"] is True
    assert "no such table" in failed["event"]["data"]["message"]
    assert (failed["file"], failed["line"]) == ("handler.py", 5)
    assert failed["event"]["data"]["error"]["type"] == "RuntimeError"


def test_interruptible_tasks_are_cancelled_and_others_go_on(virtual):
    source = """
async def forever():
    await asyncio.sleep(20)
    print("went on")

async def handler(event, context):
    context.create_task(forever(), name="a", interruptible=True)
    context.create_task(forever(), name="b")
    return
    yield
"""

    async def converse(talk: Talk) -> None:
        await talk.run()
        talk.link.send({"type": "cancel_tasks", "now": 1_000_000_000, "which": "interruptible"})
        await talk.until(lambda: talk.of("tasks", unfinished=0))

    talk = virtual(source, converse)
    assert talk.texts("stdout") == ["went on"]


def test_while_the_session_ends_interruptible_tasks_are_refused(virtual):
    source = """
async def work():
    return None

async def handler(event, context):
    if isinstance(event, StopEvent):
        context.create_task(work())
        context.create_task(work(), interruptible=True)
    return
    yield
"""

    async def converse(talk: Talk) -> None:
        talk.link.send(event("run-1", "stop"))
        await talk.until(lambda: talk.of("run_end"))

    (end,) = virtual(source, converse).of("run_end")
    assert end["error"]["type"] == "RuntimeError"
    assert end["error"]["frames"][-1]["line"] == 10


def test_a_handler_that_fails_is_described_by_its_own_frames(virtual):
    talk = virtual("async def handler(event, context):\n    yield LogEvent(context.variables['nothing'])\n")
    (end,) = talk.of("run_end")
    assert end["status"] == "error"
    assert "'nothing' is not set" in end["error"]["sentence"]
    assert end["error"]["frames"][-1]["line"] == 4


def test_experiments_log_and_keep_their_variant(virtual):
    source = """
async def handler(event, context):
    context.experiment("tone", {"warm": 1.0, "cold": 0.0})
    yield LogEvent(context.get_experiment("tone"))
"""
    talk = virtual(source)
    assert talk.outputs("run-1")[0]["event"]["data"]["message"] == "warm"
    assert talk.outputs("")[0]["event"]["name"] == "log"


def test_two_runs_are_the_same_to_the_byte(virtual):
    source = """
import random, uuid

async def handler(event, context):
    context.experiment("tone", {"warm": 0.5, "cold": 0.5})
    yield LogEvent(f"{random.random()} {uuid.uuid4()} {Event('x').timestamp}")
"""

    def frames(talk: Talk) -> list[Any]:
        return [{**frame, "wall_ms": 0} for frame in talk.frames]

    assert frames(virtual(source)) == frames(virtual(source))


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.iterdir() if path.is_dir()))
def test_a_sample_agent_gives_the_same_records_with_either_sdk(sample, python, tmp_path):
    agent = tmp_path / sample
    shutil.copytree(SAMPLES / sample, agent)

    def records() -> list[dict[str, Any]]:
        caller = [word for line in ("hello", "half past ten please", "good bye") for word in ("--say", line)]
        done = subprocess.run(
            [sys.executable, "-m", "studio", "run", str(agent), *caller, "--virtual-time", "--json"],
            env={**os.environ, "STUDIO_HOME": str(tmp_path / "home")},
            cwd=paths.PACKAGE_ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    with_ours = records()
    (agent / ".venv").symlink_to(Path(python).parent.parent)
    with_theirs = records()
    sdks = [rows[0]["data"].pop("sdk") for rows in (with_ours, with_theirs)]
    assert sdks == ["studio", REQUIREMENT.rpartition("=")[2]]
    if any(row["event"] == "not_reproducible" for row in with_theirs):  # it reaches the gateway by real connections
        with_ours, with_theirs = _spoken(with_ours), _spoken(with_theirs)
    assert with_theirs == with_ours


def _spoken(rows: list[dict[str, Any]]) -> list[Any]:
    return [row["data"]["text"] for row in rows if row["event"] == "TextToSpeechEvent"]


async def test_a_live_child_speaks_and_keeps_what_the_sdk_has_set_up(live):
    source = """
from primfunctions.completions import configure_provider

async def handler(event, context):
    configure_provider("openai", voicerun_managed=True)
    yield LogEvent("set up")
"""
    talk = live(source)
    assert (await talk.start())["type"] == "ready"
    talk.link.send({"type": "services", "now": 0, "url": "http://127.0.0.1:9", "token": "t"})
    end = await talk.run()
    assert (end["status"], end["error"]) == ("ok", None)
    assert talk.outputs("run-1")[0]["event"]["data"]["message"] == "set up"
