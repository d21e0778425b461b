"""The row above the timeline: lanes, search, follow, range and zoom."""

from typing import override

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.timeline.timeline_model import TimelineModel
from studio.app.widgets.buttons import PillButton
from studio.app.widgets.panel_title import title_font
from studio.app.widgets.search_field import SearchField
from studio.app.widgets.segmented_control import SegmentedControl
from studio.sessions.records import NS
from studio.sessions.sentences import clock

HEIGHT = 40


class TimelineHeader(QWidget):
    """Title, choice of lanes, search with "n of m", Follow (or "12 s behind"), the visible range, Fit, − and +."""

    def __init__(self, model: TimelineModel, choices: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setFixedHeight(HEIGHT)
        self._title = QLabel("Timeline")
        self._title.setFont(title_font())
        self.choice = SegmentedControl("Lanes", choices, height=28)
        self.search = SearchField("Find in records")
        self.search.setMinimumWidth(110)
        self.search.setMaximumWidth(230)
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.search.setStyleSheet("min-height: 24px;")
        self._found = QLabel()
        self._found.setFont(ui_font(12))
        self.follow = PillButton("Follow", checkable=True)
        self.follow.setToolTip("Keep now in view  (F)")
        self._range = QLabel()
        self._range.setFont(mono_font(12))
        # of one width, so that following does not lay out the row again and again
        self._range.setFixedWidth(self._range.fontMetrics().horizontalAdvance("00:00.0 – 0:00:00.0") + 4)
        self._range.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._fit = PillButton("Fit")
        self._fit.setToolTip("Show the whole session  (0)")
        self._less = PillButton("−")
        self._less.setAccessibleName("Zoom out")
        self._less.setToolTip("Zoom out  (−)")
        self._more = PillButton("+")
        self._more.setAccessibleName("Zoom in")
        self._more.setToolTip("Zoom in  (+)")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addSpacing(8)
        row.addWidget(self.choice)
        row.addStretch(1)
        row.addWidget(self.search, 100)
        for widget in (self._found, self.follow, self._range, self._fit, self._less, self._more):
            row.addWidget(widget)
        self.search.textChanged.connect(model.find)
        self.search.returnPressed.connect(lambda: model.find_next(1))
        self.follow.clicked.connect(lambda: model.axis.set_follow(self.follow.isChecked()))
        self._fit.clicked.connect(model.axis.fit)
        self._less.clicked.connect(lambda: self._zoom(1.5))
        self._more.clicked.connect(lambda: self._zoom(1 / 1.5))
        ends = [model.changed.connect(self._show), theme.changed.connect(self._recolor)]
        self.destroyed.connect(lambda: [end() for end in ends])
        self._recolor()
        self._show()

    def _zoom(self, factor: float) -> None:
        axis = self._model.axis
        axis.zoom(factor, axis.start + axis.span // 2)

    def _recolor(self) -> None:
        for label in (self._title, self._found, self._range):
            label.setStyleSheet(f"color: {theme.tokens.dim}")

    def _show(self) -> None:
        axis, search, data = self._model.axis, self._model.search, self._model.data
        there = data is not None
        self.follow.setVisible(axis.live)
        behind = axis.behind
        word = "Follow"
        if behind > NS:
            word = f"{behind // NS} s behind" if behind < 60 * NS else f"{clock(behind, 0)} behind"
        if word != self.follow.text():
            self.follow.setText(word)
            self.follow.setAccessibleName(word if behind > NS else "Follow")
            self.follow.updateGeometry()
        with QSignalBlocker(self.follow):
            self.follow.setChecked(axis.follow)
        for widget in (self._fit, self._less, self._more, self.search):
            widget.setEnabled(there)
        start, end = max(axis.start, 0), min(axis.end, max(axis.now, 1))
        decimals = 1 if axis.span > NS else 3
        text = f"{clock(start, decimals)} – {clock(max(start, end), decimals)}" if there else ""
        if text != self._range.text():
            self._range.setText(text)
        found = ""
        if search.query and data:
            count = len(search.matches)
            if count:
                found = f"{search.current + 1} of {count}" if search.current >= 0 else f"{count} found"
            else:
                found = "none" if search.complete(data) else "searching"
        if found != self._found.text():
            self._found.setText(found)

    @override
    def resizeEvent(self, event: object) -> None:
        wide = self.width()
        self._range.setVisible(wide > 980)
        self._title.setVisible(wide > 640)
