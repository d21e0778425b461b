"""The one call of an engine: from its start to its recording."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from studio import paths
from studio.agents.project import Project
from studio.audio.sinks import NullSink
from studio.engine.collector import Collector
from studio.engine.connection import CommandError
from studio.engine.recent import RecentRecords
from studio.engine.sound import Sound
from studio.runtime.assembly import Parts, assemble, environment_of, give_ear, read_project, settings_of, warm_voice
from studio.runtime.plan import Channel, PlanError, SessionPlan
from studio.runtime.recording import record_session
from studio.runtime.replay import caller_of_file
from studio.runtime.scenario import ScriptedCaller, script_steps
from studio.runtime.session import GIVEN_EVENTS, Session
from studio.sessions.library import Library
from studio.sessions.recorder import Recorder
from studio.sessions.records import AudioBlock, Record

Show = Callable[..., None]
"""`show(kind, ...)`: a display item for the window."""

End = Literal["device", "none"]

_STATE_S = 0.1
_log = logging.getLogger(__name__)


class Calls:
    """Starts a session, feeds the window, records, and cleans up whatever happens."""

    def __init__(self, parts: Parts, sound: Sound, library: Library, show: Show, collector: Collector) -> None:
        self._parts = parts
        self._library = library
        self._show = show
        self._collector = collector
        self._loop = asyncio.get_running_loop()
        self._running: asyncio.Task[None] | None = None
        self._preparing = False
        self._records = RecentRecords()
        self._recorder: Recorder | None = None
        self._banner = ""
        self._hung = ""
        """What the banner says while the agent's loop is blocked."""
        self._devices = (False, False)
        self._recovered = 0
        self.session: Session | None = None
        """The session that runs, else the last one."""
        self.sound = sound
        sound.on_lost = self._device_lost
        self.keep = True
        self._kept = False  # of the session under way, whatever `keep` says of the next one
        self._stopped = False
        """Whether its recording has stopped before its end."""
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
        channel: Channel | None = None,
        again: str | None = None,
        inputs: list[Any] | None = None,
        settings: dict[str, Any] | None = None,
        variables: dict[str, str] | None = None,
        data: dict[str, Any] | None = None,
        nearby: list[str] | None = None,
        environment: str | None = None,
        source: End = "device",
        sink: End = "device",
    ) -> dict[str, Any]:
        """The command `start_session`."""
        if self._running or self._preparing:
            raise CommandError("A call is on already. Stop it first.")
        self._preparing = True
        try:
            plan = SessionPlan(
                project=Path(project),
                channel=channel or "web",
                variables=variables or {},
                data=data or {},
                given=settings or {},
                nearby=[Path(path) for path in nearby or ()],
                script=await asyncio.to_thread(script_steps, inputs, Path(project), "the inputs")
                if inputs is not None
                else None,
            )
            if again:
                plan = (await asyncio.to_thread(caller_of_file, Path(again))).calls(plan, channel)
            opened = await asyncio.to_thread(read_project, plan)
            await asyncio.to_thread(self._parts.accounts.credentials.ready)
            played = environment_of(opened, environment)
            chosen = settings_of(opened, plan.given, played)
            plan = replace(plan, project=opened.path, environment=played, settings=chosen)
        except PlanError as error:
            raise CommandError(str(error)) from None
        finally:
            self._preparing = False
        session = self.session = assemble(plan, opened, self._parts, NullSink())
        self._banner = ""
        self._records.clear()
        self._devices = (source == "device" and plan.script is None, sink == "device")
        session.journal.subscribe(self._on_record, self._on_audio, self._on_vad)
        session.on_state = self._tell
        self._running = asyncio.create_task(self._run(session, opened))
        self._kept = self._stopped = False
        if self.keep:
            self._record(session, opened)
            self._kept = self._recorder is not None
        self._tell()
        return {"session": session.id, "path": str(self._recorder.path) if self._recorder else ""}

    def stop(self, force: bool = False) -> None:
        """The command `stop_session`."""
        if self._running and self.session:
            self.session.stop(force)

    def say(self, text: str) -> None:
        """The command `say`."""
        self._listening().say(text)

    def dtmf(self, digits: str) -> None:
        """The command `dtmf`."""
        self._listening().dtmf(digits)

    def give(self, event: str, data: dict[str, Any] | None = None) -> None:
        """The command `give`: an event that does not come from the caller."""
        if event not in GIVEN_EVENTS:
            raise CommandError(f"These events can be given: {', '.join(GIVEN_EVENTS)}; not {event}.")
        self._listening().give(event, data or {})

    def correct(self, record: str, text: str) -> None:
        """The command `correct`."""
        self._listening().correct(record, text)

    def talk(self, on: bool) -> None:
        """The command `talk`."""
        self._need().talk(on)

    def mute(self, on: bool) -> None:
        """The command `mute`; holds for later sessions too."""
        self.sound.mute(on)
        if self._running and self.session:
            self.session.mute(on)

    def set(self, name: str, value: Any) -> None:
        """The command `set`."""
        try:
            self._need().set(name, value)
        except ValueError as error:
            raise CommandError(str(error)) from None

    def fail(self, fault: str) -> None:
        """The command `fail`."""
        try:
            self._need().fail(fault)
        except ValueError as error:
            raise CommandError(str(error)) from None

    def keep_sessions(self, on: bool, limit_bytes: Annotated[int, Ge(0)]) -> None:
        """The command `keep`."""
        self.keep, self.limit_bytes = on, limit_bytes

    async def use_devices(self, input: str | None = None, output: str | None = None) -> dict[str, Any]:
        """The command `use_devices`; a running session goes on with them."""
        self.sound.choose(input, output)
        described = await self.sound.devices()
        session = self.session
        if session and self._running and session.state in ("starting", "running"):
            await self._attach(session)
            session.devices_changed(described)
        return described

    def records(self, session: str, first: Annotated[int, Ge(1)]) -> dict[str, Any]:
        """The command `range`: records by their `seq`, for a window that missed some."""
        if self.session is None or self.session.id != session:
            return {"rows": [], "next": None}
        return self._records.page(first)

    def library_changed(self, recovered: int) -> None:
        """So many sessions that a crash cut short have been repaired: the list of sessions is another."""
        self._recovered += recovered
        self._tell()

    async def end_all(self) -> None:
        """The engine leaves: end the session as a person would, and wait for its file."""
        if self._running:
            self.stop()
            await asyncio.wait({self._running})

    def _need(self) -> Session:
        """The session that runs. Raises CommandError."""
        if not self._running or self.session is None or self.session.state not in ("starting", "running"):
            raise CommandError("No call is on. Run the agent first.")
        return self.session

    def _listening(self) -> Session:
        """The session, once it takes what a caller says. Raises CommandError."""
        session = self._need()
        if session.state == "starting":
            raise CommandError("The agent is still starting. Try again in a moment.")
        return session

    def _record(self, session: Session, project: Project) -> None:
        """Record the session; what cannot be recorded is said, and goes on."""
        folder = paths.sessions_dir()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._recorder = record_session(session, project, folder, self._recording_stopped)
        except OSError as error:
            self._say_banner(f"This session is not recorded: {folder} cannot be written ({error.strerror or error}).")

    # ---- one session

    async def _run(self, session: Session, project: Project) -> None:
        warming = warm_voice(session, project, self._parts.speech)
        beside = (self._tell_state(session), self._prepare(session, project), warming)
        helpers = [asyncio.create_task(work) for work in beside]
        if session.plan.script is not None:
            caller = ScriptedCaller(session, session.clock, session.plan.script, session.plan.user_silence_s)
            helpers.append(asyncio.create_task(caller.run()))
        reason = "engine_error"
        self._collector.pause()
        try:
            reason = (await session.run()).reason
        except Exception:
            _log.exception("the session failed")
            session.notice("engine_error", "The studio itself failed; its log says where.", level="error")
        finally:
            for helper in helpers:
                helper.cancel()
            for outcome in await asyncio.gather(*helpers, return_exceptions=True):
                if isinstance(outcome, Exception):
                    _log.error("beside the session something failed", exc_info=outcome)
            self.sound.release()
            await self._finish_recording(reason)
            self._running = None
            self._tell()
            self._collector.resume()
            self.on_idle()

    async def _prepare(self, session: Session, project: Project) -> None:
        """Sound and ear, while the child starts: the greeting waits for neither."""
        script = session.plan.script
        try:
            await self._attach(session)
            if self.sound.muted:
                session.mute(True)
            if script is None or any(step.hear is not None for step in script):
                await give_ear(session, self._parts.ears)
        except Exception as error:
            _log.exception("sound could not be set up")
            self._say_banner(f"Sound could not be set up ({error}). Typed input goes on.")

    async def _attach(self, session: Session) -> None:
        microphone, speaker = self._devices
        if microphone or speaker:
            self._say_banner(await self.sound.attach(session, microphone=microphone, speaker=speaker))

    async def _finish_recording(self, reason: str) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        try:
            recording = await asyncio.to_thread(recorder.finish, reason)
            _, sentence = await asyncio.to_thread(self._library.prune, self.limit_bytes)
            self._banner = recording.problem or sentence or self._banner
        except Exception:
            _log.exception("the recording could not be finished")
            self._banner = "The recording could not be finished; it is repaired when the studio starts again."

    def _recording_stopped(self, sentence: str) -> None:
        """Called on the recorder's thread."""

        def say() -> None:
            self._kept = False
            self._stopped = True
            self._say_banner(sentence, "recording_stopped")

        self._loop.call_soon_threadsafe(say)

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
        if record.event == "agent_blocked":
            self._banner = self._hung = f"{record.message} Stop ends the call at once."
            self._tell()
        elif record.event == "handler_ended" and self._hung and self._banner == self._hung:
            self._banner = self._hung = ""
            self._tell()
        elif record.event == "turn_closed":
            self._loop.call_soon(self._collector.between_turns)  # nothing waits for this record but who listens to it
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
        self._records.add(item)
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

    def _say_banner(self, sentence: str, code: str = "sound") -> None:
        self._banner = sentence
        if sentence and self.session and self.session.state in ("starting", "running"):
            self.session.notice(code, sentence)
        self._tell()

    async def _tell_state(self, session: Session) -> None:
        """What changes by itself, ten times a second."""
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
            "channel": session.plan.channel if session else "",
            "banner": self._banner,
            "recovered": self._recovered,
            "kept": self._kept if session else self.keep,
            "recording_stopped": bool(session) and self._stopped,
            "countdown_ms": session.listening.waiting_ms if session and session.listening else None,
            "endpointing_ms": _end_of_turn_ms(session) if session else 0,
            **self.sound.facts(),
        }

    def _tell(self) -> None:
        self._show("state", self.state())


def _end_of_turn_ms(session: Session) -> int:
    return session.listening.end_of_turn_ms if session.listening else session.settings.end_of_turn_ms
