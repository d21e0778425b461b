"""Where the studio's own files and the user's files are. No other module knows."""

import os
import warnings
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent

#: The folder on `sys.path` that holds the package `studio`; for processes started by path.
PACKAGE_ROOT = _PACKAGE.parent

#: Folder that holds `plugins` and `resources`: the checkout, or `studio/_data` in an installed wheel.
DATA = _PACKAGE / "_data" if (_PACKAGE / "_data").is_dir() else PACKAGE_ROOT
PLUGINS = DATA / "plugins"
RESOURCES = DATA / "resources"

#: Files that the agent's own interpreter runs; started by path, never imported by the studio.
AGENT_HOST = _PACKAGE / "agents" / "host"
AGENT_SDK = _PACKAGE / "agents" / "sdk"

_APP = "voice-agent-studio"


def _user(kind: str) -> Path:
    """A per-user folder; `STUDIO_HOME` moves all of them below one root (tests, portable installs)."""
    root = os.environ.get("STUDIO_HOME")
    if root:
        return _resolved(root) / kind
    import platformdirs  # 10 ms that most commands do not need

    if kind == "documents":
        return platformdirs.user_documents_path() / "Voice Agents"
    where = {
        "config": platformdirs.user_config_path,
        "data": platformdirs.user_data_path,
        "cache": platformdirs.user_cache_path,
        "state": platformdirs.user_state_path,
        "runtime": platformdirs.user_runtime_path,
    }[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # XDG_RUNTIME_DIR may be unset: the folder it falls back to will do
        return where(_APP, appauthor=False)


@cache
def _resolved(root: str) -> Path:
    return Path(root).expanduser().resolve()


def config_dir() -> Path:
    """User settings (`settings.toml`)."""
    return _user("config")


def sessions_dir() -> Path:
    """Recorded sessions and their library."""
    return _user("data") / "sessions"


def cache_dir() -> Path:
    """Whatever can be thrown away: speech cache, agents' environments."""
    return _user("cache")


def state_dir() -> Path:
    """Window layout, logs, crash files."""
    return _user("state")


def runtime_dir() -> Path:
    """Lock, pid, socket and token of a running engine. Created 0700 by its user."""
    return _user("runtime")


def agents_dir() -> Path:
    """Where new agents and copies of the samples are put."""
    return _user("documents")
