"""The voices of a provider: how many, those of one's own, and the list of the service."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.app.providers.entries import Entry
from studio.app.providers.model import ProvidersModel
from studio.app.providers.section import Section, Words
from studio.app.widgets.buttons import IconButton
from studio.app.widgets.elided_label import ElidedLabel
from studio.providers.manifests import Voice


class VoicesForm(Section):
    """Counts voices; adds, changes and removes the user's own."""

    voice_wanted = Signal(object)
    """A voice is to be added, or changed. Parameters: the voice to change, or None."""

    def __init__(self, providers: ProvidersModel) -> None:
        super().__init__("Voices")
        self._providers = providers
        self._entry: Entry | None = None
        self._shown: tuple[str, Sequence[Voice]] = ("", ())
        self._count = Words()
        self.rows: list[QWidget] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.add_button = QPushButton("Add a voice…")
        self.refresh_button = QPushButton("Refresh list")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.refresh_button)
        buttons.addStretch(1)
        self.body.addWidget(self._count)
        self.body.addLayout(self._list)
        self.body.addLayout(buttons)
        self.add_button.clicked.connect(lambda: self.voice_wanted.emit(None))
        self.refresh_button.clicked.connect(lambda: self._entry and providers.refresh_voices(self._entry))

    def show_entry(self, entry: Entry) -> None:
        """Show an entry's voices."""
        plugin = entry.plugin
        speaks = plugin is not None and plugin.speech is not None
        self.setVisible(speaks)
        self._entry = entry
        if not speaks or plugin is None:
            return
        providers = self._providers
        busy = providers.listing(entry)
        self._count.say("The service is asked for its voices." if busy else providers.voices_sentence(entry))
        self.add_button.setVisible(entry.network)
        self.refresh_button.setVisible(bool(plugin.service))
        missing = providers.standing.state(entry) == "key missing"
        self.refresh_button.setEnabled(providers.engine_there and not missing)
        self.refresh_button.setText("Refreshing…" if busy else "Refresh list")
        self.refresh_button.setToolTip("It needs a key." if missing else "Ask the service which voices it has")
        own = providers.own_voices(entry)
        if self._shown != (entry.name, own):
            self._shown = (entry.name, own)
            self._build(entry, own)

    def _build(self, entry: Entry, own: Sequence[Voice]) -> None:
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [self._row(entry, voice) for voice in own]
        for row in self.rows:
            self._list.addWidget(row)

    def _row(self, entry: Entry, voice: Voice) -> QWidget:
        row = QWidget()
        box = QHBoxLayout(row)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        name = ElidedLabel(voice.name)
        name.setFixedWidth(128)
        facts = " · ".join(filter(None, (_language(voice), voice.gender, voice.id)))
        edit = IconButton("rename", f"Change {voice.name}", icon_px=15)
        remove = IconButton("trash", f"Remove {voice.name}", icon_px=15)
        edit.clicked.connect(lambda: self.voice_wanted.emit(voice))
        remove.clicked.connect(lambda: self._providers.remove_voice(entry, voice))
        for widget in (name, ElidedLabel(facts, token="dim"), edit, remove):
            box.addWidget(widget)
        box.setStretch(1, 1)
        return row


def _language(voice: Voice) -> str:
    return "any language" if voice.language == "multi" else voice.language
