"""What the settings of a call are: the call's own, those for the next one, those of the project. Knows no widget."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.app.call.model import CallModel
from studio.app.call_settings.table import SETTINGS
from studio.app.observable import Changed
from studio.app.project.model import ProjectModel
from studio.files import write_atomic
from studio.toml_text import changed_text


class CallSettings:
    """The values of all settings. A change goes to the call that runs at once, and to those after it.

    What was changed holds until another project is opened; `keep` writes it into the project. `changed` tells of any.
    """

    def __init__(self, call: CallModel, project: ProjectModel) -> None:
        self._call = call
        self._project = project
        self._agent = project.path
        self.changed = Changed()
        self.problem = ""
        call.changed.connect(self.changed)
        project.renamed.connect(self.changed)
        project.changed.connect(self._another_project)

    @property
    def running(self) -> bool:
        """Whether changes reach a call at once."""
        return self._call.running

    @property
    def can_keep(self) -> bool:
        """Whether there is something to write into the project, and a project."""
        return self._project.folder is not None and any(
            value != self._own(name) for name, value in self._call.overrides.items()
        )

    def value(self, name: str) -> Any:
        """A setting as it is now, or will be in the next call."""
        return self._call.overrides.get(name, self._own(name))

    def is_default(self, name: str) -> bool:
        """Whether a setting has the value that it has without anybody's doing."""
        return self.value(name) == SETTINGS[name].default

    def set(self, name: str, value: Any) -> None:
        """Change a setting."""
        if value == self.value(name):
            return
        self._call.override(name, value, live=SETTINGS[name].live)
        self.changed()

    def reset(self, *names: str) -> None:
        """Give settings, or all of them, their defaults back."""
        for name in names or tuple(SETTINGS):
            self.set(name, SETTINGS[name].default)

    def keep(self) -> bool:
        """Write what was changed into the project's `.studio/settings.toml`; what else stands there stays."""
        return self.write({name: value for name, value in self._call.overrides.items() if name in SETTINGS})

    def write(self, changes: Mapping[str, Any]) -> bool:
        """Write these settings there, None takes one away; False, and `problem`, where that cannot be."""
        folder = self._project.folder
        if folder is None:
            return False
        file = folder / ".studio" / "settings.toml"
        try:
            text = changed_text(_read(file), changes)
            file.parent.mkdir(exist_ok=True)
            write_atomic(file, text.encode())
        except (OSError, ValueError) as error:
            self.problem = f"The settings could not be written to {file}: {error}."
            self.changed()
            return False
        self.problem = ""
        self._project.reread()
        self.changed()
        return True

    def _own(self, name: str) -> Any:
        """The project's value, else the default."""
        default = SETTINGS[name].default if name in SETTINGS else None
        value = self._project.settings.get(name, default)
        return tuple(value) if isinstance(value, list) else value

    def _another_project(self) -> None:
        if self._project.path != self._agent:
            self._agent = self._project.path
            self._call.overrides.clear()
        self.changed()


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        return ""
