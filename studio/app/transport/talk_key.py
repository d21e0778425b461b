"""Push-to-talk: the caller is heard while F8 is held."""

from typing import override

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from studio.app.call.model import CallModel


class TalkKey(QObject):
    """Watches one key in the whole application, while push-to-talk is on: every event of every widget comes by here."""

    def __init__(self, call: CallModel, parent: QObject) -> None:
        super().__init__(parent)
        self._call = call
        self._watches = False
        self.destroyed.connect(call.changed.connect(self._look))
        self._look()

    def _look(self) -> None:
        app = QApplication.instance()
        if app is None or self._watches == self._call.push_to_talk:
            return
        self._watches = self._call.push_to_talk
        if self._watches:
            app.installEventFilter(self)
        else:
            app.removeEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ApplicationDeactivate:
            self._call.talk(False)
        elif (
            isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_F8
            and event.type() in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
        ):
            if not event.isAutoRepeat():
                self._call.talk(event.type() == QEvent.Type.KeyPress)
            return True
        return False
