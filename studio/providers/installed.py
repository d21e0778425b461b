"""Plugins that others have installed: found by their distributions' entry points, none of their code is run."""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

GROUP = "studio.plugins"


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """A package with a manifest. `distribution` is its name and version; `folder` is None where there is no such package."""

    distribution: str
    package: str
    folder: Path | None


def installed_plugins() -> Iterator[InstalledPlugin]:
    """What the distributions on the search path announce, each once, sorted."""
    found = {
        point.value.strip(): point for point in entry_points(group=GROUP)
    }  # a distribution may be on the path twice
    for package in sorted(found):
        yield InstalledPlugin(_distribution(found[package]), package, _folder(package))


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.name


def _folder(package: str) -> Path | None:
    """Where a package lies. Its own parents are not imported either, unlike by `importlib.util.find_spec` alone."""
    top, *rest = package.split(".")
    try:
        spec = importlib.util.find_spec(top)  # a checkout that is installed for editing is found by a finder of its own
        for at, _ in enumerate(rest, 2):
            if spec is None or spec.submodule_search_locations is None:
                return None
            spec = PathFinder.find_spec(".".join([top, *rest][:at]), spec.submodule_search_locations)
    except (ImportError, ValueError):
        return None
    places = spec.submodule_search_locations if spec else None
    return next((folder for folder in map(Path, places or ()) if (folder / "plugin.toml").is_file()), None)
