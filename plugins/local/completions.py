"""A language model that answers by the rules of a file: for tests and demonstrations, without key and network."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.providers.completions import CompletionRequest, Delta, Finish, TextDelta, ToolCall
from studio.providers.errors import ProviderError

from .script import Rule, Script, Situation, read_script

_TOKEN = re.compile(r"\s*\S+\s*")
_PLACE = re.compile(r"\{(\w+)\}")


class ScriptedModel:
    """Answers by the first rule that fits. Its delays are on the loop's time, so they are virtual in virtual time.

    The file is read at the first question and again whenever it has changed.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._changed = 0
        self._script = Script()
        self._used: Counter[int] = Counter()
        self._calls = 0

    async def complete(self, request: CompletionRequest) -> AsyncIterator[Delta]:
        """Answer. Raises ProviderError where a rule says so, where none fits, and for a faulty file."""
        self._read()
        situation = Situation.of(request.messages)
        rule = self._rule(situation)
        await self._wait(rule.first_token_ms / 1000, request)
        if rule.error:
            raise ProviderError("script", rule.error, rule.sentence or f"The script {self._file.name} says so.")
        tokens = 0
        for piece in _TOKEN.findall(_filled(rule.text, situation)):
            if tokens and rule.tokens_per_second:
                await self._wait(1 / rule.tokens_per_second, request)
            tokens += 1
            yield TextDelta(piece)
        for name, arguments in rule.tools:
            self._calls += 1
            yield ToolCall(f"call-{self._calls}", name, _filled(arguments, situation))
        asked = sum(len(_TOKEN.findall(str(row.get("content") or ""))) for row in request.messages)
        usage = {"prompt_tokens": asked, "completion_tokens": tokens, "total_tokens": asked + tokens}
        yield Finish("tool_calls" if rule.tools else rule.finish_reason, usage)

    async def models(self) -> Sequence[str]:
        """A script answers for any model."""
        return ()

    async def close(self) -> None:
        """Nothing is open."""

    def _read(self) -> None:
        try:
            changed = self._file.stat().st_mtime_ns
        except OSError as error:
            raise ProviderError(
                "script",
                "refused",
                f"The script of the language model cannot be read: {error.strerror or error}: {self._file}. "
                "Correct its name in .studio/settings.toml, or write the file.",
            ) from None
        if changed != self._changed:
            self._script, self._changed = read_script(self._file), changed

    def _rule(self, situation: Situation) -> Rule:
        for number, rule in enumerate(self._script.rules):
            if rule.fits(situation) and not (rule.times and self._used[number] >= rule.times):
                self._used[number] += 1
                return rule
        raise ProviderError(
            "script",
            "refused",
            f"No rule of the script {self._file.name} fits “{situation.said}” (turn {situation.turn}). "
            "Add one; a [[rule]] without conditions fits everything.",
        )

    @staticmethod
    async def _wait(seconds: float, request: CompletionRequest) -> None:
        if seconds and request.paced:
            await asyncio.sleep(seconds)


def _filled(value: Any, situation: Situation) -> Any:
    """The value with `{said}`, and `{KEY}` of the tools' last answer, put in."""
    if isinstance(value, str):
        return _PLACE.sub(lambda place: str(situation.values.get(place[1], place[0])), value)
    if isinstance(value, Mapping):
        return {key: _filled(item, situation) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, situation) for item in value]
    return value
