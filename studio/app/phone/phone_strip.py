"""The foot of the conversation on the phone channel: the numbers before a call, the keypad during it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.app.call.model import CallModel
from studio.app.phone.keypad import Keypad
from studio.app.phone.numbers import HINT, Numbers, plain, problem_of
from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.widgets.buttons import PillButton
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.follow import follow


class PhoneStrip(QWidget):
    """Seen while the phone channel is chosen. A number that will not do is said at once, below its field."""

    def __init__(self, call: CallModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._call = call
        self.caller = _number_field("Caller's number")
        self.called = _number_field("Called number")
        self._problem = ElidedLabel(HINT, token="error", font=ui_font(12))
        self._who = ElidedLabel("", token="dim", font=mono_font(12))
        self.keypad_button = PillButton("Keypad", icon="keypad")
        self.keypad_button.setToolTip("Press keys as the caller (Ctrl+Shift+D)")
        self.keypad = Keypad(self)
        self._before = self._fields()
        self._during = QWidget()
        row = QHBoxLayout(self._during)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._who, 1)
        row.addWidget(self.keypad_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._before)
        column.addWidget(self._during)
        self.caller.textEdited.connect(self._edited)
        self.called.textEdited.connect(self._edited)
        self.keypad_button.clicked.connect(self.open_keypad)
        self.keypad.pressed.connect(call.dtmf)
        follow(self, call.changed, self._show)
        follow(self, theme.changed, self._show)
        self._show()

    def _fields(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        for row, (word, field) in enumerate((("Caller", self.caller), ("Calls", self.called))):
            label = ElidedLabel(word, token="dim", font=ui_font(12))
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(self._problem, 2, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        return box

    @property
    def can_press(self) -> bool:
        """Whether a key would reach the agent."""
        call = self._call
        return call.phase == "running" and call.channel_in_use == "phone" and not call.away

    def open_keypad(self) -> None:
        """Show the keypad, where keys can be pressed."""
        if self.can_press:
            self.keypad.open_beside(self)

    def _edited(self) -> None:
        self._call.set_numbers(Numbers(self.caller.text(), self.called.text()))

    def _show(self) -> None:
        call, numbers = self._call, self._call.numbers
        self.setVisible(call.channel_in_use == "phone" and not call.away)
        self._before.setVisible(not call.running)
        self._during.setVisible(call.running)
        self.keypad_button.setEnabled(self.can_press)
        if not call.running:
            self.keypad.hide()
        for field, number, whose in (
            (self.caller, numbers.caller, "caller's"),
            (self.called, numbers.called, "called"),
        ):
            if field.text() != number:
                field.setText(number)
            wrong = problem_of(number, whose)
            field.setToolTip(wrong)
            field.setStyleSheet(f"min-height: 24px; {f'border-color: {theme.tokens.error}' if wrong else ''}")
        self._problem.setVisible(bool(numbers.problem))
        self._who.setText(f"{plain(numbers.caller)} → {plain(numbers.called)}")


def _number_field(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setFont(mono_font(12))
    field.setAccessibleName(name)
    field.setPlaceholderText("+ country code and number")
    field.setInputMethodHints(Qt.InputMethodHint.ImhDialableCharactersOnly)
    return field
