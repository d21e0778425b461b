"""The panel of the inspector."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from studio.app.inspector.inspector_model import InspectorModel
from studio.app.inspector.json_text import JsonText
from studio.app.inspector.rows import DIVIDER, Link, Row
from studio.app.inspector.value_label import ValueLabel
from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.widgets.empty_state import EmptyState
from studio.app.widgets.panel_title import PanelTitle

_LABEL_WIDTH = 88
_LABEL_MOST = 132


class InspectorView(QWidget):
    """Title, facts and links of the selected record, with Play, and its JSON one click away."""

    source_requested = Signal(str, int)
    """A line of source was clicked. Parameters: file as the record names it, line from 1."""

    record_requested = Signal(int)
    """A link to another record was clicked. Parameters: its place in the session."""
    key_requested = Signal(str)
    """A missing key is to be added. Parameters: the provider."""

    play_requested = Signal(str, object, object)
    """Play was pressed. Parameters: topic of the track, start and end in ns of session time (int)."""

    def __init__(self, model: InspectorModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._json_open = False
        self.setMinimumWidth(220)
        self.setAccessibleName("Inspector")
        self._empty = EmptyState(
            "info", "Click a mark or a bar on the timeline. Its facts, causes and sound appear here."
        )
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.viewport().setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(PanelTitle("Inspector"))
        column.addWidget(self._empty, 1)
        column.addWidget(self._area, 1)
        ends = [model.changed.connect(self._show), theme.changed.connect(self._show)]
        self.destroyed.connect(lambda: [end() for end in ends])
        self._show()

    def texts(self) -> list[str]:
        """Everything that is written, from the top: for tests and for screen readers."""
        page = self._area.widget()
        return [label.whole for label in page.findChildren(ValueLabel)] if page else []

    def _show(self) -> None:
        filled = bool(self._model.title)
        self._empty.setVisible(not filled)
        self._area.setVisible(filled)
        if filled:
            page = self._page()
            if before := self._area.takeWidget():
                before.deleteLater()  # a link on it may have been clicked just now
            self._area.setWidget(page)
            page.setAutoFillBackground(False)  # the area switched it on; the panel's own colour is meant

    def _page(self) -> QWidget:
        model = self._model
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(14, 0, 14, 14)
        column.setSpacing(4)
        column.addWidget(ValueLabel(model.title, "text", ui_font(15, QFont.Weight.DemiBold)))
        under = QHBoxLayout()
        under.setSpacing(10)
        parts = [f"turn {model.turn}" if model.turn else "", model.when]
        under.addWidget(ValueLabel("  ".join(part for part in parts if part), "dim", ui_font(12)))
        if model.source:
            text = f"{model.source.file} line {model.source.line}" if model.source.line else model.source.file
            under.addWidget(self._linked(text, model.source, ui_font(12)), 1)
        else:
            under.addStretch(1)
        column.addLayout(under)
        column.addSpacing(8)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
        grid.setColumnStretch(1, 1)
        for line, row in enumerate(model.rows):
            self._add(grid, line, row)
        column.addLayout(grid)
        column.addSpacing(10)
        column.addLayout(self._buttons())
        if self._json_open:
            column.addWidget(JsonText(model.json))
        column.addStretch(1)
        return page

    def _add(self, grid: QGridLayout, line: int, row: Row) -> None:
        if row is DIVIDER:
            rule = QFrame()
            rule.setFixedHeight(1)
            rule.setStyleSheet(f"background: {theme.tokens.line}")
            grid.addWidget(rule, line, 0, 1, 2)
            return
        font = mono_font(12) if row.mono else ui_font(12)
        token = "agent" if row.tone == "link" else row.tone
        value = self._linked(row.value, row.link, font, token) if row.link else ValueLabel(row.value, token, font)
        value.setWordWrap(row.wraps or not row.label)
        if not row.label:
            grid.addWidget(value, line, 0, 1, 2)
            return
        label = ValueLabel(row.label, "dim", ui_font(12))
        label.setMaximumWidth(_LABEL_MOST)
        grid.addWidget(label, line, 0, Qt.AlignmentFlag.AlignTop if row.wraps else Qt.AlignmentFlag(0))
        grid.addWidget(value, line, 1)

    def _linked(self, text: str, link: Link, font: QFont, token: str = "agent") -> ValueLabel:
        label = ValueLabel(text, token, font, link=True)

        def follow() -> None:
            if link.key:
                self.key_requested.emit(link.key)
            elif link.file:
                self.source_requested.emit(link.file, link.line)
            else:
                self.record_requested.emit(link.place)

        label.pressed.connect(follow)
        return label

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        moment = self._model.moment
        if moment:
            play = QPushButton("Play")
            play.setToolTip("Hear this moment again")
            play.clicked.connect(lambda: self.play_requested.emit(moment.track, moment.start, moment.end))
            row.addWidget(play)
        show = QPushButton("Hide JSON" if self._json_open else "JSON")
        show.setToolTip("The record as it stands in the session")
        show.clicked.connect(self._toggle_json)
        row.addWidget(show)
        copy = QPushButton("Copy JSON")
        copy.setToolTip("Copy the record as it stands in the session")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._model.json))
        row.addWidget(copy)
        row.addStretch(1)
        return row

    def _toggle_json(self) -> None:
        self._json_open = not self._json_open
        self._show()
