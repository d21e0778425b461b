"""That the agent records the call, and for how long; afterwards its file."""

import shutil
from pathlib import Path
from typing import override

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMenu, QSizePolicy, QWidget

from studio.app.call.model import CallModel
from studio.app.call.recordings import CallRecording
from studio.app.theme.current import mono_font, theme
from studio.app.theme.icons import paint_icon
from studio.app.widgets.painting import focus_ring, rounded
from studio.sessions.records import NS

_WIDTH = 78


class RecordingButton(QAbstractButton):
    """A red dot with the time while the agent records; pressed afterwards it leads to the file. Hidden without one."""

    def __init__(self, call: CallModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._call = call
        self._recording: CallRecording | None = None
        self.wanted = False
        """Whether there is anything to show."""
        self.setFont(mono_font(12))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Recording of the call")
        self.clicked.connect(self.open_menu)

    def show_recording(self, recording: CallRecording | None, now: int) -> bool:
        """Show a recording at session time `now` (ns); whether it has appeared or gone."""
        self._recording = recording
        appeared = self.wanted != (recording is not None)
        self.wanted = recording is not None
        if recording:
            end = now if recording.ended is None else recording.ended
            minutes, seconds = divmod(max(0, end - recording.started) // NS, 60)
            text = f"{minutes:02d}:{seconds:02d}"
            if text != self.text():
                self.setText(text)
            going = recording.ended is None
            name = f"The agent records the call: {text}" if going else f"Recording of the call, {text}: show or save it"
            self.setAccessibleName(name)
            self.setToolTip(name)
            self.update()
        return appeared

    def open_menu(self) -> None:
        """What can be done with the file."""
        file = self._recording.file if self._recording else None
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        there = file is not None and file.is_file()
        menu.addAction("Play file", lambda: file and _open(file)).setEnabled(there)
        menu.addAction("Show file in its folder", lambda: file and _open(file.parent)).setEnabled(there)
        menu.addAction("Save as…", lambda: file and self._ask_where(file)).setEnabled(there)
        if not there:
            why = (
                "The file is there when the recording has ended." if file is None else f"{file} is not there any more."
            )
            menu.addSeparator()
            menu.addAction(why).setEnabled(False)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def _ask_where(self, file: Path) -> None:
        dialog = QFileDialog(self.window(), "Save the recording")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("Sound (*.wav)")
        dialog.setDefaultSuffix("wav")
        dialog.selectFile(file.name)
        dialog.fileSelected.connect(lambda out: self.save(file, Path(out)))
        dialog.open()

    def save(self, file: Path, out: Path) -> None:
        """Copy the file; what goes wrong is said in the window."""
        try:
            shutil.copyfile(file, out)
        except OSError as error:
            self._call.failed(f"The recording could not be saved to {out}: {error.strerror or error}.")

    @override
    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, 28)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        going = self._recording is not None and self._recording.ended is None
        rounded(painter, rect, theme.color("line" if self.underMouse() else "raised"), theme.color("line"), 7)
        if going:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("error"))
            painter.drawEllipse(QRectF(11, rect.center().y() - 4, 8, 8))
        else:
            paint_icon(painter, "recording", "dim", QRectF(8, rect.center().y() - 8, 16, 16))
        painter.setPen(theme.color("text" if going else "dim"))
        painter.drawText(rect.adjusted(28, 0, -6, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            focus_ring(painter, rect, 7)


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
