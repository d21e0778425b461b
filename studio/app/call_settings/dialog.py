"""The window of a call's settings. It stays open beside the call; a change takes effect at once."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.app.call_settings.model import CallSettings
from studio.app.call_settings.table import GROUPS, SETTINGS, Setting
from studio.app.commands import Commands
from studio.app.theme.current import theme, ui_font
from studio.app.widgets.buttons import IconButton
from studio.app.widgets.check_box import CheckBox
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.follow import follow
from studio.app.widgets.panel_title import title_font
from studio.app.widgets.segmented_control import SegmentedControl
from studio.app.widgets.stepper import Stepper

_WORDS_WIDTH = 300
_SCROLLBAR = 12


class Control(QWidget):
    """What a setting is changed with, by its kind."""

    changed = Signal(object)
    """The person chose another value. Parameters: the value."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._setting = setting
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.widget = self._made()
        row.addWidget(self.widget)
        row.addStretch(1)

    def _made(self) -> QWidget:
        setting = self._setting
        match setting.kind:
            case "number":
                stepper = Stepper(setting.words, setting.allowed, setting.allowed.start, setting.unit, setting.scale)
                kind = type(setting.default)
                stepper.changed.connect(lambda value: self.changed.emit(kind(value / setting.scale)))
                return stepper
            case "switch":
                box = CheckBox(setting.words)
                box.setText("On")
                box.toggled.connect(lambda on: self.changed.emit(on))
                return box
            case "choice":
                choice = SegmentedControl(setting.words, setting.choices, height=28)
                choice.chosen.connect(lambda key: self.changed.emit(key))
                return choice
            case _:
                field = QLineEdit()
                field.setAccessibleName(setting.words)
                field.setFixedWidth(240)
                field.editingFinished.connect(lambda: self.changed.emit(self._typed(field.text())))
                return field

    def _typed(self, text: str) -> Any:
        if self._setting.kind == "words":
            return tuple(word.strip() for word in text.split(",") if word.strip())
        return text.strip() or self._setting.default

    def show_value(self, value: Any) -> None:
        """Show a value; says nothing."""
        self.blockSignals(True)
        widget, setting = self.widget, self._setting
        if isinstance(widget, Stepper):
            widget.set_value(round(float(value) * setting.scale))
        elif isinstance(widget, CheckBox):
            widget.setChecked(bool(value))
        elif isinstance(widget, SegmentedControl):
            widget.choose(value if value in setting.choices else next(iter(setting.choices)))
        elif isinstance(widget, QLineEdit) and not widget.hasFocus():
            widget.setText(", ".join(value) if isinstance(value, tuple) else str(value))
        self.blockSignals(False)


class CallSettingsDialog(QDialog):
    """Every setting with what it does, in groups; below, what becomes of the changes."""

    def __init__(self, settings: CallSettings, parent: QWidget) -> None:
        super().__init__(parent)
        self._settings = settings
        self._controls: dict[str, Control] = {}
        self._resets: dict[str, IconButton] = {}
        self.setWindowTitle("Settings of the call")
        self.setAccessibleName("Settings of the call")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        heading = QLabel("Settings of the call")
        heading.setFont(ui_font(15, QFont.Weight.DemiBold))
        self._when = ElidedLabel("", token="dim", font=ui_font(12))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = self._page()
        area.setWidget(page)
        area.setMinimumWidth(page.minimumSizeHint().width() + _SCROLLBAR)
        page.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self.keep_button = QPushButton("Keep for this project")
        self.keep_button.setToolTip("Write the changes into .studio/settings.toml of the project")
        reset = QPushButton("Reset all")
        close = QPushButton("Close")
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.keep_button)
        foot.addWidget(reset)
        foot.addStretch(1)
        foot.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 16)
        box.setSpacing(8)
        box.addWidget(heading)
        box.addWidget(self._when)
        box.addWidget(area, 1)
        box.addWidget(self._problem)
        box.addLayout(foot)
        self.resize(700, 640)
        self.keep_button.clicked.connect(settings.keep)
        reset.clicked.connect(lambda: settings.reset())
        close.clicked.connect(self.close)
        for button in (self.keep_button, reset, close):
            button.setAutoDefault(False)
        follow(self, settings.changed, self._show)
        follow(self, theme.changed, self._show)
        self._show()

    def _page(self) -> QWidget:
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 4, 12, 4)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(14)
        grid.setColumnMinimumWidth(0, _WORDS_WIDTH)
        grid.setColumnStretch(1, 1)
        line = 0
        for group, settings in GROUPS.items():
            heading = ElidedLabel(group, token="dim", font=title_font())
            grid.setRowMinimumHeight(line, 30 if line else 0)
            grid.addWidget(heading, line, 0, 1, 3, Qt.AlignmentFlag.AlignBottom)
            line += 1
            for setting in settings:
                self._add(grid, line, setting)
                line += 1
        grid.setRowStretch(line, 1)
        return page

    def _add(self, grid: QGridLayout, line: int, setting: Setting) -> None:
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(QLabel(setting.words))
        later = "" if setting.live else " From the next call on."
        explanation = QLabel(setting.explanation + later)
        explanation.setWordWrap(True)
        explanation.setFont(ui_font(12))
        explanation.setObjectName("explanation")
        words.addWidget(explanation)
        grid.addLayout(words, line, 0)
        control = self._controls[setting.name] = Control(setting)
        control.changed.connect(lambda value: self._settings.set(setting.name, value))
        grid.addWidget(control, line, 1)
        reset = self._resets[setting.name] = IconButton("again", f"{setting.words}: back to the default", icon_px=15)
        keep = reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        reset.setSizePolicy(keep)
        reset.clicked.connect(lambda: self._settings.reset(setting.name))
        grid.addWidget(reset, line, 2)

    def _show(self) -> None:
        settings = self._settings
        for name in SETTINGS:
            self._controls[name].show_value(settings.value(name))
            self._resets[name].setVisible(not settings.is_default(name))
        self._when.setText(
            "A change takes effect at once, in the call that runs and in those after it."
            if settings.running
            else "A change holds from the next call on, until another agent is opened."
        )
        self.keep_button.setEnabled(settings.can_keep)
        self._problem.setText(settings.problem)
        self._problem.setVisible(bool(settings.problem))
        self._problem.setStyleSheet(f"color: {theme.tokens.error}")
        self.setStyleSheet(f"QLabel#explanation {{ color: {theme.tokens.dim} }}")


def add_call_settings(commands: Commands, settings: CallSettings, window: QWidget) -> None:
    """Register the command that opens the window, or brings the open one forward."""
    opened: list[CallSettingsDialog] = []

    def open_settings() -> None:
        if opened:
            opened[0].raise_()
            opened[0].activateWindow()
            return
        dialog = CallSettingsDialog(settings, window)
        opened.append(dialog)
        dialog.destroyed.connect(opened.clear)
        dialog.show()

    commands.add("call.settings", "Settings of the call…", open_settings, shortcut="Ctrl+Shift+,", group="Call")
