"""Prints, as JSON, what an agent can import of an SDK: run by the Python that has it.

{module: {name: arguments}}; the arguments of a class or function are [name, kind, whether it has a default] each, null where
there are none to compare. Private modules and names are left out, and so is what a module took from elsewhere.
"""

import enum
import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

SDKS = ("primfunctions", "voicerun_completions")


def arguments(thing: Any) -> list[tuple[str, str, bool]] | None:
    """How it is called."""
    if isinstance(thing, enum.EnumMeta) or not (inspect.isclass(thing) or inspect.isfunction(thing)):
        return None
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return None
    return [(p.name, p.kind.name, p.default is not p.empty) for p in parameters]


def names(scope: dict[str, Any]) -> dict[str, Any]:
    """The public names of a module."""
    found: dict[str, Any] = {}
    for name, value in scope.items():
        home = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", None) or ""
        ours = home.partition(".")[0] in SDKS
        elsewhere = inspect.ismodule(value) or getattr(value, "__name__", None) == name
        if name.startswith("_") or (elsewhere and not ours):
            continue
        found[name] = arguments(value) if ours else None
        if inspect.isclass(value) and ours:
            members = {key for one in value.__mro__ if one.__module__.partition(".")[0] in SDKS for key in vars(one)}
            for key in members:
                member = getattr(value, key, None)
                if not key.startswith("_") and inspect.isroutine(member):
                    found[f"{name}.{key}"] = arguments(getattr(member, "__func__", member))
    return found


def surface() -> dict[str, dict[str, Any]]:
    """All public modules that can be imported."""
    found: dict[str, dict[str, Any]] = {}
    for top in SDKS:
        root = Path(importlib.import_module(top).__file__ or "").parent
        for file in sorted(root.rglob("*.py")):
            parts = [top, *file.relative_to(root).with_suffix("").parts]
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            if any(part.startswith("_") for part in parts):
                continue
            try:
                module = importlib.import_module(".".join(parts))
            except ImportError:  # it needs a package that is not there
                continue
            found[module.__name__] = names(vars(module))
    return found


if __name__ == "__main__":
    json.dump(surface(), sys.stdout)
