"""The dialog of the user's settings. A change takes effect at once."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from studio.app.preferences.settings import FONT_SIZES, SIZE_LIMITS_GB, Settings
from studio.app.theme.current import ui_font
from studio.app.widgets.segmented_control import SegmentedControl


class PreferencesDialog(QDialog):
    """Theme, size of code, and what becomes of sessions."""

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setAccessibleName("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(460)
        heading = QLabel("Settings")
        heading.setFont(ui_font(15, QFont.Weight.DemiBold))
        self.theme = SegmentedControl("Theme", {"system": "System", "dark": "Dark", "light": "Light"})
        self.theme.choose(settings.theme)
        self.font_size = QSpinBox()
        self.font_size.setAccessibleName("Size of code")
        self.font_size.setRange(FONT_SIZES.start, FONT_SIZES.stop - 1)
        self.font_size.setSuffix(" px")
        self.font_size.setValue(settings.font_size)
        self.keep = QCheckBox("Keep every session on this computer")
        self.keep.setAccessibleName(self.keep.text())
        self.keep.setChecked(settings.keep_sessions)
        self.limit = QSpinBox()
        self.limit.setAccessibleName("Room for sessions")
        self.limit.setRange(SIZE_LIMITS_GB.start, SIZE_LIMITS_GB.stop - 1)
        self.limit.setSuffix(" GB")
        self.limit.setValue(settings.sessions_limit_gb)
        self.limit.setEnabled(settings.keep_sessions)
        note = QLabel("Beyond that the oldest sessions without a pin are deleted.")
        note.setFont(ui_font(12))
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(12)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        form.addRow("Theme", self.theme)
        form.addRow("Size of code", self.font_size)
        form.addRow("Sessions", self.keep)
        form.addRow("Room for sessions", self.limit)
        form.addRow("", note)
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
        self.font_size.valueChanged.connect(lambda px: setattr(settings, "font_size", px))
        self.keep.toggled.connect(lambda on: setattr(settings, "keep_sessions", on))
        self.keep.toggled.connect(self.limit.setEnabled)
        self.limit.valueChanged.connect(lambda size: setattr(settings, "sessions_limit_gb", size))
