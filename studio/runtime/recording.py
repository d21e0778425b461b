"""Writes a session to files while it runs."""

import platform
from collections.abc import Callable
from pathlib import Path

import numpy as np

from studio import __version__
from studio.agents.project import Project
from studio.runtime.session import Session
from studio.sessions.profile import SessionMeta
from studio.sessions.recorder import Recorder
from studio.sessions.records import AGENT_RATE, AUDIO_AGENT, AUDIO_CALLER, CALLER_RATE, AudioBlock


def record_session(session: Session, project: Project, where: Path, on_problem: Callable[[str], None]) -> Recorder:
    """Record a session from here on; `where` is a file (`.mcap`) or a folder. Finish with `Recorder.finish`."""
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
    return recorder


class StereoFile:
    """Both lines of a session as one WAV at 24 kHz: the caller left, the agent right, sample-true to the timeline."""

    def __init__(self, session: Session, path: Path) -> None:
        self._path = path
        self._lines: dict[str, list[AudioBlock]] = {AUDIO_CALLER: [], AUDIO_AGENT: []}
        session.journal.subscribe(on_audio=self._take)

    def _take(self, block: AudioBlock) -> None:
        if block.topic in self._lines:
            self._lines[block.topic].append(block)

    def finish(self) -> None:
        """Write the file. Raises OSError."""
        import soundfile

        from studio.audio.resample import convert

        caller = convert(_joined(self._lines[AUDIO_CALLER]), CALLER_RATE, AGENT_RATE)
        agent = _joined(self._lines[AUDIO_AGENT])
        stereo = np.zeros((max(len(caller), len(agent)), 2), np.int16)
        stereo[: len(caller), 0] = caller
        stereo[: len(agent), 1] = agent
        soundfile.write(str(self._path), stereo, AGENT_RATE, format="WAV")


def _joined(blocks: list[AudioBlock]) -> "np.ndarray":
    length = max((block.first_sample + block.frames for block in blocks), default=0)
    line = np.zeros(length, np.int16)
    for block in blocks:
        line[block.first_sample : block.first_sample + block.frames] = np.frombuffer(block.pcm, "<i2")
    return line
