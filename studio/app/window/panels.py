"""The panels that the window arranges."""

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Panels:
    """One widget for each place of the window."""

    transport: QWidget
    project: QWidget
    sessions: QWidget
    voices: QWidget
    providers: QWidget
    editor: QWidget
    conversation: QWidget
    timeline: QWidget
    log: QWidget
    inspector: QWidget
