"""The one call of an engine: from its start to its recording."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio import paths
from studio.agents.project import Project
from studio.audio.sinks import NullSink
from studio.engine.collector import Collector
from studio.engine.connection import CommandError
from studio.engine.sound import Sound
from studio.runtime.assembly import Parts, assemble, give_ear, read_project, settings_of
from studio.runtime.plan import PlanError, SessionPlan
from studio.runtime.recording import record_session
from studio.runtime.scenario import ScriptedCaller, script_steps
from studio.runtime.session import Session
from studio.sessions.library import Library
from studio.sessions.recorder import Recorder
from studio.sessions.records import AudioBlock, Record

Show = Callable[..., None]
"""`show(kind, ...)`: a display item for the window."""

_MOST_RECORDS = 200_000
_STATE_S = 0.1
_log = logging.getLogger(__name__)


class Calls:
    """Starts a session, feeds the window, records, and cleans up whatever happens."""

    def __init__(self, parts: Parts, library: Library, show: Show, collector: Collector) -> None:
        self._parts = parts
        self._library = library
        self._show = show
        self._collector = collector
        self._running: asyncio.Task[None] | None = None
        self._records: deque[list[Any]] = deque(maxlen=_MOST_RECORDS)
        self._recorder: Recorder | None = None
        self._banner = ""
        self.session: Session | None = None
        self.sound = Sound(self._device_lost, lambda input, output: show("meter", input, output))
        self.keep = True
        """Whether sessions are recorded."""
        self.limit_bytes = 4 * 2**30
        """How much the recordings may take together."""
        self.on_idle: Callable[[], None] = lambda: None

    @property
    def busy(self) -> bool:
        """Whether a session is under way."""
        return self._running is not None

    async def start(
        self,
        project: str,
        channel: str = "web",
        again: str | None = None,
        inputs: list[Any] | None = None,
        settings: dict[str, Any] | None = None,
        variables: dict[str, str] | None = None,
        data: dict[str, Any] | None = None,
        source: str = "device",
        sink: str = "device",
    ) -> dict[str, Any]:
        """The command `start_session`."""
        if self._running:
            raise CommandError("A call is on already. Stop it first.")
        if channel not in ("web", "phone"):
            raise CommandError(f"A channel is web or phone, not {channel!r}.")
        try:
            steps = None
            if again:
                from studio.runtime.replay import steps_of_file

                steps = await asyncio.to_thread(steps_of_file, Path(again))
            elif inputs is not None:
                steps = script_steps(inputs, Path(project), "the inputs")
            plan = SessionPlan(
                project=Path(project), channel=channel, variables=variables or {}, data=data or {}, script=steps
            )
            opened = await asyncio.to_thread(read_project, plan)
            plan = SessionPlan(
                project=opened.path,
                channel=channel,
                settings=settings_of(opened, settings or {}),
                variables=plan.variables,
                data=plan.data,
                script=steps,
            )
        except PlanError as error:
            raise CommandError(str(error)) from None
        session = assemble(plan, opened, self._parts, NullSink())
        self.session = session
        self._banner = ""
        self._records.clear()
        session.journal.subscribe(self._on_record, self._on_audio, self._on_vad)
        if self.keep:
            folder = paths.sessions_dir()
            folder.mkdir(parents=True, exist_ok=True)
            self._recorder = record_session(session, opened, folder, self._recording_stopped)
        self._running = asyncio.create_task(self._run(session, opened, source == "device", sink == "device"))
        return {"session": session.id, "path": str(self._recorder.path) if self._recorder else ""}

    def stop(self, force: bool) -> None:
        """The command `stop_session`."""
        if self.session:
            self.session.stop(force)

    def need(self) -> Session:
        """The session that runs. Raises CommandError."""
        if self.session is None or self.session.state not in ("starting", "running"):
            raise CommandError("No call is on. Run the agent first.")
        return self.session

    def use_devices(self, input: str | None, output: str | None) -> dict[str, Any]:
        """The command `use_devices`; a running session goes on with them."""
        self.sound.choose(input, output)
        if self.session and self.session.state == "running":
            self._say_banner(self.sound.attach(self.session))
            self.session.devices_changed(self.sound.describe())
        return self.sound.describe()

    def records(self, session: str, first: int, last: int) -> list[list[Any]]:
        """Record items by their `seq`, for a window that missed some."""
        if self.session is None or self.session.id != session:
            return []
        return [item for item in self._records if first <= item[1] <= last]

    async def end_all(self) -> None:
        """The engine leaves: end the session as a person would, and wait for its file."""
        if self._running:
            self.stop(force=False)
            await asyncio.wait({self._running})

    # ---- one session

    async def _run(self, session: Session, project: Project, devices: bool, speaker: bool) -> None:
        caller: asyncio.Task[None] | None = None
        states = asyncio.create_task(self._tell_state(session))
        reason = "engine_error"
        try:
            self._collector.pause()
            prepare = asyncio.create_task(self._prepare(session, project, devices, speaker))
            if session.plan.script is not None:
                caller = asyncio.create_task(
                    ScriptedCaller(session, session.clock, session.plan.script, session.plan.user_silence_s).run()
                )
            outcome = await session.run()
            reason = outcome.reason
            prepare.cancel()
            await asyncio.gather(prepare, return_exceptions=True)
        except Exception:
            _log.exception("the session failed")
            session.notice("engine_error", "The studio itself failed; its log says where.", level="error")
        finally:
            for task in (states, caller):
                if task:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)
            self.sound.release()
            await self._finish_recording(reason)
            self._running = None
            self._tell()
            self._collector.resume()
            self.on_idle()

    async def _prepare(self, session: Session, project: Project, devices: bool, speaker: bool) -> None:
        """Sound and ear, while the child starts: the greeting waits for neither."""
        try:
            live = session.plan.script is None
            if devices and (live or speaker):
                self._say_banner(self.sound.attach(session) if live else self.sound.attach_speaker(session))
            if live or any(step.hear is not None for step in session.plan.script or ()):
                await give_ear(session, self._parts.ears, project)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            _log.exception("sound could not be set up")
            self._say_banner(f"Sound could not be set up ({error}). Typed input goes on.")

    async def _finish_recording(self, reason: str) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        recording = await asyncio.to_thread(recorder.finish, reason)
        if recording.problem:
            self._say_banner(recording.problem)
        await asyncio.to_thread(self._library.prune, self.limit_bytes)

    def _recording_stopped(self, sentence: str) -> None:
        """Called on the recorder's thread."""
        asyncio.run_coroutine_threadsafe(self._banner_later(sentence), self._loop)

    async def _banner_later(self, sentence: str) -> None:
        self._say_banner(sentence)

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        assert self._running is not None  # recording goes on only while a session runs
        return self._running.get_loop()

    def _device_lost(self, sentence: str) -> None:
        """A device went away: the session goes on without it."""
        session = self.session
        if session and session.state == "running":
            session.notice("device_lost", sentence)
            if self.sound.speaker is None or "speaker" in sentence:
                session.use_sink(NullSink())
        self._say_banner(sentence)

    # ---- what the window is told

    def _on_record(self, record: Record) -> None:
        session = self.session
        item = [
            session.id if session else "",
            record.seq,
            record.log_time,
            record.publish_time,
            record.topic,
            record.event,
            record.data,
            record.id,
            record.cause,
            record.turn,
            record.run,
            record.level,
            record.message,
            record.host,
        ]
        self._records.append(item)
        self._show("record", *item)

    def _on_audio(self, block: AudioBlock) -> None:
        session = self.session.id if self.session else ""
        self._show(
            "audio",
            session,
            block.topic,
            block.log_time,
            block.publish_time,
            block.first_sample,
            block.rate,
            block.pcm,
            block.id,
        )

    def _on_vad(self, first_sample: int, probabilities: NDArray[np.float32]) -> None:
        session = self.session.id if self.session else ""
        self._show("vad", session, first_sample, 512, [round(float(p), 3) for p in probabilities])

    def _say_banner(self, sentence: str) -> None:
        self._banner = sentence
        if sentence and self.session and self.session.state in ("starting", "running"):
            self.session.notice("sound", sentence)
        self._tell()

    async def _tell_state(self, session: Session) -> None:
        """Phase at once when it changes, the rest ten times a second."""
        told: dict[str, Any] = {}
        while True:
            now = self.state()
            if now != told:
                self._show("state", now)
                told = now
            await asyncio.sleep(_STATE_S)

    def state(self) -> dict[str, Any]:
        """The newest `state` item."""
        session = self.session if self._running else None
        phase = session.state if session else "idle"
        return {
            "session": "ending" if phase == "ended" else phase,
            "id": self.session.id if self.session else "",
            "path": str(self._recorder.path) if self._recorder else "",
            "banner": self._banner,
            "kept": self.keep,
            "countdown_ms": session.listening.waiting_ms if session and session.listening else None,
            "endpointing_ms": session.settings.stt_endpointing if session else 0,
            **self.sound.facts(),
        }

    def _tell(self) -> None:
        self._show("state", self.state())
