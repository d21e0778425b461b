"""A caller who follows a script, and the scripts' files."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.audio.streams import Samples
from studio.files import why_unread
from studio.providers.faults import FAULTS
from studio.runtime.clock import SessionClock, samples_at
from studio.runtime.keypad import KEYS
from studio.runtime.pacing import Pacing
from studio.runtime.plan import PlanError, Step
from studio.runtime.script_end import PATIENCE_S, ScriptEnd
from studio.runtime.session import GIVEN_EVENTS, Session
from studio.sessions.records import CALLER_RATE
from studio.sessions.sentences import quoted

_WINDOW = 512
_MOST_SILENCE_S = 10.0
"""How long the line is kept open after a sound, and the silence that ends its turn, for that to be noticed."""

"""How long a step waits for the agent to begin to speak, and for one that is silent to end its turn."""


class ScriptedCaller:
    """Does the steps of a script, each when its moment has come, then hangs up."""

    def __init__(self, session: Session, clock: SessionClock, steps: Sequence[Step], silence_s: float) -> None:
        self._session = session
        self._clock = clock
        self._steps = steps
        self._silence_s = silence_s
        self._lines = 0
        """Lines of the agent that had begun when the last step began."""
        self._end = ScriptEnd(session)
        self._pacing = Pacing(session) if any(step.paced for step in steps) else None

    async def run(self) -> None:
        """Run the script to its end or to the session's, which it never outlives: a fault here ends it."""
        watch = asyncio.create_task(self._watch())
        try:
            await self._follow()
            if not await self._session.until(lambda: True):
                await watch
        except Exception:
            self._session.stop()
            raise
        finally:
            watch.cancel()

    async def _watch(self) -> None:
        """When the session ends, say what of the script it leaves out."""
        await self._session.until(lambda: False)
        lines = [step for step in self._steps if step.say or step.hear is not None or step.dtmf]
        if left := lines[self._end.lines :]:
            said = (
                quoted(left[0].say)
                if left[0].say
                else "a sound"
                if left[0].hear is not None
                else f"keys {left[0].dtmf}"
            )
            sentence = (
                f"The call ended before {len(left)} of the {len(lines)} caller's lines; the first of them is {said}."
            )
            self._session.notice("lines_left", sentence, left=len(left))

    async def _follow(self) -> None:
        session = self._session
        begun = False
        for step in self._steps:
            # what is to fail from the first line on is set before it
            begun = begun or not step.fail or step.after_speech_start is not None
            if begun and not await self._moment(step):
                return
            self._lines = session.lines_started
            if step.say or step.hear is not None or step.dtmf:
                self._end.line()
            if step.say:
                session.say(step.say)
            elif step.hear is not None:
                await self._speak(step.hear)
            elif step.dtmf:
                session.dtmf(step.dtmf)
            elif step.event:
                session.give(step.event, step.data)
            elif step.fail:
                session.fail(step.fail)
            elif step.hang_up:
                session.hang_up()
                return
        if await self._end.idle() and self._silence_s:
            await asyncio.sleep(self._silence_s)
        if await self._end.idle():
            session.finish()

    async def _moment(self, step: Step) -> bool:
        session = self._session
        if step.paced and self._pacing:
            return await self._pacing.next_line()
        if step.after_speech_start is not None:
            going_on = await self._agent_begins(step.line)
            await asyncio.sleep(step.after_speech_start)
        else:
            going_on = await self._quiet()
            if step.after:
                await asyncio.sleep(step.after)
                going_on = await self._quiet()
        return going_on and session.state == "running"

    async def _quiet(self) -> bool:
        """Wait for the agent's turn to end, but not for ever: a handler that hangs would hold all that follows up."""
        session = self._session
        while True:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    return await session.until(lambda: session.quiet)
            except TimeoutError:
                if session.sounding:
                    continue
                session.notice(
                    "script_went_on",
                    f"The script waits for the agent's turn to end, and in {PATIENCE_S:g} s it has not. It goes on.",
                    level="warning",
                )
                return session.state == "running"

    async def _agent_begins(self, line: int) -> bool:
        """Wait for a line of the agent, but not for ever: an agent that has changed may not say it any more."""
        session = self._session
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await session.until(lambda: session.lines_started >= self._lines + line)
        except TimeoutError:
            session.notice(
                "caller_waited",
                f"The script waits for the agent to begin to speak, and in {PATIENCE_S:g} s it has not. It goes on.",
                level="warning",
            )
            return True

    async def _speak(self, samples: Samples) -> None:
        """Push a sound in blocks of one window, each when its last sample has been spoken; then silence."""
        first = samples_at(self._session.journal.now(), CALLER_RATE)
        end = -(-len(samples) // _WINDOW) * _WINDOW
        padded = np.zeros(end, np.int16)
        padded[: len(samples)] = samples
        for at in range(0, end, _WINDOW):
            await self._push(padded[at : at + _WINDOW], first + at)
        quiet = np.zeros(_WINDOW, np.int16)
        listening = self._session.listening
        last = first + end + int(_MOST_SILENCE_S * CALLER_RATE)
        at = first + end
        while (
            listening
            and at < last + listening.end_of_turn_ms * CALLER_RATE // 1000
            and (listening.speaking or at < first + end + 4 * _WINDOW)
        ):
            await self._push(quiet, at)
            at += _WINDOW

    async def _push(self, block: Samples, first: int) -> None:
        loop = asyncio.get_running_loop()
        ready = loop.create_future()
        when = self._clock.zero + (first + len(block)) / CALLER_RATE
        loop.call_at(when, lambda: ready.done() or ready.set_result(None))
        await ready
        self._session.caller_line.push(block, first)


def load_script(file: Path) -> list[Step]:
    """Read a script: a JSON array of strings and items. Raises PlanError with a sentence that says where and what.

    One of strings only is a script of `vr debug`, and its lines come as they come there.
    """
    try:
        items = strict_json(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"The script {file} cannot be read: {why_unread(error)}.") from None
    except RecursionError:
        raise PlanError(f"The script {file} is not valid JSON: it is nested too deeply.") from None
    except ValueError as error:
        raise PlanError(f"The script {file} is not valid JSON: {error}.") from None
    if not isinstance(items, list):
        raise PlanError(f"The script {file} must be a JSON array of strings and items.")
    steps = script_steps(items, file.parent, str(file))
    return [replace(step, paced=True) for step in steps] if all(isinstance(item, str) for item in items) else steps


def strict_json(text: str) -> Any:
    """The value of a JSON text. Raises ValueError for NaN and Infinity too, which are none, and RecursionError."""

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is no number of JSON; write it as text, in quotes, or leave it out")

    return json.loads(text, parse_constant=refuse)


def script_steps(items: Sequence[Any], folder: Path, name: str) -> list[Step]:
    """Steps from the items of a script; sound files are relative to `folder`. Raises PlanError."""
    steps: list[Step] = []
    for number, item in enumerate(items, 1):
        where = f"item {number} of {name}"
        if steps and steps[-1].hang_up:
            raise PlanError(f"In {where}: the caller has hung up before it. Leave it out, or put it before the hangup.")
        if isinstance(item, str):
            if not item.strip():
                raise PlanError(f"In {where}: there is nothing to say.")
            steps.append(Step(say=item))
        elif isinstance(item, dict):
            steps.append(_step(item, folder, where))
        else:
            raise PlanError(f"A script holds strings and objects: {where} is neither.")
    return steps


_WHAT = ("wait", "say", "hear", "dtmf", "event", "fail", "hangup")
_KEYS = {*_WHAT, "data", "after_speech_start"}
_TAKES = {
    "say": "a text that is not empty",
    "hear": "the path of a sound file",
    "dtmf": "a text of keys (0-9 * # A-D)",
    "hangup": "true",
}


def _step(item: Mapping[str, Any], folder: Path, where: str) -> Step:
    unknown = set(item) - _KEYS
    what = [key for key in _WHAT if key in item]
    if unknown or len(what) != 1:
        given = ", ".join(sorted(unknown)) or ", ".join(what) or "nothing"
        raise PlanError(f"In {where}: give exactly one of {', '.join(_WHAT)} (found: {given}).")
    after = item.get("after_speech_start")
    if after is not None:
        after = _seconds(after, "after_speech_start", where)
    value = item[what[0]]
    match what[0]:
        case "wait":
            return Step(after=_seconds(value, "wait", where))
        case "say" if isinstance(value, str) and value.strip():
            return Step(say=value, after_speech_start=after)
        case "hear" if isinstance(value, str):
            return Step(hear=hear_file(folder / value), after_speech_start=after)
        case "dtmf" if isinstance(value, str) and value and set(value) <= KEYS:
            return Step(dtmf=value, after_speech_start=after)
        case "event" if value in GIVEN_EVENTS and isinstance(item.get("data", {}), dict):
            return Step(event=value, data=item.get("data", {}), after_speech_start=after)
        case "event":
            raise PlanError(f"In {where}: event is one of {', '.join(GIVEN_EVENTS)}, with data as an object.")
        case "fail" if isinstance(value, str) and value in FAULTS:
            return Step(fail=value, after_speech_start=after)
        case "fail":
            raise PlanError(f"In {where}: fail is one of {', '.join(FAULTS)}, not {value!r}.")
        case "hangup" if value is True:
            return Step(hang_up=True, after_speech_start=after)
        case key:
            raise PlanError(f"In {where}: {key} is {_TAKES[key]}, not {value!r}.")


def _seconds(value: Any, key: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise PlanError(f"In {where}: {key} is a number of seconds from 0 to 1,000,000, not {value!r}.")
    return float(value)


def hear_file(file: Path) -> Samples:
    """A sound file as caller samples. Raises PlanError."""
    from studio.audio.files import AudioFileError, read_wav

    try:
        return read_wav(file, CALLER_RATE)
    except AudioFileError as error:
        raise PlanError(str(error)) from None
