"""The strip at the window's head: which agent, the transport, and the way to every command."""

from typing import override

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QSizePolicy, QWidget

from studio.app.project.model import ProjectModel
from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.theme.icons import paint_icon
from studio.app.widgets.buttons import PillButton
from studio.app.widgets.painting import focus_ring, rounded

HEIGHT = 52
_NAME_WIDTH = 256
"""With it the transport begins where the editor usually does."""


class _ProjectButton(QAbstractButton):
    """The agent's name; opens the list of projects."""

    def __init__(self) -> None:
        super().__init__()
        self.setFont(ui_font(15, QFont.Weight.DemiBold))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @override
    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 40, 32)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(90, 32)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        if self.underMouse() or self.isDown():
            rounded(painter, rect, theme.color("raised"))
        painter.setPen(theme.color("text"))
        room = self.rect().adjusted(8, 0, -26, 0)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        arrow = QRectF(12 + self.fontMetrics().horizontalAdvance(text), self.height() / 2 - 6, 13, 13)
        paint_icon(painter, "chevron-down", "faint", arrow)
        if self.hasFocus():
            focus_ring(painter, rect)


class EnvironmentButton(PillButton):
    """The environment that the next call plays in; opens the list of them. Hidden where the project has none."""

    def __init__(self, project: ProjectModel) -> None:
        super().__init__("")
        self._project = project
        self.clicked.connect(self._menu)
        project.changed.connect(self._show)
        project.renamed.connect(self._show)
        self._show()

    def _show(self) -> None:
        name = self._project.environment
        self.setText(name or "no environment")
        self.setAccessibleName(f"Environment: {name or 'none'}")
        self.setToolTip("The environment of .voicerun in which the next call plays")
        self.setVisible(bool(self._project.environments))
        self.updateGeometry()

    def _menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in ("", *self._project.environments):
            title = name or "No environment: values.yaml alone"
            action = menu.addAction(title, lambda name=name: self._project.choose_environment(name))
            action.setCheckable(True)
            action.setChecked(name == self._project.environment)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 4)))


class _PaletteButton(QAbstractButton):
    """Looks like the field it opens."""

    _WORDS = "Search or run a command"

    def __init__(self, shortcut: str) -> None:
        super().__init__()
        self._keys = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        self.setText(self._WORDS)
        self.setAccessibleName(f"{self._WORDS} ({self._keys})")
        self.setToolTip(self.accessibleName())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFont(ui_font(13))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @override
    def sizeHint(self) -> QSize:
        return QSize(250, 32)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(84, 32)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        rounded(painter, rect, theme.color("raised" if self.underMouse() else "field"), theme.color("line"), 7)
        keys = mono_font(11)
        width = QFontMetrics(keys).horizontalAdvance(self._keys)
        painter.setPen(theme.color("dim"))
        painter.setFont(keys)
        painter.drawText(
            self.rect().adjusted(0, 0, -12, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._keys
        )
        room = self.rect().adjusted(12, 0, -width - 20, 0)
        painter.setFont(self.font())
        words = self.fontMetrics().horizontalAdvance(self._WORDS)
        if words <= room.width():
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._WORDS)
        elif room.width() >= 16:
            paint_icon(painter, "search", "dim", QRectF(room.left(), self.height() / 2 - 8, 16, 16))
        if self.hasFocus():
            focus_ring(painter, rect, 7)


class TopBar(QWidget):
    """Agent's name left, `transport` in the middle, the palette right."""

    wants_projects = Signal()
    """The agent's name was pressed."""
    wants_palette = Signal()
    """The field of commands was pressed."""

    def __init__(self, project: ProjectModel, transport: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self._project = project
        self.project_button = _ProjectButton()
        self.palette_button = _PaletteButton("Ctrl+K")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 14, 1)
        row.setSpacing(16)
        self._name = QWidget()
        self._name.setMaximumWidth(_NAME_WIDTH)
        name = QHBoxLayout(self._name)
        name.setContentsMargins(0, 0, 0, 0)
        self.environment_button = EnvironmentButton(project)
        name.addWidget(self.project_button)
        name.addWidget(self.environment_button)
        name.addStretch(1)
        row.addWidget(self._name, 1)
        row.addWidget(transport, 4)
        row.addWidget(self.palette_button)
        self.project_button.clicked.connect(lambda: self.wants_projects.emit())
        self.palette_button.clicked.connect(lambda: self.wants_palette.emit())
        project.changed.connect(self._show)
        project.renamed.connect(self._show)
        self._show()

    def _show(self) -> None:
        name = self._project.name or "No agent open"
        self.project_button.setText(name)
        self.project_button.setAccessibleName(f"Agent: {name}")
        self.project_button.setToolTip(str(self._project.path or "Open or make an agent"))
        self.project_button.updateGeometry()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))
