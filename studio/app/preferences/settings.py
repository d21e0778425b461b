"""The user's settings (`settings.toml`): read leniently, written whole, unknown keys kept."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio import paths
from studio.app.observable import Changed
from studio.app.preferences.toml_text import toml_text
from studio.files import write_atomic

THEMES = ("system", "dark", "light")
FONT_SIZES = range(9, 25)
SIZE_LIMITS_GB = range(1, 1001)


class Settings:
    """The user's settings. Every setter writes the file and calls `changed`.

    A value that cannot be used counts as absent; a file that cannot be read is set aside as `settings.toml.broken`, and
    `problem` says so.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or paths.config_dir() / "settings.toml"
        self.changed = Changed()
        self.problem = ""
        self._values: dict[str, Any] = self._read()

    def _read(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._file.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            self.problem = f"The settings in {self._file} cannot be read ({error.strerror}). Defaults are used."
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            aside = self._file.with_name(self._file.name + ".broken")
            self.problem = f"The settings in {self._file} are not TOML ({error}). Defaults are used; see {aside.name}."
            try:
                self._file.replace(aside)
            except OSError:
                self.problem += " The file could not be set aside."
        return {}

    def _get(self, section: str, key: str) -> Any:
        table = self._values.get(section)
        return table.get(key) if isinstance(table, Mapping) else None

    def _set(self, section: str, key: str, value: Any) -> None:
        if self._get(section, key) == value:
            return
        if not isinstance(self._values.get(section), dict):
            self._values[section] = {}
        self._values[section][key] = value
        self._write()

    def _write(self) -> None:
        try:
            write_atomic(self._file, toml_text(self._values).encode())
        except OSError as error:
            self.problem = (
                f"The settings cannot be written to {self._file} ({error.strerror}). They last until you quit."
            )
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
        self._set("window", "theme", value)

    @property
    def font_size(self) -> int:
        """Size of code in the editor, px."""
        return self._integer("editor", "font_size", FONT_SIZES, 13)

    @font_size.setter
    def font_size(self, value: int) -> None:
        self._set("editor", "font_size", max(FONT_SIZES.start, min(FONT_SIZES.stop - 1, value)))

    @property
    def keep_sessions(self) -> bool:
        """Whether sessions of the window are kept on disk."""
        value = self._get("sessions", "keep")
        return value if isinstance(value, bool) else True

    @keep_sessions.setter
    def keep_sessions(self, value: bool) -> None:
        self._set("sessions", "keep", value)

    @property
    def providers(self) -> Mapping[str, Mapping[str, Any]]:
        """What is set of providers: the tables `[providers.NAME]`."""
        return self._tables("providers")

    def set_provider(self, name: str, key: str, value: Any) -> None:
        """Set something of a provider; an empty value takes it away."""
        self._set_table("providers", name, {**self.providers.get(name, {}), key: value})

    @property
    def endpoints(self) -> Mapping[str, Mapping[str, Any]]:
        """Where language models are asked: `[completions.NAME]` with `url`, `model` and `key_variable`."""
        return self._tables("completions")

    def set_endpoint(self, name: str, table: Mapping[str, Any]) -> None:
        """Say where a provider of language models is asked; an empty table takes it away."""
        self._set_table("completions", name, table)

    def _tables(self, section: str) -> dict[str, Mapping[str, Any]]:
        tables = self._values.get(section)
        found = tables.items() if isinstance(tables, Mapping) else ()
        return {name: table for name, table in found if isinstance(table, Mapping)}

    def _set_table(self, section: str, name: str, table: Mapping[str, Any]) -> None:
        """Set a table within a section; values and tables that are empty do not stand in the file."""
        before = self._values.get(section)
        above = dict(before) if isinstance(before, Mapping) else {}
        filled = {key: value for key, value in table.items() if value not in ("", [], None)}
        changed = {**above, name: filled} if filled else {key: value for key, value in above.items() if key != name}
        if changed != above:
            if changed:
                self._values[section] = changed
            else:
                self._values.pop(section, None)
            self._write()

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
        self._set("sessions", "limit_gb", max(SIZE_LIMITS_GB.start, min(SIZE_LIMITS_GB.stop - 1, value)))
