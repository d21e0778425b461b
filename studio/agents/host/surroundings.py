"""What lies around a project in its repository: an agent finds it here, and VoiceRun, which packs the project's folder, does not."""

import os

_LEVELS = 4
"""How far above the project the repository's folder is looked for."""


def module_above(project: str, module: str) -> str:
    """The folder above the project, in the same repository, that has this module; "" where none has."""
    name = module.split(".")[0]
    folder, found = os.path.realpath(project), ""
    for _ in range(_LEVELS):
        if os.path.exists(os.path.join(folder, ".git")):
            return found
        folder = os.path.dirname(folder)
        if not found and _has(folder, name):
            found = folder
    return found if os.path.exists(os.path.join(folder, ".git")) else ""


def _has(folder: str, name: str) -> bool:
    if os.path.isfile(os.path.join(folder, f"{name}.py")):
        return True
    try:
        return any(file.endswith(".py") for file in os.listdir(os.path.join(folder, name)))
    except OSError:
        return False
