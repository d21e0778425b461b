"""The dialog that asks for an agent's variables before a run."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.agents.variables import MissingVariable
from studio.app.theme.current import mono_font, ui_font
from studio.app.widgets.check_box import CheckBox
from studio.app.widgets.elided_label import ElidedLabel

_MOST_SHOWN = 5
_ROW_PX = 76


class VariablesDialog(QDialog):
    """One field for each variable, where the code reads it, and whether the values are kept."""

    given = Signal(dict, bool)
    """Run with these values. Parameters: values by name, only those that were filled in; whether to keep them."""
    unanswered = Signal()
    """Run without them."""

    def __init__(self, agent: str, missing: Sequence[MissingVariable], parent: QWidget | None) -> None:
        super().__init__(parent)
        title = f"{agent} asks for values" if agent else "The agent asks for values"
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        heading = QLabel(title)
        heading.setFont(ui_font(15, QFont.Weight.DemiBold))
        reason = QLabel("Its code reads these variables, and nobody has given them yet.")
        reason.setWordWrap(True)
        self.fields: Mapping[str, QLineEdit] = {variable.name: _field(variable) for variable in missing}
        rows = QVBoxLayout()
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(14)
        for variable in missing:
            rows.addLayout(_row(variable, self.fields[variable.name]))
        self.keep = CheckBox("Keep the values in .studio/settings.toml")
        self.keep.setChecked(True)
        plain = [variable for variable in missing if not variable.secret]
        self.keep.setVisible(bool(plain))
        self._secrets = ElidedLabel(
            "Keys, tokens and passwords are written nowhere: they last until you quit.", token="dim", font=ui_font(12)
        )
        self._secrets.setVisible(len(plain) < len(missing))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.anyway = self.buttons.addButton("Run anyway", QDialogButtonBox.ButtonRole.DestructiveRole)
        self.run = self.buttons.addButton("Run", QDialogButtonBox.ButtonRole.AcceptRole)
        self.run.setDefault(True)
        self.buttons.accepted.connect(self._give)
        self.buttons.rejected.connect(self.reject)
        self.anyway.clicked.connect(lambda: (self.reject(), self.unanswered.emit()))
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 16)
        box.setSpacing(14)
        box.addWidget(heading)
        box.addWidget(reason)
        box.addWidget(_scrolled(rows, len(missing)))
        box.addWidget(self.keep)
        box.addWidget(self._secrets)
        box.addWidget(self.buttons)
        for field in self.fields.values():
            field.textChanged.connect(self._look)
        self._required = [variable.name for variable in missing if variable.required]
        self._look()
        next(iter(self.fields.values())).setFocus()

    def _look(self) -> None:
        """Run is for when nothing is missing any more."""
        self.run.setEnabled(all(self.fields[name].text() for name in self._required))

    def _give(self) -> None:
        values = {name: field.text() for name, field in self.fields.items() if field.text()}
        keep = self.keep.isChecked()
        self.accept()
        self.given.emit(values, keep)


def _field(variable: MissingVariable) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(variable.name)
    field.setFont(mono_font(13))
    if variable.secret:
        field.setEchoMode(QLineEdit.EchoMode.Password)
    return field


def _row(variable: MissingVariable, field: QLineEdit) -> QVBoxLayout:
    name = QLabel(variable.name)
    name.setFont(mono_font(13))
    name.setBuddy(field)
    words = variable.where() if variable.required else f"{variable.where()}, may stay empty"
    where = ElidedLabel(words, token="dim", font=ui_font(12), mode=Qt.TextElideMode.ElideMiddle)
    head = QHBoxLayout()
    head.setSpacing(10)
    head.addWidget(name)
    head.addWidget(where, 1)
    row = QVBoxLayout()
    row.setSpacing(6)
    row.addLayout(head)
    row.addWidget(field)
    return row


def _scrolled(rows: QVBoxLayout, count: int) -> QWidget:
    """The rows; more than fit are scrolled."""
    inside = QWidget()
    inside.setLayout(rows)
    if count <= _MOST_SHOWN:
        return inside
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFixedHeight(_MOST_SHOWN * _ROW_PX)
    return area
