"""The SDK layer's completions, decisions and shared data, against a host that a test plays."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import voicerun_completions
from primfunctions import _service, shared_data
from primfunctions.completions import (
    AssistantMessage,
    ChatCompletionRequest,
    CompletionsNotConfiguredError,
    CompletionsProviderNotConfiguredError,
    CompletionsProxyError,
    FunctionCall,
    RetryConfiguration,
    StreamOptions,
    ToolCall,
    ToolResultMessage,
    UserMessage,
    client,
    configure_provider,
    deserialize_conversation,
    generate_chat_completion,
    generate_chat_completion_stream,
)
from primfunctions.decisions import (
    DecisionAuthError,
    DecisionsProviderNotConfiguredError,
    choice,
    generate_decisions,
    predicate,
    score,
)
from primfunctions.decisions import configure_provider as configure_decisions
from voicerun_completions.types.errors import FallbackExhaustedError, RateLimitError

RESPONSE = {
    "message": {"role": "assistant", "content": "Hello.", "vr_id": "llm-1", "tool_calls": []},
    "finish_reason": "stop",
    "usage": {"total_tokens": 3},
    "provider": "openai",
    "model": "gpt",
    "request_id": "llm-1",
}
CALL = {"id": "call-1", "type": "function", "function": {"name": "t", "arguments": {"a": 1}}, "index": 0}
LINES = [
    {"type": "content_delta", "content": "Hel"},
    {"type": "content_sentence", "sentence": "Hello."},
    {"type": "tool_call", "tool_call": CALL},
    {"type": "finish_reason", "finish_reason": "stop"},
    {"type": "usage", "usage": {"total_tokens": 3}},
    {"type": "response", **RESPONSE},
]
REQUEST = {"provider": "openai", "model": "gpt", "messages": [{"role": "user", "content": "hi"}]}


class Host:
    """Answers every request with the same pieces, and keeps what it was asked."""

    def __init__(self) -> None:
        self.pieces: list[tuple[int, dict[str, Any]]] = [(200, RESPONSE)]
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def refuse(self, status: int, kind: str) -> None:
        self.pieces = [(status, {"error": "No.", "error_type": kind})]

    async def ask(self, service: str, body: dict[str, Any], task: str = "") -> AsyncGenerator[tuple[int, Any]]:
        self.asked.append((service, body))
        for piece in self.pieces:
            yield piece

    def tell(self, service: str, body: dict[str, Any]) -> None:
        self.asked.append((service, body))

    @property
    def body(self) -> dict[str, Any]:
        return self.asked[-1][1]


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    host = Host()
    monkeypatch.setattr(_service, "_impl", host)
    monkeypatch.setattr(client, "_keys", {})
    configure_provider("openai", voicerun_managed=True)
    return host


async def test_a_whole_answer(host: Host):
    response = await generate_chat_completion(REQUEST)
    assert (response.message.content, response.finish_reason, response.model) == ("Hello.", "stop", "gpt")
    message = host.body["messages"][0]
    assert (message["role"], message["content"], host.body["streaming"]) == ("user", "hi", False)


async def test_chunks_by_their_types(host: Host):
    host.pieces = [(200, line) for line in LINES]
    stream = await generate_chat_completion_stream(REQUEST, {"stream_sentences": True})
    chunks = {chunk.type: chunk async for chunk in stream}
    assert list(chunks) == [line["type"] for line in LINES]
    assert (chunks["content_delta"].delta, chunks["content_sentence"].sentence) == ("Hel", "Hello.")
    assert chunks["tool_call"].tool_call.function.arguments == {"a": 1}
    assert chunks["response"].response.message.content == "Hello."
    assert host.body["streaming"] is True
    assert host.body["stream_options"]["stream_sentences"] is True


async def test_objects_and_dicts_are_sent_alike(host: Host):
    function = {"name": "t", "description": "d", "parameters": {}}
    answer = ToolResultMessage("call-1", {"b": 2}, name="t")
    request = ChatCompletionRequest(
        "openai", "gpt", [UserMessage("hi"), answer], tools=[{"type": "function", "function": function}]
    )
    request.retry = RetryConfiguration(max_retries=1)
    await generate_chat_completion(request)
    assert host.body["messages"][1]["content"] == {"b": 2}
    assert host.body["tools"][0]["function"] == function
    assert host.body["retry"]["max_retries"] == 1


async def test_each_provider_is_sent_with_its_own_key(host: Host):
    configure_provider("anthropic", api_key="sk-a")
    await generate_chat_completion({**REQUEST, "fallbacks": [{"provider": "anthropic"}, {"model": "other"}]})
    assert "api_key" not in host.body
    assert [row.get("api_key") for row in host.body["fallbacks"]] == ["sk-a", None]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"api_key": "k"}, ValueError),
        ({"fallbacks": [{"api_key": "k"}]}, ValueError),
        ({"colour": "red"}, TypeError),
        ({"fallbacks": [{"colour": "red"}]}, TypeError),
        ({"provider": "nobody"}, ValueError),
        ({"messages": ["hi"]}, TypeError),
        ({"messages": [{"role": "narrator", "content": ""}]}, ValueError),
        ({"tools": [{"type": "function", "function": {"name": "t"}}]}, ValueError),
        ({"provider": "groq"}, CompletionsProviderNotConfiguredError),
        ({"fallbacks": [{"provider": "groq"}]}, CompletionsProviderNotConfiguredError),
    ],
)
async def test_a_faulty_request_is_refused_before_it_is_sent(
    host: Host, change: dict[str, Any], error: type[Exception]
):
    with pytest.raises(error):
        await generate_chat_completion({**REQUEST, **change})
    assert [service for service, _ in host.asked] == ["warm"]


async def test_a_request_without_its_model_says_so(host: Host):
    with pytest.raises(TypeError, match="needs model, messages"):
        await generate_chat_completion({"provider": "openai"})


async def test_what_the_service_refuses_is_an_error_of_the_proxy(host: Host):
    host.refuse(429, "RateLimitError")
    with pytest.raises(CompletionsProxyError, match=r"No\.") as error:
        await generate_chat_completion(REQUEST)
    assert (error.value.error_type, error.value.status_code) == ("RateLimitError", 429)


async def test_an_answer_that_breaks_off_is_an_error_too(host: Host):
    host.pieces = [(200, LINES[0]), (200, {"type": "error", "error": "Gone.", "error_type": "ProviderError"})]
    stream = await generate_chat_completion_stream(REQUEST)
    assert (await anext(stream)).delta == "Hel"
    with pytest.raises(CompletionsProxyError, match=r"Gone\."):
        await anext(stream)


@pytest.mark.parametrize("option", [{}, {"voicerun_managed": True, "api_key": "k"}])
def test_a_provider_is_managed_or_own(host: Host, option: dict[str, Any]):
    with pytest.raises(ValueError, match="either"):
        configure_provider("openai", **option)


def test_providers_are_configured_before_there_is_a_host_which_hears_of_it_when_it_comes(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(_service, "_impl", None)
    monkeypatch.setattr(client, "_keys", {})
    monkeypatch.setattr("primfunctions.decisions.client._keys", {})
    configure_provider("openai", voicerun_managed=True)
    configure_decisions("typesafe", voicerun_managed=True)
    host = Host()
    _service.connect(host)
    assert host.asked == [("warm", {"providers": ["openai"], "api_keys": {}})]


async def test_without_a_host_everything_says_so():
    with pytest.raises(CompletionsNotConfiguredError, match="no completions service"):
        await generate_chat_completion(REQUEST)


def test_the_old_name_of_an_option_still_works():
    assert StreamOptions(stream_sentences=True).chunk_by_sentence
    assert not StreamOptions().chunk_by_sentence
    with pytest.raises(TypeError):
        StreamOptions(by_word=True)  # type: ignore[call-arg]


def test_a_conversation_survives_its_wire_form():
    call = ToolCall("1", "function", FunctionCall("f", {"x": 1}), thought_signature=b"\x00\xff")
    messages = [
        UserMessage("hi"),
        AssistantMessage(None, tool_calls=[call], encrypted_reasoning="e"),
        ToolResultMessage("1", {"y": 2}),
    ]
    assert deserialize_conversation([message.serialize() for message in messages]) == messages


async def test_shared_data(host: Host):
    host.pieces = [(200, {"data": {"key": "k", "data": {"name": "Maria"}}})]
    assert (shared_data.is_configured(), await shared_data.get("k")) == (True, {"name": "Maria"})
    host.refuse(404, "NotFoundError")
    assert await shared_data.get("k", 5) == 5


async def test_decisions(host: Host):
    configure_decisions("typesafe", api_key="k")
    answers = {
        "a": {"type": "predicate", "probability": 0.9},
        "b": {"type": "choice", "choice": "x", "probabilities": {"x": 1.0, "y": 0.0}, "confidence": 1.0},
        "c": {"type": "score", "score": 0.5, "probabilities": {"0": 0.5, "1": 0.5}},
        "d": {"type": "refusal"},
    }
    host.pieces = [(200, {"request_id": "llm-1", "provider": "typesafe", "model": "jev", "answers": answers})]
    questions = {"a": predicate("?", true="yes"), "b": choice("?", {"x": None, "y": None}), "c": score("?", [1, 2])}
    result = await generate_decisions({"provider": "typesafe", "model": "jev", "state": "s", "questions": questions})
    assert host.body["questions"]["a"] == {"type": "predicate", "instructions": "?", "criteria": {"true": "yes"}}
    assert host.body["api_key"] == "k"
    assert (result.answers["a"].probability, result.answers["c"].probabilities[1]) == (0.9, 0.5)
    assert (result.answers["b"].choice, result.refusals) == ("x", ["d"])


async def test_decisions_that_fail(host: Host):
    with pytest.raises(DecisionsProviderNotConfiguredError):
        await generate_decisions({"provider": "cloudflare"})
    configure_decisions("openai", voicerun_managed=True)
    host.refuse(401, "DecisionAuthError")
    with pytest.raises(DecisionAuthError, match=r"No\."):
        await generate_decisions({"provider": "openai", "model": "m", "state": "s", "questions": {}})


async def test_the_older_package_takes_the_key_in_the_request(host: Host):
    host.pieces = [(200, line) for line in LINES]
    request = {**REQUEST, "api_key": "sk-old"}
    stream = await voicerun_completions.generate_chat_completion_stream(request, {"stream_sentences": True})
    chunks = [chunk async for chunk in stream]
    assert isinstance(chunks[0], voicerun_completions.AssistantMessageDeltaChunk)
    assert (chunks[0].content, chunks[1].sentence) == ("Hel", "Hello.")
    assert host.body["api_key"] == "sk-old"


async def test_the_older_package_has_classes_of_errors(host: Host):
    host.refuse(429, "RateLimitError")
    with pytest.raises(RateLimitError, match=r"No\.") as error:
        await voicerun_completions.generate_chat_completion({**REQUEST, "api_key": "k"})
    assert isinstance(error.value, voicerun_completions.VoiceRunCompletionError)
    host.refuse(502, "FallbackExhaustedError")
    fallbacks = [{"provider": "anthropic", "api_key": "k2", "model": "m"}]
    with pytest.raises(FallbackExhaustedError) as exhausted:
        await voicerun_completions.generate_chat_completion({**REQUEST, "api_key": "k", "fallbacks": fallbacks})
    assert exhausted.value.providers_tried == ["openai", "anthropic"]
