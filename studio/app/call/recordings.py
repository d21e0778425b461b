"""The recordings that an agent makes of its call, read from the session's records. Knows no widget."""

from dataclasses import dataclass
from pathlib import Path

from studio.sessions.records import EFFECT, NOTICE, Record


@dataclass(slots=True)
class CallRecording:
    """One recording. Times are session time in ns."""

    id: str
    started: int
    ended: int | None = None
    file: Path | None = None


class CallRecordings:
    """All recordings of a session, in order, and whether somebody has to say who may be told of them."""

    def __init__(self) -> None:
        self.all: list[CallRecording] = []
        self.asked_host = ""
        """The host that the agent wants to be told; empty while nobody has to decide."""

    @property
    def newest(self) -> CallRecording | None:
        """The recording that runs, else the last one."""
        return self.all[-1] if self.all else None

    def apply(self, record: Record) -> None:
        """Take the next record."""
        if record.topic == NOTICE and record.event == "callback_asked":
            self.asked_host = str(record.data.get("host", ""))
        elif record.topic != EFFECT:
            return
        elif record.event == "recording_started":
            self.all.append(CallRecording(record.id, record.publish_time))
        elif record.event in ("recording_ended", "recording_file"):
            for recording in self.all:
                if recording.id == record.id:
                    recording.ended = record.publish_time
                    if record.event == "recording_file":
                        recording.file = Path(str(record.data.get("file", "")))
