"""OpenAI's protocol, spoken by the real SDK to a stand-in on loopback."""

from typing import Any

import pytest

from studio.providers.completions import CompletionRequest, Finish, TextDelta, ToolCall
from studio.providers.errors import ProviderError
from studio.providers.manifests import load_providers
from studio.providers.plugin_modules import load_adapter
from tests.plugins.openai_stand_in import Reply, call, stand_in, stop, text, usage

USER = {"role": "user", "content": "hi", "vr_id": "12345678"}


async def asked(url: str, key: str = "sk-secret", **fields: Any) -> list[Any]:
    engine = load_adapter(load_providers()["openai"], "completions:OpenAICompletions")("openai", url, key)
    try:
        fields = {"model": "m", "messages": [USER], **fields}
        return [delta async for delta in engine.complete(CompletionRequest(**fields))]
    finally:
        await engine.close()


async def failure(reply: Reply) -> ProviderError:
    async with stand_in(reply) as server:
        with pytest.raises(ProviderError) as error:
            await asked(server.url)
    assert "sk-secret" not in str(error.value)
    return error.value


async def test_text_comes_piece_by_piece_and_ends_with_reason_and_usage():
    async with stand_in(Reply([text("Hel"), text("lo."), stop(), usage(3, 2)])) as server:
        deltas = await asked(server.url)
    assert deltas[:2] == [TextDelta("Hel"), TextDelta("lo.")]
    assert isinstance(deltas[2], Finish)
    assert (deltas[2].reason, deltas[2].usage["total_tokens"]) == ("stop", 5)


async def test_tool_calls_are_whole_and_their_arguments_a_dict():
    pieces = [call(0, "", "c-1", "weather"), call(0, '{"ci'), call(0, 'ty": "Rome"}'), call(1, "", "c-2", "time")]
    async with stand_in(Reply([*pieces, stop("tool_calls")])) as server:
        deltas = await asked(server.url)
    assert deltas[:2] == [ToolCall("c-1", "weather", {"city": "Rome"}), ToolCall("c-2", "time", {})]
    assert deltas[2].reason == "tool_calls"


async def test_the_request_is_what_openai_expects():
    called = {"id": "c-1", "type": "function", "function": {"name": "weather", "arguments": {"city": "Rome"}}}
    messages = [
        USER,
        {"role": "assistant", "content": None, "tool_calls": [called]},
        {"role": "tool", "tool_call_id": "c-1", "name": "weather", "content": {"degrees": 19}},
    ]
    tool = {"type": "function", "function": {"name": "weather", "parameters": {}}, "cache_breakpoint": {"ttl": "5m"}}
    async with stand_in(Reply([stop()])) as server:
        await asked(
            server.url,
            messages=messages,
            tools=[tool],
            tool_choice="weather",
            temperature=0.5,
            max_tokens=9,
            response_schema={"type": "object"},
            options={"reasoning_effort": "low"},
        )
        (body,) = server.bodies
        assert server.headers[0]["authorization"] == "bearer sk-secret"
    assert body["messages"] == [
        {"role": "user", "content": "hi"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c-1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}}
            ],
        },
        {"role": "tool", "content": '{"degrees": 19}', "tool_call_id": "c-1"},
    ]
    assert body["tools"] == [{"type": "function", "function": {"name": "weather", "parameters": {}}}]
    assert body["tool_choice"] == {"type": "function", "function": {"name": "weather"}}
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert (body["max_tokens"], body["temperature"], body["reasoning_effort"]) == (9, 0.5, "low")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, "bad_key"),
        (403, "bad_key"),
        (404, "unknown_model"),
        (400, "refused"),
        (429, "limit"),
        (500, "unreachable"),
    ],
)
async def test_statuses_become_failures(status: int, expected: str):
    error = await failure(Reply(status=status, body={"error": {"message": "no: sk-secret"}}))
    assert error.failure == expected


async def test_a_limit_says_how_long_to_wait():
    error = await failure(Reply(status=429, headers={"retry-after": "7"}, body={"error": {"message": "slow down"}}))
    assert error.retry_after_s == 7.0


async def test_what_a_service_says_is_told_without_the_key():
    error = await failure(Reply(status=400, body={"error": {"message": "temperature of sk-secret is wrong."}}))
    assert str(error).endswith("refused the request: temperature of [key] is wrong.")


@pytest.mark.parametrize("events", [[text("Hel")], [call(0, '{"ci', "c-1", "weather")]])
async def test_an_answer_that_breaks_off_is_dropped(events: list[Any]):
    assert (await failure(Reply(events, drop=True))).failure == "dropped"


async def test_an_answer_without_an_end_is_dropped():
    assert (await failure(Reply([text("Hel")]))).failure == "dropped"


@pytest.mark.parametrize(
    "reply", [Reply(["{not json"]), Reply([call(0, '{"ci', "c-1", "weather"), stop("tool_calls")])]
)
async def test_garbage_is_garbage(reply: Reply):
    assert (await failure(reply)).failure == "garbage"


async def test_nobody_listens():
    with pytest.raises(ProviderError) as error:
        await asked("http://127.0.0.1:9/v1")
    assert error.value.failure == "unreachable"


async def test_closing_the_iterator_ends_the_request():
    engine_class = load_adapter(load_providers()["openai"], "completions:OpenAICompletions")
    async with stand_in(Reply([text("Hel"), None])) as server:
        engine = engine_class("openai", server.url, "")
        deltas = engine.complete(CompletionRequest("m", [USER]))
        assert await anext(deltas) == TextDelta("Hel")
        await deltas.aclose()
        await server.left.wait()
        await engine.close()


async def listed(*replies: Reply) -> list[str]:
    async with stand_in(*replies) as server:
        engine = load_adapter(load_providers()["openai"], "completions:OpenAICompletions")(
            "mine", server.url, "sk-secret"
        )
        try:
            return list(await engine.models())
        finally:
            await engine.close()


async def test_the_models_of_an_address_are_listed():
    page = {"object": "list", "data": [{"id": name, "object": "model"} for name in ("llama3.2", "qwen3")]}
    assert await listed(Reply(body=page)) == ["llama3.2", "qwen3"]


async def test_an_address_without_a_list_or_with_another_key_says_so():
    with pytest.raises(ProviderError, match="has no list of models") as missing:
        await listed(Reply(status=404, body={}))
    assert missing.value.failure == "unreachable"
    with pytest.raises(ProviderError, match="does not accept the key") as refused:
        await listed(Reply(status=401, body={"error": {"message": "sk-secret is wrong"}}))
    assert refused.value.failure == "bad_key"
