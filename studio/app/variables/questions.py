"""Asks for what is missing before a run, and remembers what was said until the window closes."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtWidgets import QWidget

from studio.agents.project import Project, ProjectError, open_project
from studio.agents.variables import is_secret, keep_variables, missing_variables, secrets_among
from studio.app.project.model import in_words
from studio.app.variables.dialog import VariablesDialog
from studio.sessions.redaction import KEYS

Go = Callable[[Mapping[str, str]], None]
"""Runs with these values."""


class VariableQuestions:
    """Values of secrets are held here and written nowhere; other values go into the project's settings where wished."""

    def __init__(self, window: Callable[[], QWidget | None], say: Callable[[str], None]) -> None:
        """`window` gives the parent of dialogs, which is made later. `say` tells the person why something could not be kept."""
        self._window = window
        self._say = say
        self._secrets: dict[Path, dict[str, str]] = {}

    def ask(self, path: Path, go: Go) -> None:
        """Call `go` at once when nothing is missing; otherwise when the person has answered, unless they cancel."""
        secrets = self._secrets.get(path, {})
        try:
            project = open_project(path)
            missing = missing_variables(project, secrets)
            KEYS.learn(secrets_among(project, secrets))
        except ProjectError:  # the run says what is wrong
            go(secrets)
            return
        if not any(variable.required for variable in missing):
            go(secrets)
            return
        dialog = VariablesDialog(in_words(project.name), missing, self._window())
        dialog.given.connect(lambda values, keep: go(self._taken(project, values, keep)))
        dialog.unanswered.connect(lambda: go(secrets))
        dialog.open()

    def _taken(self, project: Project, values: dict[str, str], keep: bool) -> dict[str, str]:
        """What the run gets, after keeping what is to be kept."""
        secrets = self._secrets.setdefault(project.path, {})
        secrets |= {name: value for name, value in values.items() if is_secret(name)}
        KEYS.learn(secrets)
        plain = {name: value for name, value in values.items() if not is_secret(name)}
        if keep and plain:
            try:
                keep_variables(project, plain)
            except ProjectError as error:
                self._say(str(error))
        return {**secrets, **values}
