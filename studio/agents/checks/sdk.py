"""What the code asks of the SDK that it does not have, or not under that name."""

import ast
import difflib
from collections.abc import Iterator

from studio.agents.finding import Finding
from studio.events.vocabulary import BY_CLASS

_TARGET = "VoiceRun's SDK 0.1.108"
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

#: What agents look for on the context in vain, and what to use.
_NOT_ON_CONTEXT = {
    "state": "Use context.get_data(name) and context.set_data(name, value).",
    "set_state": "Use context.set_data(name, value).",
    "get_state": "Use context.get_data(name).",
    "trace": "Import tracer from primfunctions.tracer.",
    "logger": "Import logger from primfunctions.logger.",
    "say": "Yield a TextToSpeechEvent from the handler.",
}
_IN_DATA = frozenset({"text", "source", "digits", "language", "count", "ms_since_input", "transcript"})
"""What input events carry in `data`, and not as attributes."""


def check_sdk(node: ast.AST, file: str) -> Iterator[Finding]:
    """Findings of one node of the code."""
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


def check_context(tree: ast.Module, file: str) -> Iterator[Finding]:
    """Attributes of `context` and `event` that they do not have. What the code itself puts there is its own."""
    loads: list[ast.Attribute] = []
    stored: set[tuple[str, str]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if isinstance(node.ctx, ast.Load):
                loads.append(node)
            else:
                stored.add((node.value.id, node.attr))
    takers = _arguments(tree)
    for node in loads:
        of = node.value.id if isinstance(node.value, ast.Name) else ""
        if (of, node.attr) in stored or of not in takers:
            continue
        if of == "context" and node.attr in _NOT_ON_CONTEXT:
            message = f"The context has no '{node.attr}'. {_NOT_ON_CONTEXT[node.attr]}"
            yield Finding(file, node.lineno, "error", message, "not-on-context")
        elif of == "event" and node.attr in _IN_DATA:
            message = f"Events have no '{node.attr}'. Read event.data[\"{node.attr}\"]."
            yield Finding(file, node.lineno, "error", message, "not-on-event")


def _arguments(tree: ast.Module) -> set[str]:
    """Names among `event` and `context` that the functions called `handler` take."""
    handlers = [n for n in ast.walk(tree) if isinstance(n, ast.AsyncFunctionDef) and n.name == "handler"]
    return {argument.arg for handler in handlers for argument in handler.args.args} & {"event", "context"}


def _check_module(module: str, file: str, line: int) -> Iterator[Finding]:
    if module == "primfunctions.actions":
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
    name = called(call)
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    if name.endswith("Event") and "interruptable" in given:
        message = "The old spelling 'interruptable' is not accepted. Write 'interruptible'."
        yield Finding(file, given["interruptable"].lineno, "error", message, "old-spelling")
    if name == "STTUpdateSettingsEvent":
        for spelling, instead in _STUDIO_ONLY.items():
            if spelling in given:
                hint = f" Write '{instead}' to release." if instead else ""
                message = f"{_TARGET} does not accept '{spelling}'.{hint}"
                yield Finding(file, given[spelling].lineno, "release", message, "not-in-sdk")
    if name == "TransferSessionEvent":
        yield from _check_transfer(call, given, file)
    if name == "AudioEvent":
        path = given.get("path") or (call.args[0] if call.args else None)
        if isinstance(path, ast.Constant) and isinstance(path.value, str) and not _is_url(path.value):
            message = f"VoiceRun plays sound from a URL only; '{path.value}' plays here."
            yield Finding(file, path.lineno, "release", message, "sound-needs-url")


def _check_transfer(call: ast.Call, given: dict[str, ast.expr], file: str) -> Iterator[Finding]:
    if ("agent_id" in given) != ("environment" in given):
        message = f"{_TARGET} wants agent_id and environment together."
        yield Finding(file, call.lineno, "release", message, "transfer-target")
    number = given.get("phone_number")
    if isinstance(number, ast.Constant) and isinstance(number.value, str) and not _is_e164(number.value):
        message = f"A phone number is + and 8 to 15 digits with the country code, not '{number.value}': no transfer."
        yield Finding(file, number.lineno, "warning", message, "phone-number")


def _is_url(path: str) -> bool:
    return path.lower().startswith(("http://", "https://"))


def _is_e164(number: str) -> bool:
    return number[:1] == "+" and number[1:].isascii() and number[1:].isdigit() and 8 <= len(number) - 1 <= 15


def called(call: ast.Call) -> str:
    """The last name of what is called: `TextToSpeechEvent` of `events.TextToSpeechEvent(...)`."""
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
