"""The providers page: the list at the left, the chosen one at the right."""

from datetime import date
from typing import override

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from studio.app.providers.agent_choices import AgentChoices
from studio.app.providers.agent_page import AgentPage
from studio.app.providers.entries import MODELS, Entry
from studio.app.providers.entry_list import AGENT, EntryList
from studio.app.providers.facts_view import FactsView
from studio.app.providers.key_form import KeyForm
from studio.app.providers.model import ProvidersModel
from studio.app.providers.own_endpoint import OwnEndpointDialog
from studio.app.providers.own_voice import OwnVoiceDialog
from studio.app.providers.section import Words
from studio.app.providers.settings_form import SettingsForm
from studio.app.providers.standing import TOKENS
from studio.app.providers.voices_form import VoicesForm
from studio.app.theme.current import theme, ui_font
from studio.app.widgets.ask import confirm
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.follow import follow
from studio.app.widgets.panel_title import PanelTitle
from studio.providers.manifests import Voice

_LIST_WIDTH, _NARROW_LIST_WIDTH = 340, 290
_NARROW = 1320
_MOST_WIDTH = 760
_MOST_PROBLEMS = 3
_HEADINGS = ("Speaks", "Listens", "Asks")


class ProvidersPanel(QWidget):
    """Keys, addresses, abilities and lists of all providers; who listens and speaks for the open agent."""

    voices_wanted = Signal(str)
    """The person wants to hear voices. Parameters: the provider's title."""

    def __init__(self, providers: ProvidersModel, choices: AgentChoices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._providers = providers
        self._choices = choices
        self._title = PanelTitle("Providers")
        self.list = EntryList(providers)
        self.add_endpoint = QPushButton("Add language models…")
        self._left = QWidget()
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 1, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self.list, 1)
        self.problems = Words(token="warning", px=12)
        self.problems.setContentsMargins(14, 8, 14, 0)
        column.addWidget(self.problems)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 8, 14, 12)
        foot.addWidget(self.add_endpoint)
        foot.addStretch(1)
        column.addLayout(foot)
        self.agent = AgentPage(choices)
        self._pages = QStackedWidget()
        self._pages.addWidget(_scrolled(self._entry_page()))
        self._pages.addWidget(_scrolled(self.agent))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left)
        row.addWidget(self._pages, 1)
        self.setFocusProxy(self.list)
        self.list.entry_changed.connect(self._show)
        self.add_endpoint.clicked.connect(self._add_endpoint)
        self.agent.key_wanted.connect(self.ask_key)
        self.voices.voice_wanted.connect(self._ask_voice)
        follow(self, providers.changed, self._refresh)
        follow(self, providers.engine_changed, lambda: self.isVisible() and self._show())
        follow(self, choices.changed, lambda: self.list.tell_agent(choices.agent))
        follow(self, theme.changed, self._show)
        self.list.tell_agent(choices.agent)
        self._refresh()

    def _entry_page(self) -> QWidget:
        self._name = ElidedLabel("", font=ui_font(18, QFont.Weight.DemiBold))
        self._kinds = ElidedLabel("", token="dim")
        self.state = Words()
        self.failure = Words(token="error", px=12)
        self.key = KeyForm(self._providers)
        self.settings = SettingsForm(self._providers)
        self.voices = VoicesForm(self._providers)
        self.facts = {heading: FactsView(heading) for heading in _HEADINGS}
        self.hear_button = QPushButton("Hear its voices")
        self.remove_button = QPushButton("Remove this address")
        last = QHBoxLayout()
        last.addWidget(self.hear_button)
        last.addWidget(self.remove_button)
        last.addStretch(1)
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self._name)
        box.addWidget(self._kinds)
        box.addSpacing(4)
        box.addWidget(self.state)
        box.addWidget(self.failure)
        for part in (self.key, self.settings, self.voices, *self.facts.values()):
            box.addWidget(part)
        box.addSpacing(16)
        box.addLayout(last)
        box.addStretch(1)
        self.hear_button.clicked.connect(self._hear)
        self.remove_button.clicked.connect(self._remove_endpoint)
        return page

    @property
    def current(self) -> Entry | None:
        """The chosen provider; None where the agent's row is chosen."""
        name = self.list.current
        return None if name == AGENT else self._providers.entry(name)

    def choose(self, name: str) -> None:
        """Show a provider: a plugin, or a provider of language models."""
        entry = self._providers.entry(name) or self._providers.entry(f"{MODELS}{name}")
        if entry is not None:
            self.list.choose(entry.name)

    def ask_key(self, name: str) -> None:
        """Show a provider with its key about to be entered."""
        self.choose(name)
        self._show()
        self.key.begin()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        edge = self._left.width()
        painter.fillRect(self.rect(), theme.color("bg"))
        painter.fillRect(QRect(0, 0, edge, self.height()), theme.color("panel"))
        painter.fillRect(QRect(edge - 1, 0, 1, self.height()), theme.color("line"))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._left.setFixedWidth(_LIST_WIDTH if self.width() >= _NARROW else _NARROW_LIST_WIDTH)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        self._show()
        if self._providers.engine_there:
            self._providers.load()  # what has failed since

    def _refresh(self) -> None:
        ready = f"{self._providers.ready} of {len(self._providers.entries)} ready"
        self._title.set_note(ready if self._providers.told.known else "")
        self.list.refresh()
        problems = self._providers.problems
        more = [f"And {len(problems) - _MOST_PROBLEMS} more: `studio doctor` tells all."]
        self.problems.say("\n".join([*problems[:_MOST_PROBLEMS], *more[: len(problems) > _MOST_PROBLEMS]]))
        self._show()

    def _show(self) -> None:
        entry, providers = self.current, self._providers
        self._pages.setCurrentIndex(1 if entry is None else 0)
        if entry is None:
            self.agent.refresh()
            return
        state = providers.standing.state(entry)
        when = providers.standing.tried_at(entry)
        self._name.setText(entry.title)
        self._kinds.setText(entry.kinds)
        token = "error" if providers.standing.has_problem(entry) else TOKENS[state]
        tested = f" Tested at {when}." if when and not providers.standing.has_problem(entry) else ""
        self.state.say(f"{providers.standing.sentence(entry)}{tested}", token)
        last = providers.standing.last_failure(entry) if state != "failing" else ""
        self.failure.say(f"Last failure at {last}" if last else "")
        self.key.setVisible(entry.network)
        self.key.show_entry(entry)
        self.settings.show_entry(entry)
        self.voices.show_entry(entry)
        facts = providers.facts(entry, date.today())
        for heading, view in self.facts.items():
            view.show_facts(facts.get(heading, ()))
        self.hear_button.setVisible(bool(providers.voices(entry)))
        self.remove_button.setVisible(entry.own)

    def _hear(self) -> None:
        if self.current is not None:
            self.voices_wanted.emit(self.current.title)

    def _ask_voice(self, voice: Voice | None) -> None:
        entry = self.current
        if entry is None:
            return

        listed = () if voice else self._providers.listed_voices(entry)
        OwnVoiceDialog(self.window(), self._providers, entry, voice, listed).open()

    def _add_endpoint(self) -> None:
        dialog = OwnEndpointDialog(self.window(), self._providers)
        dialog.added.connect(self.choose)
        dialog.open()

    def _remove_endpoint(self) -> None:
        entry = self.current
        if entry is not None and entry.own:
            sentence = f"Agents that ask {entry.title} get an error from then on."
            confirm(
                self.window(),
                f"Remove {entry.title}?",
                sentence,
                "Remove",
                lambda: self._providers.settings.remove_endpoint(entry),
                destroys=True,
            )


def _scrolled(page: QWidget) -> QScrollArea:
    """The page in the middle of whatever height it needs, no wider than is good to read."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(24, 14, 24, 24)
    page.setMaximumWidth(_MOST_WIDTH)
    row.addWidget(page, 100)
    row.addStretch(1)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(holder)
    holder.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    return area
