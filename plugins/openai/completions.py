"""Asks language models by OpenAI's protocol: OpenAI itself, and whatever speaks as it does (Ollama, llama.cpp, ...)."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import openai
from openai.types.chat import ChatCompletionChunk

from studio.providers.completions import CompletionRequest, Delta, Finish, TextDelta, ToolCall
from studio.providers.connections import http_options
from studio.providers.errors import ProviderError
from studio.providers.failures import retry_after_of

_OWN_HOST = "api.openai.com"
_ANTHROPIC = "api.anthropic.com"
_LONGEST_REASON = 300


class OpenAICompletions:
    """Asks one address. How long an answer may take is the asker's business: closing the iterator ends the request."""

    def __init__(self, provider: str, url: str, key: str) -> None:
        self._provider = provider
        self._url = url
        self._key = key
        host = urlsplit(url).hostname or ""
        self._is_openai = host == _OWN_HOST
        self._is_anthropic = host == _ANTHROPIC
        self._client = openai.AsyncOpenAI(
            base_url=url,
            api_key=key or "none",  # the SDK insists on one; servers at home do not look at it
            max_retries=0,  # the agent says whether to try again
            timeout=None,
            http_client=openai.DefaultAsyncHttpxClient(timeout=None, **http_options(url)),
        )

    async def complete(self, request: CompletionRequest) -> AsyncIterator[Delta]:
        """Ask; always as a stream. Raises ProviderError."""
        begun = False
        try:
            stream = await self._client.chat.completions.create(**self._body(request))
            begun = True
            async with stream:
                answer = _Answer()
                async for chunk in stream:
                    for delta in answer.take(chunk):
                        yield delta
                for delta in answer.end():
                    yield delta
        except Exception as error:  # whatever the SDK makes of what comes over the line
            raise self._translated(error, request.model, begun) from None

    async def models(self) -> Sequence[str]:
        """The names of the models that the address lists. Raises ProviderError."""
        # Anthropic takes OpenAI's header for completions only
        headers = {"x-api-key": self._key, "anthropic-version": "2023-06-01"} if self._is_anthropic else {}
        try:
            return [model.id async for model in self._client.models.list(extra_headers=headers)]
        except Exception as error:  # whatever the SDK makes of what comes over the line
            raise self._translated(error, "", False) from None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _body(self, request: CompletionRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [_message(row) for row in request.messages],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.max_tokens is not None:  # OpenAI's newer models refuse the name that all others know
            body["max_completion_tokens" if self._is_openai else "max_tokens"] = request.max_tokens
        if request.tools:
            body["tools"] = [{"type": "function", "function": tool["function"]} for tool in request.tools]
        if request.tool_choice in ("none", "auto", "required"):
            body["tool_choice"] = request.tool_choice
        elif request.tool_choice:
            body["tool_choice"] = {"type": "function", "function": {"name": request.tool_choice}}
        if request.response_schema:
            body["response_format"] = _response_format(request.response_schema)
        if request.options:
            body["extra_body"] = dict(request.options)
        return body

    def _translated(self, error: Exception, model: str, begun: bool) -> ProviderError:
        where = f"The language model at {self._url}"

        def failed(failure: Any, sentence: str, retry_after_s: float | None = None) -> ProviderError:
            return ProviderError(self._provider, failure, sentence, retry_after_s=retry_after_s)

        match error:
            case openai.APITimeoutError():
                return failed("stalled", f"{where} did not answer in time.")
            case _BrokenOffError() | openai.APIConnectionError() if begun:
                return failed("dropped", f"{where} broke off in the middle of its answer.")
            case openai.APIConnectionError():
                return failed("unreachable", f"{where} cannot be reached. Is it running, and is the address right?")
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return failed("bad_key", f"{where} does not accept the key. Check it.")
            case openai.NotFoundError() if not model:
                return failed("unreachable", f"{where} has no list of models: the address may be wrong.")
            case openai.NotFoundError():
                return failed("unknown_model", f"{where} knows no model '{model}', or the address is wrong.")
            case openai.RateLimitError():
                wait = retry_after_of(error)
                return failed("limit", f"{where} refuses for now: too many requests, or the credit is used up.", wait)
            case openai.APIStatusError() if error.status_code < 500:
                return failed("refused", f"{where} refused the request: {self._reason(error)}")
            case openai.APIStatusError():
                wait = retry_after_of(error)
                return failed("unreachable", f"{where} failed with status {error.status_code}.", wait)
            case openai.APIError():
                return failed("dropped", f"{where} broke off its answer: {self._reason(error)}")
            case _:
                return failed(
                    "garbage", f"{where} answered something that is no completion. Does it speak OpenAI's protocol?"
                )

    def _reason(self, error: openai.APIError) -> str:
        """What the service says, without the key and not too long."""
        body = error.body
        told = body.get("message") if isinstance(body, Mapping) else None
        reason = " ".join(str(told or error.message).split())[:_LONGEST_REASON].rstrip(".")
        return f"{reason.replace(self._key, '[key]') if self._key else reason}."


class _BrokenOffError(Exception):
    """A stream ended before the answer did."""


class _Answer:
    """Puts the pieces of a stream together."""

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, str]] = {}
        self._reason = ""
        self._usage: dict[str, Any] = {}

    def take(self, chunk: ChatCompletionChunk) -> list[Delta]:
        """What a chunk says at once; pieces of tool calls are kept until the end."""
        if chunk.usage:
            self._usage = chunk.usage.model_dump(exclude_none=True)
        if not chunk.choices:
            return []
        choice = chunk.choices[0]
        self._reason = choice.finish_reason or self._reason
        for piece in choice.delta.tool_calls or ():
            call = self._calls.setdefault(piece.index, {"id": "", "name": "", "arguments": ""})
            call["id"] = piece.id or call["id"]
            if piece.function:
                call["name"] = piece.function.name or call["name"]
                call["arguments"] += piece.function.arguments or ""
        return [TextDelta(choice.delta.content)] if choice.delta.content else []

    def end(self) -> list[Delta]:
        """The tool calls, and the end. Raises ValueError for arguments that are no JSON object."""
        if not self._reason and not self._calls:
            raise _BrokenOffError
        calls: list[Delta] = []
        for number, call in sorted(self._calls.items()):
            arguments = json.loads(call["arguments"] or "{}")
            if not isinstance(arguments, dict):
                raise ValueError("arguments that are no object")
            calls.append(ToolCall(call["id"] or f"call-{number + 1}", call["name"], arguments))
        return [*calls, Finish("tool_calls" if calls else self._reason, self._usage)]


def _message(row: Mapping[str, Any]) -> dict[str, Any]:
    """A message of the SDK's as OpenAI writes it: arguments and tools' answers are JSON texts."""
    message: dict[str, Any] = {"role": row["role"], "content": row.get("content")}
    if row["role"] == "tool":
        content = row.get("content")
        message["content"] = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        message["tool_call_id"] = row.get("tool_call_id", "")
    if calls := row.get("tool_calls"):
        message["tool_calls"] = [_call(call) for call in calls]
    return message


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call["function"]
    arguments = function.get("arguments") or {}
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"id": call["id"], "type": "function", "function": {"name": function["name"], "arguments": text}}


def _response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    named: Mapping[str, Any] = schema if "schema" in schema else {"name": "answer", "schema": schema}
    return {"type": "json_schema", "json_schema": dict(named)}
