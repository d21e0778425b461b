"""Everything a person can do, by name: the palette, the menus, the shortcuts and the buttons all run these."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from studio.app.observable import Changed


def _always() -> bool:
    return True


def _obvious() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do. `title` is what the palette shows, `shortcut` a portable key sequence such as "Ctrl+R"."""

    id: str
    title: str
    run: Callable[[], None]
    shortcut: str = ""
    enabled: Callable[[], bool] = _always
    group: str = ""
    why_not: Callable[[], str] = _obvious
    """Why it cannot be run now, in a sentence; "" where that is plain to see."""


class Commands:
    """The register of commands; panels add theirs, the window binds the shortcuts.

    `changed` tells of a new command, `ran` of one that was run and did not fail, `refused` gets the sentence why one was not.
    """

    def __init__(self) -> None:
        self._commands: dict[str, Command] = {}
        self.changed = Changed()
        self.ran = Changed()
        self.refused = Changed()

    def add(
        self,
        id: str,
        title: str,
        run: Callable[[], None],
        *,
        shortcut: str = "",
        enabled: Callable[[], bool] = _always,
        group: str = "",
        why_not: Callable[[], str] = _obvious,
    ) -> Command:
        """Register a command. Raises KeyError when the id or the shortcut is taken."""
        if id in self._commands:
            raise KeyError(f"The command {id} is registered twice.")
        if shortcut and any(command.shortcut == shortcut for command in self):
            raise KeyError(f"The shortcut {shortcut} is taken.")

        def run_and_tell() -> None:
            run()
            self.ran()

        command = self._commands[id] = Command(id, title, run_and_tell, shortcut, enabled, group, why_not)
        self.changed()
        return command

    def __getitem__(self, id: str) -> Command:
        return self._commands[id]

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def run(self, id: str) -> None:
        """Run a command if it is enabled now; else what there is to say of it is said."""
        command = self._commands[id]
        if command.enabled():
            command.run()
        elif sentence := command.why_not():
            self.refused(sentence)
