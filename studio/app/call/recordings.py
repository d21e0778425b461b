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
        self._untold: dict[str, bool] = {}
        self.asked_host = ""
        """The host that the agent wants to be told; empty while nobody has to decide."""

    @property
    def newest(self) -> CallRecording | None:
        """The recording that runs, else the last one."""
        return self.all[-1] if self.all else None

    @property
    def waits_for(self) -> str:
        """What the end of the call still waits for, as a sentence; "" for nothing."""
        if any(self._untold.values()):
            return "The recording's callback is tried again; End now gives it up."
        return "The recording's callback has not been answered yet; End now gives it up." if self._untold else ""

    def apply(self, record: Record) -> None:
        """Take the next record."""
        if record.topic == NOTICE and record.event == "callback_asked":
            self.asked_host = str(record.data.get("host", ""))
        elif record.topic == NOTICE and record.event in ("callback_held", "callback_unsent"):
            self._untold.pop(str(record.data.get("recording")), None)
        elif record.topic == EFFECT and record.event == "callback_sent":
            self._untold.pop(record.id, None)
        elif record.topic == EFFECT and record.event == "callback_failed":
            self._untold[record.id] = True
        elif record.topic != EFFECT:
            return
        elif record.event == "recording_started":
            self.all.append(CallRecording(record.id, record.publish_time))
            if record.data.get("callback"):
                self._untold[record.id] = False
        elif record.event in ("recording_ended", "recording_file"):
            for recording in self.all:
                if recording.id == record.id:
                    recording.ended = record.publish_time
                    if record.event == "recording_file":
                        recording.file = Path(str(record.data.get("file", "")))
