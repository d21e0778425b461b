"""A recording process that is killed loses less than a second, and leaves a file that opens."""

import random
import subprocess
import sys
from pathlib import Path

from studio.sessions.library import Library
from studio.sessions.records import AUDIO_CALLER, NS, Record
from studio.sessions.stored import StoredSession

KILLS = 5


def start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.sessions.killed_recorder", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def kill_at(process: subprocess.Popen[str], reached_ns: int) -> int:
    """Kill a recorder when it has reached that session time or more; returns the time it told last."""
    assert process.stdout is not None
    last = 0
    for line in process.stdout:
        last = int(line)
        if last >= reached_ns:
            break
    process.kill()
    rest = process.stdout.read().split("\n")[:-1]
    process.stdout.close()
    process.wait()
    return int(rest[-1]) if rest else last


def test_a_killed_recording_loses_less_than_a_second(tmp_path: Path) -> None:
    random_times = random.Random(7)
    folders = [tmp_path / str(n) for n in range(KILLS)]
    processes = [start(folder) for folder in folders]  # at the same time, so that the test waits once
    for folder, process in zip(folders, processes, strict=True):
        told = kill_at(process, int(random_times.uniform(0.6, 1.6) * NS))
        (part,) = folder.glob("*.mcap.part")
        unfinished = StoredSession(part)  # as a view would open it before the repair
        library = Library(folder)
        (report,) = library.recover_all()
        assert report.path is not None
        session = StoredSession(report.path)
        records = session.records()
        assert [record.data["n"] for record in records] == list(range(len(records)))
        assert list(unfinished.records()) == list[Record](records)[: unfinished.record_count]
        track = session.track(AUDIO_CALLER)
        assert track is not None
        for reached in (records[-1].log_time, track.time_of(track.frames)):
            assert told - reached < NS
        assert [row.state for row in library.rows()] == ["finished"]
