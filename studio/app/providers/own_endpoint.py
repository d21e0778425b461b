"""The dialog in which an address of language models is added."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from studio.app.providers.model import ProvidersModel
from studio.app.providers.section import Words
from studio.app.widgets.ask import Question


class OwnEndpointDialog(Question):
    """The name that agents write as their provider, and the address."""

    added = Signal(str)
    """It is in the list now. Parameters: its name."""

    def __init__(self, parent: QWidget, providers: ProvidersModel) -> None:
        super().__init__(parent, "Language models at an address of your own", "Add")
        self._providers = providers
        self.setMinimumWidth(480)
        self.name = QLineEdit()
        self.name.setPlaceholderText("What agents write as provider, e.g. ollama")
        self.url = QLineEdit()
        self.url.setPlaceholderText("http://127.0.0.1:11434/v1")
        self.problem = Words(token="error")
        self.problem.hide()
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        for at, (word, field) in enumerate((("Name", self.name), ("Address", self.url))):
            field.setAccessibleName(word)
            grid.addWidget(QLabel(word), at, 0)
            grid.addWidget(field, at, 1)
        self.body.addWidget(Words("Anything that speaks OpenAI's protocol: Ollama, llama.cpp, a gateway.", token="dim"))
        self.body.addLayout(grid)
        self.body.addWidget(self.problem)
        self.body.addWidget(self.buttons)
        self.buttons.accepted.disconnect()
        self.buttons.accepted.connect(self._add)
        self.name.setFocus()

    def _add(self) -> None:
        problem = self._providers.add_endpoint(self.name.text(), self.url.text())
        self.problem.say(problem)
        self.fit()
        if not problem:
            self.added.emit(self.name.text().strip())
            self.accept()
