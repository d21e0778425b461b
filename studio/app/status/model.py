"""What the status bar says."""

from collections.abc import Callable
from dataclasses import dataclass

from studio.app.observable import Changed


@dataclass(frozen=True, slots=True)
class Item:
    """A fact. `token` is its colour; `mark` puts a dot of that colour before it; `run` makes it a button.

    One that is `passing` goes away after a while.
    """

    text: str
    token: str = "dim"
    mark: bool = False
    run: Callable[[], None] | None = None
    passing: bool = False


class StatusModel:
    """Facts by key, in the order in which the keys are first named. `notice` is the one sentence that wants attention."""

    LEFT = ("session", "recording", "echo", "underruns", "notice")
    RIGHT = ("network", "position", "python")

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self.changed = Changed()

    def set(
        self,
        key: str,
        text: str,
        *,
        token: str = "dim",
        mark: bool = False,
        run: Callable[[], None] | None = None,
        passing: bool = False,
    ) -> None:
        """State a fact; an empty text takes it away. Keys: `LEFT` and `RIGHT`."""
        if key not in (*self.LEFT, *self.RIGHT):
            raise KeyError(f"The status bar has no place '{key}'.")
        item = Item(text, token, mark, run, passing)
        if self._items.get(key, Item("")) == item:
            return
        self._items[key] = item
        self.changed()

    def notice(
        self,
        sentence: str,
        level: str = "warning",
        run: Callable[[], None] | None = None,
        *,
        passing: bool | None = None,
    ) -> None:
        """Say a sentence of `info`, `warning` or `error`; a click runs its action.

        It stays until the next one or `withdraw`; unless told otherwise, all but a warning is `passing`.
        """
        goes = level != "warning" if passing is None else passing
        self.set("notice", sentence, token={"info": "dim"}.get(level, level), run=run, passing=goes)

    @property
    def error(self) -> str:
        """The notice that stands, where it is an error."""
        item = self._items.get("notice", Item(""))
        return item.text if item.token == "error" else ""

    @property
    def passing(self) -> str:
        """The notice that stands, where it goes away after a while."""
        item = self._items.get("notice", Item(""))
        return item.text if item.passing else ""

    def withdraw(self, sentence: str) -> None:
        """Take a notice back that still stands."""
        if sentence and self._items.get("notice", Item("")).text == sentence:
            self.set("notice", "")

    def items(self, side: tuple[str, ...]) -> list[tuple[str, Item]]:
        """The facts of a side that are known."""
        return [(key, self._items[key]) for key in side if key in self._items and self._items[key].text]
