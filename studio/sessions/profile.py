"""The layout `voice-studio/1` of a session file: its name, limits, schemas and what it says about itself.

A session file is an MCAP. Its metadata records are `studio.session`, `studio.agent` and `studio.end`; its channels are
the topics of `studio.sessions.records`. Times in it are epoch nanoseconds: the session's wall anchor plus session time.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.sessions.records import (
    AUDIO_AGENT,
    AUDIO_CALLER,
    AUDIO_MIC,
    AUDIO_SPEECH,
    EVENT_IN,
    EVENT_OUT,
    GAP,
    HANDLER,
    LLM,
    LOG,
    METRIC,
    NS,
    PLAY,
    SPEECH,
    TOOL,
    TURN,
    VAD,
)

PROFILE = "voice-studio/1"
LIBRARY = "voice-agent-studio"
FORMAT = 1

SESSION, AGENT, END = "studio.session", "studio.agent", "studio.end"

SUFFIX, PART_SUFFIX, INDEX_SUFFIX = ".mcap", ".mcap.part", ".index"

CHUNK_NS = NS // 2
CHUNK_BYTES = 256 * 1024
VAD_STEP = 512
"""Samples of the caller line per window of voice activity."""

AUDIO_TOPICS = frozenset({AUDIO_MIC, AUDIO_CALLER, AUDIO_SPEECH, AUDIO_AGENT})

VIRTUAL_ANCHOR = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * NS
"""The wall anchor of sessions in virtual time."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file kept inside the session file, such as the agent's source as it ran."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SessionMeta:
    """What is known of a session before its first record.

    `started` is the wall clock at session time 0, in epoch ns. `session` and `agent_facts` hold further names and values
    of the metadata records `studio.session` and `studio.agent` (versions, devices, settings, digests); never secrets.
    """

    id: str
    started: int
    agent: str = ""
    project: str = ""
    channel: str = "web"
    virtual: bool = False
    session: Mapping[str, str] = field(default_factory=dict)
    agent_facts: Mapping[str, str] = field(default_factory=dict)

    def file_name(self) -> str:
        """Sorts by time and tells sessions apart; holds only characters that every file system takes."""
        when = datetime.fromtimestamp(self.started // NS, UTC)
        plain = "".join(c for c in self.id if c.isascii() and (c.isalnum() or c in "-_"))[:40]
        return f"{when:%Y%m%dT%H%M%SZ}-{plain or 'session'}{SUFFIX}"

    def metadata(self) -> dict[str, dict[str, str]]:
        """The two metadata records that begin the file."""
        return {
            SESSION: {
                "format": str(FORMAT),
                "id": self.id,
                "started_ns": str(self.started),
                "agent": self.agent,
                "project": self.project,
                "channel": self.channel,
                "virtual": "true" if self.virtual else "false",
                **self.session,
            },
            AGENT: {"name": self.agent, **self.agent_facts},
        }

    @classmethod
    def of(cls, metadata: Mapping[str, Mapping[str, str]], first_time: int = 0, fallback_id: str = "") -> "SessionMeta":
        """Read from metadata records; foreign files get `first_time` (epoch ns) and `fallback_id`. Never raises."""
        session, agent = dict(metadata.get(SESSION, {})), dict(metadata.get(AGENT, {}))
        started = session.pop("started_ns", "")
        session.pop("format", None)
        return cls(
            id=session.pop("id", "") or fallback_id,
            started=int(started) if started.isascii() and started.isdigit() and len(started) < 20 else first_time,
            agent=session.pop("agent", "") or agent.get("name", ""),
            project=session.pop("project", ""),
            channel=session.pop("channel", "web"),
            virtual=session.pop("virtual", "") == "true",
            session=session,
            agent_facts={name: value for name, value in agent.items() if name != "name"},
        )


def index_folder(path: Path) -> Path:
    """The sidecar folder of a session file, finished or not (`x.mcap`, `x.mcap.part` -> `x.index`)."""
    return path.with_name(stem(path) + INDEX_SUFFIX)


def stem(path: Path) -> str:
    """A session file's name without `.mcap` or `.mcap.part`."""
    for suffix in (PART_SUFFIX, SUFFIX):
        if path.name.endswith(suffix):
            return path.name.removesuffix(suffix)
    return path.name


def call_recording_name(name: str, id: str) -> str:
    """The file name of a call recording: `name` is the session file's stem, `id` is `rec-N`."""
    return f"{name}.{id}.wav"


def call_recordings(path: Path) -> list[Path]:
    """The call recordings that lie beside a session file, finished or not. Raises OSError."""
    first = stem(path) + ".rec-"
    return sorted(file for file in path.parent.iterdir() if file.name.startswith(first) and file.suffix == ".wav")


def part_of(path: Path) -> Path:
    """The name under which a session file is written until it is finished."""
    return path.with_name(path.name + ".part")


@dataclass(frozen=True, slots=True)
class Schema:
    """How the messages of a channel are described to foreign readers."""

    name: str
    encoding: str
    message_encoding: str
    data: bytes


_NAMES = {
    EVENT_IN: "studio.Event",
    EVENT_OUT: "studio.Event",
    HANDLER: "studio.Span",
    SPEECH: "studio.Span",
    LLM: "studio.Span",
    TOOL: "studio.Span",
    PLAY: "studio.Play",
    TURN: "studio.Turn",
    LOG: "studio.Log",
    METRIC: "studio.Metric",
    GAP: "studio.Gap",
}


@functools.cache
def schema_of(topic: str) -> Schema:
    """The schema of a topic's messages."""
    if topic in AUDIO_TOPICS:
        return Schema("foxglove.RawAudio", "protobuf", "protobuf", _raw_audio_descriptor())
    properties: dict[str, Any]
    if topic == VAD:
        name, required = "studio.Vad", ["s0", "step", "p"]
        properties = {
            "s0": {"type": "integer", "description": "first caller sample of the first window"},
            "step": {"type": "integer", "description": "samples per window"},
            "p": {"type": "array", "items": {"type": "number"}, "description": "probability of voice, by window"},
        }
    else:
        name, required = _NAMES.get(topic, "studio.Record"), ["event"]
        properties = {
            "event": {"type": "string", "description": "what happened"},
            "data": {"type": "object", "description": "its facts"},
            "id": {"type": "string"},
            "cause": {"type": "string", "description": "id of what led to it"},
            "turn": {"type": "integer"},
            "run": {"type": "string", "description": "id of the handler run"},
            "level": {"enum": ["info", "warning", "error"]},
            "message": {"type": "string", "description": "a plain sentence"},
            "host": {"type": "boolean", "description": "depends on the machine"},
        }
    text = json.dumps({"title": name, "type": "object", "properties": properties, "required": required}, sort_keys=True)
    return Schema(name, "jsonschema", "json", text.encode())


# protobuf, as far as one message needs it

VARINT, BYTES, FIXED32 = 0, 2, 5
FIRST_SAMPLE, UTTERANCE = 1001, 1002
"""Fields that this profile adds to `foxglove.RawAudio`: numbers that its authors leave free."""


def varint(value: int) -> bytes:
    """A protobuf base-128 number; `value` >= 0."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def proto(number: int, value: int | bytes | str) -> bytes:
    """A protobuf field: varint, or length-prefixed."""
    if isinstance(value, int):
        return varint(number << 3 | VARINT) + varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | BYTES) + varint(len(raw)) + raw


def _raw_audio_descriptor() -> bytes:
    """The FileDescriptorSet of `foxglove.RawAudio` with our two fields, and of the Timestamp that it uses."""
    int64, int32, fixed32, uint64, string, message, raw = 3, 5, 7, 4, 9, 11, 12

    def field_of(name: str, number: int, kind: int, type_name: str = "") -> bytes:
        optional = 1
        body = proto(1, name) + proto(3, number) + proto(4, optional) + proto(5, kind)
        return proto(2, body + (proto(6, type_name) if type_name else b""))

    def file(name: str, package: str, body: bytes, depends: str = "") -> bytes:
        head = proto(1, name) + proto(2, package) + (proto(3, depends) if depends else b"")
        return proto(1, head + proto(4, body) + proto(12, "proto3"))

    timestamp = proto(1, "Timestamp") + field_of("seconds", 1, int64) + field_of("nanos", 2, int32)
    audio = (
        proto(1, "RawAudio")
        + field_of("timestamp", 1, message, ".google.protobuf.Timestamp")
        + field_of("data", 2, raw)
        + field_of("format", 3, string)
        + field_of("sample_rate", 4, fixed32)
        + field_of("number_of_channels", 5, fixed32)
        + field_of("first_sample", FIRST_SAMPLE, uint64)
        + field_of("utterance", UTTERANCE, string)
    )
    stamp_file = "google/protobuf/timestamp.proto"
    return file(stamp_file, "google.protobuf", timestamp) + file(
        "foxglove/RawAudio.proto", "foxglove", audio, stamp_file
    )
