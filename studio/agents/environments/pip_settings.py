"""What a person has told pip of indexes and proxies, in the names by which uv knows it. uv itself reads nothing of pip's."""

import configparser
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "find-links": "UV_FIND_LINKS",
    "constraint": "UV_CONSTRAINT",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}
_INDEXES = frozenset({"UV_INDEX", "UV_EXTRA_INDEX_URL"})
"""Where a person has told uv itself of further indexes."""
_SECTIONS = ("global", "install")
_COMMAS = frozenset({"UV_FIND_LINKS"})
"""Lists that uv divides by commas where pip divides by spaces."""


def for_uv(variables: Mapping[str, str]) -> dict[str, str]:
    """Settings of pip's files, overlaid by those of its environment variables."""
    told: dict[str, str] = {}
    for file in _files(variables):
        told |= _of_file(file)
    for name in _NAMES:
        if value := variables.get("PIP_" + name.upper().replace("-", "_")):
            told[name] = value
    settings = {_NAMES[name]: _list(_NAMES[name], value) for name, value in told.items()}
    if "UV_INDEX" in settings and not _INDEXES & variables.keys():
        settings["UV_INDEX_STRATEGY"] = (
            "unsafe-best-match"  # pip takes the best of all indexes, uv the first that has any
        )
    return settings


def _files(variables: Mapping[str, str]) -> Iterator[Path]:
    """pip's configuration files, the weakest first."""
    own = variables.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return
    home = Path(variables.get("HOME") or variables.get("USERPROFILE") or "~").expanduser()
    if sys.platform == "win32":
        yield Path(variables.get("PROGRAMDATA", "C:/ProgramData")) / "pip" / "pip.ini"
        yield home / "pip" / "pip.ini"
        yield Path(variables.get("APPDATA", home)) / "pip" / "pip.ini"
    else:
        system = Path("/Library/Application Support/pip/pip.conf" if sys.platform == "darwin" else "/etc/pip.conf")
        yield system
        yield home / ".pip" / "pip.conf"
        yield Path(variables.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"
        if sys.platform == "darwin":
            yield home / "Library" / "Application Support" / "pip" / "pip.conf"
    if own:
        yield Path(own)


def _of_file(file: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(file, "utf-8")
    except (OSError, configparser.Error, UnicodeDecodeError):  # pip complains of it where it is used
        return {}
    return {
        name: parser[section][name]
        for section in _SECTIONS
        if parser.has_section(section)
        for name in _NAMES
        if parser.has_option(section, name)
    }


def _list(name: str, value: str) -> str:
    return ("," if name in _COMMAS else " ").join(value.split())
