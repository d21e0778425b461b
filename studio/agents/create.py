"""New agents: from a template, or as a copy of a sample."""

import re
import shutil
from pathlib import Path

from studio import paths
from studio.agents.project import Project, ProjectError, open_project

TEMPLATES = paths.RESOURCES / "templates"
SAMPLES = paths.RESOURCES / "agents"
DEFAULT_TEMPLATE = "greeter"

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.I)
_LONGEST = 80


def templates() -> list[str]:
    """Names of the templates there are."""
    return sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir()) if TEMPLATES.is_dir() else []


def create_agent(name: str, template: str = DEFAULT_TEMPLATE, folder: Path | None = None) -> Project:
    """A new agent called `name` in `folder` (default: the user's agents folder). Raises ProjectError."""
    known = templates()
    if template not in known:
        raise ProjectError(f"There is no template '{template}'. Templates are: {', '.join(known) or 'none'}.")
    name = _checked(name)
    target = (folder or paths.agents_dir()) / name
    if target.exists():
        raise ProjectError(f"{target} exists already. Choose another name.")
    return _copy(TEMPLATES / template, target, name)


def copy_sample(sample: Path, folder: Path | None = None) -> Project:
    """A copy of a sample in the user's agents folder, under a name that is free there. Raises ProjectError."""
    folder = folder or paths.agents_dir()
    name = free_name(sample.name, folder)
    return _copy(sample, folder / name, name)


def free_name(name: str, folder: Path) -> str:
    """`name`, or the first of `name 2`, `name 3`, ... that does not exist in the folder."""
    number, free = 2, name
    while (folder / free).exists():
        free = f"{name} {number}"
        number += 1
    return free


def _checked(name: str) -> str:
    name = name.strip()
    if not name or name.startswith(".") or name.endswith(".") or len(name) > _LONGEST:
        raise ProjectError(f"'{name}' cannot name an agent: 1 to {_LONGEST} characters, no dot at either end.")
    if _FORBIDDEN.search(name) or _RESERVED.fullmatch(name):
        raise ProjectError(f"'{name}' cannot be a folder's name on every system. Use letters, digits, spaces, hyphens.")
    return name


def _copy(source: Path, target: Path, name: str) -> Project:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        left_out = shutil.ignore_patterns("template.toml", "__pycache__", "*.pyc", ".venv", ".git")
        shutil.copytree(source, target, ignore=left_out)
        _rename(target / ".voicerun" / "agent.yaml", name)
    except (OSError, shutil.Error) as error:
        shutil.rmtree(target, ignore_errors=True)
        raise ProjectError(f"The agent cannot be written to {target}: {error}.") from None
    return open_project(target)


def _rename(manifest: Path, name: str) -> None:
    if manifest.is_file():
        text = manifest.read_text("utf-8")
        manifest.write_text(re.sub(r"(?m)^name:.*$", lambda _: f'name: "{name}"', text, count=1), "utf-8")
