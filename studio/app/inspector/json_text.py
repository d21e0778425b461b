"""A record's JSON, to read and to copy from."""

import json

from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from studio.app.theme.current import mono_font, theme

_MOST_LINES = 24


class JsonText(QPlainTextEdit):
    """Indented JSON in a field of its own, wrapped, never edited."""

    def __init__(self, text: str) -> None:
        super().__init__()
        pretty = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        self.setReadOnly(True)
        self.setFont(mono_font(11))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.setAccessibleName("JSON of the record")
        self.setStyleSheet(f"background: {theme.tokens.field}; color: {theme.tokens.text}; border-radius: 6px")
        self.setPlainText(pretty)
        lines = min(pretty.count("\n") + 2, _MOST_LINES)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 12)
