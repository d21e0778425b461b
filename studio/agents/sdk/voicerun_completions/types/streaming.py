"""Chunks by their older names; that of a piece of text has an older field too."""

from dataclasses import dataclass
from typing import ClassVar

from primfunctions.completions import ContentSentenceChunk as AssistantMessageSentenceChunk
from primfunctions.completions import FinalResponseChunk, FinishReasonChunk, ToolCallChunk, UsageChunk


@dataclass
class AssistantMessageDeltaChunk:
    """The next piece of the text."""

    content: str
    type: ClassVar[str] = "content_delta"


ChatCompletionChunk = (
    AssistantMessageDeltaChunk
    | AssistantMessageSentenceChunk
    | ToolCallChunk
    | FinishReasonChunk
    | UsageChunk
    | FinalResponseChunk
)

__all__ = [
    "AssistantMessageDeltaChunk",
    "AssistantMessageSentenceChunk",
    "ChatCompletionChunk",
    "FinalResponseChunk",
    "FinishReasonChunk",
    "ToolCallChunk",
    "UsageChunk",
]
