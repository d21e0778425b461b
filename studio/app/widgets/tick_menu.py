"""Many of many: a menu that stays open while its actions are ticked."""

from typing import override

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu

_TICKS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TickMenu(QMenu):
    """Checkable actions toggle and leave it open; any other action closes it, as do Esc and a click beside it."""

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not _toggled(self.actionAt(event.position().toPoint())):
            super().mouseReleaseEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _TICKS or not _toggled(self.activeAction()):
            super().keyPressEvent(event)


def _toggled(action: QAction | None) -> bool:
    if action is None or not action.isCheckable():
        return False
    action.trigger()  # does nothing where it is disabled
    return True
