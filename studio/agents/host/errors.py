"""Exceptions as people read them: the user's lines, and one plain sentence that says what to do."""

import asyncio
import importlib.util
import linecache
import os
import re
import sys
from typing import Any

from .distributions import requirement_for
from .frames import UserCode
from .surroundings import module_above
from .wording import text_of

_NOWHERE = "primfunctions.actions"
"""A module that agents import and that no SDK has."""
_RENAMED = {
    "TransferCallEvent": "TransferSessionEvent",
    "WarmTransferEvent": "TransferSessionEvent",
    "MergeCallEvent": "MergeSessionEvent",
    "StopAction": "StopEvent",
}
_SERVICES = ("primfunctions.completions", "primfunctions.decisions", "voicerun_completions")
_NO_ATTRIBUTE = re.compile(r"'(\w+)' object has no attribute '(\w+)'")
_ODD_ARGUMENT = re.compile(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'")
_CONTEXT_INSTEAD = {
    "state": "keep values with context.set_data and context.get_data",
    "set_state": "use context.set_data",
    "logger": "import logger from primfunctions.logger",
    "trace": "use the tracer of primfunctions.tracer",
    "say": "yield a TextToSpeechEvent",
}


class Variables(dict[str, str]):
    """`context.variables`: an ordinary dict, whose KeyError can be told from any other."""

    def __missing__(self, name: str) -> str:
        raise MissingVariableError(name)


class MissingVariableError(KeyError):
    """A variable that the session was not given."""


_ARGUMENTS = {
    **dict.fromkeys(("url", "file", "src", "source", "uri"), ("path",)),
    **dict.fromkeys(("ms", "seconds", "milliseconds", "length", "time"), ("duration",)),
    **dict.fromkeys(("message", "say", "content"), ("text", "message")),
    **dict.fromkeys(("text", "msg"), ("message", "closing_speech")),
    "phone": ("phone_number",),
    "number": ("phone_number",),
    "agent": ("agent_id",),
}
"""What an argument of an event is called, by what it is taken for."""
_SHOWN_TIMES = 3
_LONGEST_CYCLE = 4


class AgentError(Exception):
    """The project cannot be run; the message is the sentence."""


def describe(error: BaseException, user_code: UserCode) -> dict[str, Any]:
    """The `error` of a frame: type, message, sentence, the user's frames, the missing module where one is missing.

    Raises nothing: an exception that cannot even be looked at is described by its type.
    """
    leaves = _leaves(error)
    frames = _frames(user_code, _places(leaves[0], user_code) or _places(error, user_code))
    error = leaves[0]
    try:
        return _described(error, frames, user_code, _beside(leaves))
    except BaseException:  # of the agent's classes: __str__, __repr__, properties
        text = text_of(error)
        name = type(error).__name__
        return {"type": name, "message": text, "sentence": _located(f"{name}: {text}", frames), "frames": frames}


def mistake(sentence: str, user_code: UserCode, file: str, line: int, function: str) -> dict[str, Any]:
    """The `error` of a frame for what is wrong without an exception."""
    frames = [_frame(user_code, file, line, function)] if file else []
    return {"type": "AgentError", "message": sentence, "sentence": _located(sentence, frames), "frames": frames}


def _described(error: BaseException, frames: list[dict[str, Any]], user_code: UserCode, beside: str) -> dict[str, Any]:
    if isinstance(error, SyntaxError) and error.filename:
        name = user_code.name(error.filename)
        if name:
            frames.append({"file": name, "line": error.lineno or 0, "function": "", "code": (error.text or "").strip()})
    missing = error.name or "" if isinstance(error, ModuleNotFoundError) else ""
    outside = module_above(user_code.path(""), missing) if missing else ""
    sentence = (
        f"The module '{missing}' lies in {outside}, outside the project, and VoiceRun packs the project's folder only. "
        "Put it into the project."
        if outside
        else _sentence(error)
    )
    described: dict[str, Any] = {
        "type": "KeyError" if isinstance(error, MissingVariableError) else type(error).__name__,
        "message": text_of(error),
        "sentence": _located(sentence + beside, frames),
        "frames": frames,
    }
    if missing:
        described["missing_module"] = missing
        if missing != _NOWHERE and not outside:
            described["requirement"] = requirement_for(missing)
    return described


def _leaves(error: BaseException) -> list[BaseException]:
    """The exceptions of a group, and of groups in it; of any other itself alone."""
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    return [leaf for one in error.exceptions for leaf in _leaves(one)]


def _places(error: BaseException | None, user_code: UserCode) -> list[tuple[str, int, str]]:
    """Where it was raised in the user's code; of one that Python made of another (a StopIteration) where that was."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if places := user_code.trace(error.__traceback__):
            return places
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return []


def _beside(leaves: list[BaseException]) -> str:
    """What came with the first exception: others of its group, or the one that it was raised from."""
    cause = leaves[0].__cause__
    if cause and text_of(cause) == text_of(leaves[0]):
        cause = None  # wrapped by the SDK: the same sentence once more
    told = [
        f"{type(error).__name__}: {text_of(error)}".rstrip(": ") for error in (*leaves[1:], *([cause] if cause else ()))
    ]
    if len(leaves) > 1:
        return f" (and {'; '.join(told[:_SHOWN_TIMES])})"
    return f" (from {told[0]})" if told else ""


def _frames(user_code: UserCode, places: list[tuple[str, int, str]]) -> list[dict[str, Any]]:
    """Frames, with those of a function that calls itself, or of a few that call each other, folded as Python does."""
    frames: list[dict[str, Any]] = []
    at = 0
    while at < len(places):
        length, times = _repetition(places, at)
        shown = min(times, _SHOWN_TIMES)
        frames += [_frame(user_code, *place) for place in places[at : at + length * shown]]
        if times > shown:
            frames[-1]["repeated"] = {"lines": length, "times": times - shown}
        at += length * times
    return frames


def _repetition(places: list[tuple[str, int, str]], at: int) -> tuple[int, int]:
    """How many frames repeat from there on, and how many times they stand there; one frame that stands once where none do."""
    for length in range(1, _LONGEST_CYCLE + 1):
        end = at + length
        while end < len(places) and places[end] == places[end - length]:
            end += 1
        if (times := (end - at) // length) > _SHOWN_TIMES:
            return length, times
    return 1, 1


def _frame(user_code: UserCode, file: str, line: int, function: str) -> dict[str, Any]:
    return {"file": file, "line": line, "function": function, "code": _code(user_code, file, line)}


def _code(user_code: UserCode, file: str, line: int) -> str:
    return linecache.getline(user_code.path(file), line).strip()


def _located(sentence: str, frames: list[dict[str, Any]]) -> str:
    return f"{frames[-1]['file']} line {frames[-1]['line']}: {sentence}" if frames else sentence


def _sentence(error: BaseException) -> str:
    match error:
        case AgentError():
            return str(error)
        case MissingVariableError():
            name = error.args[0]
            return (
                f"The variable '{name}' is not set. Write {name} = \"...\" under [variables] in .studio/settings.toml, "
                f"or give studio run --set {name}=..."
            )
        case SyntaxError():
            return f"The code cannot be read: {error.msg}."
        case ImportError():
            return _import_sentence(error)
        case KeyError() if _is_environ(error):
            name = error.args[0]
            return (
                f"The environment variable '{name}' is not set: an agent gets a clean environment. "
                f"Use context.variables['{name}'] and set the variable for the session."
            )
        case AttributeError():
            return _attribute_sentence(error)
        case TypeError() if found := _ODD_ARGUMENT.search(str(error)):
            return _argument_sentence(found[1], found[2])
        case SystemExit():
            return f"The code called sys.exit({error.code!r}). To end the session, yield a StopEvent."
        case KeyboardInterrupt():
            return "The code raised KeyboardInterrupt."
        case asyncio.CancelledError():
            return "The run was cancelled by the agent's own code."
        case MemoryError():
            return "There is no memory left."
        case RecursionError():
            return "A function calls itself without end."
        case _:
            text = text_of(error)
            if text and type(error).__module__.startswith(_SERVICES):
                return text  # a sentence already
            text = _unreachable(error) or text
            return f"{type(error).__name__}: {text}" if text else f"{type(error).__name__}."


def _argument_sentence(name: str, wrong: str) -> str:
    from inspect import signature  # only such errors pay for the imports

    sentence = f"{name} has no '{wrong}'."
    try:
        known = list(signature(getattr(sys.modules["primfunctions.events"], name)).parameters)
    except Exception:  # a class of the agent's own, or one that hides what it takes
        return sentence
    from difflib import get_close_matches

    meant = [other for other in _ARGUMENTS.get(wrong, ()) if other in known] or get_close_matches(wrong, known, 1)
    if meant:
        return f"{sentence} Write '{meant[0]}'."
    return f"{sentence} It takes {', '.join(known)}." if known else f"{sentence} It takes nothing."


def _unreachable(error: BaseException) -> str:
    """What a web client's error says too little of: who did not answer. "" for any other error."""
    kind = type(error).__name__
    if "Connect" not in kind and "Timeout" not in kind:
        return ""
    from urllib.parse import urlsplit  # only such errors pay for the import

    try:
        url = urlsplit(str(error.request.url))  # pyright: ignore  # of requests, httpx and what is built on them
        place = f"{url.scheme}://{url.hostname}" + (f":{url.port}" if url.port else "") + url.path
    except Exception:
        return ""
    if "Timeout" in kind:
        return f"{place} did not answer in time."
    return f"{place} cannot be reached. See that its server runs and that this machine reaches it."


def _import_sentence(error: ImportError) -> str:
    name = error.name or ""
    if isinstance(error, ModuleNotFoundError):
        if name == _NOWHERE:
            return (
                "There is no module 'primfunctions.actions', here or on VoiceRun. "
                "Import events from primfunctions.events; StopEvent ends the session."
            )
        if name.startswith("primfunctions."):
            if importlib.util.find_spec("primfunctions._service") is None:
                return f"The installed primfunctions has no module '{name}'. Ask for another version of it."
            return (
                f"The SDK has no module '{name}'. "
                "Add primfunctions to requirements.txt: VoiceRun's own SDK is then installed and used."
            )
        return (
            f"The module '{name}' is not installed in the agent's environment. "
            f"Add {requirement_for(name)} to requirements.txt, or put {name.split('.')[0]}.py beside the handler."
        )
    wanted = getattr(error, "name_from", None) or _quoted(str(error))
    if name == "primfunctions.context" and wanted == "context":
        return (
            "primfunctions.context has no 'context', here or on VoiceRun. "
            "Import Context for the type; the handler gets the object as its second argument."
        )
    if name.startswith("primfunctions") and wanted in _RENAMED:
        return f"{name} has no '{wanted}'. It is called {_RENAMED[wanted]} now."
    if name.startswith("primfunctions") and wanted:
        return f"{name} has no '{wanted}'."
    return f"ImportError: {error}"


def _attribute_sentence(error: AttributeError) -> str:
    found = _NO_ATTRIBUTE.search(str(error))
    if found and found[1] == "Context":
        instead = _CONTEXT_INSTEAD.get(found[2], "see the reference of Context for what there is")
        return f"context.{found[2]} does not exist, here or on VoiceRun: {instead}."
    if found and found[1].endswith("Event"):
        return f"{found[1]} has no attribute '{found[2]}'. What an event carries is in event.data['{found[2]}']."
    return f"AttributeError: {error}"


def _quoted(text: str) -> str:
    found = re.search(r"'(\w+)'", text)
    return found[1] if found else ""


def _is_environ(error: KeyError) -> bool:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is not None and traceback.tb_frame.f_globals is vars(sys.modules[os.__name__])
