"""The record: the one shape of everything that happens in a session.

A session is a sequence of records and of audio blocks. Every view, file, export and command-line output is made from
them and from nothing else.

Time is integer nanoseconds since the session's start. A record has two: when the engine saw it (`log_time`) and when it
happened (`publish_time`, from sample positions where there is sound). Records are ordered by (`log_time`, `seq`).
Ids are counters of the session with a kind prefix (`in-1`, `out-4`, `run-2`, `say-3`), never uuids.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

NS = 1_000_000_000

CALLER_RATE = 16_000
"""Samples per second of the caller line (what the recogniser hears)."""
AGENT_RATE = 24_000
"""Samples per second of the agent line (what leaves for the speaker)."""

Level = Literal["info", "warning", "error"]

# Topics. The names are the channels of the session file.
EVENT_IN = "/event/in"
EVENT_OUT = "/event/out"
HANDLER = "/handler"
TURN = "/turn"
SPEECH = "/tts"
PLAY = "/play"
STT_PARTIAL = "/stt/partial"
STT_FINAL = "/stt/final"
LLM = "/llm"
TOOL = "/tool"
LOG = "/log"
NOTICE = "/notice"
SESSION = "/session"
EFFECT = "/effect"
GAP = "/gap"
VAD = "/vad"
CLOCK = "/clock"
METRIC = "/metric"

AUDIO_MIC = "/audio/mic"
"""The microphone before the echo canceller, at the device's rate; only where there is a microphone."""
AUDIO_CALLER = "/audio/mic_clean"
"""The caller line: what voice activity and recogniser heard. 16 kHz."""
AUDIO_SPEECH = "/audio/tts"
"""What a speech engine delivered, by utterance, converted to 24 kHz. Heard or not."""
AUDIO_AGENT = "/audio/playout"
"""The agent line: what was handed to the sink, silence included. 24 kHz."""

#: Topics whose content depends on the machine or is too dense to read: left out of `--json` and of comparisons.
DENSE = frozenset({VAD, CLOCK, METRIC})


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened.

    `event` says what (`TextEvent`, `handler_ended`, `speech_cut`, ...), `data` holds its facts as JSON values, `message`
    is a plain sentence where a person should read one. `host` marks what depends on the machine (pids, durations of
    CPU and wall time): it is left out of `--json` and of comparisons.

    Records of events (`/event/in`, `/event/out`) hold `{"name": wire name, "data": payload, ...}` in `data`; those of every
    other topic hold their own facts, named in the module that writes them.
    """

    seq: int
    log_time: int
    publish_time: int
    topic: str
    event: str
    data: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    cause: str = ""
    turn: int = 0
    run: str = ""
    level: Level = "info"
    message: str = ""
    host: bool = False

    @property
    def kind(self) -> Literal["input", "output", "engine"]:
        """What the record is to an agent's author."""
        return "input" if self.topic == EVENT_IN else "output" if self.topic == EVENT_OUT else "engine"


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """Consecutive mono int16 little-endian samples of one stream.

    `first_sample` counts from the start of the stream (for `/audio/tts`: of the utterance `id`); `publish_time` is the
    session time of that sample.
    """

    topic: str
    log_time: int
    publish_time: int
    first_sample: int
    rate: int
    pcm: bytes
    id: str = ""

    @property
    def frames(self) -> int:
        """How many samples the block holds."""
        return len(self.pcm) // 2


def as_json(record: Record) -> str:
    """The line of `--json`: canonical (sorted keys, six decimals of seconds), so that equal sessions give equal bytes.

    Input and output records keep the agent's view: `data` is the event's payload, `name` its wire name.
    """
    is_event = record.kind != "engine"
    row = {
        "data": record.data.get("data", {}) if is_event else record.data,
        "event": record.event,
        "kind": record.kind,
        "level": record.level,
        "message": record.message,
        "name": record.data.get("name", "") if is_event else record.topic.strip("/").replace("/", "."),
        "turn": record.turn,
    }
    seconds, rest = divmod(record.publish_time, NS)
    body = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f'{{"t":{seconds}.{rest // 1000:06d},{body[1:]}'
