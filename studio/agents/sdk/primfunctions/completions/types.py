"""Messages and requests. A message is the object it is sent as: `serialize()` gives its dict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypedDict


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
class CacheBreakpoint:
    """Marks the message up to which a provider may keep the prompt."""

    ttl: str = "5m"

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        return {"ttl": self.ttl}


@dataclass
class FunctionCall:
    """The function that a model wants called; `arguments` is a dict."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass
class ToolCall:
    """One wish of a model to have a function called."""

    id: str
    function: FunctionCall
    type: str = "function"

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        function = {"name": self.function.name, "arguments": self.function.arguments}
        return {"id": self.id, "type": self.type, "function": function}

    @classmethod
    def deserialize(cls, row: Mapping[str, Any]) -> "ToolCall":
        """The call of its dict."""
        function = row["function"]
        return cls(row["id"], FunctionCall(function["name"], dict(function.get("arguments") or {})))


@dataclass
class SystemMessage:
    """Instructions to the model."""

    content: str
    cache_breakpoint: CacheBreakpoint | None = None

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        return _row("system", self.content, cache_breakpoint=self.cache_breakpoint)


@dataclass
class UserMessage:
    """What the caller said."""

    content: str
    cache_breakpoint: CacheBreakpoint | None = None

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        return _row("user", self.content, cache_breakpoint=self.cache_breakpoint)


@dataclass
class AssistantMessage:
    """What the model said, and the tools it wants called."""

    content: str | None = None
    tool_calls: list[ToolCall] | None = None
    vr_id: str | None = None
    thought_signature: str | None = None
    encrypted_reasoning: Any = None
    cache_breakpoint: CacheBreakpoint | None = None

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        return _row(
            "assistant",
            self.content,
            tool_calls=[call.serialize() for call in self.tool_calls] if self.tool_calls else None,
            vr_id=self.vr_id,
            thought_signature=self.thought_signature,
            encrypted_reasoning=self.encrypted_reasoning,
            cache_breakpoint=self.cache_breakpoint,
        )


@dataclass
class ToolResultMessage:
    """What a tool answered; `content` is a dict."""

    tool_call_id: str
    name: str
    content: dict[str, Any]
    cache_breakpoint: CacheBreakpoint | None = None

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        return _row(
            "tool",
            self.content,
            tool_call_id=self.tool_call_id,
            name=self.name,
            cache_breakpoint=self.cache_breakpoint,
        )


Message = SystemMessage | UserMessage | AssistantMessage | ToolResultMessage
ConversationHistory = list[Message]


@dataclass
class ChatCompletionResponse:
    """A whole answer."""

    message: AssistantMessage
    finish_reason: str | None = None
    usage: dict[str, Any] | None = None
    provider: str | None = None
    model: str | None = None
    request_id: str | None = None


class StreamOptions(TypedDict, total=False):
    """How a streamed answer is cut; `stream_sentences` is the old name of `chunk_by_sentence`."""

    chunk_by_sentence: bool
    stream_sentences: bool
    clean_sentences: bool
    min_sentence_length: int
    punctuation_marks: list[str]
    punctuation_language: str


class ChatCompletionRequest(TypedDict, total=False):
    """What a model is asked."""

    provider: str
    model: str
    messages: list[Any]
    temperature: float
    tools: list[dict[str, Any]]
    tool_choice: str
    timeout: float
    max_tokens: int
    response_schema: dict[str, Any]
    retry: dict[str, Any]
    fallbacks: list[dict[str, Any]]
    provider_kwargs: dict[str, Any]


def deserialize_conversation(messages: Iterable[Mapping[str, Any]]) -> ConversationHistory:
    """The messages of their dicts. Raises ValueError for a role that does not exist."""
    return [_message(row) for row in messages]


def _message(row: Mapping[str, Any]) -> Message:
    role, content = row.get("role"), row.get("content")
    mark = row.get("cache_breakpoint")
    breakpoint_ = CacheBreakpoint(mark.get("ttl", "5m")) if isinstance(mark, Mapping) else None
    if role == "system":
        return SystemMessage(content or "", breakpoint_)
    if role == "user":
        return UserMessage(content or "", breakpoint_)
    if role == "assistant":
        calls = [ToolCall.deserialize(call) for call in row.get("tool_calls") or []]
        return AssistantMessage(
            content,
            calls or None,
            row.get("vr_id"),
            row.get("thought_signature"),
            row.get("encrypted_reasoning"),
            breakpoint_,
        )
    if role == "tool":
        return ToolResultMessage(row["tool_call_id"], row.get("name", ""), dict(content or {}), breakpoint_)
    raise ValueError(f"A message has the role system, user, assistant or tool, not {role!r}.")


def _row(role: str, content: Any, **rest: Any) -> dict[str, Any]:
    row = {"role": role, "content": content}
    for key, value in rest.items():
        if value is not None:
            row[key] = value.serialize() if isinstance(value, CacheBreakpoint) else value
    return row
