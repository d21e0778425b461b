"""Questions to the person that never nest an event loop: the dialog opens, the answer comes to a callback."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.app.theme.current import theme, ui_font


class Question(QDialog):
    """A heading, a body, Cancel and one action; more choices can be added."""

    def __init__(self, parent: QWidget, title: str, action: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(400)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(20, 18, 20, 16)
        self.body.setSpacing(12)
        heading = QLabel(title)
        heading.setFont(ui_font(15, ui_font().Weight.DemiBold))
        self.body.addWidget(heading)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.action = self.buttons.addButton(action, QDialogButtonBox.ButtonRole.AcceptRole)
        self.action.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def fit(self) -> None:
        """Grow to what it has to say now: sentences that wrap are not counted by themselves."""
        self.body.activate()
        self.resize(self.width(), max(self.height(), self.body.totalHeightForWidth(self.width())))

    def add_choice(self, title: str, run: Callable[[], None]) -> None:
        """Another way to go on."""
        button = self.buttons.addButton(title, QDialogButtonBox.ButtonRole.DestructiveRole)
        button.clicked.connect(lambda: (self.done(QDialog.DialogCode.Rejected), run()))


def confirm(
    parent: QWidget, title: str, sentence: str, action: str, yes: Callable[[], None], *, destroys: bool = False
) -> Question:
    """Ask before doing something; `yes` runs when the person agrees. Enter does not agree to what `destroys`."""
    dialog = Question(parent, title, action)
    text = QLabel(sentence)
    text.setWordWrap(True)
    dialog.body.addWidget(text)
    dialog.body.addWidget(dialog.buttons)
    dialog.accepted.connect(yes)
    if destroys:
        cancel = dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setDefault(True)
        cancel.setFocus()
    dialog.open()
    return dialog


def ask_text(
    parent: QWidget, title: str, label: str, action: str, given: Callable[[str], str], *, value: str = ""
) -> Question:
    """Ask for a line of text. `given` takes it and returns "" or the sentence that says why it will not do."""
    dialog = Question(parent, title, action)
    field = QLineEdit(value)
    field.setAccessibleName(label)
    field.setPlaceholderText(label)
    problem = QLabel()
    problem.setWordWrap(True)
    problem.setStyleSheet(f"color: {theme.tokens.error}")
    problem.hide()
    for widget in (field, problem, dialog.buttons):
        dialog.body.addWidget(widget)

    def check() -> None:
        sentence = given(field.text().strip())
        problem.setText(sentence)
        problem.setVisible(bool(sentence))
        dialog.fit()
        if not sentence:
            dialog.done(QDialog.DialogCode.Accepted)

    dialog.buttons.accepted.disconnect()
    dialog.buttons.accepted.connect(check)
    stem = value.rpartition(".")[0]
    field.setSelection(0, len(stem or value))
    dialog.open()
    field.setFocus()
    return dialog
