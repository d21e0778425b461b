"""The user's settings (`settings.toml`): read leniently, each change written into the file as it is then."""

import copy
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio import paths
from studio.app.observable import Changed
from studio.files import stamp, why_unread, write_atomic
from studio.toml_text import changed_text, toml_text

THEMES = ("system", "dark", "light")
FONT_SIZES = range(9, 25)
SIZE_LIMITS_GB = range(1, 1001)
_NO_SERVICE = "and no service is asked until you mend the file."


class Settings:
    """The user's settings. Every setter changes its own value in the file as it is then, and calls `changed`.

    A value that cannot be used counts as absent. A file that is broken is left to whoever writes it: without the addresses
    in it nobody knows where keys are to go. `problem` says so.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or paths.config_dir() / "settings.toml"
        self.changed = Changed()
        self.problem = ""
        self._unread = ""
        self._values: dict[str, Any] = {}
        self._unwritten: list[tuple[Sequence[str], Mapping[str, Any]]] = []
        self._seen: object = None
        try:
            self._read()
        except (OSError, ValueError):
            self.problem = f"{self._sentence} Defaults are used, {_NO_SERVICE}"

    def reread(self) -> None:
        """Look at the file again, where somebody else has changed it: another window, a person."""
        if stamp(self._file) == self._seen:
            return
        self.problem = ""
        try:
            self._read()
        except (OSError, ValueError):
            self.problem = f"{self._sentence} What was read before holds, {_NO_SERVICE}"
        self.changed()

    def _read(self) -> tuple[str, str]:
        """The file's text, and the same with what could not be written yet, which counts.

        Raises OSError, ValueError: then what was read before counts.
        """
        self._seen = stamp(self._file)
        self._unread = ""
        try:
            wanted = text = self._text()
            for table, changes in self._unwritten:
                wanted = changed_text(wanted, changes, table)
            self._values = tomllib.loads(wanted)
        except (OSError, ValueError) as error:
            self._unread = f"the settings in {self._file} cannot be read ({why_unread(error)})"
            raise
        return text, wanted

    def _text(self) -> str:
        try:
            return self._file.read_text("utf-8")
        except FileNotFoundError:
            return ""

    @property
    def unread(self) -> str:
        """Why nobody knows what is set of providers, as half a sentence; "" where it can be read."""
        if isinstance(self._values.get("providers", {}), Mapping):
            return self._unread
        return self._unread or f"the settings in {self._file} cannot be read ('providers' is no table)"

    @property
    def _sentence(self) -> str:
        return f"{self._unread[0].upper()}{self._unread[1:]}."

    def _get(self, section: str, key: str) -> Any:
        table = self._values.get(section)
        return table.get(key) if isinstance(table, Mapping) else None

    def _change(self, changes: Mapping[str, Any], *table: str) -> None:
        """Write these values of a table, None takes one away. Where that cannot be, they are written with the next change."""
        before, problem = copy.deepcopy(self._values), self.problem
        self.problem = ""
        self._unwritten.append((table, changes))
        try:
            text, wanted = self._read()
            if wanted != text:
                write_atomic(self._file, wanted.encode())
                self._seen = stamp(self._file)
            self._unwritten.clear()
        except (OSError, ValueError) as error:
            self._values = tomllib.loads(changed_text(toml_text(self._values), changes, table))
            if self._unread:
                self.problem = f"{self._sentence} What you choose lasts until you quit, {_NO_SERVICE}"
            else:
                why = error.strerror if isinstance(error, OSError) else error
                cannot = f"The settings cannot be written to {self._file} ({why})."
                self.problem = f"{cannot} What you choose lasts until you quit."
        if self._values != before or self.problem != problem:
            self.changed()

    def _integer(self, section: str, key: str, allowed: range, default: int) -> int:
        value = self._get(section, key)
        return value if isinstance(value, int) and not isinstance(value, bool) and value in allowed else default

    @property
    def theme(self) -> str:
        """`system`, `dark` or `light`."""
        value = self._get("window", "theme")
        return value if value in THEMES else "system"

    @theme.setter
    def theme(self, value: str) -> None:
        self._change({"theme": value}, "window")

    @property
    def font_size(self) -> int:
        """Size of code in the editor, px."""
        return self._integer("editor", "font_size", FONT_SIZES, 13)

    @font_size.setter
    def font_size(self, value: int) -> None:
        self._change({"font_size": max(FONT_SIZES.start, min(FONT_SIZES.stop - 1, value))}, "editor")

    @property
    def keep_sessions(self) -> bool:
        """Whether sessions of the window are kept on disk."""
        value = self._get("sessions", "keep")
        return value if isinstance(value, bool) else True

    @keep_sessions.setter
    def keep_sessions(self, value: bool) -> None:
        self._change({"keep": value}, "sessions")

    @property
    def providers(self) -> Mapping[str, Mapping[str, Any]]:
        """What is set of providers: the tables `[providers.NAME]`."""
        return self._tables("providers")

    @property
    def written_providers(self) -> Mapping[str, Any]:
        """What stands under `[providers]`, good or not."""
        tables = self._values.get("providers")
        return tables if isinstance(tables, Mapping) else {}

    def set_provider(self, name: str, key: str, value: str) -> None:
        """Set something of a provider; an empty value takes it away."""
        self._change({key: value or None}, "providers", name)

    @property
    def endpoints(self) -> Mapping[str, Mapping[str, Any]]:
        """Where language models are asked: `[completions.NAME]` with `url`, `model` and `key_variable`."""
        return self._tables("completions")

    def set_endpoint(self, name: str, key: str, value: str) -> None:
        """Say where a provider of language models is asked; an empty value takes it away."""
        self._change({key: value or None}, "completions", name)

    def remove_endpoint(self, name: str) -> None:
        """Forget where a provider of language models is asked."""
        self._change({name: None}, "completions")

    def _tables(self, section: str) -> dict[str, Mapping[str, Any]]:
        tables = self._values.get(section)
        found = tables.items() if isinstance(tables, Mapping) else ()
        return {name: table for name, table in found if isinstance(table, Mapping)}

    @property
    def sessions_decided(self) -> bool:
        """Whether the person has ever said what becomes of sessions."""
        return self._get("sessions", "keep") is not None or self._get("sessions", "limit_gb") is not None

    @property
    def sessions_limit_gb(self) -> int:
        """How much room kept sessions may take; the oldest without a pin go first."""
        return self._integer("sessions", "limit_gb", SIZE_LIMITS_GB, 10)

    @sessions_limit_gb.setter
    def sessions_limit_gb(self, value: int) -> None:
        self._change({"limit_gb": max(SIZE_LIMITS_GB.start, min(SIZE_LIMITS_GB.stop - 1, value))}, "sessions")
