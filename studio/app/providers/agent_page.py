"""The page on which recogniser and default voice of the open agent are chosen."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.app.providers.agent_choices import RECOGNISER, VOICE, AgentChoices, Choice
from studio.app.providers.section import Section, Words, label
from studio.app.theme.current import ui_font
from studio.app.widgets.buttons import PillButton
from studio.app.widgets.combo_box import ComboBox
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.follow import follow

_MOST_AFTER = 4
_BOX_WIDTH = 440
_AT_LAST = {
    RECOGNISER: "Where its provider fails, in this order; at last the local recogniser.",
    VOICE: "Where a voice's provider fails, in this order; at last a local voice.",
}
_ROWS = {
    RECOGNISER: ("Recogniser", "Listens to the caller."),
    VOICE: (
        "Voice",
        "Speaks closing words, and lines whose voice is not known. A line that names none is nova's, as on VoiceRun.",
    ),
}


class _Chooser(QWidget):
    """One choice with what is to be known of it."""

    key_wanted = Signal(str)
    """A key is wanted. Parameters: the provider."""

    def __init__(self, choices: AgentChoices, name: str, words: str, about: str) -> None:
        super().__init__()
        self._choices = choices
        self._name = name
        self._shown: object = None
        self.box = _combo(words)
        self._note = Words(token="warning", px=12)
        self._key = PillButton("Add key")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.box, 100)
        row.addWidget(self._key)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(Words(about, token="dim", px=12))
        column.addWidget(self._note)
        self.box.activated.connect(lambda at: choices.choose(name, str(self.box.itemData(at))))
        self._key.clicked.connect(lambda: self.key_wanted.emit(choices.choice(name).provider))

    @property
    def places(self) -> list[QWidget]:
        """What takes the keyboard, in order."""
        return [self.box, self._key]

    def refresh(self) -> None:
        """Show what there is to choose and what is chosen."""
        choices = self._choices.choices(self._name)
        if choices != self._shown:
            self._shown = choices
            self.box.clear()
            for choice in choices:
                self.box.addItem(choice.title, choice.value)
        now = self._choices.choice(self._name)
        self.box.setCurrentIndex(self.box.findData(now.value))
        self._note.say(now.note)
        self._key.setVisible(bool(now.provider))


class _Order(QWidget):
    """Who takes over, one box a place; the last one adds a place."""

    def __init__(self, choices: AgentChoices, name: str) -> None:
        super().__init__()
        self._choices = choices
        self._name = name
        self.boxes: list[ComboBox] = []
        self._shown: object = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 8)
        self._column.setSpacing(4)
        self._column.addWidget(Words(_AT_LAST[name], token="dim", px=12))

    def refresh(self) -> None:
        """Show the order as it is now."""
        after = self._choices.after(self._name)
        places = [*after, ""] if len(after) < _MOST_AFTER else after
        offers = self._choices.choices_after(self._name, places)
        if (places, offers) == self._shown:
            return
        self._shown = (places, offers)
        old, focused = self.boxes, self.window().focusWidget()
        self.boxes = [self._box(at, value, offers[at]) for at, value in enumerate(places)]
        for at, box in enumerate(self.boxes):
            self._column.insertWidget(at, box)
        for at, box in enumerate(old):
            if box is focused:  # before it is hidden: Qt would give the keyboard to something else
                place = self.boxes[min(at, len(self.boxes) - 1)]
                place.show()
                place.setFocus()
            self._column.removeWidget(box)
            box.hide()
            box.deleteLater()

    def _box(self, at: int, value: str, choices: Sequence[Choice]) -> ComboBox:
        box = _combo(f"{_ROWS[self._name][0]} that takes over, {at + 1}")
        box.addItem("Nobody else", "")
        for choice in choices:
            box.addItem(choice.title, choice.value)
        box.setCurrentIndex(box.findData(value))
        box.activated.connect(lambda chosen: self._choices.choose_after(self._name, at, str(box.itemData(chosen))))
        return box


def _combo(words: str) -> ComboBox:
    box = ComboBox(words)
    box.setMaximumWidth(_BOX_WIDTH)
    return box


class AgentPage(QWidget):
    """Who listens and who speaks, for the open agent."""

    key_wanted = Signal(str)
    """A key is wanted. Parameters: the provider."""

    def __init__(self, choices: AgentChoices) -> None:
        super().__init__()
        self._choices = choices
        self._name = ElidedLabel("", font=ui_font(18, QFont.Weight.DemiBold))
        self._said = Words(token="dim")
        self._section = Section("Who listens and who speaks")
        grid = self._section.grid()
        self.choosers: dict[str, _Chooser] = {}
        self.orders: dict[str, _Order] = {}
        for at, (name, (words, about)) in enumerate(_ROWS.items()):
            chooser = self.choosers[name] = _Chooser(choices, name, words, about)
            chooser.key_wanted.connect(self.key_wanted)
            title = label(words)
            title.setFixedHeight(32)
            grid.addWidget(title, 2 * at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(chooser, 2 * at, 1)
            order = self.orders[name] = _Order(choices, name)
            follower = label("If it fails")
            follower.setFixedHeight(32)
            grid.addWidget(follower, 2 * at + 1, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(order, 2 * at + 1, 1)
        self._models = Words(token="dim")
        self._problem = Words(token="error")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        box.addWidget(self._name)
        box.addWidget(self._said)
        box.addSpacing(8)
        box.addWidget(self._section)
        box.addWidget(self._models)
        box.addWidget(self._problem)
        box.addStretch(1)
        follow(self, choices.changed, lambda: self.isVisible() and self.refresh())

    def refresh(self) -> None:
        """Show the open agent."""
        choices = self._choices
        self._name.setText(choices.agent or "No agent is open")
        self._said.say(
            "What is chosen here is written into .studio/settings.toml of the project and holds from the next call on."
            if choices.agent
            else "Open an agent: then its recogniser and its voice are chosen here."
        )
        self._section.setVisible(bool(choices.agent))
        self._problem.say(choices.problem)
        self._models.say(
            "Its own settings say where its language models are asked: the addresses under Language models do not hold for it."
            if choices.own_models
            else ""
        )
        if choices.agent:
            for part in (*self.choosers.values(), *self.orders.values()):
                part.refresh()
            self._order_keyboard()

    def _order_keyboard(self) -> None:
        """From top to bottom: boxes that were made later would come last."""
        places: list[QWidget] = []
        for name, chooser in self.choosers.items():
            places += [*chooser.places, *self.orders[name].boxes]
        for before, after in pairwise(places):
            QWidget.setTabOrder(before, after)
