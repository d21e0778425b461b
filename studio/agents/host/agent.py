"""The user's code: found, imported, and looked at for its handler."""

import importlib.machinery
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from typing import Any

from .errors import AgentError

Handler = Callable[[Any, Any], Any]


class _FreshLoader(importlib.machinery.SourceFileLoader):
    """Always compiles from the source: a compiled file can be out of date within the second in which one saves."""

    def path_stats(self, path: str) -> Any:
        raise OSError


def load(project: str, entry: str) -> Handler:
    """Import the entry file of a project and return its handler.

    The project's folder is the working directory and comes first on `sys.path`, so that siblings can be imported and
    data files opened by relative path. Raises AgentError, or whatever the user's code raises.
    """
    path = os.path.join(project, entry)
    if not os.path.isfile(path):
        raise AgentError(f"There is no file {entry} in {project}.")
    os.chdir(project)
    sys.argv = [path]
    folder = os.path.dirname(path)
    sys.path[:0] = [folder] if folder == project else [folder, project]
    _import_afresh_below(project)
    _prefer_project_sdk(project)
    name = os.path.splitext(os.path.basename(path))[0]
    if name in sys.modules or not name.isidentifier():
        name = "agent_handler"
    spec = importlib.util.spec_from_file_location(name, path, loader=_FreshLoader(name, path))
    if spec is None or spec.loader is None:
        raise AgentError(f"{entry} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return _handler_of(module, entry)


def _handler_of(module: Any, entry: str) -> Handler:
    handler = getattr(module, "handler", None)
    if handler is None:
        raise AgentError(f"{entry} has no handler. Add: async def handler(event, context).")
    if not callable(handler):
        raise AgentError(f"The name 'handler' in {entry} is not a function. Write: async def handler(event, context).")
    function = inspect.unwrap(handler)
    call = function if inspect.isroutine(function) else type(function).__call__
    if not (inspect.isasyncgenfunction(call) or inspect.iscoroutinefunction(call)):
        line = getattr(getattr(function, "__code__", None), "co_firstlineno", 0)
        place = f"{entry} line {line}" if line else entry
        raise AgentError(f"{place}: the handler is not async. Write: async def handler(event, context).")
    try:
        inspect.signature(handler).bind(None, None)
    except (TypeError, ValueError):
        raise AgentError(
            f"The handler in {entry} takes two things. Write: async def handler(event, context)."
        ) from None
    return handler


def _import_afresh_below(project: str) -> None:
    def hook(path: str) -> importlib.machinery.FileFinder:
        inside = os.path.realpath(path) + os.sep
        if not inside.startswith(os.path.realpath(project) + os.sep) or "site-packages" in inside or ".venv" in inside:
            raise ImportError("not a folder of the project")
        return importlib.machinery.FileFinder(
            path,
            (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
            (_FreshLoader, importlib.machinery.SOURCE_SUFFIXES),
        )

    sys.path_hooks.insert(0, hook)
    sys.path_importer_cache.clear()


def _prefer_project_sdk(project: str) -> None:
    """A project may bring an SDK of its own; what was imported before the project was known gives way."""
    if os.path.isdir(os.path.join(project, "primfunctions")):
        for name in [name for name in sys.modules if name.split(".")[0] == "primfunctions"]:
            del sys.modules[name]


def sdk_version(sdk: str) -> str:
    """The version of the SDK that the environment has; "studio" when it is our own layer."""
    import primfunctions

    if os.path.abspath(primfunctions.__file__ or "").startswith(os.path.abspath(sdk)):
        return "studio"
    import importlib.metadata

    try:
        return importlib.metadata.version("primfunctions")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
