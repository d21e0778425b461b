"""Push-to-talk: the caller is heard while F8 is held."""

from typing import override

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from studio.app.call.model import CallModel


class TalkKey(QObject):
    """Watches one key in the whole application."""

    def __init__(self, call: CallModel, parent: QObject) -> None:
        super().__init__(parent)
        self._call = call
        if app := QApplication.instance():
            app.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ApplicationDeactivate:
            self._call.talk(False)
        elif (
            self._call.push_to_talk
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_F8
            and event.type() in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
        ):
            if not event.isAutoRepeat():
                self._call.talk(event.type() == QEvent.Type.KeyPress)
            return True
        return False
