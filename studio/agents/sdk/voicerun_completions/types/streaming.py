"""Chunks by their older names."""

from primfunctions.completions.chunks import (
    ChatCompletionChunk,
    FinalResponseChunk,
    FinishReasonChunk,
    ToolCallChunk,
    UsageChunk,
)
from primfunctions.completions.chunks import ContentDeltaChunk as AssistantMessageDeltaChunk
from primfunctions.completions.chunks import ContentSentenceChunk as AssistantMessageSentenceChunk

__all__ = [
    "AssistantMessageDeltaChunk",
    "AssistantMessageSentenceChunk",
    "ChatCompletionChunk",
    "FinalResponseChunk",
    "FinishReasonChunk",
    "ToolCallChunk",
    "UsageChunk",
]
