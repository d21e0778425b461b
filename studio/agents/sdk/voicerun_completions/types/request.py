"""Requests with the provider's key in them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from primfunctions.completions import requests
from primfunctions.completions.requests import FunctionDefinition, RetryConfiguration, StreamOptions, ToolDefinition


class CompletionsProvider(StrEnum):
    """The names of providers."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GOOGLE = "google"
    VERTEX_ANTHROPIC = "vertex_anthropic"


@dataclass
class FallbackRequest(requests.FallbackRequest):
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
    retry: Any = None
    fallbacks: list[Any] | None = None
    provider_kwargs: dict[str, Any] | None = None


__all__ = [
    "ChatCompletionRequest",
    "CompletionsProvider",
    "FallbackRequest",
    "FunctionDefinition",
    "RetryConfiguration",
    "StreamOptions",
    "ToolDefinition",
]
