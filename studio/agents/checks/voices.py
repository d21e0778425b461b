"""Voices and speeds that stand in the code as they are spelt."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from studio.agents.checks.sdk import called
from studio.agents.finding import Finding
from studio.agents.names import catalogue
from studio.agents.project import parse_text
from studio.providers.manifests import Voice

_WITH_VOICE = {"TextToSpeechEvent": 1, "StopEvent": 1, "TransferSessionEvent": None}
"""Which positional argument is the voice."""
_PLAIN_NOTES = frozenset({"unknown_voice", "voice_case", "voice_ambiguous"})


def check_voices(tree: ast.AST, file: str) -> Iterator[Finding]:
    """What a release, or the caller's ear, will not have as it is written; of voices that end, where each stands first."""
    ending: set[str] = set()
    for node in ast.walk(tree):
        spec, line = _written(node)
        if not spec:
            continue
        casting = catalogue().cast(spec)
        asked = casting.asked
        known = not any(note.code == "unknown_voice" for note in casting.notes)
        if known and asked.key not in ending and (finding := _end(asked, file, line)):
            ending.add(asked.key)
            yield finding
        if known and (message := _only_here(spec, asked)):
            yield Finding(file, line, "release", message, "studio-voice")
            continue
        for note in casting.notes:
            if note.code in _PLAIN_NOTES:
                yield Finding(file, line, "warning", note.sentence, note.code.replace("_", "-"))


def first_voice(source: str) -> str | Mapping[str, str]:
    """The voice that stands first in the code; "" where none is spelt out, or the code cannot be read."""
    try:
        found = [(line, voice) for voice, line in map(_written, ast.walk(parse_text(source))) if voice]
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ""
    return min(found, key=lambda place: place[0])[1] if found else ""


def _written(node: ast.AST) -> tuple[str | Mapping[str, str], int]:
    """The voice that a node names in the code, and its line; "" where it names none."""
    if not isinstance(node, ast.Call) or (name := called(node)) not in _WITH_VOICE:
        return "", 0
    place = _WITH_VOICE[name]
    given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    voice = given.get("voice") or (node.args[place] if place is not None and len(node.args) > place else None)
    return (_literal(voice), voice.lineno) if voice else ("", 0)


def _end(voice: Voice, file: str, line: int) -> Finding | None:
    """That a voice's time is over, or soon will be."""
    end, heir = catalogue().ends(voice), catalogue().successor(voice)
    if end is None or heir is None:
        return None
    title = catalogue().providers[voice.provider].title
    if catalogue().role(voice).heir is not voice:
        message = f"{title} ended {voice.name} on {end}: {heir.name} speaks in its place."
        return Finding(file, line, "warning", message, "voice-ended")
    return Finding(file, line, "info", f"{title} ends {voice.name} on {end}: then {heir.name} speaks.", "voice-ends")


def _literal(voice: ast.expr) -> str | Mapping[str, str]:
    """The name, or `{"provider", "identifier"}`, that stands in the code; "" where it is put together while it runs."""
    try:
        value: Any = ast.literal_eval(voice)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ""
    match value:
        case str() | {"provider": str(), "identifier": str()}:
            return value
        case _:
            return ""


def _only_here(spec: str | Mapping[str, str], asked: Voice) -> str:
    """Why VoiceRun does not know a voice by what is written, and what it knows; "" where it does."""
    provider = catalogue().providers[asked.provider]
    written = spec if isinstance(spec, str) else spec["identifier"]
    if provider.name == "local" or provider.package:
        return f"'{written}' is a voice of this desk: VoiceRun does not have it. Choose one that it has."
    own = asked.origin in ("own", "service")
    by_id = not isinstance(spec, str) and written == asked.id
    if by_id or not (own or (isinstance(spec, str) and ":" in spec)):
        return ""
    whose = f"a name of your own for a voice of {provider.title}" if own else "the studio's spelling"
    named = next(iter(provider.aliases), provider.name)
    release = f'{{"provider": "{named}", "identifier": "{asked.id or asked.name}"}}'
    return f"'{written}' is {whose}. Write {release} to release."
