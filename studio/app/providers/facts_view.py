"""What a provider can do, as rows of label and words."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from studio.app.providers.facts import Fact
from studio.app.providers.section import Section, Words, label


class FactsView(Section):
    """The facts under one heading; a label that repeats stands there once."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._facts: Sequence[Fact] = ()
        self._page: QWidget | None = None

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show other facts; without any it takes no room."""
        self.setVisible(bool(facts))
        if facts == self._facts:
            return
        self._facts = facts
        if self._page is not None:
            self.body.removeWidget(self._page)
            self._page.hide()
            self._page.deleteLater()
        page = Section("")
        grid = page.grid()
        before = ""
        for at, fact in enumerate(facts):
            if fact.label != before:
                grid.addWidget(label(fact.label), at, 0, Qt.AlignmentFlag.AlignTop)
            before = fact.label
            grid.addWidget(Words(fact.value, token=fact.token), at, 1)
        self._page = page
        self.body.addWidget(page)
