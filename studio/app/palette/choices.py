"""What the palette offers: commands, files, or a line of the open file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from studio.app.commands import Commands
from studio.app.palette.fuzzy import best


@dataclass(frozen=True, slots=True)
class Choice:
    """A row: what it is, what stands small beside it, and what happens."""

    title: str
    run: Callable[[], None]
    note: str = ""
    shortcut: str = ""
    enabled: bool = True


def commands(register: Commands, wanted: str) -> list[Choice]:
    """Commands by name; those that cannot be run now come last."""
    fitting = best(
        wanted,
        ((f"{command.group} {command.title}".strip(), command) for command in register if command.id != "view.palette"),
    )
    choices = [
        Choice(command.title, command.run, command.group, command.shortcut, command.enabled()) for command in fitting
    ]
    return sorted(choices, key=lambda choice: not choice.enabled)


def files(
    folder: Path | None, paths: Iterable[Path], recent: list[Path], wanted: str, show: Callable[[Path], None]
) -> list[Choice]:
    """Files of the project by name; without a name those open now come first."""
    if folder is None:
        return []

    def choice(path: Path) -> Choice:
        within = path.relative_to(folder)
        above = within.parent.as_posix()
        return Choice(path.name, lambda: show(path), "" if above == "." else above)

    ordered = sorted(paths, key=lambda path: path not in recent)
    return [choice(path) for path in best(wanted, ((path.relative_to(folder).as_posix(), path) for path in ordered))]


def line(wanted: str, count: int, show: Callable[[int], None]) -> list[Choice]:
    """The one row of `:25`. `count` is how many lines there are; 0 when no file is open."""
    number = wanted.strip()
    if not count:
        return [Choice("Open a file to go to one of its lines", lambda: None, enabled=False)]
    if not number.isdecimal() or not 1 <= int(number) <= count:
        return [Choice(f"Type a line from 1 to {count}", lambda: None, enabled=False)]
    return [Choice(f"Go to line {int(number)}", lambda: show(int(number)))]
