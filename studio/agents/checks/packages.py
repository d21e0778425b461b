"""Packages that the agent imports while nothing says that it needs any: VoiceRun would have none of them."""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from studio.agents.environments.requirements import REQUIREMENTS, RequirementsError, read_requirements
from studio.agents.finding import Finding
from studio.agents.host.distributions import requirement_for
from studio.agents.host.surroundings import module_above
from studio.agents.project import Project

_WITH_THE_SDK = frozenset({"primfunctions", "voicerun_completions", "aiohttp", "black"})
_MISSING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def check_packages(project: Project, trees: Mapping[str, ast.Module]) -> Iterator[Finding]:
    """Imports that an agent without requirements gets from the Python it happens to run in.

    `trees` are the project's files by their names; only those that the handler leads to are looked at. Where something is
    required, the agent runs with that alone, and a run tells what it lacks.
    """
    try:
        required = read_requirements(project.root)
    except RequirementsError:  # who prepares the environment says so
        return
    if required.lines:
        return
    known = {part for file in trees for part in PurePosixPath(file).with_suffix("").parts}
    known |= sys.stdlib_module_names | _WITH_THE_SDK
    for file in _reached(project.entry, trees):
        for node, module in _imports(trees[file]):
            if not module or module.split(".")[0] in known or module_above(str(project.root), module):
                continue
            message = (
                f"Nothing says that the agent needs {requirement_for(module)}: VoiceRun will not have it. "
                f"Add it to {required.file or REQUIREMENTS}."
            )
            yield Finding(file, node.lineno, "release", message, "package-not-required")


def _reached(entry: str, trees: Mapping[str, ast.Module]) -> list[str]:
    """The entry and the project's own files that it imports, and so on."""
    files = [entry] if entry in trees else []
    for file in files:  # grows
        for node, module in _imports(trees[file]):
            files += [found for found in _files_of(node, module, file) if found in trees and found not in files]
    return files


def _imports(tree: ast.Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """Imports that the code cannot do without, each with the module that is named; "" for a relative one."""
    waiting: list[ast.AST] = [tree]
    for node in waiting:  # grows
        match node:
            case ast.Import():
                yield from ((node, alias.name) for alias in node.names)
            case ast.ImportFrom():
                yield node, "" if node.level else node.module or ""
            case ast.Try(handlers=handlers) if any(map(_catches_a_missing_module, handlers)):
                waiting += [*node.orelse, *node.finalbody]
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                waiting += node.orelse
            case _:
                waiting += ast.iter_child_nodes(node)


def _catches_a_missing_module(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or any(
        isinstance(node, ast.Name) and node.id in _MISSING for node in ast.walk(handler.type)
    )


def _files_of(node: ast.Import | ast.ImportFrom, module: str, file: str) -> Iterator[str]:
    """Where in the project an import would find its modules, and the packages that hold them."""
    folder, names = PurePosixPath(), [module]
    if isinstance(node, ast.ImportFrom):
        if node.level:
            folder = [*PurePosixPath(file).parents, folder][: node.level][-1]
        names = [node.module or "", *(f"{node.module or ''}.{alias.name}".strip(".") for alias in node.names)]
    for name in filter(None, names):
        path = folder
        for part in name.split("."):
            path /= part
            yield from (f"{path}.py", f"{path}/__init__.py")
