"""Sessions for tests: small, deterministic, with everything in them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from studio.sessions.profile import VIRTUAL_ANCHOR, Attachment, SessionMeta
from studio.sessions.recorder import Recorder, Recording
from studio.sessions.records import (
    AUDIO_AGENT,
    AUDIO_CALLER,
    AUDIO_SPEECH,
    EVENT_IN,
    EVENT_OUT,
    LOG,
    PLAY,
    SESSION,
    SPEECH,
    STT_FINAL,
    TURN,
    AudioBlock,
    Record,
)

MS = 1_000_000
META = SessionMeta("session-1", VIRTUAL_ANCHOR, agent="Greeter", project="/agents/greeter", virtual=True)
SOURCE = Attachment("agent.zip", "application/zip", b"PK not really")


def failed_task(seq: int = 1) -> Record:
    """How a background task of the agent ended."""
    sentence = "handler.py line 5: ValueError: no rates"
    frames = [{"file": "handler.py", "line": 5, "function": "look_up", "code": 'raise ValueError("no rates")'}]
    error = {"type": "ValueError", "message": "no rates", "sentence": sentence, "frames": frames}
    message = "The background task 'rates' failed: ValueError: no rates"
    data = {"name": "error", "data": {"message": message, "error": error}, "background": True, "task": "rates"}
    at = seq * MS
    return Record(seq, at, at, EVENT_OUT, "ErrorEvent", data, id=f"out-{seq}", level="error", message=message)


def talk() -> list[Record]:
    """A short conversation: greeting, one spoken turn, an answer that is cut, the end."""
    rows: list[tuple] = [
        (0, SESSION, "session_started", {"agent": "Greeter", "channel": "web"}, "", "", 0),
        (1, EVENT_IN, "StartEvent", {"name": "start", "data": {}, "origin": "start"}, "in-1", "", 1),
        (5, EVENT_OUT, "TextToSpeechEvent", _says("Hello, how can I help?"), "out-1", "in-1", 1),
        (6, SPEECH, "speech_requested", {"out": "out-1", "text": "Hello, how can I help?"}, "say-1", "", 1),
        (20, PLAY, "play_queued", {"item": "speech", "out": "out-1"}, "say-1", "", 1),
        (30, PLAY, "play_started", {"sample": 720}, "say-1", "", 1),
        (
            1200,
            PLAY,
            "play_ended",
            {"sample": 28800, "heard": "Hello, how can I help?", "complete": True},
            "say-1",
            "",
            1,
        ),
        (1300, TURN, "voice_started", {"caller_sample": 20800}, "", "", 2),
        (2300, TURN, "end_of_turn", {"waited_ms": 300}, "", "", 2),
        (
            2340,
            STT_FINAL,
            "transcript",
            {"text": "book a table", "certain": False, "alternative": "look a table"},
            "",
            "",
            2,
        ),
        (
            2350,
            EVENT_IN,
            "TextEvent",
            {
                "name": "text",
                "data": {"text": "book a table", "source": "speech"},
                "origin": "speech",
                "voice_end": 2000 * MS,
                "certain": False,
                "alternative": "look a table",
            },
            "in-2",
            "",
            2,
        ),
        (2360, EVENT_OUT, "TextToSpeechEvent", _says("For how many people? We have room."), "out-2", "in-2", 2),
        (
            2361,
            SPEECH,
            "speech_requested",
            {"out": "out-2", "text": "For how many people? We have room."},
            "say-2",
            "",
            2,
        ),
        (2400, SPEECH, "speech_first_audio", {"after_ms": 39}, "say-2", "", 2),
        (2401, PLAY, "play_queued", {"item": "speech", "out": "out-2"}, "say-2", "", 2),
        (2430, PLAY, "play_started", {"sample": 58320}, "say-2", "", 2),
        (
            3000,
            PLAY,
            "play_cut",
            {"sample": 72000, "heard": "For how many people?", "heard_words": 4, "words": 7},
            "say-2",
            "",
            2,
        ),
        (3500, LOG, "log", {"stream": "handler", "location": "handler.py:7"}, "", "", 2),
        (3900, SESSION, "session_ended", {"reason": "hang_up"}, "", "", 2),
    ]
    return [
        Record(seq, ms * MS, ms * MS, topic, event, data, id=id, cause=cause, turn=turn)
        for seq, (ms, topic, event, data, id, cause, turn) in enumerate(rows, 1)
    ]


def _says(text: str) -> dict:
    return {"name": "text_to_speech", "data": {"text": text}, "file": "handler.py", "line": 4}


def wave(rate: int, seconds: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-3000, 3000, int(rate * seconds)).astype(np.int16)


def items(seconds: float = 4.0) -> Iterator[Record | AudioBlock | tuple[int, np.ndarray]]:
    """What a session of that length does, in order: 10 ms blocks of both lines, records, voice activity, one utterance."""
    caller, agent = wave(16_000, seconds, 1), wave(24_000, seconds, 2)
    records = talk()
    utterance = wave(24_000, 1.0, 3)
    for n in range(int(seconds * 100)):
        now = n * 10 * MS
        while records and records[0].log_time <= now:
            yield records.pop(0)
        if n == 10:
            yield AudioBlock(AUDIO_SPEECH, now, now, 0, 24_000, utterance[:12_000].tobytes(), "say-1")
            yield AudioBlock(AUDIO_SPEECH, now, now, 12_000, 24_000, utterance[12_000:].tobytes(), "say-1")
        yield AudioBlock(AUDIO_CALLER, now, now, n * 160, 16_000, caller[n * 160 : n * 160 + 160].tobytes())
        yield AudioBlock(AUDIO_AGENT, now, now, n * 240, 24_000, agent[n * 240 : n * 240 + 240].tobytes())
        if n % 16 == 15:
            first = n // 16 * 5 * 512
            yield first, np.linspace(0.1, 0.7, 5, dtype=np.float32)
    yield from records


def feed(recorder: Recorder, what: object) -> None:
    if isinstance(what, Record):
        recorder.on_record(what)
    elif isinstance(what, AudioBlock):
        recorder.on_audio(what)
    else:
        recorder.on_vad(*what)


def record(where: Path, seconds: float = 4.0, meta: SessionMeta = META) -> Recording:
    recorder = Recorder(where, meta, attachments=[SOURCE])
    for item in items(seconds):
        feed(recorder, item)
    return recorder.finish("finished")
