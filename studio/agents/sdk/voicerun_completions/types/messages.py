"""Messages: those of the newer package."""

from primfunctions.completions.messages import (
    AssistantMessage,
    ConversationHistory,
    ConversationHistoryMessage,
    FunctionCall,
    SystemMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
    deserialize_conversation,
    serialize_conversation,
)

__all__ = [
    "AssistantMessage",
    "ConversationHistory",
    "ConversationHistoryMessage",
    "FunctionCall",
    "SystemMessage",
    "ToolCall",
    "ToolResultMessage",
    "UserMessage",
    "deserialize_conversation",
    "serialize_conversation",
]
