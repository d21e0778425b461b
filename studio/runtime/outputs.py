"""What each output event of the handler does."""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np

from studio.agents.link import Frame
from studio.events.vocabulary import EventKind, kind_of
from studio.providers.desk import Line
from studio.runtime.items import Item, ItemKind
from studio.runtime.journal import Journal
from studio.runtime.runs import Run
from studio.runtime.settings import SessionSettings
from studio.runtime.sounds import SoundError, fetch_sound
from studio.runtime.speaking import Speaking
from studio.runtime.synthesis import Synthesis
from studio.sessions.records import AGENT_RATE, EVENT_OUT, LOG, NOTICE, Level, Record

_AFTER_STOP = frozenset({"log", "error", "debug", "external_event", "context", "context_patch"})
"""What still takes effect after Stop in the same run, and in the run of the final StopEvent."""
_LEVELS: dict[str, Level] = {"warning": "warning", "warn": "warning", "error": "error", "critical": "error"}
_LONGEST_SILENCE_MS = 3_600_000
_SHOWN = frozenset({"debug", "error"})
"""Events that are their own effect: the record shows them."""


class Outputs:
    """Takes the handler's output events in order and makes them happen."""

    def __init__(
        self,
        journal: Journal,
        speaking: Speaking,
        synthesis: Synthesis,
        settings: Callable[[], SessionSettings],
        project: str,
    ) -> None:
        self._journal = journal
        self._speaking = speaking
        self._synthesis = synthesis
        self._settings = settings
        self._project = project
        self._fetching: set[asyncio.Task[None]] = set()
        self.failed_task = False
        """Whether a background task of the agent ended with an exception."""
        self._sounds: dict[str, Callable[[Record, Run | None, dict[str, Any]], None]] = {
            "text_to_speech": self._speech,
            "audio": self._audio,
            "silence": self._silence,
            "stop": self._stop,
        }

    def take(self, frame: Frame, run: Run | None, turn: int) -> None:
        """One output event, as the child sent it. `turn` is that of the newest input, for what no run emitted."""
        if run is not None and run.cancelled:
            return
        event = frame["event"]
        kind = kind_of(str(event.get("name", "")))
        given = event.get("data")
        data: dict[str, Any] = given if isinstance(given, dict) else {}
        record = self._journal.add(
            EVENT_OUT,
            kind.cls,
            {
                "name": event.get("name", ""),
                "data": data,
                "file": frame.get("file", ""),
                "line": frame.get("line", 0),
                "background": bool(event.get("background")),
                "task": event.get("background_task_name") or "",
            },
            id=self._journal.new_id("out"),
            cause=run.input if run else "",
            turn=run.turn if run else turn,
            run=run.id if run else "",
            level="error" if kind.wire == "error" else "info",
            message=str(data.get("message", "")) if kind.wire == "error" else "",
        )
        if kind.wire == "error" and event.get("background"):
            self.failed_task = True
        if run is not None and (run.stopped or run.wire == "stop") and not self._still_counts(kind):
            reason = "the call has ended" if run.wire == "stop" else "the handler has already yielded Stop"
            self._notice(record, "ignored_after_stop", f"{kind.cls} has no effect: {reason}.")
            return
        self._happen(kind, record, run, data)

    async def stop(self) -> None:
        """Drop what is still being fetched."""
        for task in self._fetching:
            task.cancel()
        await asyncio.gather(*self._fetching, return_exceptions=True)

    # ---- each kind

    def _happen(self, kind: EventKind, record: Record, run: Run | None, data: dict[str, Any]) -> None:
        if kind.wire in self._sounds:
            self._sounds[kind.wire](record, run, data)
        elif kind.wire == "log":
            self._log(record, data)
        elif kind.wire not in _SHOWN and kind.cls not in ("CustomEvent", "MetricEvent", "ContextPatchEvent"):
            self._notice(
                record,
                "not_simulated",
                f"{kind.cls} is accepted and shown, but not simulated yet: nothing happens.",
                level="info",
            )

    def _still_counts(self, kind: EventKind) -> bool:
        return kind.wire in _AFTER_STOP or kind.cls in ("CustomEvent", "MetricEvent")

    def _speech(self, record: Record, run: Run | None, data: dict[str, Any]) -> None:
        text = str(data.get("text") or "")
        if not text.strip():
            self._notice(record, "empty_text", "TextToSpeechEvent has no text: nothing is said.")
            return
        if data.get("replace"):
            self._speaking.cut("replace")
        line = Line(
            text=text,
            voice=data.get("voice") or self._settings().default_voice,
            speed=data.get("speed", 1.0),
            language=str(data.get("language") or ""),
            instructions=str(data.get("instructions") or ""),
            model=str(data.get("model") or ""),
            cache=data.get("cache", True) is not False,
            stream=data.get("stream"),
            default_voice=self._settings().default_voice,
        )
        self._say(record, run, line, protected=data.get("interruptible") is False)

    def _say(self, record: Record, run: Run | None, line: Line, *, protected: bool) -> None:
        item = self._enqueue("speech", record, run, protected, text=line.text)
        if item:
            self._synthesis.submit(item, line)

    def _silence(self, record: Record, run: Run | None, data: dict[str, Any]) -> None:
        duration = data.get("duration")
        if (
            not isinstance(duration, int | float)
            or isinstance(duration, bool)
            or not 0 <= duration <= _LONGEST_SILENCE_MS
        ):
            self._notice(
                record,
                "bad_silence",
                "SilenceEvent needs a duration in milliseconds, from 0 to an hour's 3,600,000; "
                f"{duration!r} is skipped.",
                level="error",
            )
            return
        samples = round(duration * AGENT_RATE / 1000)
        item = self._enqueue("silence", record, run, protected=False) if samples else None
        if item:
            second = np.zeros(AGENT_RATE, np.int16)
            for at in range(0, samples, AGENT_RATE):
                self._speaking.append(item, second[: samples - at])
            self._speaking.finish(item)

    def _audio(self, record: Record, run: Run | None, data: dict[str, Any]) -> None:
        path = str(data.get("path") or "")
        protected = data.get("interruptible") is False
        item = self._enqueue("audio", record, run, protected, text="", loop=bool(data.get("loop")))
        if item:
            task = asyncio.create_task(self._fetch(item, record, path))
            self._fetching.add(task)
            task.add_done_callback(self._fetching.discard)

    async def _fetch(self, item: Item, record: Record, path: str) -> None:
        try:
            samples = await fetch_sound(path, self._project)
        except SoundError as error:
            self._notice(record, "no_sound", str(error), level="error")
            self._speaking.withdraw(item, "there is no sound")
        else:
            self._speaking.append(item, self._synthesis.shaped(samples))
            self._speaking.finish(item)

    def _stop(self, record: Record, run: Run | None, data: dict[str, Any]) -> None:
        if data.get("clear_speech"):
            self._speaking.clear()
        closing = str(data.get("closing_speech") or "")
        if closing.strip():
            voice = data.get("voice") or self._settings().default_voice
            line = Line(closing, voice, data.get("speed", 1.0), str(data.get("language") or ""))
            self._say(record, run, line, protected=True)
        item = self._enqueue("stop", record, run, protected=True)
        if item:
            self._speaking.finish(item)
        if run:
            run.stopped = True

    def _log(self, record: Record, data: dict[str, Any]) -> None:
        attributes = data.get("attributes") or {}
        level = (
            _LEVELS.get(str(attributes.get("level", "")).lower(), "info") if isinstance(attributes, dict) else "info"
        )
        self._journal.add(
            LOG,
            "log",
            {"stream": "handler", "location": data.get("location") or "", "attributes": attributes},
            cause=record.id,
            turn=record.turn,
            run=record.run,
            level=level,
            message=str(data.get("message", "")),
        )

    def _enqueue(
        self, kind: ItemKind, record: Record, run: Run | None, protected: bool, text: str = "", loop: bool = False
    ) -> Item | None:
        if run is not None and run.interrupted and not protected:
            self._notice(
                record, "caller_speaks", f"{record.event} was dropped: the caller had cut this run.", level="info"
            )
            return None
        return self._speaking.enqueue(
            kind, out=record.id, run=record.run, turn=record.turn, protected=protected, text=text, loop=loop
        )

    def _notice(self, record: Record, code: str, sentence: str, level: Level = "warning") -> None:
        self._journal.add(
            NOTICE,
            code,
            {"out": record.id},
            cause=record.id,
            turn=record.turn,
            run=record.run,
            level=level,
            message=sentence,
        )
