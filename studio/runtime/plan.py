"""What a session is to be, decided before it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from studio.agents.session_settings import SessionSettings
from studio.audio.streams import Samples

Channel = Literal["web", "phone"]


class PlanError(Exception):
    """The session cannot be as asked; `str()` is one plain sentence: what, where, what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the scripted caller does.

    It waits for the agent's turn to close and then `after` seconds; with `after_speech_start` it waits instead for the
    agent's next line to sound and then that many seconds. Exactly one of the others is set; none of them: it only waits.
    """

    say: str = ""
    hear: Samples | None = None
    """Caller samples, 16 kHz mono int16."""
    dtmf: str = ""
    event: str = ""
    """Wire name of an event that does not come from the caller (external_event, voicemail_detection, ...)."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Its payload."""
    hang_up: bool = False
    fail: str = ""
    """A fault of `studio.providers.faults` to set."""
    after: float = 0.0
    after_speech_start: float | None = None
    paced: bool = False
    """It comes as the platform's debugger sends the lines of a script: see `studio.runtime.pacing`."""
    line: int = 1
    """Which line of the agent `after_speech_start` waits for, counted from the beginning of the step before; 0: none."""


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """All that `studio.runtime.assembly.assemble` needs."""

    project: Path
    channel: Channel = "web"
    environment: str = ""
    """Which environment of the project's deployment it plays in; "" for none."""
    settings: SessionSettings = field(default_factory=SessionSettings)
    variables: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    input_data: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    """Those of the settings that were chosen for this session alone."""
    again: str = ""
    """The recorded session whose caller is heard again, by its id."""
    agents: Mapping[str, Path] = field(default_factory=dict)
    """Agents by id that a transfer may name."""
    nearby: Sequence[Path] = ()
    """Projects that are open or were lately: a transfer may name one of them too."""
    script: Sequence[Step] | None = None
    """What a scripted caller does; None where a person talks."""
    virtual: bool = False
    seed: int = 0
    limit_s: float | None = None
    """Session seconds after which it ends."""
    user_silence_s: float = 0.0
    """How long a scripted caller stays on the line after the last step."""
    kill_hung_s: float | None = None
    """Wall seconds after which a live run that gives no sign is killed; None where a person decides."""
    grace_s: float = 30.0
    """How long the handler has for its last StopEvent."""
    allow_network: bool = False
    """Whether a session in virtual time may reach other hosts; it is not reproducible then."""
    call_recordings: Path | None = None
    """Folder for the files of StartRecordingEvent; None: beside the session file, else in the state folder."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session ended. `exit_code`: 0 well, 1 the agent failed."""

    reason: str
    exit_code: int
    sentence: str = ""
