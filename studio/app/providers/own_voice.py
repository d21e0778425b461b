"""The dialog in which a voice of one's own is added or changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QWidget

from studio.app.providers.entries import Entry
from studio.app.providers.model import ProvidersModel
from studio.app.providers.section import Words
from studio.app.providers.voices_form import as_row
from studio.app.widgets.ask import Question
from studio.app.widgets.segmented_control import SegmentedControl
from studio.providers.accounts import OWN_VOICE
from studio.providers.manifests import Voice

_GENDERS = {"": "Not said", "female": "Female", "male": "Male", "neutral": "Neutral"}


class OwnVoiceDialog(Question):
    """Name, id, language and gender; where the service has listed its voices, one of them can be taken."""

    def __init__(
        self,
        parent: QWidget,
        providers: ProvidersModel,
        entry: Entry,
        voice: Voice | None,
        listed: Sequence[Mapping[str, Any]],
    ) -> None:
        super().__init__(parent, f"A voice of {entry.title}", "Save" if voice else "Add")
        self._providers = providers
        self._entry = entry
        self._voice = voice
        self._description = voice.description if voice and voice.description != OWN_VOICE else ""
        self.setMinimumWidth(480)
        self.listed = QComboBox()
        self.listed.view().setAccessibleName("Voices that the service has listed")
        self.listed.addItem("Choose from the service's list", None)
        for row in sorted(listed, key=lambda row: str(row.get("name", "")).casefold()):
            facts = " · ".join(filter(None, (str(row.get("language") or ""), str(row.get("gender") or ""))))
            self.listed.addItem(f"{row.get('name')}   {facts}", as_row(row))
        self.name = QLineEdit(voice.name if voice else "")
        self.name.setPlaceholderText("What agents write, e.g. robin")
        self.id = QLineEdit(voice.id if voice else "")
        self.id.setPlaceholderText("As the service knows it")
        language = voice.language if voice and voice.language != "multi" else ""
        self.language = QLineEdit(language)
        self.language.setPlaceholderText("e.g. en-GB; empty for any")
        self.gender = SegmentedControl("Gender", _GENDERS, height=30)
        if voice and voice.gender in _GENDERS:
            self.gender.choose(voice.gender)
        self.problem = Words(token="error")
        self.problem.hide()
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        rows = [("Name", self.name), ("Id", self.id), ("Language", self.language), ("Gender", self.gender)]
        for at, (word, widget) in enumerate([("Listed", self.listed), *rows] if listed else rows):
            widget.setAccessibleName(word if not isinstance(widget, SegmentedControl) else widget.accessibleName())
            grid.addWidget(QLabel(word), at, 0)
            grid.addWidget(widget, at, 1)
        self.body.addLayout(grid)
        self.body.addWidget(self.problem)
        self.body.addWidget(self.buttons)
        self.listed.setVisible(bool(listed))
        self.listed.currentIndexChanged.connect(self._take)
        self.buttons.accepted.disconnect()
        self.buttons.accepted.connect(self._save)
        self.name.setFocus()

    def _take(self) -> None:
        row = self.listed.currentData()
        if row is None:
            return
        for field in ("name", "id", "language"):
            getattr(self, field).setText(row[field] if row[field] != "multi" else "")
        self._description = row["description"]
        self.gender.choose(row["gender"] if row["gender"] in _GENDERS else "")

    def _save(self) -> None:
        row = {field: getattr(self, field).text() for field in ("name", "id", "language")}
        row |= {"gender": self.gender.key, "description": self._description}
        problem = self._providers.save_voice(self._entry, row, self._voice)
        self.problem.say(problem)
        if not problem:
            self.accept()
