"""Whole answers: those of the newer package."""

from primfunctions.completions.chunks import ChatCompletionResponse

__all__ = ["ChatCompletionResponse"]
