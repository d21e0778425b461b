"""The views of a session and the ways between them: what is chosen in one is shown in the others."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.app.audio_view.audio_model import AudioModel
from studio.app.audio_view.audio_view import AudioView
from studio.app.call.model import CallModel, Shown
from studio.app.conversation.panel import ConversationPanel
from studio.app.inspector.inspector_model import InspectorModel
from studio.app.inspector.inspector_view import InspectorView
from studio.app.log.log_model import LogRows
from studio.app.log.log_view import LogView
from studio.app.observable import Changed
from studio.app.project.model import ProjectModel
from studio.app.sessions.model import SessionRow, SessionsModel
from studio.app.sessions.panel import SessionsPanel
from studio.app.tasks import Tasks
from studio.app.timeline.timeline_model import TimelineModel
from studio.app.timeline.timeline_view import TimelineView
from studio.app.widgets.follow import follow
from studio.sessions.stored import StoredSession

_READ_AT_ONCE = 500
"""So many records of a recorded session are read before the window gets a turn."""


class SessionViews:
    """Timeline, audio, conversation, inspector, log and the list of sessions, all over one `CallModel`."""

    def __init__(
        self,
        call: CallModel,
        project: ProjectModel,
        tasks: Tasks,
        show_line: Callable[[Path, int], None],
        run_again: Callable[[Path, str], None],
    ) -> None:
        self._call = call
        self._project = project
        self._tasks = tasks
        self._show_line = show_line
        self._opening: Path | None = None
        self.timeline_model = TimelineModel()
        self._audio_model = AudioModel(self.timeline_model)
        self._log_rows = LogRows()
        self._sessions_model = SessionsModel(call, tasks.spawn)
        audio = AudioView(self._audio_model)
        self.timeline = TimelineView(self.timeline_model, audio_view=audio, run_shortcut="F5")
        self._inspector_model = InspectorModel(self.timeline_model)
        self.inspector = InspectorView(self._inspector_model)
        self.log = LogView(self._log_rows)
        self.conversation = ConversationPanel(call)
        self.sessions = SessionsPanel(self._sessions_model)
        follow(self.timeline, call.shown_changed, self._show_session)
        follow(self.timeline, call.changed, self._show_countdown)
        audio.threshold_changed.connect(call.set_threshold)
        self.timeline.record_activated.connect(self._show_source_of)
        self.inspector.source_requested.connect(self._show_source)
        self.inspector.record_requested.connect(self._select)
        self.inspector.play_requested.connect(self._play)
        self.log.source_requested.connect(self._show_source)
        self.log.record_requested.connect(self._select)
        self.key_wanted = Changed()
        """Somebody wants to add the key that a record misses; gets the provider."""
        for asked in (self.conversation.lines.key_wanted, self.inspector.key_requested, self.log.key_wanted):
            asked.connect(self.key_wanted)
        self.conversation.chosen.connect(self.timeline_model.select_id)
        self.sessions.open_wanted.connect(self.open_session)
        self.sessions.again_wanted.connect(lambda row: run_again(row.path, row.agent))

    def refresh_sessions(self) -> None:
        """List the library's sessions anew."""
        self._sessions_model.refresh()

    async def take_in(self, file: Path) -> tuple[Path, list[str]]:
        """Import a session of VoiceRun's debugger; returns its file and what was left out. Raises the engine's error."""
        return await self._sessions_model.take_in(file)

    async def give_out(self, session: Path, out: Path) -> None:
        """Write a session as VoiceRun's debugger reads it. Raises the engine's error."""
        await self._sessions_model.give_out(session, out)

    def forget(self) -> None:
        """Show no session; one that is being opened is not shown either."""
        self._opening = None
        self._call.forget()

    def _show_session(self) -> None:
        data = self._call.shown.data if self._call.shown else None
        if data is not self.timeline_model.data:
            self.timeline_model.open(data)
            self._log_rows.open(data)

    def _show_countdown(self) -> None:
        self._audio_model.tell_countdown(self._call.countdown_ms)

    def _select(self, place: int) -> None:
        self.timeline_model.select(place, reveal=True)

    def _show_source(self, file: str, line: int) -> None:
        path = Path(file)
        if not path.is_absolute() and self._project.folder:
            path = self._project.folder / path
        self._show_line(path, line)

    def _show_source_of(self, place: int) -> None:
        source = self._inspector_model.source
        if source and source.file and place == self.timeline_model.selection:
            self._show_source(source.file, source.line)

    def _play(self, topic: str, start: int, end: int) -> None:
        data = self.timeline_model.data
        track = data.track(topic) if data else None
        if track is not None:
            samples = track.samples(track.sample_at(start), track.sample_at(end))
            self._call.order("play", pcm=samples.tobytes(), rate=track.rate)

    def open_session(self, row: SessionRow) -> None:
        """Show a recorded session; the one that is being recorded is the call that runs."""
        live = self._call.live
        if live is not None and live.path == row.path:
            self._call.show_live()
        else:
            self._tasks.spawn(self._open(row), "Opening the session")

    async def _open(self, row: SessionRow) -> None:
        self._opening = row.path
        try:
            answer: dict[str, Any] = await self._call.ask("open_session", path=str(row.path))
            shown = Shown(StoredSession(Path(str(answer["folder"]))), path=row.path, recorded=row.started)
            while not shown.complete:
                shown.read_on(_READ_AT_ONCE)
                await asyncio.sleep(0)
        except Exception as error:  # whatever the engine or the files say goes to the person as it is
            self._call.failed(str(error))
            return
        if self._opening == row.path:  # the person has not asked for another one in the meantime
            self._call.show(shown)
