"""Voices and speeds that stand in the code as they are spelt."""

import ast
from collections.abc import Iterator
from functools import cache

from studio.agents.checks.sdk import called
from studio.agents.finding import Finding
from studio.providers.catalogue import Catalogue

_WITH_VOICE = {"TextToSpeechEvent": 1, "StopEvent": 1, "TransferSessionEvent": None}
"""Which positional argument is the voice."""
_PLAIN_NOTES = frozenset({"unknown_voice", "voice_case", "voice_ambiguous"})


def check_voices(node: ast.AST, file: str) -> Iterator[Finding]:
    """What a release, or the caller's ear, will not have as it is written."""
    if not isinstance(node, ast.Call) or (name := called(node)) not in _WITH_VOICE:
        return
    place = _WITH_VOICE[name]
    given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    voice = given.get("voice") or (node.args[place] if place is not None and len(node.args) > place else None)
    if not (isinstance(voice, ast.Constant) and isinstance(voice.value, str) and voice.value):
        return
    casting = _catalogue().cast(voice.value)
    asked = casting.asked
    if ":" in voice.value and not any(note.code == "unknown_voice" for note in casting.notes):
        provider = _catalogue().providers[asked.provider]
        written = (
            f'{{"provider": "{next(iter(provider.aliases), provider.name)}", "identifier": "{asked.id or asked.name}"}}'
        )
        if provider.name == "local":
            message = f"'{voice.value}' is a voice of this desk: VoiceRun does not have it. Choose one that it has."
        else:
            message = f"'{voice.value}' is the studio's spelling. Write {written} to release."
        yield Finding(file, voice.lineno, "release", message, "studio-voice")
        return
    for note in casting.notes:
        if note.code in _PLAIN_NOTES:
            yield Finding(file, voice.lineno, "warning", note.sentence, note.code.replace("_", "-"))


@cache
def _catalogue() -> Catalogue:
    return Catalogue()
