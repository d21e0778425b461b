"""Language models through the host's service.

`configure_provider` says which providers the agent uses; `generate_chat_completion` and
`generate_chat_completion_stream` ask one. Without a service they raise `CompletionsNotConfiguredError`.
"""

from primfunctions.completions.client import (
    configure,
    configure_provider,
    generate_chat_completion,
    generate_chat_completion_stream,
)
from primfunctions.completions.errors import (
    CompletionsError,
    CompletionsNotConfiguredError,
    ProviderNotConfiguredError,
)
from primfunctions.completions.types import (
    AssistantMessage,
    CacheBreakpoint,
    ChatCompletionRequest,
    ChatCompletionResponse,
    CompletionsProvider,
    ConversationHistory,
    FunctionCall,
    Message,
    StreamOptions,
    SystemMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
    deserialize_conversation,
)

__all__ = [
    "AssistantMessage",
    "CacheBreakpoint",
    "ChatCompletionRequest",
    "ChatCompletionResponse",
    "CompletionsError",
    "CompletionsNotConfiguredError",
    "CompletionsProvider",
    "ConversationHistory",
    "FunctionCall",
    "Message",
    "ProviderNotConfiguredError",
    "StreamOptions",
    "SystemMessage",
    "ToolCall",
    "ToolResultMessage",
    "UserMessage",
    "configure",
    "configure_provider",
    "deserialize_conversation",
    "generate_chat_completion",
    "generate_chat_completion_stream",
]
