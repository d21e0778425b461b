"""The right column: the conversation and, where the window is narrow, the inspector in the same place."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.app.widgets.panel_title import PanelTitle
from studio.app.widgets.segmented_control import SegmentedControl


class SharedColumn(QWidget):
    """Shows the conversation; holds the inspector too while `adopt`ed, with a choice between the two."""

    def __init__(self, conversation: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._conversation = conversation
        self._guest: QWidget | None = None
        self.choice = SegmentedControl(
            "Right column", {"conversation": "Conversation", "inspector": "Inspector"}, height=28
        )
        self._bar = QWidget()
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(12, 6, 12, 2)
        bar.addWidget(self.choice)
        bar.addStretch(1)
        self._bar.hide()
        self._stack = QStackedWidget()
        self._stack.addWidget(conversation)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._bar)
        box.addWidget(self._stack, 1)
        self.choice.chosen.connect(self.show_panel)

    def adopt(self, inspector: QWidget) -> None:
        """Take the inspector in."""
        self._guest = inspector
        self._stack.addWidget(inspector)
        self._bar.show()
        self._show_titles(False)

    def release(self) -> None:
        """Let the inspector go."""
        self._show_titles(True)
        if self._guest is not None:
            self._stack.removeWidget(self._guest)
            self._guest = None
        self._bar.hide()
        self.show_panel("conversation")

    def _show_titles(self, on: bool) -> None:
        """The choice names the panels; their own titles would say it twice."""
        for panel in (self._conversation, self._guest):
            title = panel.findChild(PanelTitle, options=Qt.FindChildOption.FindDirectChildrenOnly) if panel else None
            if title is not None:
                title.setVisible(on)

    def show_panel(self, key: str) -> None:
        """Show `conversation` or `inspector`."""
        widget = self._guest if key == "inspector" and self._guest is not None else self._conversation
        self.choice.choose("conversation" if widget is self._conversation else "inspector")
        self._stack.setCurrentWidget(widget)
