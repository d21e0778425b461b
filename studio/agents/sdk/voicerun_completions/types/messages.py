"""Messages: those of the newer package. As dicts they are described no closer."""

from typing import Any

from primfunctions.completions import (
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

AssistantMessageDict = FunctionCallDict = SystemMessageDict = dict[str, Any]
ToolCallDict = ToolResultMessageDict = UserMessageDict = dict[str, Any]

__all__ = [
    "AssistantMessage",
    "AssistantMessageDict",
    "ConversationHistory",
    "ConversationHistoryMessage",
    "FunctionCall",
    "FunctionCallDict",
    "SystemMessage",
    "SystemMessageDict",
    "ToolCall",
    "ToolCallDict",
    "ToolResultMessage",
    "ToolResultMessageDict",
    "UserMessage",
    "UserMessageDict",
    "deserialize_conversation",
    "serialize_conversation",
]
