"""The dialog in which a voice of one's own is added or changed."""

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from studio.app.providers.entries import Entry
from studio.app.providers.model import ProvidersModel
from studio.app.providers.section import Words
from studio.app.widgets.ask import Question
from studio.app.widgets.combo_box import ComboBox
from studio.app.widgets.segmented_control import SegmentedControl
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
        listed: Sequence[Voice],
    ) -> None:
        super().__init__(parent, f"A voice of {entry.title}", "Save" if voice else "Add")
        self._providers = providers
        self._entry = entry
        self._voice = voice
        self._description = voice.description if voice else ""
        self.setMinimumWidth(480)
        self.listed = ComboBox("Voices that the service has listed")
        self.listed.addItem("Choose from the service's list", None)
        for other in sorted(listed, key=lambda other: other.name.casefold()):
            facts = " · ".join(filter(None, (other.language, other.gender)))
            self.listed.addItem(f"{other.name}   {facts}", other)
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
        voice: Voice | None = self.listed.currentData()
        if voice is None:
            return
        self.name.setText(voice.name)
        self.id.setText(voice.id)
        self.language.setText(voice.language if voice.language != "multi" else "")
        self._description = voice.description
        self.gender.choose(voice.gender if voice.gender in _GENDERS else "")

    def _save(self) -> None:
        voice = Voice(
            self.name.text().strip(),
            self._entry.name,
            self.id.text().strip(),
            self.language.text().strip() or "multi",
            self.gender.key,
            self._description,
            origin="own",
        )
        problem = self._providers.save_voice(self._entry, voice, self._voice)
        self.problem.say(problem)
        self.fit()
        if not problem:
            self.accept()
