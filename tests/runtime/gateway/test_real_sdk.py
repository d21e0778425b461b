"""VoiceRun's own SDK, as published, against the gateway."""

from pathlib import Path

import pytest

from studio.runtime.plan import Step
from tests.real_sdk import interpreter_with_real_sdk
from tests.runtime.gateway.test_sessions import talk

pytestmark = pytest.mark.end_to_end

HANDLER = """
from primfunctions import decisions
from primfunctions.completions import UserMessage, deserialize_conversation, ToolResultMessage

TOOLS = [{"type": "function", "function": {"name": "weather", "description": "", "parameters": {"type": "object"}}}]

async def handler(event, context):
    if isinstance(event, StartEvent):
        configure_provider("openai", voicerun_managed=True)
        decisions.configure_provider("typesafe", voicerun_managed=True)
        lead = await context.shared_data.get("lead")
        missing = await context.shared_data.get("nobody", "none")
        asked = {"angry": decisions.predicate("Angry?"), "kind": decisions.choice("?", {"a": None, "b": None})}
        result = await decisions.generate_decisions(
            {"provider": "typesafe", "model": "jev", "state": "argh", "questions": asked}
        )
        answers = result.answers
        yield TextToSpeechEvent(f"{lead['name']} {missing} {answers['angry'].probability} {answers['kind'].choice}")
    elif isinstance(event, TextEvent):
        context.add_completion_message(UserMessage(content=event.data["text"]))
        try:
            for _ in range(2):
                messages = deserialize_conversation(context.get_completion_messages())
                stream = await generate_chat_completion_stream(
                    {**request(""), "messages": messages, "tools": TOOLS}, {"chunk_by_sentence": True}
                )
                async for chunk in stream:
                    if chunk.type == "content_sentence":
                        yield TextToSpeechEvent(chunk.sentence)
                    elif chunk.type == "response":
                        message = chunk.response.message
                context.add_completion_message(message)
                for call in message.tool_calls or []:
                    context.add_completion_message(ToolResultMessage(tool_call_id=call.id, content={"degrees": 19}))
                if not message.tool_calls:
                    break
        except CompletionsProxyError as error:
            yield TextToSpeechEvent(f"{error.error_type} {error.status_code}")
"""
SCRIPT = """
first_token_ms = 300
[[rule]]
said = "argh"
text = '{"angry": 0.8, "kind": "b"}'
[[rule]]
tool = "weather"
text = "It is {degrees} degrees. Nice, is it not?"
[[rule]]
said = "weather"
tools = [{ name = "weather" }]
[[rule]]
error = "limit"
"""
SETTINGS = '[completions]\nscript = "model.toml"\n[shared_data]\nlead = { name = "Maria" }'


def test_the_published_sdk_gets_all_that_ours_gets(tmp_path: Path):
    steps = [Step(say="the weather"), Step(say="and else")]
    both = [talk(tmp_path, HANDLER, steps, SCRIPT, SETTINGS, python) for python in ("", interpreter_with_real_sdk())]
    for one in both:
        assert one.spoken() == [
            "Maria none 0.8 b",
            "It is 19 degrees.",
            "Nice, is it not?",
            "RateLimitError 429",
        ]
        assert [record.data["name"] for record in one.of("tool_called")] == ["weather"]
        assert [record.data["content"] for record in one.of("tool_answered")] == [{"degrees": 19}]
        assert [(record.run, record.turn) for record in one.of("completion_requested")] == [
            ("run-1", 0),
            ("run-2", 1),
            ("run-2", 1),
            ("run-3", 2),
        ]
    reasons = [[reason for record in one.of("not_reproducible") for reason in record.data["reasons"]] for one in both]
    assert reasons == [[], ["VoiceRun's own primfunctions, whose requests take no session time"]]


OLDER = """
import voicerun_completions
from voicerun_completions import CompletionsClient, StreamOptions
from voicerun_completions.types.errors import RateLimitError

client = CompletionsClient()

async def handler(event, context):
    if isinstance(event, StartEvent):
        asked = {**request("weather"), "api_key": "k"}
        answer = await client.generate_chat_completion(asked)
        yield TextToSpeechEvent(f"{answer.message.content} {answer.finish_reason}")
        for options in (None, StreamOptions(True)):
            async for chunk in await client.generate_chat_completion_stream(asked, options):
                if isinstance(chunk, voicerun_completions.AssistantMessageDeltaChunk):
                    yield TextToSpeechEvent(chunk.content)
                elif chunk.type == "content_sentence":
                    yield TextToSpeechEvent("a sentence: " + chunk.sentence)
        try:
            await voicerun_completions.generate_chat_completion({**request("else"), "api_key": "k"})
        except RateLimitError as error:
            yield TextToSpeechEvent(str(error.status_code))
"""


def test_the_older_package_asks_through_the_published_sdk_as_through_ours(tmp_path: Path):
    script = '[[rule]]\nsaid = "weather"\ntext = "Nice."\n[[rule]]\nerror = "limit"\n'
    for python in ("", interpreter_with_real_sdk()):
        one = talk(tmp_path, OLDER, [], script, SETTINGS, python)
        assert one.spoken() == ["Nice. stop", "Nice.", "a sentence: Nice.", "429"]
