"""The main window: top bar, rail, desk or another page, status bar."""

from collections.abc import Callable
from typing import override

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.app.commands import Commands
from studio.app.palette.palette import Palette, Source
from studio.app.project.model import ProjectModel
from studio.app.status.bar import StatusBar
from studio.app.status.model import StatusModel
from studio.app.theme.current import theme
from studio.app.widgets.banner import Banner
from studio.app.widgets.enter_key import press_by_enter
from studio.app.widgets.follow import follow
from studio.app.window.desk import Desk
from studio.app.window.memory import Memory
from studio.app.window.panels import Panels
from studio.app.window.rail import Rail
from studio.app.window.top_bar import TopBar

_SAVE_MEMORY_MS = 2000
_NARROWEST = 800
"""A display of 1280 pixels at 150 % is 853 wide. The least height is what the parts need."""


class MainWindow(QWidget):
    """Arranges the panels, binds the shortcuts of all commands, and remembers how it stood."""

    ready = Signal()
    """Painted for the first time and usable."""
    focused = Signal()
    """The window came to the front."""
    left = Signal()
    """The window is closed for good."""

    def __init__(
        self, panels: Panels, commands: Commands, project: ProjectModel, status: StatusModel, memory: Memory
    ) -> None:
        super().__init__()
        self._commands = commands
        self._project = project
        self._memory = memory
        self._painted = False
        self._bound: set[str] = set()
        self.may_close: Callable[[], bool] = lambda: True
        """Asked before the window closes; answers False where the person must be asked first."""
        self.setObjectName("main-window")
        self.setAccessibleName("Voice Agent Studio")
        self.setMinimumWidth(_NARROWEST)
        self.top = TopBar(project, panels.transport)
        self.banner = Banner()
        self.packages = Banner()
        self.notes = Banner()
        self.rail = Rail()
        self.desk = Desk(panels, memory)
        self._others = {"voices": panels.voices, "providers": panels.providers}
        self._pages = QStackedWidget()
        for page in (self.desk, *self._others.values()):
            self._pages.addWidget(page)
        self.status = StatusBar(status)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(self._pages, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.top)
        box.addWidget(self.banner)
        box.addWidget(self.packages)
        box.addWidget(self.notes)
        box.addLayout(middle, 1)
        box.addWidget(self.status)
        self.palette_overlay: Palette | None = None
        self.desk.rearranged.connect(self._light_rail)
        commands.changed.connect(self._bind)
        self._bind()
        project.changed.connect(self._title)
        project.renamed.connect(self._title)
        follow(self, theme.changed, self._repaint)
        self._title()
        self.desk.setFocus()  # nothing wears a focus ring before the keyboard is used
        self._restore_geometry()
        self._light_rail()
        self._save = QTimer(self)
        self._save.setSingleShot(True)
        self._save.setInterval(_SAVE_MEMORY_MS)
        self._save.timeout.connect(memory.save)
        memory.changed.connect(self._save.start)

    def use_palette(self, sources: dict[str, tuple[str, Source]]) -> Palette:
        """Make the command palette of what it offers."""
        self.palette_overlay = Palette(self, sources)
        self.top.wants_palette.connect(self.palette_overlay.open_with)
        return self.palette_overlay

    def _bind(self) -> None:
        for command in self._commands:
            if command.id in self._bound:
                continue
            self._bound.add(command.id)
            if not command.shortcut:
                continue
            action = QAction(command.title, self)
            also = [QKeySequence("Ctrl+=")] if command.shortcut == "Ctrl++" else []  # the same key without Shift
            action.setShortcuts([QKeySequence(command.shortcut), *also])
            action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
            action.triggered.connect(lambda _checked=False, id=command.id: self._commands.run(id))
            self.addAction(action)

    def _title(self) -> None:
        name = self._project.name
        self.setWindowTitle(f"{name} - Voice Agent Studio" if name else "Voice Agent Studio")

    # pages

    @property
    def page(self) -> str:
        """`voices`, `providers`, or the side panel of the desk."""
        shown = self._pages.currentWidget()
        return next((key for key, page in self._others.items() if page is shown), self.desk.side)

    def show_page(self, key: str) -> None:
        """Show `voices`, `providers`, or the desk with `project` or `sessions`; its shown side panel folds away and back."""
        if page := self._others.get(key):
            self._pages.setCurrentWidget(page)
            page.setFocus()
        elif self.page == key:
            self.desk.toggle("side")
        else:
            self._pages.setCurrentWidget(self.desk)
            self.desk.show_side(key)
        self._light_rail()

    def show_desk(self) -> None:
        """Show the desk as it was left: what happens there is wanted now."""
        if self._pages.currentWidget() is not self.desk:
            self._pages.setCurrentWidget(self.desk)
            self.desk.setFocus()
            self._light_rail()

    def show_deck(self, key: str) -> None:
        """Show `timeline` or `log`; the shown one folds away and back."""
        at_desk = self._pages.currentWidget() is self.desk
        self._pages.setCurrentWidget(self.desk)
        if at_desk and self.desk.deck == key:
            self.desk.toggle("timeline")
        else:
            self.desk.show_deck(key)
        self._light_rail()

    def _light_rail(self) -> None:
        if self.page in self._others:
            self.rail.light(self.page)
            return
        side = () if self.desk.is_folded("side") else (self.desk.side,)
        deck = () if self.desk.is_folded("timeline") else (self.desk.deck,)
        self.rail.light(*side, *deck)

    # geometry

    def _restore_geometry(self) -> None:
        place = self._memory.get("layout", "window", [])
        known = len(place) == 4 and all(isinstance(value, int) for value in place)
        wanted = QRect(*place) if known else QRect(0, 0, 1600, 1000)
        screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        room = next((area for area in screens if known and area.intersects(wanted)), None)
        if room is None:  # never placed yet, or its screen is gone
            room = QGuiApplication.primaryScreen().availableGeometry()
            self.resize(wanted.size().boundedTo(room.size()))
        else:  # the screen may be smaller, or its scale greater, than last time
            self.setGeometry(QRect(wanted.topLeft(), wanted.size().boundedTo(room.size())))
        if self._memory.get("layout", "maximized", False):
            self.setWindowState(Qt.WindowState.WindowMaximized)

    def remember(self) -> None:
        """Put how the window stands into the memory and write it."""
        area = self.normalGeometry() if self.isMaximized() else self.geometry()
        self._memory.set("layout", "window", [area.x(), area.y(), area.width(), area.height()])
        self._memory.set("layout", "maximized", self.isMaximized())
        self.desk.remember()
        self._memory.save()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.palette_overlay is not None:
            self.palette_overlay.close_palette()

    # life

    def _repaint(self) -> None:
        for widget in self.findChildren(QWidget):
            widget.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.ready.emit)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_by_enter(self, event):
            super().keyPressEvent(event)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.focused.emit()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_close():
            event.ignore()
            return
        self.remember()
        event.accept()
        self.left.emit()
