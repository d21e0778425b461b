"""Makes a session file of what VoiceRun's debugger exported.

It opens like any other, but it came from the platform: it has no sound, and what its rows do not tell is estimated and
marked so (`estimated` in the data).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studio.events.vocabulary import kind_of
from studio.sessions.codec import encode_record
from studio.sessions.indexer import IndexingError, index_file
from studio.sessions.profile import SUFFIX, SessionMeta
from studio.sessions.records import (
    AGENT_RATE,
    EFFECT,
    EVENT_IN,
    EVENT_OUT,
    HANDLER,
    LOG,
    NOTICE,
    NS,
    PLATFORM,
    PLAY,
    SESSION,
    SPEECH,
    TURN,
    Level,
    Record,
)
from studio.sessions.summary import summarise
from studio.sessions.voicerun.playback import Sounding, TurnFacts, mark_of, milliseconds, place, sounding_of
from studio.sessions.voicerun.rows import NoExportError, Row, read_rows
from studio.sessions.voicerun.times import RowTime, timeline_of
from studio.sessions.writer import SessionWriter

SOURCE = "voicerun"
_ORIGINS = {"start": "start", "timeout": "silence", "dtmf": "keys", "stop": "end"}
_FRAME = ("background", "background_task_name", "context")
"""What the debugger puts into a row's data beside the event's own."""
_PREFIX = {"speech": "say", "audio": "snd", "silence": "sil"}
_GATES = frozenset({"gate", "input_gate", "input_allowed"})
_CHUNK_RECORDS = 2000


class ImportFailedError(Exception):
    """A file could not be imported; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A finished import. `problems` are sentences about what was left out."""

    path: Path
    rows: int
    problems: list[str]


def import_session(source: Path, out: Path) -> Imported:
    """Make the session file `out` (`.mcap`, or the folder to put it in) of an export. Raises ImportFailedError.

    The same export always becomes the same session: importing it again replaces it.
    """
    try:
        rows, problems = read_rows(source)
        digest = hashlib.sha256(source.read_bytes()).hexdigest()[:12]
    except NoExportError as error:
        raise ImportFailedError(str(error)) from None
    except OSError as error:
        raise ImportFailedError(f"{source} cannot be read: {error.strerror or error}.") from None
    records, meta = records_of(rows, source.name, digest, problems)
    path = out if out.suffix == SUFFIX else out / meta.file_name()
    _write(path, meta, records)
    return Imported(path, len(rows), problems)


def records_of(
    rows: Sequence[Row], source: str, digest: str, problems: Sequence[str] = ()
) -> tuple[list[Record], SessionMeta]:
    """The records of a session, and what is known of it as a whole. `source` is the name of the file."""
    maker = _Maker(rows)
    records = maker.make(source, problems)
    meta = SessionMeta(
        id=digest,
        started=maker.line.zero,
        agent=maker.agent,
        channel=maker.channel,
        session={"source": SOURCE, "source_file": source},
    )
    return records, meta


def _write(path: Path, meta: SessionMeta, records: Sequence[Record]) -> None:
    writer = SessionWriter(path, meta, replace=True)
    for number, record in enumerate(records, 1):
        writer.record(record, encode_record(record))
        if number % _CHUNK_RECORDS == 0:
            writer.close_chunk()
    summary = summarise(records, meta.agent)
    writer.finish(
        {
            "reason": summary.reason,
            "title": summary.title,
            "turns": str(summary.turns),
            "errors": str(summary.errors),
            "duration_ns": str(summary.duration_ns),
        }
    )
    if writer.problem:
        raise ImportFailedError(f"{path} cannot be written. {writer.problem}")
    try:
        index_file(path)
    except IndexingError as error:
        raise ImportFailedError(str(error)) from None


@dataclass(slots=True)
class _Run:
    """What belongs to one input event."""

    input: str
    id: str
    turn: int
    began: RowTime
    wire: str
    outputs: int = 0
    last_output: int = 0
    facts: TurnFacts = field(default_factory=lambda: TurnFacts(0))
    elapsed: int | None = None
    """Run time of the handler in ns, where the platform tells it."""
    closed: bool = False


class _Maker:
    """Turns rows into records, in two passes: what rows say, then what follows from it."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self.line = timeline_of(rows)
        self.agent = ""
        self.channel = "web"
        self._made: list[tuple[int, int, Record]] = []
        self._runs: dict[int, _Run] = {}
        self._order: list[_Run] = []
        self._ids: dict[str, int] = {}
        self._environment = ""
        self._variables: list[str] = []
        self._reason = ""

    def make(self, source: str, problems: Sequence[str]) -> list[Record]:
        """All records, in order and numbered."""
        for row, time in zip(self._rows, self.line.times, strict=True):
            self._learn(row)
            self._row(row, time)
        end = max((time.seen for time in self.line.times), default=0)
        for run in self._order:
            place(run.facts)
            end = max([end, *(item.end for item in run.facts.items)])
            for item in run.facts.items:
                self._sound(run, item)
            self._handler_end(run)
        self._frame(source, problems, end)
        self._made.sort(key=lambda made: made[:2])
        return [replace(record, seq=seq) for seq, (_, _, record) in enumerate(self._made, 1)]

    # ---- rows

    def _row(self, row: Row, time: RowTime) -> None:
        if _is_custom(row):
            self._output(row, time)
        elif row.name == "turn_end":
            self._turn_end(row, time)
        elif row.name == "turn_interrupted":
            self._interrupted(row, time)
        elif row.type == "input":
            self._input(row, time)
        elif row.type == "output":
            self._output(row, time)
        elif row.type == "gate" or row.name in _GATES:
            self._gate(row, time)
        else:
            self._platform(row, time)

    def _input(self, row: Row, time: RowTime) -> None:
        payload, frame = _split(row.data)
        origin = _ORIGINS.get(row.name, "platform")
        if row.name == "text":
            origin = "speech" if payload.get("source") == "speech" else "typed"
        elif row.name == "stop" and not self._reason:
            self._reason = "hang_up"
        if before := self._order[-1] if self._order else None:
            facts = before.facts
            facts.next_input = facts.next_input or time.happened
            if payload.get("previous_turn_interrupted") is True:
                heard = payload.get("previous_turn_agent_transcript")
                facts.heard = heard if isinstance(heard, str) else None
                facts.cut_by = "voice" if origin == "speech" else "text"
                if facts.cut_at is None and facts.ended is None:
                    facts.cut_at = time.happened
        id, run_id = self._new("in"), self._new("run")
        run = self._runs[row.turn] = _Run(id, run_id, row.turn, time, row.name, facts=TurnFacts(time.happened))
        self._order.append(run)
        cls = kind_of(row.name).cls
        facts = {"name": row.name, "data": payload, "origin": origin, **frame, **_marked(time)}
        self._add(time, EVENT_IN, cls, facts, id=id, turn=row.turn, run=run_id)
        started = {"event": cls, "input": id}
        self._add(time, HANDLER, "handler_started", started, id=run_id, cause=id, turn=row.turn, run=run_id)
        self._add(time, TURN, "turn_opened", {}, turn=row.turn)

    def _output(self, row: Row, time: RowTime) -> None:
        payload, frame = _split(row.data)
        run = self._runs.get(row.turn)
        kind = kind_of(row.name, custom=_is_custom(row))
        id = self._new("out")
        level: Level = "error" if kind.cls == "ErrorEvent" else "info"
        message = str(payload.get("message", "")) if kind.cls == "ErrorEvent" else ""
        facts = {"name": row.name, "data": payload, "file": "", "line": 0, **frame, **_marked(time)}
        common = {"cause": run.input if run else "", "turn": row.turn, "run": run.id if run else ""}
        self._add(time, EVENT_OUT, kind.cls, facts, id=id, level=level, message=message, **common)
        if kind.cls == "LogEvent":
            shown = {"stream": "handler", "location": str(payload.get("location") or "")}
            self._add(time, LOG, "log", shown, message=str(payload.get("message", "")), **(common | {"cause": id}))
        elif kind.cls == "StopEvent":
            self._reason = "stop"
        elif kind.cls == "TransferSessionEvent":
            self._reason = "transferred"
        if run is None:
            return
        run.outputs += not frame.get("background")
        run.last_output = time.happened
        if item := sounding_of(id, kind.cls, payload, time.happened, row.turn):
            item.mark = mark_of(row.data, time.happened)
            run.facts.items.append(item)

    def _turn_end(self, row: Row, time: RowTime) -> None:
        run = self._runs.get(row.turn)
        payload, frame = _split(row.data)
        facts: dict[str, Any] = {"data": payload, "row_type": row.type, **frame, **_marked(time)}
        if run:
            run.elapsed = milliseconds(payload, "duration")
            run.closed = True
            run.facts.ended = time.happened
            facts["elapsed_ms"] = round((time.happened - run.began.happened) / 1e6, 3)
        self._add(time, TURN, "turn_closed", facts, turn=row.turn)

    def _interrupted(self, row: Row, time: RowTime) -> None:
        run = self._runs.get(row.turn)
        payload, frame = _split(row.data)
        if run and run.facts.cut_at is None:
            run.facts.cut_at = time.happened
        facts = {"by": "voice", "data": payload, "row_type": row.type, **frame, **_marked(time)}
        self._add(time, TURN, "barge_in", facts, turn=row.turn)

    def _gate(self, row: Row, time: RowTime) -> None:
        facts = {"by": "platform", "row_name": row.name, "row_type": row.type, "data": dict(row.data), **_marked(time)}
        event = "input_allowed" if _is_open(row.data) else "input_blocked"
        self._add(time, EFFECT, event, facts, turn=row.turn)

    def _platform(self, row: Row, time: RowTime) -> None:
        is_metric = row.type == "metric" or row.name.startswith("metrics.")
        if run := self._runs.get(row.turn):
            if row.name.endswith("tts_first_audio_frame") and run.facts.first_audio is None:
                run.facts.first_audio = time.happened
            if mark := mark_of(row.data, time.happened):
                run.facts.marks.append(mark)
        facts = {"name": row.name, "row_type": row.type, "data": dict(row.data), **_marked(time)}
        self._add(time, PLATFORM, "metric" if is_metric else row.type or "row", facts, turn=row.turn)

    def _learn(self, row: Row) -> None:
        """What the context of a row says of the session."""
        context = row.data.get("context")
        if not isinstance(context, Mapping):
            return
        agent, environment, variables = (context.get(name) for name in ("agent_id", "environment", "variables"))
        self.agent = self.agent or (agent if isinstance(agent, str) else "")
        self._environment = self._environment or (environment if isinstance(environment, str) else "")
        if isinstance(variables, Mapping):
            self._variables = sorted({*self._variables, *map(str, variables)})
        configuration = context.get("configuration")
        if isinstance(configuration, Mapping) and configuration.get("origin") == "phone":
            self.channel = "phone"

    # ---- what follows from them

    def _sound(self, run: _Run, item: Sounding) -> None:
        id = self._new(_PREFIX[item.kind])
        common = {"id": id, "cause": item.out, "turn": run.turn, "run": run.id}
        told = {"out": item.out, **({"estimated": True} if item.estimated else {})}
        self._then(item.queued, PLAY, "play_queued", {**told, "item": item.kind, "interruptible": True}, **common)
        if item.kind == "speech":
            asked = {**told, "text": item.text, "provider": SOURCE}
            self._then(item.queued, SPEECH, "speech_requested", asked, **common)
            first = {**told, "after_ms": round((item.start - item.queued) / 1e6, 3)}
            self._then(item.start, SPEECH, "speech_first_audio", first, **common)
            received = item.mark.received if item.mark else None
            ready = {**told, "samples": _samples(received or item.end - item.start), "words": []}
            self._then(item.start, SPEECH, "speech_ready", ready, **common)
        if item.state == "dropped":
            reason = {**told, "item": item.kind, "reason": "the caller interrupted"}
            self._then(item.end, PLAY, "play_dropped", reason, **common)
            return
        sample = {"item": item.kind, "sample": _samples(item.start)}
        self._then(item.start, PLAY, "play_started", {**told, **sample}, **common)
        if item.state == "done":
            ended = {**told, "item": item.kind, "sample": _samples(item.end), "heard": item.heard, "complete": True}
            self._then(item.end, PLAY, "play_ended", ended, **common)
            return
        cut = {
            **told,
            "item": item.kind,
            "by": item.cut_by,
            "sample": _samples(item.end),
            "started": _samples(item.start),
            "samples": _samples(item.mark.received) if item.mark and item.mark.received else 0,
            "heard": item.heard,
            "heard_words": item.heard_words,
            "words": item.words,
            "estimated": item.estimated,
        }
        self._then(item.end, PLAY, "play_cut", cut, **common)
        self._then(item.end, TURN, "cut", {"out": item.out, "item": id, "by": item.cut_by}, turn=run.turn, run=run.id)

    def _handler_end(self, run: _Run) -> None:
        known = run.elapsed is not None
        elapsed = run.elapsed if run.elapsed is not None else max(0, run.last_output - run.began.happened)
        facts: dict[str, Any] = {
            "status": "cancelled" if run.facts.cut_at is not None and not run.closed else "ok",
            "outputs": run.outputs,
            "elapsed_ms": round(elapsed / 1e6, 3),
            **({} if known else {"estimated": True}),
        }
        common = {"id": run.id, "cause": run.input, "turn": run.turn, "run": run.id}
        self._then(run.began.happened + elapsed, HANDLER, "handler_ended", facts, **common)
        if not run.closed:
            ends = [item.end for item in run.facts.items]
            at = max([run.began.happened + elapsed, *ends])
            self._then(at, TURN, "turn_closed", {"estimated": True}, turn=run.turn)

    def _frame(self, source: str, problems: Sequence[str], end: int) -> None:
        facts: dict[str, Any] = {
            "agent": self.agent,
            "channel": self.channel,
            "environment": self._environment,
            "platform": SOURCE,
            "source": source,
            "virtual": False,
            "variables": self._variables,
        }
        if self.line.client_offset is not None:
            facts["client_offset_ns"] = self.line.client_offset
        self._put(0, -3, SESSION, "session_started", 0, facts)
        sentence = f"This session was imported from VoiceRun's debugger ({source}). It has no sound."
        self._put(0, -2, NOTICE, "imported", 0, {"source": source}, message=sentence)
        for problem in problems:
            self._put(0, -1, NOTICE, "row_left_out", 0, {}, level="warning", message=problem)
        self._put(end, len(self._made), SESSION, "session_ended", end, {"reason": self._reason or "closed"})

    # ---- records

    def _add(self, time: RowTime, topic: str, event: str, data: Mapping[str, Any], **fields: Any) -> None:
        """What a row itself says."""
        self._put(time.seen, len(self._made), topic, event, time.happened, data, **fields)

    def _then(self, at: int, topic: str, event: str, data: Mapping[str, Any], **fields: Any) -> None:
        """What follows from the rows, seen when it happened."""
        self._put(at, len(self._made), topic, event, at, data, **fields)

    def _put(
        self, seen: int, order: int, topic: str, event: str, at: int, data: Mapping[str, Any], **fields: Any
    ) -> None:
        self._made.append((seen, order, Record(0, seen, at, topic, event, data, **fields)))

    def _new(self, prefix: str) -> str:
        self._ids[prefix] = self._ids.get(prefix, 0) + 1
        return f"{prefix}-{self._ids[prefix]}"


def _is_custom(row: Row) -> bool:
    """Whether the agent made it a CustomEvent, whose name may be that of another row."""
    return row.type == "output" and row.data.get("custom") is True


def _split(data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The event's own payload, and what the debugger put beside it. Values of variables are not kept."""
    payload = {name: value for name, value in data.items() if name not in _FRAME}
    frame: dict[str, Any] = {
        "background": data.get("background") is True,
        "task": data["background_task_name"] if isinstance(data.get("background_task_name"), str) else "",
    }
    context = data.get("context")
    if isinstance(context, Mapping):
        variables = context.get("variables")
        frame["context"] = dict(context)
        if isinstance(variables, Mapping):
            frame["context"]["variables"] = dict.fromkeys(map(str, variables), "(not kept)")
    return payload, frame


def _marked(time: RowTime) -> dict[str, Any]:
    return {"estimated": True} if time.estimated else {}


def _samples(ns: int) -> int:
    return ns * AGENT_RATE // NS


def _is_open(data: Mapping[str, Any]) -> bool:
    """What a gate's row says, in any of the ways that it may be written."""
    for name in ("open", "allowed"):
        if isinstance(data.get(name), bool):
            return data[name]
    if isinstance(data.get("blocked"), bool):
        return not data["blocked"]
    return str(data.get("state") or data.get("status") or "").lower() in ("open", "allowed")
