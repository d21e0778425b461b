"""The key of a provider: where it is, and how another one is entered. What is typed goes to the engine and is forgotten here."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from studio.app.providers.entries import Entry
from studio.app.providers.model import ProvidersModel
from studio.app.providers.section import Section, Words
from studio.app.widgets.ask import confirm
from studio.app.widgets.buttons import PillButton
from studio.app.widgets.segmented_control import SegmentedControl

_KEPT = (
    "In the key store it stays until you remove it, under the protection of your system. For this session it is forgotten "
    "when the studio is closed. It is never written anywhere else."
)


class KeyForm(Section):
    """Shows where the key is; lets one add, replace, test and remove it."""

    def __init__(self, providers: ProvidersModel) -> None:
        super().__init__("Key")
        self._providers = providers
        self._entry: Entry | None = None
        self._said = Words()
        self.add_button = QPushButton("Add key")
        self.test_button = QPushButton("Test")
        self.remove_button = QPushButton("Remove")
        self.page_button = PillButton("Get a key", icon="web")
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for button in (self.add_button, self.test_button, self.remove_button):
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(self.page_button)
        row.addStretch(1)
        self._typing = self._form()
        self._reading = Words(token="warning")
        for widget in (self._said, self._typing, self._buttons, self._reading):
            self.body.addWidget(widget)
        self.add_button.clicked.connect(self.begin)
        self.test_button.clicked.connect(lambda: self._entry and providers.test(self._entry))
        self.remove_button.clicked.connect(self._remove)
        self.page_button.clicked.connect(self._open_page)

    def _form(self) -> QWidget:
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        self.field.setMaximumWidth(520)
        self.where = SegmentedControl(
            "Where it is kept", {"key store": "In the key store", "session": "For this session"}, height=30
        )
        self._where_said = Words(token="dim", px=12)
        self._about = Words(token="dim", px=12)
        self.save_button = QPushButton("Save and test")
        self.cancel_button = QPushButton("Cancel")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.where)
        row.addWidget(self.save_button)
        row.addWidget(self.cancel_button)
        row.addStretch(1)
        form = QWidget()
        box = QVBoxLayout(form)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.field)
        box.addWidget(self._about)
        box.addLayout(row)
        box.addWidget(self._where_said)
        form.hide()
        self.field.returnPressed.connect(self.save)
        self.field.textChanged.connect(lambda text: self.save_button.setEnabled(bool(text.strip())))
        self.save_button.setEnabled(False)
        self.save_button.clicked.connect(self.save)
        self.cancel_button.clicked.connect(self.end)
        escape = QAction(form)
        escape.setShortcut(QKeySequence(Qt.Key.Key_Escape))
        escape.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.triggered.connect(self.cancel_button.click)
        form.addAction(escape)
        return form

    def show_entry(self, entry: Entry) -> None:
        """Show the key of an entry as it is now; what was typed for another one is forgotten."""
        if self._entry is None or entry.name != self._entry.name:
            self.end()
        self._entry = entry
        providers = self._providers
        source, state = providers.standing.key_source(entry), providers.standing.state(entry)
        there, busy = providers.engine_there, state == "testing"
        self._said.say(providers.standing.key_sentence(entry))
        self.add_button.setText("Replace" if source else "Add key")
        self.add_button.setVisible(bool(entry.key))
        self.add_button.setEnabled(there)
        self.test_button.setEnabled(there and state != "key missing")  # else the keyboard would go elsewhere
        self.test_button.setText("Testing…" if busy else "Test")
        self.remove_button.setVisible(source in ("key store", "session"))
        self.remove_button.setEnabled(there)
        self.page_button.setVisible(bool(entry.key_page))
        self.page_button.setToolTip(entry.key_page)
        if source == "environment":
            self._said.say(f"{providers.standing.key_sentence(entry)} One that you enter here goes before it.")
        problem = providers.told.store_problem
        self.where.setVisible(not problem)
        self._where_said.say(problem or _KEPT, "warning" if problem else "dim")
        self._reading.say(providers.told.reading_problem)
        self._about.say(entry.key_about)
        self.field.setPlaceholderText(f"Paste {entry.key}")
        self.field.setAccessibleName(f"Key for {entry.title}")

    def begin(self) -> None:
        """Let a key be entered."""
        if self._entry is None or not self._entry.key:
            return
        self._typing.show()
        self._buttons.hide()
        self.field.setFocus()

    def end(self) -> None:
        """Forget what was typed."""
        self.field.clear()
        self._typing.hide()
        self._buttons.show()

    def save(self) -> None:
        """Give what was typed to the engine."""
        value = self.field.text().strip()
        if self._entry is None or not value:
            return
        where = "session" if self._providers.told.store_problem or self.where.key == "session" else "key store"
        self._providers.add_key(self._entry, value, where)
        self.end()
        self.add_button.setFocus()

    def _remove(self) -> None:
        entry = self._entry
        if entry is None:
            return
        sentence = f"{entry.key} is forgotten by this computer. At {entry.title} it stays valid."
        confirm(
            self.window(),
            "Remove the key?",
            sentence,
            "Remove",
            lambda: self._providers.remove_key(entry),
            destroys=True,
        )

    def _open_page(self) -> None:
        if self._entry is not None:
            QDesktopServices.openUrl(QUrl(self._entry.key_page))
