"""Colours of code, given to the blocks that are on screen and to no others."""

from itertools import groupby

from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextDocument, QTextLayout

from studio.app.editor.syntax import Span, SyntaxTree
from studio.app.theme.current import theme

_TOKENS = {
    "string": "caller",
    "plain": "text",
    "number": "voice",
    "call": "agent",
    "class": "speech",
    "keyword": "handler",
    "comment": "faint",
}


class Highlighter:
    """Keeps the syntax tree of a document and colours a range of blocks when asked to.

    Formats go to the blocks' layouts, beside the text, so that undo and contents know nothing of colours.
    """

    def __init__(self, document: QTextDocument) -> None:
        self._document = document
        self._tree: SyntaxTree | None = None
        self._done: set[int] = set()
        document.contentsChange.connect(self._edited)
        self._formats = self._make_formats()

    def _make_formats(self) -> dict[str, QTextCharFormat]:
        formats: dict[str, QTextCharFormat] = {}
        for kind, token in _TOKENS.items():
            style = QTextCharFormat()
            style.setForeground(theme.color(token))
            formats[kind] = style
        return formats

    def retheme(self) -> None:
        """The palette changed: colour again."""
        self._formats = self._make_formats()
        self._done.clear()

    def _edited(self, at: int, removed: int, added: int) -> None:
        self._done.clear()
        if self._tree is not None:
            self._tree.edit(plain_text(self._document), at, removed, added)

    def colour(self, first: QTextBlock, last: QTextBlock) -> None:
        """Colour the blocks from `first` to `last` that are not coloured yet."""
        if self._tree is None:
            self._tree = SyntaxTree(plain_text(self._document))
        block = first
        while block.isValid() and block.blockNumber() in self._done and block != last:
            block = block.next()
        if not block.isValid() or block.blockNumber() in self._done:
            return
        spans = self._tree.spans(block.position(), last.position() + last.length())
        while block.isValid() and block.blockNumber() <= last.blockNumber():
            self._colour_block(block, spans)
            block = block.next()

    def _colour_block(self, block: QTextBlock, spans: list[Span]) -> None:
        start, end = block.position(), block.position() + block.length()
        kinds = [""] * (end - start)
        for span in spans:
            if span.start < end and span.end > start:
                left, right = max(span.start, start) - start, min(span.end, end) - start
                kinds[left:right] = [span.kind] * (right - left)
        formats: list[QTextLayout.FormatRange] = []
        at = 0
        for kind, run in groupby(kinds):  # Qt leaves open who wins where ranges overlap
            length = len(list(run))
            if kind:
                piece = QTextLayout.FormatRange()
                piece.start = at  # pyright: ignore[reportAttributeAccessIssue]
                piece.length = length  # pyright: ignore[reportAttributeAccessIssue]
                piece.format = self._formats[kind]  # pyright: ignore[reportAttributeAccessIssue]
                formats.append(piece)
            at += length
        block.layout().setFormats(formats)
        self._done.add(block.blockNumber())
        self._document.markContentsDirty(start, block.length())


def plain_text(document: QTextDocument) -> str:
    """The text as it is; Qt's own `toPlainText` turns no-break spaces into spaces."""
    return document.toRawText().replace("\u2029", "\n")
