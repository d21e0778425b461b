"""All that an installer said, to be read and copied."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.widgets.elided_label import ElidedLabel


class DetailsDialog(QDialog):
    """The sentence, the full text below it, and the file that holds it."""

    def __init__(self, sentence: str, text: str, log: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("What the installer said")
        self.setAccessibleName("What the installer said")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(760, 460)
        heading = QLabel("What the installer said")
        heading.setFont(ui_font(15, QFont.Weight.DemiBold))
        said = QLabel(sentence)
        said.setWordWrap(True)
        self.text = QPlainTextEdit(text)
        self.text.setAccessibleName("The installer's output")
        self.text.setReadOnly(True)
        font = mono_font(12)
        font.setFeature(QFont.Tag("calt"), 0)  # versions are read sign by sign
        self.text.setFont(font)
        self.text.setStyleSheet(
            f"QPlainTextEdit {{ background: {theme.tokens.field}; border: 1px solid {theme.tokens.line};"
            " border-radius: 6px; padding: 6px; }"
        )
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        where = ElidedLabel(log, token="dim", font=ui_font(12), mode=Qt.TextElideMode.ElideMiddle)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.setAutoDefault(False)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        buttons.rejected.connect(self.accept)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 16)
        box.setSpacing(12)
        for widget in (heading, said):
            box.addWidget(widget)
        box.addWidget(self.text, 1)
        box.addWidget(where)
        box.addWidget(buttons)
