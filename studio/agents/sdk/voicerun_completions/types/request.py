"""Requests with the provider's key in them. As dicts they are described no closer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from primfunctions import completions as _completions
from primfunctions.completions import FunctionDefinition, RetryConfiguration, StreamOptions, ToolDefinition

ChatCompletionRequestDict = FallbackRequestDict = FunctionDefinitionDict = dict[str, Any]
RetryConfigurationDict = StreamOptionsDict = ToolDefinitionDict = dict[str, Any]
ToolChoice = str


class CompletionsProvider(StrEnum):
    """The names of providers; the last is what older releases call anthropic_vertex."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GOOGLE = "google"
    ANTHROPIC_VERTEX = "anthropic_vertex"
    ALIBABA = "alibaba"
    DEEPSEEK = "deepseek"
    VERTEX_ANTHROPIC = "vertex_anthropic"


@dataclass
class FallbackRequest(_completions.FallbackRequest):
    """What is asked when the request before has failed."""

    api_key: str | None = None


@dataclass
class ChatCompletionRequest:
    """What a model is asked."""

    provider: str
    api_key: str
    model: str
    messages: list[Any]
    temperature: float | None = None
    tools: list[Any] | None = None
    tool_choice: str | None = None
    timeout: float | None = None
    max_tokens: int | None = None
    response_schema: dict[str, Any] | None = None
    retry: Any = None
    fallbacks: list[Any] | None = None
    provider_kwargs: dict[str, Any] | None = None


__all__ = [
    "ChatCompletionRequest",
    "ChatCompletionRequestDict",
    "CompletionsProvider",
    "FallbackRequest",
    "FallbackRequestDict",
    "FunctionDefinition",
    "FunctionDefinitionDict",
    "RetryConfiguration",
    "RetryConfigurationDict",
    "StreamOptions",
    "StreamOptionsDict",
    "ToolChoice",
    "ToolDefinition",
    "ToolDefinitionDict",
]
