"""Records, audio blocks and voice activity as the bytes of a session file, and back."""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.sessions.profile import BYTES, FIRST_SAMPLE, FIXED32, UTTERANCE, VARINT, proto, varint
from studio.sessions.records import NS, AudioBlock, Level, Record, plain

MAX_BODY = 8 * 1024 * 1024
"""Bytes of one record's body; a longer one is recorded without its data and says so."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_LEVELS: dict[Any, Level] = {"info": "info", "warning": "warning", "error": "error"}


@dataclass(frozen=True, slots=True)
class VadBlock:
    """Probabilities of voice of consecutive windows of the caller line."""

    log_time: int
    publish_time: int
    first_sample: int
    step: int
    probabilities: tuple[float, ...]


def encode_record(record: Record) -> bytes:
    """The record's body as one line of JSON without its times and number. Never raises."""
    body: dict[str, Any] = {"event": record.event}
    if record.data:
        body["data"] = record.data
    for name, value in (("id", record.id), ("cause", record.cause), ("turn", record.turn), ("run", record.run)):
        if value:
            body[name] = value
    if record.level != "info":
        body["level"] = record.level
    if record.message:
        body["message"] = record.message
    if record.host:
        body["host"] = True
    try:
        raw = _ENCODER.encode(body).encode()
    except (TypeError, ValueError, RecursionError):
        raw = json.dumps(plain(body), separators=(",", ":")).encode()
    if len(raw) > MAX_BODY:
        body["data"] = {"omitted_bytes": len(raw)}
        body["message"] = (
            f"{record.message[:2000]} (The record's data were too large to keep: {len(raw)} bytes.)".strip()
        )
        raw = json.dumps(plain(body), separators=(",", ":")).encode()
    return raw


def decode_record(topic: str, seq: int, log_time: int, publish_time: int, raw: bytes) -> Record:
    """The record of a body. What is not of our making is shown as it is, in `data`. Never raises."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return Record(seq, log_time, publish_time, topic, "message", {"bytes": len(raw)})
    if not isinstance(body, dict) or not isinstance(body.get("event"), str):
        data = body if isinstance(body, dict) else {"value": body}
        return Record(seq, log_time, publish_time, topic, "message", data)
    data, turn = body.get("data"), body.get("turn", 0)
    return Record(
        seq=seq,
        log_time=log_time,
        publish_time=publish_time,
        topic=topic,
        event=body["event"],
        data=data if isinstance(data, dict) else {} if data is None else {"value": data},
        id=_text(body, "id"),
        cause=_text(body, "cause"),
        turn=turn if isinstance(turn, int) and abs(turn) < 2**31 else 0,
        run=_text(body, "run"),
        level=_LEVELS.get(body["level"], "info") if isinstance(body.get("level"), str) else "info",
        message=_text(body, "message"),
        host=body.get("host") is True,
    )


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name, "")
    return value if isinstance(value, str) else str(value)


def encode_audio(block: AudioBlock, wall: int) -> bytes:
    """`foxglove.RawAudio`; `wall` is the epoch time of session time 0."""
    seconds, nanos = divmod(max(0, wall + block.publish_time), NS)
    return b"".join(
        (
            proto(1, proto(1, seconds) + proto(2, nanos)),
            varint(2 << 3 | BYTES),
            varint(len(block.pcm)),
            block.pcm,
            proto(3, "pcm-s16"),
            varint(4 << 3 | FIXED32),
            struct.pack("<I", block.rate),
            varint(5 << 3 | FIXED32),
            struct.pack("<I", 1),
            proto(FIRST_SAMPLE, block.first_sample),
            proto(UTTERANCE, block.id) if block.id else b"",
        )
    )


def decode_audio(topic: str, log_time: int, publish_time: int, raw: bytes) -> AudioBlock:
    """The block of a `foxglove.RawAudio` message; several channels are reduced to the first.

    A file of another maker has no `first_sample`: it is -1 then. Raises ValueError for what is not 16-bit PCM.
    """
    fields = _fields(raw)
    pcm, rate, channels = fields.get(2, b""), fields.get(4, 0), fields.get(5, 1)
    first, name = fields.get(FIRST_SAMPLE, -1), fields.get(UTTERANCE, b"")
    if not (isinstance(pcm, bytes) and isinstance(rate, int) and isinstance(channels, int) and isinstance(first, int)):
        raise ValueError("an audio message has fields of the wrong kind")
    if fields.get(3, b"pcm-s16") != b"pcm-s16" or not 1000 <= rate <= 384_000 or not 1 <= channels <= 32:
        raise ValueError("an audio message is not 16-bit PCM of a usable rate")
    pcm = pcm[: len(pcm) // (2 * channels) * 2 * channels]
    if channels > 1:
        pcm = memoryview(pcm).cast("H")[::channels].tobytes()
    utterance = name.decode(errors="replace")[:200] if isinstance(name, bytes) else ""
    return AudioBlock(topic, log_time, publish_time, first, rate, pcm, utterance)


def _fields(raw: bytes) -> dict[int, int | bytes]:
    """Last value of each protobuf field. Raises ValueError when the bytes are not protobuf."""
    fields: dict[int, int | bytes] = {}
    at, end = 0, len(raw)
    while at < end:
        key, at = _varint(raw, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            fields[number], at = _varint(raw, at)
            continue
        if wire == BYTES:
            size, at = _varint(raw, at)
        elif wire == FIXED32:
            size = 4
        elif wire == 1:
            size = 8
        else:
            raise ValueError("an audio message is not valid protobuf")
        if at + size > end:
            raise ValueError("an audio message is cut short")
        value = raw[at : at + size]
        fields[number] = value if wire == BYTES else int.from_bytes(value, "little")
        at += size
    return fields


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        if at >= len(raw):
            raise ValueError("an audio message is cut short")
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("an audio message holds a number of more than 64 bits")


def encode_vad(block: VadBlock) -> bytes:
    """The JSON of `/vad`: four decimals are finer than any threshold."""
    body = {"s0": block.first_sample, "step": block.step, "p": [round(float(p), 4) for p in block.probabilities]}
    return json.dumps(body, separators=(",", ":")).encode()


def decode_vad(log_time: int, publish_time: int, raw: bytes) -> VadBlock:
    """The block of a `/vad` message. Raises ValueError for anything else."""
    try:
        body = json.loads(raw)
        first, step = int(body["s0"]), int(body["step"])
        probabilities = tuple(float(p) for p in body["p"])
    except (TypeError, KeyError, OverflowError, RecursionError) as error:
        raise ValueError("a voice activity message is not of the expected shape") from error
    if not 0 <= first < 2**48 or not 1 <= step <= 2**20 or not all(0.0 <= p <= 1.0 for p in probabilities):
        raise ValueError("a voice activity message is out of range")
    return VadBlock(log_time, publish_time, first, step, probabilities)
