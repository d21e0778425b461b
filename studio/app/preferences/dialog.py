"""The dialog of the user's settings. A change takes effect at once."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.app.preferences.settings import FONT_SIZES, SIZE_LIMITS_GB, Settings
from studio.app.theme.current import ui_font
from studio.app.widgets.check_box import CheckBox
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.segmented_control import SegmentedControl
from studio.app.widgets.stepper import Stepper


class PreferencesDialog(QDialog):
    """Theme, size of code, and what becomes of sessions."""

    def __init__(self, settings: Settings, show_speech_cache: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setAccessibleName("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(460)
        heading = QLabel("Settings")
        heading.setFont(ui_font(15, QFont.Weight.DemiBold))
        self.theme = SegmentedControl("Theme", {"system": "System", "dark": "Dark", "light": "Light"})
        self.theme.choose(settings.theme)
        self.font_size = Stepper("Size of code", FONT_SIZES, settings.font_size, "px")
        self.keep = CheckBox("Keep every session on this computer")
        self.keep.setChecked(settings.keep_sessions)
        self.limit = Stepper("Room for sessions", SIZE_LIMITS_GB, settings.sessions_limit_gb, "GB")
        self.limit.setEnabled(settings.keep_sessions)
        note = ElidedLabel("Beyond that the oldest sessions without a pin are deleted.", token="dim", font=ui_font(12))
        form = QGridLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(12)
        form.setColumnStretch(2, 1)
        rows = (("Theme", self.theme), ("Size of code", self.font_size), ("Sessions", self.keep), ("", self.limit))
        for row, (word, widget) in enumerate(rows):
            form.addWidget(QLabel(word), row, 0)
            form.addWidget(widget, row, 1, Qt.AlignmentFlag.AlignLeft)
        form.addWidget(note, len(rows), 1)
        self.speech_cache = QPushButton("Show kept lines…")
        self.speech_cache.setAutoDefault(False)
        form.addWidget(QLabel("Speech cache"), len(rows) + 1, 0)
        form.addWidget(self.speech_cache, len(rows) + 1, 1, Qt.AlignmentFlag.AlignLeft)
        self.speech_cache.clicked.connect(self.accept)
        self.speech_cache.clicked.connect(show_speech_cache)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.accept)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 16)
        box.setSpacing(16)
        box.addWidget(heading)
        box.addLayout(form)
        box.addStretch(1)
        box.addWidget(buttons)
        self.theme.chosen.connect(lambda key: setattr(settings, "theme", key))
        self.font_size.changed.connect(lambda px: setattr(settings, "font_size", px))
        self.keep.toggled.connect(lambda on: setattr(settings, "keep_sessions", on))
        self.keep.toggled.connect(self.limit.setEnabled)
        self.limit.changed.connect(lambda size: setattr(settings, "sessions_limit_gb", size))
