"""What can be said of an agent without running it."""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from studio.agents.project import Project, find_handler, parse
from studio.events.vocabulary import BY_CLASS

Level = Literal["error", "release", "warning", "info"]
"""`error`: it will not run. `release`: it runs here, but VoiceRun refuses it or does not know it."""

#: Modules that VoiceRun's validator refuses in anything pushed.
REFUSED_IMPORTS = frozenset({"ctypes", "fcntl", "os", "pty", "shutil", "signal", "socket", "subprocess"})

_RENAMED = {
    "TransferCallEvent": "TransferSessionEvent",
    "WarmTransferEvent": "TransferSessionEvent",
    "MergeCallEvent": "MergeSessionEvent",
    "StopAction": "StopEvent",
}
_NOT_IN_VOCABULARY = frozenset(
    {"Event", "CustomEvent", "MetricEvent", "SessionEndEvent", "TurnEndEvent", "TurnInterruptedEvent"}
    | {"TranscriptPartEvent", "HandlerEndEvent", "InitializeEvent", "TestingEvent", "TextToSpeechIdentifier"}
)
_STUDIO_ONLY = {"noise_reduction": "noise_reduction_type", "prewarm_model": ""}
_TARGET = "VoiceRun's SDK 0.1.108"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to know about a line."""

    file: str
    line: int
    level: Level
    message: str
    code: str


def check(project: Project) -> list[Finding]:
    """All findings of a project, by file and line."""
    findings: set[Finding] = set()
    for file in project.python_files():
        tree = parse(project.root / file)
        if isinstance(tree, SyntaxError):
            level: Level = "error" if file == project.entry else "warning"
            findings.add(Finding(file, tree.lineno or 1, level, f"The code cannot be read: {tree.msg}.", "syntax"))
            continue
        if file == project.entry:
            findings.update(_check_handler(tree, file))
        for node in ast.walk(tree):
            findings.update(_check_node(node, file))
    return sorted(findings)


def _check_handler(tree: ast.Module, file: str) -> Iterator[Finding]:
    handler = find_handler(tree)
    if handler is None:
        if not _binds_handler(tree):
            message = "There is no handler. Add: async def handler(event, context)."
            yield Finding(file, 1, "error", message, "no-handler")
    elif not isinstance(handler, ast.AsyncFunctionDef):
        message = "The handler is not async. Write: async def handler(event, context)."
        yield Finding(file, handler.lineno, "error", message, "handler-not-async")


def _binds_handler(tree: ast.Module) -> bool:
    """Whether `handler` is imported or assigned, so that only running it can tell what it is."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom | ast.Import):
            if any((alias.asname or alias.name) in ("handler", "*") for alias in node.names):
                return True
        elif isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "handler" for t in node.targets):
            return True
    return False


def _check_node(node: ast.AST, file: str) -> Iterator[Finding]:
    match node:
        case ast.Import():
            for alias in node.names:
                yield from _check_module(alias.name, file, node.lineno)
        case ast.ImportFrom(module=str(module), level=0):
            yield from _check_module(module, file, node.lineno)
            for alias in node.names:
                yield from _check_name(module, alias.name, file, node.lineno)
        case ast.Call():
            yield from _check_call(node, file)
        case _:
            pass


def _check_module(module: str, file: str, line: int) -> Iterator[Finding]:
    if module.split(".")[0] in REFUSED_IMPORTS:
        message = f"VoiceRun refuses agents that import {module.split('.')[0]}. It works here."
        yield Finding(file, line, "release", message, "refused-import")
    elif module == "primfunctions.actions":
        message = "There is no module primfunctions.actions. Import events from primfunctions.events."
        yield Finding(file, line, "error", message, "no-such-module")


def _check_name(module: str, name: str, file: str, line: int) -> Iterator[Finding]:
    if module == "primfunctions" and name == "actions":
        yield from _check_module("primfunctions.actions", file, line)
    elif module == "primfunctions.context" and name == "context":
        message = "primfunctions.context has no 'context'. Import Context; the handler gets the object."
        yield Finding(file, line, "error", message, "no-such-name")
    elif module == "primfunctions.events" and name != "*" and not _is_event(name):
        yield Finding(file, line, "error", _unknown_event(name), "unknown-event")


def _is_event(name: str) -> bool:
    return name in BY_CLASS or name in _NOT_IN_VOCABULARY


def _unknown_event(name: str) -> str:
    if name in _RENAMED:
        return f"{name} is called {_RENAMED[name]} now."
    near = difflib.get_close_matches(name, [*BY_CLASS, *_NOT_IN_VOCABULARY], 1)
    return f"There is no event {name}." + (f" Do you mean {near[0]}?" if near else "")


def _check_call(call: ast.Call, file: str) -> Iterator[Finding]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    given = {keyword.arg: keyword.value.lineno for keyword in call.keywords if keyword.arg}
    if name.endswith("Event") and "interruptable" in given:
        message = "The old spelling 'interruptable' is not accepted. Write 'interruptible'."
        yield Finding(file, given["interruptable"], "error", message, "old-spelling")
    if name == "STTUpdateSettingsEvent":
        for spelling, instead in _STUDIO_ONLY.items():
            if spelling in given:
                hint = f" Write '{instead}' to release." if instead else ""
                message = f"{_TARGET} does not accept '{spelling}'.{hint}"
                yield Finding(file, given[spelling], "release", message, "not-in-sdk")
    if name == "TransferSessionEvent" and ("agent_id" in given) != ("environment" in given):
        message = f"{_TARGET} wants agent_id and environment together."
        yield Finding(file, call.lineno, "release", message, "transfer-target")
