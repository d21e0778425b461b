"""Writes a session to files while it runs."""

import platform
from collections.abc import Callable
from pathlib import Path

from studio import __version__
from studio.agents.project import Project
from studio.runtime.session import Session
from studio.sessions.profile import SessionMeta
from studio.sessions.recorder import Recorder


def record_session(session: Session, project: Project, where: Path, on_problem: Callable[[str], None]) -> Recorder:
    """Record a session from here on; `where` is a file (`.mcap`) or a folder. Finish with `Recorder.finish`.

    Raises SessionInUseError where another session is being recorded into that file.
    """
    plan = session.plan
    meta = SessionMeta(
        id=session.id,
        started=session.clock.wall_ns,
        agent=project.name,
        project="" if plan.virtual else str(project.root),
        channel=plan.channel,
        virtual=plan.virtual,
        session={} if plan.virtual else {"studio": __version__, "python": platform.python_version()},
        agent_facts={"digest": project.digest(), "entry": project.entry},
    )
    recorder = Recorder(where, meta, replace=where.suffix == ".mcap", on_problem=on_problem)
    session.journal.subscribe(recorder.on_record, recorder.on_audio, recorder.on_vad)
    session.call_recording.keep_beside(recorder.path)
    return recorder
