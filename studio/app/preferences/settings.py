"""The user's settings (`settings.toml`): read leniently, each change written into the file as it is then."""

import copy
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio import paths
from studio.app.observable import Changed
from studio.files import set_aside, stamp, write_atomic
from studio.toml_text import changed_text, toml_text

THEMES = ("system", "dark", "light")
FONT_SIZES = range(9, 25)
SIZE_LIMITS_GB = range(1, 1001)


class Settings:
    """The user's settings. Every setter changes its own value in the file as it is then, and calls `changed`.

    A value that cannot be used counts as absent. A file that is broken at the start is set aside as `settings.toml.broken`;
    one that is broken later is left to whoever writes it. `problem` says so.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or paths.config_dir() / "settings.toml"
        self.changed = Changed()
        self.problem = ""
        self._values: dict[str, Any] = {}
        self._unwritten: list[tuple[Sequence[str], Mapping[str, Any]]] = []
        self._seen: object = None
        try:
            self._read()
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self._set_aside(error)
        except OSError as error:
            self.problem = f"The settings in {self._file} cannot be read ({error.strerror}). Defaults are used."

    def reread(self) -> None:
        """Look at the file again, where somebody else has changed it: another window, a person."""
        if stamp(self._file) == self._seen:
            return
        self.problem = ""
        try:
            self._read()
        except (OSError, ValueError) as error:
            self.problem = f"{self._unread(error)} What was read before holds."
        self.changed()

    def _read(self) -> tuple[str, str]:
        """The file's text, and the same with what could not be written yet, which counts.

        Raises OSError, ValueError: then what was read before counts.
        """
        self._seen = stamp(self._file)
        try:
            text = self._file.read_text("utf-8")
        except FileNotFoundError:
            text = ""
        wanted = text
        for table, changes in self._unwritten:
            wanted = changed_text(wanted, changes, table)
        self._values = tomllib.loads(wanted)
        return text, wanted

    def _unread(self, error: OSError | ValueError) -> str:
        why = f"cannot be read ({error.strerror})" if isinstance(error, OSError) else f"are not TOML ({error})"
        return f"The settings in {self._file} {why}."

    def _set_aside(self, error: ValueError) -> None:
        self.problem = f"{self._unread(error)} Defaults are used"
        try:
            self.problem += f"; see {set_aside(self._file).name}."
        except OSError:
            self.problem += ". The file could not be set aside."
        self._seen = stamp(self._file)

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
            cannot = (
                f"The settings cannot be written to {self._file} ({error.strerror})."
                if isinstance(error, OSError)
                else self._unread(error)
            )
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
