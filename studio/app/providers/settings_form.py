"""What a user may set of a provider: addresses, a region, a model."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.app.providers.entries import Entry
from studio.app.providers.model import ProvidersModel
from studio.app.providers.section import Section, Words, label
from studio.app.widgets.buttons import IconButton
from studio.providers.manifests import Setting


class _Field(QWidget):
    """One setting with its explanation, taken when it is left or Enter is pressed."""

    def __init__(self, providers: ProvidersModel, entry: Entry, setting: Setting) -> None:
        super().__init__()
        self._providers = providers
        self._entry = entry
        self._setting = setting
        self.edit = QLineEdit()
        self.edit.setMaximumWidth(440)
        self.edit.setAccessibleName(f"{setting.title} of {entry.title}")
        self.edit.setPlaceholderText(setting.default)
        self.reset = IconButton("again", f"{setting.title}: back to the usual", icon_px=15)
        keep = self.reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(keep)
        self.problem = Words(token="error", px=12)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.edit, 1)
        row.addWidget(self.reset)
        row.addStretch(0)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 4)
        box.setSpacing(3)
        box.addLayout(row)
        box.addWidget(Words(setting.about, token="dim", px=12))
        box.addWidget(self.problem)
        self.problem.hide()
        self.edit.editingFinished.connect(self._take)
        self.reset.clicked.connect(self._reset)
        self._shown = ""
        self.show_value()

    def show_value(self) -> None:
        """Show what is set, unless the person is at it."""
        value = self._providers.settings.value(self._entry, self._setting)
        untouched = self.edit.text() == self._shown
        if (untouched or not self.edit.hasFocus()) and not self.problem.text():
            self._shown = value or self._setting.default
            if self.edit.text() != self._shown:
                self.edit.setText(self._shown)
        self.reset.setVisible(bool(value))

    def _take(self) -> None:
        text = self.edit.text()
        self.problem.say("" if text == self._shown else self._set(text))  # else it would undo what others have written
        if not self.problem.text():
            self._shown = self.edit.text()  # what is typed from now on differs from this
        self.show_value()

    def _reset(self) -> None:
        self.edit.setText(self._shown)
        self.problem.say(self._set(""))
        self.show_value()

    def _set(self, value: str) -> str:
        return self._providers.settings.set(self._entry, self._setting, value)


class SettingsForm(Section):
    """A field for each setting of an entry."""

    def __init__(self, providers: ProvidersModel) -> None:
        super().__init__("Where it is asked")
        self._providers = providers
        self._entry = ""
        self._page: QWidget | None = None
        self.fields: Mapping[str, _Field] = {}

    def show_entry(self, entry: Entry) -> None:
        """Show an entry's settings; what the person is typing stays."""
        self.setVisible(bool(entry.settings))
        if entry.name != self._entry:
            self._entry = entry.name
            self._build(entry)
        for field in self.fields.values():
            field.show_value()

    def _build(self, entry: Entry) -> None:
        if self._page is not None:
            self.body.removeWidget(self._page)
            self._page.hide()
            self._page.deleteLater()
        page = Section("")
        grid = page.grid()
        self.fields = {setting.name: _Field(self._providers, entry, setting) for setting in entry.settings}
        for at, setting in enumerate(entry.settings):
            name = label(setting.title)
            name.setFixedHeight(32)
            grid.addWidget(name, at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self.fields[setting.name], at, 1)
        self._page = page
        self.body.addWidget(page)
