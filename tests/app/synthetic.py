"""Sessions made up for the views: a conversation with everything in it, and one of two hours with 200,000 records."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.sessions.data import Peaks
from studio.sessions.records import (
    AGENT_RATE,
    AUDIO_AGENT,
    AUDIO_CALLER,
    AUDIO_SPEECH,
    CALLER_RATE,
    EVENT_IN,
    EVENT_OUT,
    HANDLER,
    LOG,
    METRIC,
    NOTICE,
    NS,
    PLAY,
    SESSION,
    SPEECH,
    STT_FINAL,
    STT_PARTIAL,
    TURN,
    Record,
)

WINDOW_NS = 512 * NS // CALLER_RATE


def ns(seconds: float) -> int:
    return round(seconds * NS)


class SyntheticTrack:
    """Samples in memory, with min/max of every 64 for speed."""

    def __init__(self, topic: str, rate: int, pcm: NDArray[np.int16], offset: int = 0) -> None:
        self.topic, self.rate, self._pcm, self._offset = topic, rate, pcm, offset
        whole = len(pcm) // 64 * 64
        blocks = pcm[:whole].reshape(-1, 64)
        self._low, self._high = blocks.min(1), blocks.max(1)
        self._limit: int | None = None
        self.missing: list[tuple[int, int]] = []

    def grow_to(self, time: int) -> None:
        """Pretend that the stream has reached only `time`."""
        self._limit = max(0, (time - self._offset) * self.rate // NS)

    @property
    def frames(self) -> int:
        return len(self._pcm) if self._limit is None else min(self._limit, len(self._pcm))

    def time_of(self, sample: int) -> int:
        return self._offset + sample * NS // self.rate

    def sample_at(self, time: int) -> int:
        return min(max((time - self._offset) * self.rate // NS, 0), self.frames)

    def peaks(self, start: int, end: int, columns: int) -> Peaks:
        low, high = np.zeros(columns, np.int16), np.zeros(columns, np.int16)
        edges = start + (np.arange(columns + 1, dtype=np.int64) * (end - start)) // columns
        source_low, source_high, frames = self._pcm, self._pcm, self.frames
        if end - start >= 64 * columns:
            edges, source_low, source_high, frames = edges // 64, self._low, self._high, frames // 64
        frames = min(frames, len(source_low))
        inside = (edges[:-1] >= 0) & (edges[:-1] < frames)
        if inside.any():
            first = edges[:-1][inside]
            last = np.minimum(np.maximum(edges[1:][inside], first + 1), frames)
            base, stop = int(first[0]), int(last[-1])
            low[inside] = np.minimum.reduceat(source_low[base:stop], first - base)
            high[inside] = np.maximum.reduceat(source_high[base:stop], first - base)
        return low, high

    def samples(self, start: int, end: int) -> NDArray[np.int16]:
        return self._pcm[max(0, start) : min(end, self.frames)]


class SyntheticSession:
    """A session in memory. `grow_to(time)` makes it live and shows only what had happened by then."""

    def __init__(
        self,
        records: list[Record],
        tracks: dict[tuple[str, str], SyntheticTrack],
        vad: tuple[NDArray[np.int64], NDArray[np.float32]],
        end: int,
        title: str = "Appointment desk",
    ) -> None:
        self.id, self.title, self.live = "synthetic", title, False
        self._records = records
        self._tracks = tracks
        self._vad = vad
        self._log_times = np.array([record.log_time for record in records], np.int64)
        self._times = np.array([record.publish_time for record in records], np.int64)
        self._end = end
        self._count = len(records)
        topics = sorted({record.topic for record in records})
        number = {topic: code for code, topic in enumerate(topics)}
        codes = np.array([number[record.topic] for record in records], np.int32)
        self._places = {topic: np.flatnonzero(codes == code) for topic, code in number.items()}
        self._whole_end = end

    def grow_to(self, time: int) -> None:
        self.live = time < self._whole_end
        self._end = min(time, self._whole_end)
        self._count = int(np.searchsorted(self._log_times, self._end, "right"))
        for (topic, _), track in self._tracks.items():
            if topic != AUDIO_SPEECH:
                track.grow_to(self._end)

    @property
    def end_ns(self) -> int:
        return self._end

    @property
    def record_count(self) -> int:
        return self._count

    def record(self, index: int) -> Record:
        return self._records[index]

    def records(self, start: int = 0, end: int | None = None) -> Sequence[Record]:
        return self._records[start : self._count if end is None else min(end, self._count)]

    def places(self, topic: str) -> NDArray[np.int64]:
        places = self._places.get(topic, np.zeros(0, np.int64))
        return places[: int(np.searchsorted(places, self._count))]

    @property
    def times(self) -> NDArray[np.int64]:
        return self._times[: self._count]

    def track(self, topic: str, id: str = "") -> SyntheticTrack | None:
        return self._tracks.get((topic, id))

    @property
    def streams(self) -> list[tuple[str, str]]:
        return list(self._tracks)

    def vad(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        shown = int(np.searchsorted(self._vad[0], self._end, "right"))
        return self._vad[0][:shown], self._vad[1][:shown]


def voice(seconds: float, rate: int, seed: int) -> NDArray[np.int16]:
    """Something shaped like speech: syllables of noise, with a soft start and end."""
    rng = np.random.default_rng(seed)
    n = int(seconds * rate)
    t = np.arange(n) / rate
    syllables = np.abs(np.sin(np.pi * 2.6 * t + 0.4 * np.sin(1.7 * t + seed))) ** 0.7
    words = 0.65 + 0.35 * np.sin(2 * np.pi * 0.61 * t + seed)
    edges = np.clip(np.minimum(t / 0.06, (seconds - t) / 0.08), 0, 1)
    sound = np.sin(2 * np.pi * 140 * t + 3 * np.sin(2 * np.pi * 5 * t)) * 0.55 + rng.normal(0, 0.28, n)
    return (np.clip(sound * syllables * words * edges, -1, 1) * 15000).astype(np.int16)


def row_of(record: Record) -> dict[str, Any]:
    """A record as a row of a `Script`."""
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record) if field.name != "seq"}


class Script:
    """Writes records as the runtime does, and the sound that goes with them."""

    def __init__(self, seconds: float) -> None:
        self.rows: list[dict[str, Any]] = []
        self.caller = np.zeros(int(seconds * CALLER_RATE), np.int16)
        self.agent = np.zeros(int(seconds * AGENT_RATE), np.int16)
        self.speech: dict[tuple[str, str], SyntheticTrack] = {}
        self.voiced: list[tuple[float, float]] = []
        self.seconds = seconds
        self.turn = 0
        self._ids: dict[str, int] = {}
        rng = np.random.default_rng(5)
        self.caller[:] = rng.normal(0, 40, len(self.caller))

    def id(self, prefix: str) -> str:
        self._ids[prefix] = self._ids.get(prefix, 0) + 1
        return f"{prefix}-{self._ids[prefix]}"

    def add(self, topic: str, event: str, at: float, *, seen: float | None = None, **fields: Any) -> None:
        fields.setdefault("turn", self.turn)
        self.rows.append(
            {
                "topic": topic,
                "event": event,
                "publish_time": ns(at),
                "log_time": ns(seen if seen is not None else at),
                **fields,
            }
        )

    def heard(self, at: float, text: str, *, wait: float = 0.5, seconds: float | None = None) -> float:
        """The caller says something; returns when the handler is given it."""
        length = seconds or 0.42 * len(text.split())
        sound = voice(length, CALLER_RATE, len(text))
        start = int(at * CALLER_RATE)
        self.caller[start : start + len(sound)] = sound[: len(self.caller) - start]
        self.voiced.append((at, at + length))
        self.add(TURN, "voice_started", at, seen=at + 0.1, data={"caller_sample": start})
        words = text.rstrip(".?!").split()
        for count in range(2, len(words) + 1, 2):
            until = at + length * count / len(words)
            facts = {"text": " ".join(words[:count]), "start": start, "end": int(until * CALLER_RATE)}
            self.add(STT_PARTIAL, "transcript", until, data={**facts, "certain": True, "provider": "local"})
        end = at + length
        self.add(TURN, "voice_stopped", end, seen=end + 0.12, data={"caller_sample": int(end * CALLER_RATE)})
        done = end + wait
        self.add(TURN, "end_of_turn", done, data={"caller_sample": int(end * CALLER_RATE), "waited_ms": wait * 1000})
        final = {"text": text, "start": start, "end": int(end * CALLER_RATE), "confidence": 0.91}
        self.add(STT_FINAL, "transcript", done + 0.04, data={**final, "certain": True, "provider": "local"})
        return done + 0.05

    def given(
        self, at: float, event: str, name: str, data: dict[str, Any], run_s: float, **end: Any
    ) -> tuple[str, str]:
        """An input event and its handler run; returns their ids."""
        self.turn += 1
        input_id, run = self.id("in"), self.id("run")
        self.add(TURN, "turn_opened", at)
        self.add(EVENT_IN, event, at, id=input_id, run=run, data={"name": name, "data": data, **self._origin(event)})
        self.add(
            HANDLER, "handler_started", at, id=run, run=run, cause=input_id, data={"event": event, "input": input_id}
        )
        facts = {"status": "ok", "outputs": 1, "elapsed_ms": run_s * 1000, "error": None, **end}
        level = "error" if facts["status"] in ("error", "killed") else "info"
        sentence = (facts["error"] or {}).get("sentence", "")
        self.add(
            HANDLER,
            "handler_ended",
            at + run_s,
            id=run,
            run=run,
            cause=input_id,
            data=facts,
            level=level,
            message=sentence,
        )
        return input_id, run

    def _origin(self, event: str) -> dict[str, Any]:
        if event != "TextEvent":
            return {"origin": "start" if event == "StartEvent" else "silence"}
        return {"origin": "speech", "voice_end": ns(self.voiced[-1][1])}

    def emitted(self, at: float, event: str, name: str, data: dict[str, Any], cause: tuple[str, str], line: int) -> str:
        out = self.id("out")
        facts = {"name": name, "data": data, "file": "handler.py", "line": line, "background": False}
        self.add(EVENT_OUT, event, at, id=out, cause=cause[0], run=cause[1], data=facts)
        return out

    def says(
        self,
        at: float,
        text: str,
        cause: tuple[str, str],
        *,
        line: int = 25,
        length: float = 3.0,
        wait: float = 0.18,
        cached: bool = False,
        cut_at: float | None = None,
        after_ms: float = 171.0,
        sound: bool = True,
    ) -> float:
        """The agent says something; returns when it falls silent."""
        out = self.emitted(
            at, "TextToSpeechEvent", "text_to_speech", {"text": text, "voice": "nova", "speed": 1.0}, cause, line
        )
        say = self.id("say")
        who = {"id": say, "cause": out, "run": cause[1]}
        self.add(
            PLAY, "play_queued", at, **who, data={"item": "speech", "out": out, "interruptible": True, "text": text}
        )
        ask = {"out": out, "text": text, "voice": "nova", "speed": 1.0, "provider": "local", "model": "espeak-ng"}
        self.add(SPEECH, "speech_requested", at + 0.004, **who, data=ask)
        if not cached:
            self.add(SPEECH, "speech_first_audio", at + wait - 0.02, **who, data={"out": out, "after_ms": 112.0})
        begins, total = at + wait, int(length * AGENT_RATE)
        words = text.split()
        each = total // len(words)
        times = [[word, i * each, (i + 1) * each, 0, 0] for i, word in enumerate(words)]
        ready = at + (0.006 if cached else min(wait + length * 0.5, length))
        facts = {
            "out": out,
            "samples": total,
            "words": times,
            "cache": "hit" if cached else "written",
            "provider": "local",
            "voice": "en-us",
        }
        self.add(SPEECH, "speech_ready", ready, **who, data=facts)
        first = int(begins * AGENT_RATE)
        begins = first / AGENT_RATE
        self.add(PLAY, "play_started", begins, **who, data={"out": out, "item": "speech", "sample": first})
        if sound:
            pcm = voice(length, AGENT_RATE, len(text))
            self.speech[AUDIO_SPEECH, say] = SyntheticTrack(AUDIO_SPEECH, AGENT_RATE, pcm, ns(begins))
            played = total if cut_at is None else int((cut_at - begins) * AGENT_RATE)
            room = max(0, min(played, len(self.agent) - first))
            self.agent[first : first + room] = pcm[:room]
        if cut_at is None:
            end = {"out": out, "item": "speech", "sample": first + total, "heard": text, "complete": True}
            self.add(PLAY, "play_ended", begins + length, **who, data=end)
            self.add(TURN, "turn_closed", begins + length + 0.01, data={"elapsed_ms": 0})
            return begins + length
        sample = int(cut_at * AGENT_RATE)
        known = (sample - first) // each
        cut = {
            "out": out,
            "item": "speech",
            "sample": sample,
            "started": first,
            "samples": total,
            "heard": " ".join(words[:known]),
            "heard_words": known,
            "words": len(words),
            "estimated": False,
        }
        decided = cut_at - after_ms / 1000
        self.add(TURN, "barge_in", decided, cause=out, data={"by": "voice", "decided": ns(decided)})
        self.add(PLAY, "play_cut", cut_at, **who, data=cut)
        self.add(
            TURN,
            "cut",
            cut_at,
            cause=out,
            data={
                "out": out,
                "item": say,
                "by": "voice",
                "sample": sample,
                "fade_samples": 120,
                "silent_after_ms": after_ms,
            },
        )
        self.add(TURN, "turn_closed", cut_at + 0.01, data={"elapsed_ms": 0})
        return cut_at

    def session(self) -> SyntheticSession:
        """Everything written so far, in the order of the journal."""
        self.rows.sort(key=lambda row: row["log_time"])
        records = [Record(seq=seq, **{"data": {}, **row}) for seq, row in enumerate(self.rows, 1)]
        count = int(self.seconds * NS / WINDOW_NS)
        times = (np.arange(1, count + 1) * WINDOW_NS).astype(np.int64)
        rng = np.random.default_rng(3)
        odds = rng.beta(1.2, 40, count).astype(np.float32)
        for start, end in self.voiced:
            low, high = np.searchsorted(times, [ns(start), ns(end)])
            odds[low:high] = 0.93 + 0.06 * rng.random(high - low, dtype=np.float32)
        tracks = {
            (AUDIO_CALLER, ""): SyntheticTrack(AUDIO_CALLER, CALLER_RATE, self.caller),
            (AUDIO_AGENT, ""): SyntheticTrack(AUDIO_AGENT, AGENT_RATE, self.agent),
            **self.speech,
        }
        return SyntheticSession(records, tracks, (times, odds), ns(self.seconds))


def conversation() -> SyntheticSession:
    """A call at the appointment desk: greeting, two caller turns, a cut with an unheard rest, a failing run, a stop."""
    script = Script(31.0)
    settings = {"vad_threshold": 0.5, "stt_endpointing": 500, "default_voice": "nova"}
    script.add(
        SESSION, "session_started", 0.0, data={"agent": "Appointment desk", "channel": "web", "settings": settings}
    )
    script.add(
        NOTICE,
        "voice_stand_in",
        0.02,
        level="warning",
        message="nova is spoken by a local voice: there is no OpenAI key. Add a key in Settings to hear nova.",
        data={"voice": "nova"},
    )
    start = script.given(0.05, "StartEvent", "start", {}, 0.06)
    script.says(0.09, "Good morning, this is the front desk. How can I help?", start, line=13, length=4.1)
    script.add(
        LOG,
        "log",
        0.1,
        message="greeting sent",
        data={"stream": "handler", "location": "handler.py:16", "attributes": {}},
    )
    at = script.heard(5.04, "I need an appointment on Tuesday.", seconds=2.3)
    run = script.given(at, "TextEvent", "text", {"text": "I need an appointment on Tuesday."}, 0.95)
    script.emitted(at + 0.02, "LogEvent", "log", {"message": "looking for a slot"}, run, 19)
    script.add(
        LOG,
        "log",
        at + 0.02,
        message="looking for a slot on Tuesday",
        run=run[1],
        data={"stream": "logger", "location": "slots.py:31", "attributes": {"day": "Tuesday"}},
    )
    script.says(
        at + 0.9,
        "Tuesday works. I have nine o'clock, half past ten, or quarter to three. Which one?",
        run,
        length=4.9,
        cut_at=12.12,
    )
    at = script.heard(11.95, "Half past ten please.", seconds=1.6)
    run = script.given(at, "TextEvent", "text", {"text": "Half past ten please."}, 0.22)
    script.emitted(at + 0.03, "ContextUpdateEvent", "context", {"data": {"slot": "10:30"}}, run, 24)
    script.says(at + 0.2, "Half past ten it is. See you on Tuesday.", run, length=2.7, cached=True, wait=0.07)
    at = script.heard(18.3, "Can you also call my sister?", seconds=1.9)
    frames = [{"file": "handler.py", "line": 41, "function": "handler", "code": "number = contacts[name]"}]
    error = {
        "type": "KeyError",
        "message": "'sister'",
        "sentence": "KeyError: 'sister' in handler.py line 41.",
        "frames": frames,
    }
    run = script.given(
        at, "TextEvent", "text", {"text": "Can you also call my sister?"}, 0.31, status="error", error=error
    )
    script.add(
        LOG,
        "log",
        at + 0.29,
        message="Traceback: KeyError 'sister'",
        level="error",
        run=run[1],
        data={"stream": "stderr", "location": "handler.py:41"},
    )
    script.add(
        NOTICE,
        "url_unreachable",
        at + 0.35,
        level="error",
        message="The sound chime.wav was not found. Put it beside handler.py or give a URL.",
        data={},
    )
    script.add(TURN, "turn_closed", at + 0.4, data={"elapsed_ms": 400})
    run = script.given(26.0, "TimeoutEvent", "timeout", {"count": 1}, 0.04)
    script.says(26.03, "Are you still there? Goodbye then.", run, line=52, length=2.4)
    script.emitted(26.05, "StopEvent", "stop", {}, run, 54)
    script.add(SESSION, "session_ended", 29.5, data={"reason": "stop"})
    return script.session()


def two_hours(records: int = 200_000) -> SyntheticSession:
    """Two hours of one caller turn every six seconds, both lines full of speech, and `records` records in all."""
    seconds, every = 7200.0, 6.0
    script = Script(seconds)
    turns = int(seconds / every) - 1
    filler = max(0, (records - turns * 21) // turns)
    caller, agent = voice(1.6, CALLER_RATE, 1), voice(2.4, AGENT_RATE, 2)
    for number in range(turns):
        base = 0.5 + number * every
        at = script.heard(base, "Half past ten please, thank you.", seconds=1.6, wait=0.4)
        failed = number % 97 == 50
        error = {
            "type": "KeyError",
            "message": "'slot'",
            "sentence": "KeyError: 'slot' in handler.py line 9.",
            "frames": [],
        }
        end: dict[str, Any] = {"status": "error", "error": error} if failed else {}
        run = script.given(at, "TextEvent", "text", {"text": "Half past ten please."}, 0.12, **end)
        cut = at + 1.4 if number % 11 == 4 else None
        script.says(at + 0.05, "Half past ten it is, and see you on Tuesday.", run, length=2.4, cut_at=cut, sound=False)
        for step in range(filler):
            when = at + 0.01 + step * (every - 2.2) / max(1, filler)
            if step % 3 == 0:
                script.add(METRIC, "metric", when, data={"name": "queue", "value": step, "unit": "ms"})
            elif step % 3 == 1:
                script.add(LOG, "log", when, message=f"step {step} of turn {number}", data={"stream": "stdout"})
            else:
                script.emitted(when, "DebugEvent", "debug", {"message": f"state {step}"}, run, 30)
        first = int((at + 0.23) * AGENT_RATE)
        script.agent[first : first + len(agent)] = agent
    del caller
    return script.session()
