"""Whole sessions: a handler in its child, the gateway, a scripted model, all in virtual time."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from studio.agents.supervision import ChildLink
from studio.audio.sinks import NullSink
from studio.runtime.assembly import assemble, read_project
from studio.runtime.household import household
from studio.runtime.plan import SessionPlan, Step
from studio.runtime.scenario import ScriptedCaller
from studio.runtime.virtual_time import VirtualLoop, external
from studio.sessions.records import NS, Record, as_json

HEAD = """
import asyncio
from primfunctions.completions import *
from primfunctions.events import *

def request(text, **more):
    return {"provider": "openai", "model": "gpt", "messages": [{"role": "user", "content": text}], **more}
"""
ECHO = """
async def handler(event, context):
    if isinstance(event, StartEvent):
        configure_provider("openai", voicerun_managed=True)
    if isinstance(event, TextEvent):
        stream = await generate_chat_completion_stream(request(event.data["text"]), {"chunk_by_sentence": True})
        async for chunk in stream:
            if chunk.type == "content_sentence":
                yield TextToSpeechEvent(chunk.sentence)
"""


class Talk:
    """A session that has been."""

    def __init__(self, records: list[Record]) -> None:
        self.records = [record for record in records if not record.host]

    def of(self, event: str) -> list[Record]:
        return [record for record in self.records if record.event == event]

    def spoken(self) -> list[str]:
        return [record.data["data"]["text"] for record in self.of("TextToSpeechEvent")]

    def times(self, event: str) -> list[float]:
        return [record.publish_time / NS for record in self.of(event)]


def talk(
    folder: Path, handler: str, steps: Sequence[Step], script: str = "", settings: str = "", python: str = ""
) -> Talk:
    """Run a session, in the interpreter named where one is."""
    (folder / ".studio").mkdir(exist_ok=True)
    (folder / "handler.py").write_text(HEAD + handler)
    (folder / ".studio" / "model.toml").write_text(script)
    (folder / ".studio" / "settings.toml").write_text(settings or '[completions]\nscript = "model.toml"')

    async def go() -> Talk:
        plan = SessionPlan(folder, script=list(steps), virtual=True)
        project = read_project(plan)
        records: list[Record] = []
        async with household(asyncio.get_running_loop()) as parts:
            if python:
                parts = replace(parts, make_link=lambda _, clock: ChildLink(python, external=external, zero=clock.zero))
            session = assemble(plan, project, parts, NullSink())
            session.journal.subscribe(records.append)
            caller = asyncio.create_task(ScriptedCaller(session, session.clock, plan.script or (), 0).run())
            await session.run()
            caller.cancel()
            await asyncio.gather(caller, return_exceptions=True)
        return Talk(records)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(go())


def test_sentences_are_spoken_while_the_model_goes_on(tmp_path: Path):
    script = 'first_token_ms = 500\ntokens_per_second = 2\n[[rule]]\ntext = "I heard {said}. It is good."'
    one = talk(tmp_path, ECHO, [Step(say="hello")], script)
    assert one.spoken() == ["I heard hello.", "It is good."]
    (ended,), (first, second) = one.times("completion_ended"), one.times("TextToSpeechEvent")
    assert (first - one.times("completion_first_token")[0], second, second - first) == (1.0, ended, 1.5)
    asked = one.of("completion_requested")[0]
    assert (asked.run, asked.turn) == ("run-2", 1)
    two = talk(tmp_path, ECHO, [Step(say="hello")], script)
    assert [as_json(record) for record in one.records] == [as_json(record) for record in two.records]


def test_without_a_model_the_agent_gets_a_sentence_and_may_go_on(tmp_path: Path):
    handler = """
async def handler(event, context):
    if isinstance(event, StartEvent):
        configure_provider("anthropic", voicerun_managed=True)
        try:
            await generate_chat_completion({**request("hi"), "provider": "anthropic"})
        except CompletionsProxyError as error:
            yield TextToSpeechEvent(f"{error.error_type} {error.status_code}")
"""
    one = talk(tmp_path, handler, [], settings="timeout = 5.0")
    assert one.spoken() == ["AuthenticationError 401"]
    (failed,) = one.of("completion_failed")
    assert failed.message.startswith("No language model is set up for the provider 'anthropic'.")


def test_a_provider_that_the_platform_does_not_have_is_told_once_when_it_is_named(tmp_path: Path):
    handler = """
configure_provider("mars", voicerun_managed=True)
async def handler(event, context):
    configure_provider("mars", voicerun_managed=True)
    configure_provider("openai", voicerun_managed=True)
    yield
"""
    one = talk(tmp_path, handler, [Step(say="hello")])
    (unknown,) = one.of("unknown_provider")
    assert unknown.level == "warning"
    assert unknown.message.startswith("VoiceRun has no provider 'mars' of language models. It has openai,")


def test_in_virtual_time_a_network_model_is_refused(tmp_path: Path):
    one = talk(tmp_path, ECHO, [Step(say="hello")], settings='[completions]\nurl = "http://127.0.0.1:9/v1"')
    assert "--allow-network" in one.of("completion_failed")[0].message
    assert not one.of("not_reproducible")


def test_a_cancelled_run_cancels_its_request(tmp_path: Path):
    script = '[[rule]]\nsaid = "one"\nfirst_token_ms = 4000\ntext = "Late."\n[[rule]]\ntext = "Now."'

    one = talk(tmp_path, ECHO, [Step(say="one"), Step(say="two", after_speech_start=1.0, line=0)], script)
    assert [record.data.get("failure") for record in one.of("completion_failed")] == ["cancelled"]
    assert one.of("completion_failed")[0].run == one.of("handler_ended")[1].run
    assert one.spoken() == ["Now."]


def test_a_background_task_s_request_outlives_its_run(tmp_path: Path):
    handler = """
async def later(context):
    answer = await generate_chat_completion(request("one"))
    yield TextToSpeechEvent(answer.message.content)

async def handler(event, context):
    if isinstance(event, StartEvent):
        configure_provider("openai", voicerun_managed=True)
    if isinstance(event, TextEvent) and event.data["text"] == "one":
        context.create_task(later(context), name="later")
        await asyncio.sleep(100)
    yield LogEvent("x")
"""
    script = '[[rule]]\nfirst_token_ms = 4000\ntext = "Late."'
    one = talk(tmp_path, handler, [Step(say="one"), Step(say="two", after_speech_start=1.0, line=0)], script)
    assert "cancelled" in [record.data["status"] for record in one.of("handler_ended")]
    assert not one.of("completion_failed")
    assert one.spoken() == ["Late."]


def test_decisions_and_shared_data_are_served(tmp_path: Path):
    handler = """
from primfunctions import decisions
async def handler(event, context):
    if isinstance(event, StartEvent):
        decisions.configure_provider("typesafe", voicerun_managed=True)
        asked = {"angry": decisions.predicate("Is the caller angry?")}
        result = await decisions.generate_decisions(
            {"provider": "typesafe", "model": "jev", "state": "argh", "questions": asked}
        )
        lead = await context.shared_data.get("lead", {})
        missing = await context.shared_data.get("nobody", "none")
        yield TextToSpeechEvent(f"{result.answers['angry'].probability} {lead['name']} {missing}")
"""
    settings = '[completions]\nscript = "model.toml"\n[shared_data]\nlead = { name = "Maria" }'
    one = talk(tmp_path, handler, [], "[[rule]]\ntext = '{\"angry\": 0.8}'", settings)
    assert one.spoken() == ["0.8 Maria none"]


@pytest.mark.parametrize("key", ["sk-very-secret"])
def test_a_key_is_nowhere_in_the_records(tmp_path: Path, key: str):
    handler = ECHO.replace("voicerun_managed=True", f"api_key='{key}'")
    one = talk(tmp_path, handler, [Step(say="hello")], '[[rule]]\ntext = "Hi."')
    assert one.spoken() == ["Hi."]
    assert not [record for record in one.records if key in as_json(record)]


def test_an_sdk_of_its_own_is_told_where_the_gateway_listens(tmp_path: Path):
    """A project may bring another SDK: it asks over HTTP, with the token that the host gave to its `configure`."""
    sdk = tmp_path / "primfunctions"
    for name in ("completions", "events", "context", "configuration", "logger", "metrics"):
        (sdk / name).mkdir(parents=True)
        (sdk / name / "__init__.py").touch()
    (sdk / "__init__.py").touch()
    (sdk / "configuration" / "__init__.py").write_text("class Configuration: pass")
    (sdk / "events" / "__init__.py").write_text(
        "class Event:\n"
        "    timestamp = None\n    turn = 0\n    background = False\n    background_task_name = None\n"
        "    def __init__(self, name, data):\n        self.name, self.data = name, data\n"
        "class StartEvent(Event): pass\n"
        "class TextEvent(Event): pass\n"
        "def TextToSpeechEvent(text): return Event('text_to_speech', {'text': text})\n"
    )
    (sdk / "context" / "__init__.py").write_text(
        "class Context:\n"
        "    def __init__(self, **given):\n        self.__dict__.update(given); self.tasks = {}\n"
        "    def serialize(self): return {}\n"
    )
    (sdk / "completions" / "__init__.py").write_text(
        "import contextvars\n"
        "place = contextvars.ContextVar('place')\n"
        "def configure(url, token): place.set((url, token))\n"
    )
    handler = """
import json, urllib.request
from primfunctions.completions import place

def post(url, token):
    body = json.dumps(request("hi")).encode()
    headers = {"Authorization": f"Bearer {token}"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/v1/completions", body, headers), timeout=8) as answer:
        return json.load(answer)["message"]["content"]

async def handler(event, context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent(await asyncio.to_thread(post, *place.get()))
"""
    one = talk(tmp_path, handler, [], 'first_token_ms = 900\n[[rule]]\ntext = "Hello."')
    assert one.spoken() == ["Hello."]
    assert [record.run for record in one.of("completion_ended")] == ["run-1"]
    assert one.of("not_reproducible")
