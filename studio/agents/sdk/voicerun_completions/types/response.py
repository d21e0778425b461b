"""Whole answers: those of the newer package."""

from primfunctions.completions import ChatCompletionResponse

__all__ = ["ChatCompletionResponse"]
