"""The older completions package: the key stands in the request, errors have classes of their own, the service is the same."""

from primfunctions.completions import (
    AssistantMessage,
    CacheBreakpoint,
    ChatCompletionResponse,
    ConversationHistory,
    ConversationHistoryMessage,
    FunctionCall,
    FunctionDefinition,
    RetryConfiguration,
    SystemMessage,
    ToolCall,
    ToolDefinition,
    ToolResultMessage,
    UserMessage,
    deserialize_conversation,
    serialize_conversation,
)
from primfunctions.completions import ContentDeltaChunk as AssistantMessageDeltaChunk
from primfunctions.completions import ContentSentenceChunk as AssistantMessageSentenceChunk
from primfunctions.completions.chunks import (
    ChatCompletionChunk,
    FinalResponseChunk,
    FinishReasonChunk,
    ToolCallChunk,
    UsageChunk,
)
from voicerun_completions.client import generate_chat_completion, generate_chat_completion_stream
from voicerun_completions.types.errors import VoiceRunCompletionError
from voicerun_completions.types.request import (
    ChatCompletionRequest,
    CompletionsProvider,
    FallbackRequest,
    StreamOptions,
)

__all__ = [
    "AssistantMessage",
    "AssistantMessageDeltaChunk",
    "AssistantMessageSentenceChunk",
    "CacheBreakpoint",
    "ChatCompletionChunk",
    "ChatCompletionRequest",
    "ChatCompletionResponse",
    "CompletionsProvider",
    "ConversationHistory",
    "ConversationHistoryMessage",
    "FallbackRequest",
    "FinalResponseChunk",
    "FinishReasonChunk",
    "FunctionCall",
    "FunctionDefinition",
    "RetryConfiguration",
    "StreamOptions",
    "SystemMessage",
    "ToolCall",
    "ToolCallChunk",
    "ToolDefinition",
    "ToolResultMessage",
    "UsageChunk",
    "UserMessage",
    "VoiceRunCompletionError",
    "deserialize_conversation",
    "generate_chat_completion",
    "generate_chat_completion_stream",
    "serialize_conversation",
]
