"""The dialog that makes an agent from a template."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.app.theme.current import theme, ui_font
from studio.app.widgets.elided_label import ElidedLabel


@dataclass(frozen=True, slots=True)
class Template:
    """A beginning to choose: `key` names it to the maker, `title` and `description` to the person."""

    key: str
    title: str
    description: str


class NewAgentDialog(QDialog):
    """Asks for a name and a template. `make(name, template key)` returns the folder, or raises ValueError or OSError."""

    made = Signal(Path)
    """The agent was made. Parameters: its folder."""

    def __init__(
        self, templates: Sequence[Template], folder: Path, make: Callable[[str, str], Path], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._folder = folder
        self.setWindowTitle("New agent")
        self.setAccessibleName("New agent")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        heading = QLabel("New agent")
        heading.setFont(ui_font(15, QFont.Weight.DemiBold))
        self.name = QLineEdit()
        self.name.setPlaceholderText("Name, such as Front desk")
        self.name.setAccessibleName("Name of the agent")
        self.templates = QListWidget()
        self.templates.setAccessibleName("Template")
        self.templates.setSpacing(2)
        self.templates.setStyleSheet(
            f"QListWidget::item {{ border-radius: 6px; }} QListWidget::item:selected {{ background: {theme.tokens.selection}; }}"
        )
        self.templates.setMinimumHeight(200)
        for template in templates:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, template.key)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{template.title}: {template.description}")
            row = _template_row(template)
            item.setSizeHint(row.sizeHint())
            self.templates.addItem(item)
            self.templates.setItemWidget(item, row)
        self.templates.setCurrentRow(0)
        self._where = ElidedLabel("", token="dim", font=ui_font(12), mode=Qt.TextElideMode.ElideMiddle)
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._problem.setStyleSheet(f"color: {theme.tokens.error}")
        self._problem.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.make_button = buttons.addButton("Make it", QDialogButtonBox.ButtonRole.AcceptRole)
        self.make_button.setDefault(True)
        buttons.accepted.connect(self._create)
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 16)
        box.setSpacing(12)
        for widget in (heading, self.name, self.templates, self._where, self._problem, buttons):
            box.addWidget(widget)
        self.name.textChanged.connect(self._name_changed)
        self.templates.itemDoubleClicked.connect(lambda _item: self._create())
        self._name_changed("")
        self.name.setFocus()

    def _name_changed(self, name: str) -> None:
        self.make_button.setEnabled(bool(name.strip()))
        self._where.setText(f"It will be put into {self._folder}.")
        self._problem.hide()

    def _create(self) -> None:
        item = self.templates.currentItem()
        if not item or not self.name.text().strip():
            return
        try:
            folder = self._make(self.name.text().strip(), item.data(Qt.ItemDataRole.UserRole))
        except (ValueError, OSError) as error:
            self._problem.setText(str(error))
            self._problem.show()
            return
        self.accept()
        self.made.emit(folder)


def _template_row(template: Template) -> QWidget:
    row = QWidget()
    box = QVBoxLayout(row)
    box.setContentsMargins(10, 6, 10, 6)
    box.setSpacing(2)
    box.addWidget(ElidedLabel(template.title, font=ui_font(13, QFont.Weight.DemiBold)))
    box.addWidget(ElidedLabel(template.description, token="dim", font=ui_font(12)))
    row.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return row
