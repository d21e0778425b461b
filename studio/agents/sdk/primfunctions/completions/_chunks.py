"""Answers: whole, or in chunks, each with a `type`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from primfunctions.completions._messages import AssistantMessage, ToolCall


@dataclass
class ChatCompletionResponse:
    """A whole answer."""

    message: AssistantMessage
    finish_reason: str
    usage: dict[str, Any] | None = None
    provider: str | None = None
    model: str | None = None
    request_id: str | None = None

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> "ChatCompletionResponse":
        """The answer of its dict."""
        rest = {key: data.get(key) for key in ("usage", "provider", "model", "request_id")}
        return cls(AssistantMessage.deserialize(data["message"]), data["finish_reason"], **rest)


@dataclass
class ContentDeltaChunk:
    """The next piece of the text."""

    delta: str
    type: ClassVar[str] = "content_delta"


@dataclass
class ContentSentenceChunk:
    """The next sentence of the text."""

    sentence: str
    type: ClassVar[str] = "content_sentence"


@dataclass
class ToolCallChunk:
    """A function to call."""

    tool_call: ToolCall
    type: ClassVar[str] = "tool_call"


@dataclass
class FinishReasonChunk:
    """Why the model stopped."""

    finish_reason: str
    type: ClassVar[str] = "finish_reason"


@dataclass
class UsageChunk:
    """How many tokens it took."""

    usage: dict[str, Any]
    type: ClassVar[str] = "usage"


@dataclass
class FinalResponseChunk:
    """The whole answer once more, at the end."""

    response: ChatCompletionResponse
    type: ClassVar[str] = "response"


@dataclass
class ErrorChunk:
    """Why the answer breaks off; clients raise it as CompletionsProxyError."""

    error: str
    error_type: str
    type: ClassVar[str] = "error"


ChatCompletionChunk = (
    ContentDeltaChunk
    | ContentSentenceChunk
    | ToolCallChunk
    | FinishReasonChunk
    | UsageChunk
    | FinalResponseChunk
    | ErrorChunk
)


def deserialize_chunk(data: Mapping[str, Any]) -> ChatCompletionChunk:
    """The chunk of its dict. Raises ValueError for a type that does not exist."""
    match data.get("type"):
        case "content_delta":
            return ContentDeltaChunk(data["content"])
        case "content_sentence":
            return ContentSentenceChunk(data["sentence"])
        case "tool_call":
            return ToolCallChunk(ToolCall.deserialize(data["tool_call"]))
        case "finish_reason":
            return FinishReasonChunk(data["finish_reason"])
        case "usage":
            return UsageChunk(data["usage"])
        case "response":
            return FinalResponseChunk(ChatCompletionResponse.deserialize(data))
        case "error":
            return ErrorChunk(data["error"], data.get("error_type", "ProxyError"))
        case kind:
            raise ValueError(f"There is no chunk of the type {kind!r}.")
