"""What the records put on the lanes of the timeline."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from studio.app.timeline.held_lane import HeldLane
from studio.app.timeline.lane_rows import LaneRows, style_of
from studio.app.timeline.model_lane import ModelLane
from studio.app.timeline.recogniser_lane import RecogniserLane
from studio.app.timeline.sound_lanes import BackgroundLane, RecordingLane
from studio.app.timeline.spans import OPEN, Style
from studio.sessions.data import SessionData
from studio.sessions.ending import why_ended
from studio.sessions.event_words import (
    closing_speech,
    input_words,
    line_words,
    outcome_words,
    output_words,
    refusal_words,
)
from studio.sessions.failures import error_of
from studio.sessions.latency import LatencyBuilder
from studio.sessions.records import (
    AGENT_RATE,
    CALLER_RATE,
    CLOCK,
    EFFECT,
    EVENT_IN,
    EVENT_OUT,
    HANDLER,
    LLM,
    LOG,
    METRIC,
    NOTICE,
    NS,
    PLAY,
    SPEECH,
    STT_FINAL,
    STT_PARTIAL,
    TOOL,
    TURN,
    VAD,
    Record,
)
from studio.sessions.sentences import quoted
from studio.sessions.spoken_by import SpokenBy, Voices
from studio.units import span

_CHUNK = 256
_RECOGNITION = ("recognition_changed", "recogniser_switched", "standby_warming", "standby_ready", "standby_failed")


@dataclass(frozen=True, slots=True)
class Cut:
    """The agent was silenced: when, how long after the decision, and the record."""

    time: int
    after_ms: float | None
    place: int


@dataclass(frozen=True, slots=True)
class Seam:
    """A line through all lanes: another agent takes over, or the session ends. When, what it says, the record."""

    time: int
    text: str
    place: int


@dataclass(frozen=True, slots=True)
class Unheard:
    """Speech that was made and never sounded: the utterance, its first unheard sample, and where it would have been."""

    id: str
    sample: int
    start: int
    end: int


@dataclass(slots=True)
class _Speech:
    """A line of the agent on its way: the handles of its rows, and what is known of its length."""

    out_place: int = -1
    emitted: int = 0
    event: Record | None = None
    label: str = ""
    waiting: int = -1
    sounding: int = -1
    request: int = -1
    samples: int = 0
    first: int = 0
    cached: str = ""
    """How old its sound is, where it comes from the cache."""


class Lanes:
    """Rows of every lane, kept up to date with the session record by record.

    `read` takes what is new and may be stopped by a time budget; calling it again goes on. The result does not depend on
    how the records were portioned.
    """

    def __init__(self, data: SessionData) -> None:
        self._rows = LaneRows()
        self.tables = self._rows.tables
        self.cuts: list[Cut] = []
        self.seams: list[Seam] = []
        self.end: Seam | None = None
        self.unheard: list[Unheard] = []
        self.thresholds: list[tuple[int, float]] = [(0, 0.5)]
        self.endpointing_ms = 300.0
        self.voice_stopped: int | None = None
        self.turns: dict[int, int] = {}
        self.places: dict[str, int] = {}
        self.latency = LatencyBuilder()
        self.read_count = 0
        self.revision = 0
        self._changes: deque[tuple[int, int]] = deque(maxlen=256)
        self._data = data
        self._runs: dict[str, int] = {}
        self._agent_turn = -1
        self._waited: tuple[int, float] | None = None
        self._partial = -1
        self._pale = -1
        self._ahead = 0
        self._voices = Voices()
        self._said: dict[str, _Speech] = {}
        self._by_out: dict[str, _Speech] = {}
        self._closing: dict[str, tuple[int, Record]] = {}
        """Stops and transfers with last words, until these are queued: where the event has no effect they never are."""
        self._marks: dict[str, tuple[int, str]] = {}  # of output events without sound: handle and label
        self._agent = ""
        self._held_lane = HeldLane(self._rows)
        self._model_lane = ModelLane(self._rows)
        self._recogniser_lane = RecogniserLane(self._rows)
        recording, background = RecordingLane(self._rows), BackgroundLane(self._rows)
        self._effects: dict[str, Callable[[int, Record], None]] = {
            **dict.fromkeys(_RECOGNITION, self._recogniser_lane.read),
            **dict.fromkeys(
                ("recording_started", "recording_ended", "callback_sent", "callback_failed"), recording.read
            ),
            **dict.fromkeys(("background_started", "background_ended"), background.read),
            **dict.fromkeys(("input_blocked", "input_allowed"), self._held_lane.gate),
        }
        self._readers: dict[str, Callable[[int, Record], None]] = {
            EVENT_IN: self._event_in,
            EVENT_OUT: self._event_out,
            HANDLER: self._handler,
            TURN: self._turn,
            SPEECH: self._speech,
            PLAY: self._play,
            STT_PARTIAL: self._heard,
            STT_FINAL: self._heard,
            NOTICE: self._notice,
            LOG: self._log,
            LLM: self._model_lane.request,
            TOOL: self._model_lane.tool,
            EFFECT: self._effect,
        }

    @property
    def complete(self) -> bool:
        """Whether everything there is has been read."""
        return self.read_count >= self._data.record_count

    def read(self, budget_s: float | None = None) -> bool:
        """Take new records, for at most about `budget_s`; returns whether there were any."""
        until = perf_counter() + budget_s if budget_s is not None else None
        total = self._data.record_count
        if self.read_count >= total:
            return False
        self._rows.touched = OPEN
        while self.read_count < total:
            stop = min(self.read_count + _CHUNK, total)
            for place, record in enumerate(self._data.records(self.read_count, stop), self.read_count):
                self._take(place, record)
            self.read_count = stop
            if until is not None and perf_counter() > until:
                break
        self.touch(self._rows.touched)
        return True

    def touch(self, since: int) -> None:
        """Note that what is drawn from the instant `since` on has changed."""
        self.revision += 1
        self._changes.append((self.revision, since))

    def changed_since(self, revision: int, now: int) -> tuple[int, int] | None:
        """From when to when things look different since that revision; None when nothing does.

        Nothing is drawn later than `now` but what would have been said had it not been cut.
        """
        if revision == self.revision:
            return None
        until = max(now, self._ahead)
        if not self._changes or not self._changes[0][0] - 1 <= revision < self.revision:
            return 0, until  # too long ago, or a revision of another session
        return max(0, min(since for number, since in self._changes if number > revision)), until

    # ---- records

    def _take(self, place: int, record: Record) -> None:
        if record.topic in (METRIC, VAD, CLOCK):
            return
        if record.id:
            self.places.setdefault(record.id, place)
        if record.turn:
            self.turns.setdefault(record.turn, place)
        self.latency.apply(record)
        reader = self._readers.get(record.topic)
        if reader:
            reader(place, record)
        else:
            self._session(place, record)

    def _caller_time(self, sample: Any, otherwise: int) -> int:
        return int(sample) * NS // CALLER_RATE if isinstance(sample, int) else otherwise

    def _event_in(self, place: int, record: Record) -> None:
        self._rows.mark("in", record, place, input_words(record))

    def _event_out(self, place: int, record: Record) -> None:
        if record.event in ("TextToSpeechEvent", "AudioEvent", "SilenceEvent"):
            self._expect(place, record)
            return
        if closing_speech(record):
            self._closing[record.id] = place, record
        label = output_words(record)
        style = Style.ERROR if record.event == "ErrorEvent" else Style.MARK
        if style == Style.ERROR and record.data.get("background"):
            failed = f"{record.data.get('task') or 'task'}  {error_of(record).get('type') or 'failed'}"
            self._rows.mark("handler", record, place, failed, style)
        self._marks[record.id] = self._rows.mark("out", record, place, label, style), label

    def _expect(self, place: int, record: Record) -> None:
        """Something will be heard because of an output event."""
        speech = _Speech(place, record.publish_time, record, line_words(record))
        speech.waiting = self._rows.add("said", record.publish_time, OPEN, Style.WAIT, place)
        self._by_out[record.id] = speech

    def _effect(self, place: int, record: Record) -> None:
        """What an output event did: on its own lane, and in the words beside the event's mark."""
        if reader := self._effects.get(record.event):
            reader(place, record)
        elif record.event == "error_fallback":
            self._rows.mark("handler", record, place, "fallback after errors", Style.WARNING)
        self._say_outcome(record, outcome_words(record))

    def _say_outcome(self, record: Record, words: str, style: Style | None = None) -> None:
        handle, label = self._marks.get(record.cause, (-1, ""))
        if words and record.event not in ("recording_ended", "callback_failed"):
            label = f"{label}: {words}" if "  " in label else f"{label}  {words}"
        self._rows.change("out", handle, label=label or None, style=style)

    def _handler(self, place: int, record: Record) -> None:
        number = record.id.rpartition("-")[2]
        if record.event == "handler_started":
            event = str(record.data.get("event", "")).removesuffix("Event")
            self._runs[record.id] = self._rows.add(
                "handler", record.publish_time, OPEN, Style.SPAN, place, f"run {number}  {event}"
            )
        elif record.event == "handler_ended" and record.id in self._runs:
            handle = self._runs.pop(record.id)
            status = record.data.get("status", "ok")
            error = record.data.get("error") or {}
            if status == "ok":
                self._rows.change("handler", handle, end=record.publish_time)
            else:
                style = Style.DROPPED if status in ("cancelled", "dropped") else Style.ERROR
                label = f"run {number}  {error.get('type') or status}"
                self._rows.change("handler", handle, end=record.publish_time, style=style, label=label)
        elif record.level != "info":
            style = Style.ERROR if record.level == "error" else Style.WARNING
            self._rows.mark("handler", record, place, record.event.replace("_", " "), style)
        else:
            self._rows.mark("engine", record, place, record.event.replace("_", " "))

    def _turn(self, place: int, record: Record) -> None:
        event, at = record.event, record.publish_time
        if event == "turn_opened":
            if self._agent_turn < 0:
                label = f"turn {record.turn}" if record.turn else ""
                if self._waited and at - self._waited[0] < NS:
                    label = f"{label}  waited {self._waited[1]:.0f} ms".lstrip()
                self._waited = None
                self._agent_turn = self._rows.add("turn", at, OPEN, Style.QUIET, place, label)
        elif event == "turn_closed":
            self._rows.change("turn", self._agent_turn, end=at)
            self._agent_turn = -1
        elif event == "voice_started":
            self.voice_stopped = None
        elif event == "voice_stopped":
            self.voice_stopped = self._caller_time(record.data.get("caller_sample"), at)
        elif event == "end_of_turn":
            waited = float(record.data.get("waited_ms") or 0)
            self._rows.add("turn", at - int(waited * 1e6), at, Style.WAIT, place)
            self._waited = (at, waited)
            self.voice_stopped = None
        elif event == "barge_in":
            self._rows.mark("turn", record, place, "", Style.CUT)
        elif event == "cut":
            after = record.data.get("silent_after_ms")
            self.cuts.append(Cut(at, float(after) if after is not None else None, place))
            self._rows.touched = min(self._rows.touched, at)
        elif event == "false_interruption":
            self._rows.mark("turn", record, place, "false interruption", Style.WARNING)
        elif event == "key_pressed":
            self._rows.mark("in", record, place, str(record.data.get("key") or ""), Style.QUIET)
        elif event == "hung_up":
            self._rows.mark("in", record, place, "the caller hung up")
        elif event == "backchannel":
            self._rows.mark("turn", record, place, f"only  {quoted(str(record.data.get('text') or ''))}", Style.QUIET)
        elif not self._held_lane.turn(place, record):
            self._rows.mark("turn", record, place, event.replace("_", " "))

    def _speech(self, place: int, record: Record) -> None:
        if speaker := self._voices.apply(record):
            self._spoken_by(speaker, str(record.data.get("out") or record.cause))
        said = self._said.setdefault(record.id, _Speech())
        if record.event == "speech_requested":
            said.request = self._rows.add("speech", record.publish_time, OPEN, Style.SPAN, place)
        elif record.event == "speech_from_cache":
            said.cached = f"from cache, {span(record.data.get('age_s') or 0)} old"
        elif record.event == "speech_first_audio":
            by = f"{record.data.get('voice')} took over  " if record.data.get("instead_of") else ""
            label = f"{by}first byte {record.data.get('after_ms', 0):.0f} ms"
            self._rows.change("speech", said.request, label=label)
        elif record.event == "speech_ready":
            said.samples = int(record.data.get("samples") or 0)
            if record.data.get("cache") == "hit":
                start = self.tables["speech"].bounds(said.request)[0] if said.request >= 0 else record.publish_time
                self._rows.change(
                    "speech", said.request, end=start, style=Style.MARK, label=said.cached or "from cache"
                )
            else:
                self._rows.change("speech", said.request, end=record.publish_time)
            said.request = -1
        elif record.event in ("speech_failed", "speech_cancelled"):
            style = Style.ERROR if record.event == "speech_failed" else Style.DROPPED
            self._rows.change(
                "speech", said.request, end=record.publish_time, style=style, label=record.event.removeprefix("speech_")
            )
            said.request = -1
            if record.event == "speech_failed":
                self._rows.mark("notices", record, place, "speech failed", Style.ERROR)

    def _spoken_by(self, speaker: SpokenBy, out: str) -> None:
        line = self._by_out.get(out)
        if line and line.event:
            line.label = line_words(line.event, speaker)
            self._rows.change("said", line.sounding, label=line.label)

    def _play(self, place: int, record: Record) -> None:
        out = str(record.data.get("out") or record.cause)
        if record.event == "play_queued" and record.data.get("item") == "speech" and out in self._closing:
            self._expect(*self._closing.pop(out))
        said = self._by_out.get(out)
        if said is None or record.data.get("item") in ("stop", "transfer"):
            return
        at = record.publish_time
        if record.event == "play_started" and said.waiting >= 0:
            said.first = int(record.data.get("sample") or 0)
            self._end_pale(at)
            if at <= self.tables["said"].bounds(said.waiting)[0]:
                # nothing was waited for: the sample's own time may even lie a little before the event's
                self._rows.change("said", said.waiting, style=Style.SOUND, label=said.label)
                said.sounding = said.waiting
            else:
                self._rows.change("said", said.waiting, end=at)
                said.sounding = self._rows.add("said", at, OPEN, Style.SOUND, said.out_place, said.label)
            said.waiting = -1
        elif record.event in ("play_ended", "play_cut") and said.sounding >= 0:
            self._rows.change("said", said.sounding, end=at)
            said.sounding, said.event = -1, None
            if record.event == "play_cut":
                self._never_heard(record, said, at)
        elif record.event == "play_dropped":
            # it has waited under what sounded meanwhile: that it is never heard happens at this instant
            self._rows.change("said", said.waiting if said.waiting >= 0 else said.sounding, end=at)
            self._rows.add("said", at, at, Style.DROPPED, said.out_place, f"never heard  {said.label}")
            said.waiting = said.sounding = -1

    def _never_heard(self, record: Record, said: _Speech, at: int) -> None:
        ready = self._said.get(record.id)
        total = max(int(record.data.get("samples") or 0), ready.samples if ready else 0)
        heard = int(record.data.get("sample") or 0) - int(record.data.get("started", said.first))
        rest = total - heard
        if rest > 0:
            end = at + rest * NS // AGENT_RATE
            self._pale = self._rows.add("said", at, end, Style.UNHEARD, said.out_place, "never heard")
            self._ahead = max(self._ahead, end)
            self.unheard.append(Unheard(record.id, heard, at, end))

    def _end_pale(self, at: int) -> None:
        """What would have been said makes way for what is said instead."""
        if self._pale >= 0 and self.unheard[-1].end > at:
            self.unheard[-1] = replace(self.unheard[-1], end=max(at, self.unheard[-1].start + 1))
            self._rows.shorten("said", self._pale, self.unheard[-1].end)
            self._rows.touched = min(self._rows.touched, self.unheard[-1].start)
        self._pale = -1

    def _heard(self, place: int, record: Record) -> None:
        facts = record.data
        text = str(facts.get("text") or "")
        if not facts.get("certain", True):
            text += " ?"
        start = self._caller_time(facts.get("start"), record.publish_time)
        end = self._caller_time(facts.get("end"), record.publish_time)
        if record.topic == STT_PARTIAL:
            if self._partial < 0:
                self._partial = self._rows.add("words", start, OPEN, Style.PARTIAL, place, text)
            else:
                self._rows.change("words", self._partial, label=text, place=place)
            return
        if self._partial >= 0:
            self._rows.change("words", self._partial, end=end, style=Style.TEXT, label=text, place=place)
            self._partial = -1
        else:
            self._rows.add("words", start, end, Style.TEXT, place, text)

    def _notice(self, place: int, record: Record) -> None:
        if record.event == "recogniser_stand_in":
            self._recogniser_lane.stand_in(str(record.data.get("model") or ""))
        self._rows.mark("notices", record, place, record.event.replace("_", " "), style_of(record))
        if record.cause in self._marks and (record.level != "info" or record.event == "not_for_yielding"):
            style = style_of(record)
            self._say_outcome(record, refusal_words(record), None if style == Style.MARK else style)

    def _log(self, place: int, record: Record) -> None:
        self._rows.mark("log", record, place, record.message[:80], style_of(record))

    def _session(self, place: int, record: Record) -> None:
        at = record.publish_time
        if record.event == "session_started":
            settings = record.data.get("settings") or {}
            self._setting("vad_threshold", settings.get("vad_threshold"), 0)
            self._setting("stt_endpointing", settings.get("stt_endpointing"), 0)
            self._agent = str(record.data.get("agent") or "")
            self._recogniser_lane.begin(place, record)
        elif record.event == "setting_changed":
            self._setting(str(record.data.get("name")), record.data.get("value"), at)
        elif record.event == "agent_seam":
            before = str(record.data.get("before") or self._agent or "the agent before")
            self._agent = str(record.data.get("agent") or "another agent")
            self.seams.append(Seam(at, f"{before} → {self._agent}", place))
            self._rows.touched = min(self._rows.touched, at)
        elif record.event == "session_ended":
            self._held_lane.end(at)
            self.end = Seam(at, why_ended(str(record.data.get("reason") or "")), place)
            self._rows.touched = min(self._rows.touched, at)
        words = record.event.replace("_", " ")
        if record.event == "setting_changed":
            words = f"{record.data.get('name')}  {record.data.get('value')}"
        self._rows.mark("engine", record, place, words, style_of(record))

    def _setting(self, name: str, value: Any, at: int) -> None:
        if not isinstance(value, int | float):
            return
        if name == "vad_threshold":
            if self.thresholds[-1][0] == at:
                self.thresholds.pop()
            self.thresholds.append((at, float(value)))
            self._rows.touched = min(self._rows.touched, at)
        elif name == "stt_endpointing":
            self.endpointing_ms = float(value)
