"""StartRecordingEvent and StopRecordingEvent: a stereo file of the call, and word of it to the agent's URL."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from studio import paths
from studio.audio.files import AudioFileError
from studio.runtime.callbacks import Callbacks
from studio.runtime.clock import SessionClock, samples_at
from studio.runtime.effects.effect import Emission, note
from studio.runtime.journal import Journal
from studio.runtime.plan import Channel
from studio.runtime.playout import FADE_SAMPLES
from studio.runtime.speaking import Speaking
from studio.runtime.stereo import LineRecorder
from studio.runtime.web import host_of
from studio.sessions.profile import call_recording_name, stem
from studio.sessions.records import AGENT_RATE, EFFECT, NOTICE, NS, Record

_LINES_COME_S = 0.25
"""How much later than it was spoken the caller's sound may still be on its way from a device."""


@dataclass(frozen=True, slots=True)
class _Active:
    """A recording that runs."""

    id: str
    started: Record
    recorder: LineRecorder
    began: int
    """Session time in ns."""
    callback_url: str


class CallRecording:
    """Records the call into files beside the session's, one at a time, on the phone channel only."""

    wires = ("start_recording", "stop_recording")

    def __init__(
        self,
        journal: Journal,
        clock: SessionClock,
        speaking: Speaking,
        callbacks: Callbacks,
        channel: Channel,
        session: str,
        hand_over: Callable[[], None],
    ) -> None:
        """`session` is the session's id. `hand_over` has both lines given to the journal's listeners, up to now."""
        self._journal = journal
        self._clock = clock
        self._speaking = speaking
        self._callbacks = callbacks
        self._channel = channel
        self._session = session
        self._hand_over = hand_over
        self._folder: Path | None = None
        self._name = session
        self._active: _Active | None = None
        self._finishing: set[asyncio.Task[None]] = set()
        self._in_order = asyncio.Lock()

    def keep_in(self, folder: Path) -> None:
        """Where the files go."""
        self._folder = folder

    def keep_beside(self, session_file: Path) -> None:
        """The files go beside the session's, and are named after it; not where a folder was named before."""
        if self._folder is None:
            self._folder, self._name = session_file.parent, stem(session_file)

    def happen(self, emission: Emission) -> None:
        """Begin or end a recording."""
        record = emission.record
        if self._channel != "phone":
            sentence = f"{record.event} works on the phone channel only: choose Phone and run again to try it."
            note(self._journal, emission, "recording_on_web", sentence, level="error")
        elif record.data["name"] == "start_recording":
            self._start(emission)
        elif self._active:
            self._stop(record, self._journal.now())
        else:
            sentence = "StopRecordingEvent has no effect: nothing is being recorded."
            note(self._journal, emission, "not_recording", sentence)

    async def end(self) -> None:
        """The call is over: complete what is recorded, and have it told. Waits for the callbacks' grace at most."""
        if self._active:
            self._stop(self._active.started, self._journal.now() + FADE_SAMPLES * NS // AGENT_RATE)
        if self._finishing:
            await asyncio.gather(*self._finishing)
        await self._callbacks.settle()

    def _start(self, emission: Emission) -> None:
        if self._active:
            sentence = "StartRecordingEvent has no effect: the call is being recorded already."
            note(self._journal, emission, "recording_already", sentence)
            return
        url = self._callback_url(emission)
        id = self._journal.new_id("rec")
        try:
            file = self._free_file(id)
            recorder = LineRecorder(
                self._journal, self._speaking, self._hand_over, file, lambda problem: self._failed(id, problem)
            )
        except (AudioFileError, OSError) as error:
            sentence = f"The call is not recorded: {error}"
            note(self._journal, emission, "recording_failed", sentence, level="error")
            return
        began = recorder.start * NS // AGENT_RATE
        record = emission.record
        self._active = _Active(id, record, recorder, began, url)
        facts = {"from_sample": self._sample_at(recorder.start), "callback": bool(url)}
        self._note(id, record, began, "recording_started", facts)
        if url:
            self._callbacks.announce(url, record, id)

    def _stop(self, by: Record, end: int) -> None:
        active, self._active = self._active, None
        if active:
            active.recorder.end_at(end)
            task = asyncio.create_task(self._finish(active, by, end))
            self._finishing.add(task)
            task.add_done_callback(self._finishing.discard)

    async def _finish(self, active: _Active, by: Record, end: int) -> None:
        await asyncio.sleep(_LINES_COME_S)
        async with self._in_order:  # however long each file takes
            await self._complete(active, by, end)

    async def _complete(self, active: _Active, by: Record, end: int) -> None:
        self._hand_over()
        last = self._sample_at(samples_at(end, AGENT_RATE))
        frames = await asyncio.wrap_future(active.recorder.finish(end))
        lost = active.recorder.lost
        facts = {"seconds": round(frames / AGENT_RATE, 6), "to_sample": last, **({"lost": True} if lost else {})}
        self._note(active.id, by, end, "recording_ended", facts)
        if not lost:
            self._note(active.id, by, end, "recording_file", {"file": str(active.recorder.path)}, host=True)
        if active.callback_url:
            failed = bool(active.recorder.problem)
            body = self._body(active, end, frames, failed)
            self._callbacks.post(active.callback_url, body, active.started, active.id)

    def _body(self, active: _Active, end: int, frames: int, failed: bool) -> dict[str, Any]:
        """What is posted: the names that telephony platforms use."""
        return {
            "CallSid": self._session,
            "RecordingSid": active.id,
            "RecordingStatus": "failed" if failed else "completed",
            "RecordingUrl": "" if active.recorder.lost else active.recorder.path.resolve().as_uri(),
            "RecordingDuration": round(frames / AGENT_RATE, 3),
            "RecordingChannels": 2,
            "RecordingStartTime": self._wall(active.began),
            "RecordingEndTime": self._wall(end),
        }

    def _wall(self, ns: int) -> str:
        moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=(self._clock.wall_ns + ns) // 1000)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _note(self, id: str, by: Record, at: int, event: str, facts: dict[str, Any], *, host: bool = False) -> None:
        self._journal.add(EFFECT, event, facts, at=at, id=id, cause=by.id, turn=by.turn, run=by.run, host=host)

    def _sample_at(self, frame: int) -> int:
        """The sample of the agent line at a frame of the timeline that is near."""
        return self._speaking.playout.position + frame - samples_at(self._journal.now(), AGENT_RATE)

    def _callback_url(self, emission: Emission) -> str:
        url = emission.data.get("status_callback_url")
        if url is None or url == "":
            return ""
        if isinstance(url, str) and host_of(url):
            return url
        sentence = (
            f"status_callback_url is an http or https address, not {url!r}: the call is recorded, nobody is told."
        )
        note(self._journal, emission, "bad_callback_url", sentence, level="error")
        return ""

    def _free_file(self, id: str) -> Path:
        """A name that nobody has. Raises OSError."""
        folder = self._folder or paths.state_dir() / "recordings"
        folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            file = folder / call_recording_name(self._name, id if number == 1 else f"{id}-{number}")
            try:
                file.touch(exist_ok=False)
            except FileExistsError:
                number += 1
            else:
                return file

    def _failed(self, id: str, problem: str) -> None:
        going_on = self._active is not None and self._active.id == id
        sentence = f"{problem} The call goes on without its recording." if going_on else problem
        self._journal.add(NOTICE, "recording_failed", {"recording": id}, level="error", message=sentence, host=True)
