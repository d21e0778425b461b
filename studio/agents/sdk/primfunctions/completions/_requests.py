"""What a model is asked, checked before anything leaves the agent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from primfunctions.completions._messages import CacheBreakpoint, ConversationHistoryMessage
from primfunctions.logger import logger

ToolChoice = str
"""none, auto, required, or the name of a function."""


class CompletionsProvider(StrEnum):
    """The names of providers."""

    OPENAI = "openai"
    OPENAI_RESPONSES = "openai_responses"
    ANTHROPIC = "anthropic"
    GOOGLE = "google"
    GOOGLE_VERTEX = "google_vertex"
    ANTHROPIC_VERTEX = "anthropic_vertex"
    ANTHROPIC_BEDROCK = "anthropic_bedrock"
    OPENAI_BEDROCK = "openai_bedrock"
    ALIBABA = "alibaba"
    DEEPSEEK = "deepseek"
    GROQ = "groq"
    VOICERUN = "voicerun"


@dataclass
class FunctionDefinition:
    """A function that a model may want called; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: dict[str, Any]
    strict: bool | None = None

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        return _filled(self)

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> "FunctionDefinition":
        """The definition of its dict. Raises ValueError where something is missing."""
        for key in ("name", "description", "parameters"):
            if key not in data:
                raise ValueError(f"A function definition needs a {key}: {dict(data)!r}.")
        return cls(data["name"], data["description"], data["parameters"], data.get("strict"))


@dataclass
class ToolDefinition:
    """A tool; all are functions."""

    type: str
    function: FunctionDefinition
    cache_breakpoint: CacheBreakpoint | None = None

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        row: dict[str, Any] = {"type": self.type, "function": self.function.serialize()}
        if self.cache_breakpoint is not None:
            row["cache_breakpoint"] = self.cache_breakpoint.serialize()
        return row

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> "ToolDefinition":
        """The tool of its dict. Raises ValueError where something is missing."""
        if not isinstance(data.get("function"), Mapping):
            raise ValueError(f"A tool has a type and a function: {dict(data)!r}.")
        mark = data.get("cache_breakpoint")
        function = FunctionDefinition.deserialize(data["function"])
        return cls(data.get("type", "function"), function, CacheBreakpoint.deserialize(mark) if mark else None)


class StreamOptions:
    """How a streamed answer is cut; `stream_sentences` is the old name of `chunk_by_sentence`."""

    def __init__(
        self,
        chunk_by_sentence: bool | None = None,
        clean_sentences: bool = True,
        min_sentence_length: int = 6,
        punctuation_marks: list[str] | None = None,
        punctuation_language: str | None = None,
        *,
        stream_sentences: bool | None = None,
    ) -> None:
        if stream_sentences is not None:
            logger.warn("stream_sentences is the old name of chunk_by_sentence; it still works.")
        self.chunk_by_sentence = bool(stream_sentences if chunk_by_sentence is None else chunk_by_sentence)
        self.clean_sentences = clean_sentences
        self.min_sentence_length = min_sentence_length
        self.punctuation_marks = punctuation_marks
        self.punctuation_language = punctuation_language

    def serialize(self) -> dict[str, Any]:
        """As it is sent: under the old name, which the service of the platform knows."""
        row = {key: value for key, value in vars(self).items() if value is not None}
        row["stream_sentences"] = row.pop("chunk_by_sentence")
        return row


@dataclass
class RetryConfiguration:
    """How often a request that failed before its first word is made again."""

    enabled: bool = True
    max_retries: int = 3
    retry_delay: float = 1.0
    backoff_multiplier: float = 2.0

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        return _filled(self)


@dataclass
class FallbackRequest:
    """What is asked when the request before has failed; what is None is taken from the first."""

    provider: str | None = None
    model: str | None = None
    messages: list[Any] | None = None
    temperature: float | None = None
    tools: list[Any] | None = None
    tool_choice: ToolChoice | None = None
    timeout: float | None = None
    max_tokens: int | None = None
    response_schema: dict[str, Any] | None = None
    retry: Any = None
    provider_kwargs: dict[str, Any] | None = None

    def serialize(self) -> dict[str, Any]:
        """As it is sent. Raises TypeError and ValueError for what cannot be."""
        return _normal(_filled(self))


@dataclass
class ChatCompletionRequest:
    """What a model is asked. Messages, tools, retry and fallbacks may be dicts or objects."""

    provider: str
    model: str
    messages: list[Any]
    temperature: float | None = None
    tools: list[Any] | None = None
    tool_choice: ToolChoice | None = None
    timeout: float | None = None
    max_tokens: int | None = None
    response_schema: dict[str, Any] | None = None
    retry: Any = None
    fallbacks: list[Any] | None = None
    provider_kwargs: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """As it is sent. Raises TypeError and ValueError for what cannot be."""
        row = _normal(_filled(self))
        if self.fallbacks is not None:
            row["fallbacks"] = [_fallback(fallback) for fallback in self.fallbacks]
        return row


def request_of(request: Any) -> ChatCompletionRequest:
    """The request of a dict, or itself. Raises ValueError for keys in it, TypeError for fields it does not have."""
    if isinstance(request, ChatCompletionRequest):
        return request
    if not isinstance(request, Mapping):
        raise TypeError(f"A completion request is a dict or a ChatCompletionRequest, not a {type(request).__name__}.")
    refuse_keys(request)
    known = {field.name for field in fields(ChatCompletionRequest)}
    if missing := [name for name in ("provider", "model", "messages") if name not in request]:
        raise TypeError(f"A completion request needs {', '.join(missing)}.")
    if unknown := sorted(set(request) - known):
        raise TypeError(f"A completion request has no {', '.join(unknown)}. It has {', '.join(sorted(known))}.")
    return ChatCompletionRequest(**request)


def refuse_keys(request: Mapping[str, Any]) -> None:
    """Raise ValueError for an api_key in a request or in a fallback."""
    for row in (request, *(request.get("fallbacks") or ())):
        if isinstance(row, Mapping) and "api_key" in row:
            raise ValueError("The api_key goes to configure_provider, not into a request.")


def provider_name(provider: Any) -> str:
    """A provider's name as it is sent. Raises ValueError for one that does not exist, TypeError for no name."""
    if not isinstance(provider, str):
        raise TypeError(f"A provider is a name or a CompletionsProvider, not a {type(provider).__name__}.")
    try:
        return CompletionsProvider(provider.lower()).value
    except ValueError:
        known = ", ".join(CompletionsProvider)
        raise ValueError(f"There is no provider {provider!r}. Providers are {known}.") from None


def _fallback(fallback: Any) -> dict[str, Any]:
    if isinstance(fallback, FallbackRequest):
        return fallback.serialize()
    if isinstance(fallback, Mapping):
        return FallbackRequest(**fallback).serialize()
    raise TypeError(f"A fallback is a dict or a FallbackRequest, not a {type(fallback).__name__}.")


def _normal(row: dict[str, Any]) -> dict[str, Any]:
    """The fields of a request as they are sent."""
    if "provider" in row:
        row["provider"] = provider_name(row["provider"])
    if "messages" in row:
        row["messages"] = [_sent(item, "A message", ConversationHistoryMessage.deserialize) for item in row["messages"]]
    if row.get("tools"):
        row["tools"] = [_sent(item, "A tool", ToolDefinition.deserialize) for item in row["tools"]]
    else:
        row.pop("tools", None)
    if "retry" in row:
        row["retry"] = _sent(row["retry"], "retry", lambda retry: RetryConfiguration(**retry))
    return row


def _sent(item: Any, what: str, read: Callable[[Mapping[str, Any]], Any]) -> dict[str, Any]:
    """An object or a dict as it is sent; a dict is read once, which checks it."""
    if isinstance(item, Mapping):
        item = read(item)
    if not hasattr(item, "serialize"):
        raise TypeError(f"{what} is a dict or an object made for it, not a {type(item).__name__}.")
    return item.serialize()


def _filled(item: Any) -> dict[str, Any]:
    """The fields of a dataclass that are not None."""
    values = {field.name: getattr(item, field.name) for field in fields(item)}
    return {key: value for key, value in values.items() if value is not None}
