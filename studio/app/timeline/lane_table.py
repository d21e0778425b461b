"""Which lanes the timeline has, in their order from the top."""

from dataclasses import dataclass
from typing import Literal

from studio.sessions.records import AUDIO_AGENT, AUDIO_CALLER

Kind = Literal["wave", "curve", "words", "spans"]


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane: its title, the colour that says who, how it is drawn, and how high it is in px.

    One that is `seldom` needed appears only in sessions that put something on it.
    """

    key: str
    title: str
    token: str
    kind: Kind
    height: int
    least: int
    topic: str = ""
    seldom: bool = False


LANES = (
    Lane("caller", "Caller", "caller", "wave", 70, 36, AUDIO_CALLER),
    Lane("voice", "Voice activity", "voice", "curve", 44, 28),
    Lane("words", "Recognised", "caller", "words", 30, 26),
    Lane("recogniser", "Recogniser", "caller", "spans", 28, 26, seldom=True),
    Lane("turn", "Turn", "turn", "spans", 26, 26),
    Lane("held", "Held", "caller", "spans", 28, 26, seldom=True),
    Lane("in", "Events in", "caller", "spans", 30, 26),
    Lane("handler", "Handler", "handler", "spans", 30, 26),
    Lane("model", "Model", "handler", "spans", 30, 26, seldom=True),
    Lane("out", "Events out", "agent", "spans", 30, 26),
    Lane("said", "Said", "agent", "spans", 30, 26),
    Lane("speech", "Speech", "speech", "spans", 30, 26),
    Lane("agent", "Agent", "agent", "wave", 70, 36, AUDIO_AGENT),
    Lane("background", "Background", "agent", "spans", 28, 26, seldom=True),
    Lane("recording", "Recording", "turn", "spans", 28, 26, seldom=True),
    Lane("notices", "Notices", "warning", "spans", 28, 26, seldom=True),
    Lane("log", "Log", "turn", "spans", 28, 26),
    Lane("engine", "Session", "turn", "spans", 28, 26),
)
BY_KEY = {lane.key: lane for lane in LANES}
EVERYTHING = tuple(lane.key for lane in LANES)
CONVERSATION = tuple(key for key in EVERYTHING if key not in ("log", "engine"))

#: The order in which lanes give up their height when there is too little.
FOLD_ORDER = (
    "engine",
    "log",
    "recording",
    "background",
    "recogniser",
    "speech",
    "words",
    "turn",
    "notices",
    "voice",
    "model",
    "held",
    "handler",
    "in",
    "out",
    "said",
    "agent",
    "caller",
)
