"""A line in pieces that the service takes one by one: whole sentences, none longer than it allows."""

import re
from collections.abc import Iterator

LONGEST = 900
"""Bytes of the longest piece. The service refuses overlong sentences, long before its 5000 bytes a request."""

_END = re.compile(r"[.!?…]+[\"'”’)\]]*\s+(?=[^\sa-z])|[。！？]+[」』”’）]*\s*(?=\S)")
_TITLE = re.compile(r"(?:^|[\s(\"'“])(?:[A-Z][a-z]{0,2}|[A-Z]\.[A-Z])\.\s+$")
"""A short word with a capital before a point is rather `Dr.` or `J.` than the end of a sentence."""
_PAUSE = re.compile(r"[,;:，；、：]\s*|\s+[–—-]\s+")


def sentences(text: str) -> Iterator[str]:
    """The pieces of a text; together they are the text."""
    start = 0
    for end in _END.finditer(text):
        if not _TITLE.search(text, start, end.end()):
            yield from _pieces(text[start : end.end()])
            start = end.end()
    if text[start:]:
        yield from _pieces(text[start:])


def _pieces(sentence: str) -> Iterator[str]:
    """A sentence, cut where it pauses, at a space, or anywhere, as often as its length asks for."""
    while len(sentence.encode()) > LONGEST:
        head = sentence.encode()[:LONGEST].decode(errors="ignore")
        pauses = [pause.end() for pause in _PAUSE.finditer(head) if pause.end() < len(head)]
        at = pauses[-1] if pauses else head.rfind(" ") + 1 or len(head)
        yield sentence[:at]
        sentence = sentence[at:]
    yield sentence
