"""The blind comparison on the screen: two sounds without names, then who they were."""

from dataclasses import replace
from typing import override

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.app.bench.blind import BlindTrial
from studio.app.bench.model import BenchModel
from studio.app.bench.votes import Standing, verdict
from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.widgets.follow import follow
from studio.app.widgets.painting import focus_ring, rounded

_FRAME_MS = 33
_NAME, _FIGURES, _LEAST_BAR = 180, 196, 104
_HIGH_CARD = 130
"""How high a card is that shows its number above its word."""
_KEYS = "← plays 1  ·  → plays 2  ·  1 or 2 prefers it  ·  0 neither  ·  Esc shows who is who"


class BlindView(QWidget):
    """Keys and clicks of one comparison."""

    left = Signal()
    """The person goes back to the bench."""

    def __init__(self, bench: BenchModel) -> None:
        super().__init__()
        self._bench = bench
        self._trial: BlindTrial | None = None
        self._side = 0
        self._remark = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Blind comparison")
        self._frames = QTimer(self)
        self._frames.setInterval(_FRAME_MS)
        self._frames.timeout.connect(self._frame)
        follow(self, bench.player.changed, self._played)
        follow(self, theme.changed, self.update)

    def begin(self, trial: BlindTrial) -> None:
        """Compare these from now on."""
        self._trial, self._side, self._remark = trial, 0, ""
        self._tell()

    def _tell(self) -> None:
        trial = self._trial
        if trial and trial.pair:
            at, count = trial.place
            self.setAccessibleDescription(f"Pair {at} of {count}. {_KEYS}. {self._remark} {trial.left_out}".rstrip())
        elif trial:
            told = ", ".join(f"{trial.title_of(s.name)} {s.score:.0%}" for s in trial.result())
            self.setAccessibleDescription(f"The result: {told}")
        self.update()

    def _play(self, side: int) -> None:
        if self._trial and (contender := self._trial.listen(side)):
            self._side, self._remark = side, ""
            self._bench.hear_contender(contender)
            self._tell()

    def _vote(self, winner: int) -> None:
        if self._trial is None or self._trial.pair is None:
            return
        self._remark = self._trial.vote(winner, self._bench.keep_vote)
        if not self._remark:
            self._side = 0
            self._bench.player.silence()
        self._tell()

    def _end(self) -> None:
        if self._trial and self._trial.pair and self._trial.votes:
            self._trial.end()
            self._bench.player.silence()
            self._tell()
        else:
            self._bench.player.silence()
            self.left.emit()

    def _played(self) -> None:
        playing = self._bench.player.playing
        if self.isVisible() and playing and playing.at < 1:
            self._frames.start()
        self.update()

    def _frame(self) -> None:
        playing = self._bench.player.playing
        if playing is None or playing.at >= 1:
            self._frames.stop()
        self.update()

    # keys and mouse

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Left:
                self._play(1)
            case Qt.Key.Key_Right:
                self._play(2)
            case Qt.Key.Key_Space:
                self._play(self._side or 1)
            case Qt.Key.Key_1:
                self._vote(1)
            case Qt.Key.Key_2:
                self._vote(2)
            case Qt.Key.Key_0:
                self._vote(0)
            case Qt.Key.Key_Escape:
                self._end()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self._trial and self._trial.pair is None:
                self._end()
            case _:
                super().keyPressEvent(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._trial and self._trial.pair:
            for side, box in enumerate(self._cards(), 1):
                if box.contains(event.position().toPoint()):
                    self._play(side)
        super().mousePressEvent(event)

    # looks

    def _cards(self) -> list[QRect]:
        width, height, gap = min(280, (self.width() - 72) // 2), min(200, self.height() - 190), 24
        left, top = (self.width() - 2 * width - gap) // 2, (self.height() - height) // 2 - 10
        return [QRect(left + side * (width + gap), top, width, height) for side in (0, 1)]

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._trial is None:
            return
        if self._trial.pair:
            self._paint_pair(painter, self._trial)
        else:
            self._paint_result(painter, self._trial)
        if self.hasFocus():
            focus_ring(painter, QRectF(self.rect()), 8)

    def _paint_pair(self, painter: QPainter, trial: BlindTrial) -> None:
        cards = self._cards()
        at, count = trial.place
        centre = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        head = QRect(0, cards[0].top() - 64, self.width(), 28)
        painter.setFont(ui_font(16, QFont.Weight.DemiBold))
        painter.setPen(theme.color("text"))
        painter.drawText(head, centre, "Which one do you prefer?")
        painter.setFont(ui_font(12))
        painter.setPen(theme.color("dim"))
        painter.drawText(head.translated(0, 26), centre, f"pair {at} of {count} · equally loud · names are hidden")
        playing = self._bench.player.playing
        for side, box in enumerate(cards, 1):
            on = playing is not None and playing.key[0] == "blind" and playing.at < 1 and self._side == side
            area = QRectF(box)
            rounded(painter, area, theme.color("panel"), theme.color("agent" if on else "line"), 10)
            number, told = box.adjusted(0, -16, 0, -16), QRect(box.left(), box.bottom() - 58, box.width(), 20)
            low = box.height() < _HIGH_CARD
            if low:  # side by side above the bar
                number = QRect(box.left() + 24, box.top(), 30, box.height() - 26)
                told = QRect(number.right(), box.top(), box.right() - 24 - number.right(), number.height())
            painter.setFont(ui_font(24 if low else 44, QFont.Weight.DemiBold))
            painter.setPen(theme.color("text"))
            painter.drawText(number, centre, str(side))
            painter.setFont(ui_font(12))
            painter.setPen(theme.color("dim"))
            word = "playing" if on else "heard" if side in trial.heard else f"{'←' if side == 1 else '→'} plays it"
            painter.drawText(told, centre, word)
            bar = QRectF(box.left() + 24, box.bottom() - 26, box.width() - 48, 4)
            rounded(painter, bar, theme.color("line"), None, 2)
            if on and playing and playing.at > 0:
                filled = QRectF(bar.left(), bar.top(), bar.width() * playing.at, 4)
                rounded(painter, filled, theme.color("agent"), None, 2)
        painter.setFont(ui_font(12))
        room = self.width() - 64
        top = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
        keys = painter.fontMetrics().boundingRect(QRect(32, cards[0].bottom() + 22, room, 80), top, _KEYS)
        painter.setPen(theme.color("dim"))
        painter.drawText(QRect(32, keys.top(), room, keys.height()), top, _KEYS)
        below = QRect(0, keys.bottom() - 18, self.width(), 22)
        left_out = painter.fontMetrics().elidedText(trial.left_out, Qt.TextElideMode.ElideRight, room)
        painter.drawText(below.translated(0, 52), centre, left_out)
        if self._remark:
            painter.setPen(theme.color("warning"))
            painter.drawText(below.translated(0, 26), centre, self._remark)

    def _paint_result(self, painter: QPainter, trial: BlindTrial) -> None:
        ranked = trial.result()
        width = min(720, self.width() - 64)
        left, top = (self.width() - width) // 2, max(16, (self.height() - 150 - 44 * len(ranked)) // 2)
        painter.setFont(ui_font(16, QFont.Weight.DemiBold))
        painter.setPen(theme.color("text"))
        votes = len(trial.votes)
        title = f"The result of {votes} vote{'' if votes == 1 else 's'}" if votes else "No votes were given"
        painter.drawText(QRect(left, top, width, 28), Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(ui_font(12))
        painter.setPen(theme.color("dim"))
        named = [_named(standing, trial) for standing in ranked]
        painter.drawText(QRect(left, top + 28, width, 22), Qt.AlignmentFlag.AlignVCenter, verdict(named))
        top += 66
        for standing in named:
            self._paint_standing(painter, QRect(left, top, width, 40), standing)
            top += 44
        painter.setFont(ui_font(12))
        painter.setPen(theme.color("dim"))
        about = "Chance to be preferred to an average one of these"
        about += "; the pale part is where it lies nine times in ten." if _bar_fits(width) else "."
        shown = painter.fontMetrics().elidedText(about, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, top + 8, width, 20), Qt.AlignmentFlag.AlignVCenter, shown if votes else "")
        painter.drawText(QRect(left, top + 30, width, 20), Qt.AlignmentFlag.AlignVCenter, "Esc goes back to the bench")

    def _paint_standing(self, painter: QPainter, box: QRect, standing: Standing) -> None:
        with_bar = _bar_fits(box.width())
        name = QRect(box.left(), box.top(), _NAME if with_bar else box.width() - _FIGURES, box.height())
        painter.setFont(ui_font(13, QFont.Weight.Medium))
        painter.setPen(theme.color("text"))
        shown = painter.fontMetrics().elidedText(standing.name, Qt.TextElideMode.ElideRight, name.width() - 8)
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, shown)
        figures = QRect(box.right() - _FIGURES, box.top(), _FIGURES, box.height())
        if with_bar:
            room = QRect(name.right(), box.top(), figures.left() - name.right(), box.height())
            self._paint_chance(painter, room, standing)
        painter.setFont(mono_font(12))
        painter.setPen(theme.color("dim"))
        tied = f"{standing.ties} tied" if standing.ties else ""
        text = f"{standing.score:4.0%}  {f'won {standing.wins} of {standing.votes}':<13}{tied:>8}"
        painter.drawText(figures, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_chance(self, painter: QPainter, box: QRect, standing: Standing) -> None:
        bar = QRectF(box.left() + 8, box.center().y() - 3, box.width() - 24, 6)
        rounded(painter, bar, theme.color("line"), None, 3)
        span = QRectF(
            bar.left() + bar.width() * standing.low, bar.top(), bar.width() * (standing.high - standing.low), 6
        )
        rounded(painter, span, theme.color("agent", 0.35), None, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("agent"))
        painter.drawEllipse(QRectF(bar.left() + bar.width() * standing.score - 5, bar.center().y() - 5, 10, 10))


def _bar_fits(width: int) -> bool:
    """Whether there is room between a name and its figures for a bar that tells something."""
    return width >= _NAME + _FIGURES + _LEAST_BAR


def _named(standing: Standing, trial: BlindTrial) -> Standing:
    return replace(standing, name=trial.title_of(standing.name))
