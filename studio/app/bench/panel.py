"""The casting bench: the line, the grid, what was measured, and the keys."""

from typing import override

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.app.bench.blind_view import BlindView
from studio.app.bench.foot import Foot
from studio.app.bench.grid import BenchGrid
from studio.app.bench.line_card import LineCard
from studio.app.bench.looks import times
from studio.app.bench.measures import Measures
from studio.app.bench.model import BenchModel
from studio.app.call.model import CallModel
from studio.app.editor.speech_call import Delivery
from studio.app.widgets.buttons import PillButton
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.empty_state import EmptyState
from studio.app.widgets.follow import follow
from studio.app.widgets.panel_title import PanelTitle
from studio.app.widgets.tick_menu import TickMenu
from studio.app.widgets.tool_tip import in_lines
from studio.providers.speeds import LISTED_SPEEDS

_EMPTY = (
    "Put voices on the bench: choose one at the left and press Enter. All of them say the same line, at every speed, "
    "equally loud."
)
_NOTE_S = 12
_ROOM_FOR_MEASURES = 500
"""How high the panel is from which on the measures leave the grid room for a row of clips."""


class BenchPanel(QWidget):
    """Everything right of the list of voices."""

    insert_wanted = Signal(object, str)
    """The person wants a voice in the handler. Parameters: a Delivery, the text."""
    pick_wanted = Signal()
    """The person wants a line of the open agent on the bench."""

    def __init__(self, bench: BenchModel, call: CallModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bench = bench
        self._call = call
        self._title = PanelTitle("Casting bench")
        self.speeds = PillButton("Speeds")
        self.phone = PillButton("Phone line", checkable=True)
        self.blind = PillButton("Blind A/B", checkable=True)
        self.speak = PillButton("Speak")
        self._title.layout().setSpacing(8)  # type: ignore[union-attr]
        for pill in (self.speeds, self.phone, self.blind, self.speak):
            self._title.add(pill)
        self.phone.setToolTip("Hear every clip as the other end of a telephone line does: 300 to 3400 Hz, mu-law.")
        self.card = LineCard(bench)
        self.note = ElidedLabel("", token="warning")
        policy = self.note.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # what is clicked stays where it is
        self.note.setSizePolicy(policy)
        self.grid = BenchGrid(bench)
        self.blind_view = BlindView(bench)
        self._empty = EmptyState("voices", _EMPTY)
        self._stack = QStackedWidget()
        for page in (self.grid, self.blind_view, self._empty):
            self._stack.addWidget(page)
        self.measures = Measures(bench)
        self.foot = Foot(bench)
        body = QVBoxLayout()
        body.setContentsMargins(20, 0, 20, 14)
        body.setSpacing(10)
        grid = QVBoxLayout()
        grid.setSpacing(0)
        grid.addWidget(self.note)
        grid.addWidget(self._stack, 1)
        body.addWidget(self.card)
        body.addLayout(grid, 1)
        body.addWidget(self.measures)
        body.addWidget(self.foot)
        head = QHBoxLayout()
        head.setContentsMargins(6, 0, 8, 0)
        head.addWidget(self._title)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(head)
        box.addLayout(body, 1)
        self._frames = QTimer(self)
        self._frames.setInterval(33)
        self._frames.timeout.connect(self._frame)
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.setInterval(_NOTE_S * 1000)
        self._said.timeout.connect(self._tell)
        self._sentence, self._token = "", "warning"
        self._written: object = None
        """What stood on the bench when the sheet was written of which the note tells; None where it tells of none."""
        self.speeds.clicked.connect(self.choose_speeds)
        self.phone.clicked.connect(lambda: bench.use_phone(self.phone.isChecked()))
        self.blind.clicked.connect(self.toggle_blind)
        self.speak.clicked.connect(self.speak_or_cancel)
        self.card.pick_wanted.connect(self.pick_wanted)
        self.card.speak_wanted.connect(self._speak)
        self.grid.heard.connect(bench.hear)
        self.grid.spoken.connect(bench.try_again)
        self.grid.toggled.connect(self.play_or_stop)
        self.grid.insert_wanted.connect(self.insert)
        self.grid.export_wanted.connect(self.export)
        self.grid.remove_wanted.connect(bench.toggle)
        self.blind_view.left.connect(self.toggle_blind)
        self.foot.insert_wanted.connect(self.insert)
        self.foot.export_wanted.connect(self.export)
        follow(self, bench.changed, self._show)
        follow(self, bench.cell_changed, self._show_cell)
        follow(self, bench.player.changed, self._frames.start)
        follow(self, bench.failed, self.say)
        self.setFocusProxy(self.grid)
        self._show()

    # what can be done

    def play_or_stop(self) -> None:
        """Space: stop what plays of the selected clip, else play it; one that failed is spoken again."""
        cell, playing = self.bench.cell, self.bench.player.playing
        if cell is None:
            return
        if playing and playing.key == cell.key and playing.at < 1:
            self.bench.player.silence()
        elif cell.state not in ("waiting", "coming"):
            self.bench.hear(cell.key)

    def speak_or_cancel(self) -> None:
        """Have what is missing spoken, or give up what is still to come."""
        if self.bench.busy:
            self.bench.cancel()
        else:
            self.card.take()
            self._speak()

    def _speak(self) -> None:
        self.bench.speak_missing()
        if self.bench.busy:
            self.grid.setFocus()  # the arrow keys go through what comes

    def insert(self) -> None:
        """Write the selected voice, speed and instructions into the handler."""
        if cell := self.bench.cell:
            delivery: Delivery = self.bench.delivery(cell)
            self.insert_wanted.emit(delivery, self.bench.text.strip())

    def choose_speeds(self) -> None:
        """Ask which columns are shown."""
        menu = TickMenu(self)
        for speed in LISTED_SPEEDS:
            action = menu.addAction(times(speed))
            action.setCheckable(True)
            action.setChecked(speed in self.bench.speeds)
            action.setEnabled(speed != 1.0)
            action.toggled.connect(lambda on, speed=speed: self.bench.set_speed(speed, on))
        menu.addSeparator()
        menu.addAction("All eight", lambda: [self.bench.set_speed(speed, True) for speed in LISTED_SPEEDS])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.speeds.mapToGlobal(self.speeds.rect().bottomLeft()))

    def toggle_phone(self) -> None:
        """Hear everything as through a telephone, or no longer."""
        self.bench.use_phone(not self.bench.player.phone)

    def toggle_blind(self) -> None:
        """Begin a blind comparison of the clips at the selected speed, or leave it."""
        if self._stack.currentWidget() is self.blind_view:
            self.bench.player.silence()
            self._stack.setCurrentWidget(self.grid)
            self.grid.setFocus()
        elif len(self.bench.contenders()) < 2:
            left_out = self.bench.left_out() or "Speak them first."
            self.say(f"A blind comparison needs two clips of the same speed. {left_out}")
        else:
            self.blind_view.begin(self.bench.blind())
            self._stack.setCurrentWidget(self.blind_view)
            self.blind_view.setFocus()
        self._show()

    def export(self) -> None:
        """Ask for a folder and write the casting sheet there."""
        if not self.bench.ready:
            self.say("There is no clip yet to be written. Speak them first.")
            return
        dialog = QFileDialog(self, "Folder for the casting sheet")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Write it here")
        dialog.fileSelected.connect(lambda folder: self.bench.export(folder, self._exported))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _exported(self, page: str) -> None:
        self.say(f"Written: {page}", "caller")
        self._written = self.bench.shown

    # what is shown

    def say(self, sentence: str, token: str = "warning") -> None:
        """Say a sentence for a while."""
        self._sentence, self._token, self._written = sentence, token, None
        self._said.start()
        self._tell()

    def _tell(self) -> None:
        if self._written is not None and self._written != self.bench.shown:
            self._sentence, self._written = "", None
        sentence = self._sentence if self._said.isActive() else ""
        token = self._token if sentence else "warning"
        if not sentence and self._call.running:
            sentence = self._call.why_silent
        cell = self.bench.cell
        sentence = sentence or (cell.problem if cell and cell.state == "failed" else "") or self.bench.player.problem
        self.note.set_token(token)
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))

    def _show(self) -> None:
        bench = self.bench
        blind = self._stack.currentWidget() is self.blind_view
        if blind and not bench.ready:
            blind = False
        if not blind:
            self._stack.setCurrentWidget(self.grid if bench.rows else self._empty)
        self.phone.setChecked(bench.player.phone)
        self.blind.setChecked(blind)
        self._show_measures()
        self.foot.setVisible(not blind)
        self.card.setEnabled(not blind)
        self._show_progress()
        self._tell()

    def _show_measures(self) -> None:
        blind = self._stack.currentWidget() is self.blind_view
        self.measures.want(not blind and self.height() >= _ROOM_FOR_MEASURES)

    def _show_cell(self, _key: object) -> None:
        self._show_progress()
        self._tell()

    def _show_progress(self) -> None:
        bench = self.bench
        busy, missing, ready = bench.busy, len(bench.missing), len(bench.ready)
        failed = f"{bench.failed_cells} failed" if bench.failed_cells else ""
        if busy:
            self.speak.setText("Cancel")
            done = f"{bench.batch - busy} of {bench.batch} done"
            note = " · ".join(part for part in (done, failed) if part)
        else:
            self.speak.setText(f"Speak {missing} clip{'' if missing == 1 else 's'}" if missing else "All spoken")
            clips = f"{ready} clip{'' if ready == 1 else 's'}" if ready else ""
            device = self._call.devices.output
            note = " · ".join(
                part for part in (clips, failed, "−23 LUFS" if ready else "", device if ready else "") if part
            )
        self.speak.setAccessibleName(self.speak.text())
        self.speak.setEnabled(bool(busy or (missing and not bench.why_silent)))
        self.speak.setToolTip(in_lines(bench.why_silent))
        self.speak.setVisible(bool(bench.rows))
        self.blind.setVisible(bool(bench.rows))
        self.speak.updateGeometry()
        self._title.set_note(note)

    def _frame(self) -> None:
        playing = self.bench.player.playing
        if playing is None or playing.at >= 1:
            self._frames.stop()
        self.measures.follow_playing()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_measures()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.bench.player.hold(True)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.bench.player.hold(False)
