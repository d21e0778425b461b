"""Sentences out of a stream of text, each as soon as it is whole, for speaking."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Any

from primfunctions.utils import _sentences


async def stream_sentences(
    streaming_response: AsyncIterable[Any] | Iterable[Any],
    punctuation_marks: Iterable[str] | None = None,
    clean_text: bool = True,
    min_sentence_length: int = 6,
    language: str | None = None,
) -> AsyncIterator[str]:
    """Sentences of a stream of strings or of chunks as OpenAI's and Google's clients give them.

    A sentence shorter than `min_sentence_length` is joined to the next. Abbreviations, decimals and amounts of money do
    not end one.
    """
    splitter = _sentences.SentenceSplitter(clean_text, min_sentence_length, punctuation_marks, language)
    async for chunk in _each(streaming_response):
        for sentence in splitter.feed(_text_of(chunk)):
            yield sentence
    for sentence in splitter.close():
        yield sentence


def clean_text_for_speech(text: str) -> str:
    """The text without the marks that a voice would stumble over."""
    return _sentences.strip_markdown(text)


def _text_of(chunk: Any) -> str:
    """The text of a string or of a streamed chunk of OpenAI's or Google's client."""
    if isinstance(chunk, str):
        return chunk
    choices = getattr(chunk, "choices", None)
    if choices:
        return getattr(choices[0].delta, "content", None) or ""
    return getattr(chunk, "text", None) or ""


async def _each(stream: AsyncIterable[Any] | Iterable[Any]) -> AsyncIterator[Any]:
    if isinstance(stream, AsyncIterable):
        async for item in stream:
            yield item
    else:
        for item in stream:
            yield item
