"""What else can be done with the call that runs: make something fail."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from studio.app.commands import Commands
from studio.app.widgets.buttons import IconButton
from studio.providers.faults import FAULTS


class MoreButton(IconButton):
    """Opens a menu of the faults that can be set in the call that runs."""

    def __init__(self, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__("more", "Make something fail", parent=parent)
        self._commands = commands
        self.clicked.connect(self.open_menu)

    def open_menu(self) -> None:
        """One entry for each fault; none can be chosen while no call is on."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        running = False
        for name in FAULTS:
            command = self._commands[f"call.{name}"]
            running = command.enabled()
            menu.addAction(command.title, command.run).setEnabled(running)
        if not running:
            menu.addSeparator()
            menu.addAction("Run the agent first: faults last as long as its call.").setEnabled(False)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))
