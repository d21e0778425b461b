"""Whether there is a handler to call, and whether VoiceRun takes what the code imports."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from studio.agents.finding import Finding
from studio.agents.host.surroundings import module_above
from studio.agents.project import find_handler

#: Modules that VoiceRun's validator refuses in anything pushed.
REFUSED_IMPORTS = frozenset({"ctypes", "fcntl", "os", "pty", "shutil", "signal", "socket", "subprocess"})


def check_handler(tree: ast.Module, file: str) -> Iterator[Finding]:
    """What is wrong with the handler of the entry file."""
    handler = find_handler(tree)
    if handler is None:
        if not _binds_handler(tree):
            message = "There is no handler. Add: async def handler(event, context)."
            yield Finding(file, 1, "error", message, "no-handler")
    elif not isinstance(handler, ast.AsyncFunctionDef):
        message = "The handler is not async. Write: async def handler(event, context)."
        yield Finding(file, handler.lineno, "error", message, "handler-not-async")


def check_imports(node: ast.AST, root: Path, file: str) -> Iterator[Finding]:
    """Modules that VoiceRun refuses, and those that it would not get."""
    match node:
        case ast.Import():
            modules = [alias.name for alias in node.names]
        case ast.ImportFrom(module=str(module), level=0):
            modules = [module]
        case _:
            return
    for name in (module.split(".")[0] for module in modules):
        if name in REFUSED_IMPORTS:
            message = f"VoiceRun refuses agents that import {name}. It works here."
            yield Finding(file, node.lineno, "release", message, "refused-import")
        elif above := _outside(root, file, name):
            message = f"'{name}' lies in {above}, outside the project, and VoiceRun packs the project's folder only."
            yield Finding(file, node.lineno, "release", message, "outside-project")


def _outside(root: Path, file: str, name: str) -> str:
    """The folder around the project that a module comes from; "" for one of the project, of Python or of a package."""
    inside = (root, (root / file).parent)
    if name in sys.stdlib_module_names or any((f / name).is_dir() or (f / f"{name}.py").is_file() for f in inside):
        return ""
    return module_above(str(root), name)


def _binds_handler(tree: ast.Module) -> bool:
    """Whether `handler` is imported or assigned, so that only running it can tell what it is."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom | ast.Import):
            if any((alias.asname or alias.name) in ("handler", "*") for alias in node.names):
                return True
        elif isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "handler" for t in node.targets):
            return True
    return False
