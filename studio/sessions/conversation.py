"""The conversation as lines that a person reads: made from records only, record by record."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from studio.sessions.asides import Asides
from studio.sessions.failures import KeyWish, wants_key
from studio.sessions.records import (
    EVENT_IN,
    EVENT_OUT,
    HANDLER,
    LLM,
    LOG,
    NOTICE,
    PLAY,
    SESSION,
    SPEECH,
    STT_FINAL,
    STT_PARTIAL,
    TURN,
    Level,
    Record,
)
from studio.sessions.spoken_by import SpokenBy, Voices

Speaker = Literal["agent", "caller", "notice", "aside", "seam", "end"]
State = Literal["waiting", "speaking", "done", "cut", "dropped"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the conversation.

    `number` is its place. `heard` is what was heard of the text (all of a caller's, the played part of an agent's),
    `unheard` the rest. `time` is session ns: when it began to sound, until then when it was queued. `certain` is False for
    speech that the recogniser is not sure of; `alternative` is then its second reading. `heard_words` of `words` were
    heard; `estimated` says that the place of a cut is not exact, and `cut_by` what cut it (`voice`, `text`, `keys`, `end`,
    `replace`, `failed`; "" where no record says). `why` says what kept a caller's line from the handler: `held` until the agent's
    line had ended, dropped because that line was `protected`, refused because the agent had `blocked` input, ignored as a `backchannel`, `unclear` in the end, recorded only because
    the call was `ending`, or `ended`.
    `heard_ns` is how long a cut sound without words was heard, None for any other line. `ids` are the ids of the records it was made from. Lines that nobody said (`aside`, `seam`, `end`) come from `Asides`;
    `details` are the further sentences of an end.
    """

    number: int
    speaker: Speaker
    time: int
    state: State
    heard: str = ""
    unheard: str = ""
    certain: bool = True
    alternative: str = ""
    heard_words: int = 0
    words: int = 0
    estimated: bool = False
    cut_by: str = ""
    heard_ns: int | None = None
    why: str = ""
    details: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    level: Level = "info"
    turn: int = 0
    origin: str = ""
    voice: SpokenBy | None = None
    """Who speaks the agent's line, once its first sound is there."""
    wants_key: KeyWish | None = None
    """For a notice: the key that would mend it."""

    @property
    def text(self) -> str:
        """Heard and unheard together."""
        return f"{self.heard} {self.unheard}".strip() if self.heard and self.unheard else self.heard or self.unheard


class ConversationBuilder:
    """Turns records into lines. `lines` only grows; a line changes until it is done, cut or dropped.

    With asides there are also lines for what happens beside the talk: models, tools, another agent, the end.
    """

    def __init__(self, *, asides: bool = False) -> None:
        self.lines: list[Line] = []
        self._asides = Asides(self._add, self._set) if asides else None
        self._outputs: dict[str, tuple[str, int]] = {}  # what an output event would sound like, and its turn
        self._sounds: set[str] = set()  # the output events that have no words
        self._voices = Voices()
        self._items: dict[str, int] = {}  # id of a queued item -> number of its line
        self._caller: int | None = None  # the caller's line that is still being heard
        self._finals: list[str] = []
        self._held: list[int] = []  # typed lines and keys that wait, in order
        self._keys: int | None = None  # keys that are still being pressed
        self._handlers: dict[str, Callable[[Record], list[Line]]] = {
            EVENT_IN: self._input,
            EVENT_OUT: self._output,
            STT_PARTIAL: self._transcript,
            STT_FINAL: self._transcript,
            SPEECH: self._speech,
            PLAY: self._play,
            TURN: self._turn,
            NOTICE: self._notice,
            SESSION: self._session,
        }

    def apply(self, record: Record) -> list[Line]:
        """Take the next record; returns the lines that are new or changed."""
        handle = self._handlers.get(record.topic)
        changed = handle(record) if handle else []
        if self._asides:
            changed = [*changed, *self._asides.apply(record)]
        told = record.topic == NOTICE or (record.level != "info" and record.topic not in _QUIET)
        if record.topic == EVENT_OUT and record.level == "error":
            told = True  # an ErrorEvent: yielded, or how a background task ended
        elif record.event in ("input_refused", _UNDELIVERED) or (self._asides and record.topic == LLM):
            told = False  # its own line says it
        if record.message and told and not self._just_said(record):
            changed = [*changed, self._add(record, "notice", "done", record.message, ids=(record.id,))]
        return changed

    def _just_said(self, record: Record) -> bool:
        """Whether the newest line says it already, as when what failed also ends the session; each run fails anew."""
        newest = self.lines[-1] if self.lines and record.topic not in (HANDLER, EVENT_OUT) else None
        return newest is not None and newest.speaker == "notice" and newest.heard == record.message

    # the caller

    def _input(self, record: Record) -> list[Line]:
        origin = _text(record.data, "origin")
        payload = _mapping(record.data, "data")
        text = _text(payload, "text") or _text(payload, "digits") or _text(payload, "input")
        if record.event not in ("TextEvent", "DTMFEvent") and not (text and origin in ("speech", "typed", "keys")):
            return []
        details = {
            "state": "done",
            "heard": text,
            "unheard": "",
            "certain": record.data.get("certain") is not False,
            "alternative": _text(record.data, "alternative"),
            "words": len(text.split()),
            "heard_words": len(text.split()),
            "turn": record.turn,
            "origin": origin,
        }
        if origin == "speech" and self._caller is not None:
            at, self._caller, self._finals = self._caller, None, []
            ids = tuple(dict.fromkeys((*self.lines[at].ids, record.id)))
            return [self._set(at, ids=ids, **details)]
        if origin in ("typed", "keys") and self._held:
            at = self._held.pop(0)
        elif origin == "keys" and self._keys is not None:
            at, self._keys = self._keys, None
        else:
            at = self._add(record, "caller", "done", text).number
        return [self._set(at, ids=(*self.lines[at].ids, record.id), **details)]

    def _transcript(self, record: Record) -> list[Line]:
        text = _text(record.data, "text")
        final = record.topic == STT_FINAL
        if final and text:
            self._finals.append(text)
        heard = " ".join(self._finals if final else [*self._finals, text]).strip()
        if not heard and final and self._caller is not None:
            return [self._not_given(record, self.lines[self._caller].text, "unclear")]
        if not heard:
            return []
        if self._caller is None:
            self._caller = self._add(record, "caller", "speaking", heard).number
        details: dict[str, Any] = {"heard": heard, "state": "waiting" if final else "speaking"}
        if final:
            details["certain"] = record.data.get("certain") is not False
            details["alternative"] = _text(record.data, "alternative")
        ids = self.lines[self._caller].ids
        details["ids"] = (*ids, record.id) if record.id and record.id not in ids else ids
        return [self._set(self._caller, **details)]

    def _turn(self, record: Record) -> list[Line]:
        text = _text(record.data, "text")
        match record.event:
            case "speech_held" if text:
                return [self._waits(record, text, _text(record.data, "origin"))]
            case "speech_dropped" if text:
                return [self._not_given(record, text, "protected")]
            case "input_refused" if text:
                return [self._not_given(record, text, "blocked")]
            case "backchannel" if text:
                return [self._not_given(record, text, "backchannel")]
            case "key_pressed":
                return [self._key(record, _text(record.data, "key"))]
            case _:
                return []

    def _notice(self, record: Record) -> list[Line]:
        payload = _mapping(record.data, "data")
        text = _text(payload, "text") or _text(payload, "digits")
        return [self._not_given(record, text, "ending")] if record.event == _UNDELIVERED and text else []

    def _waits(self, record: Record, text: str, origin: str) -> Line:
        if origin in ("typed", "keys"):
            at = self._keys if origin == "keys" else None
            self._keys = None if origin == "keys" else self._keys
            at = self._add(record, "caller", "waiting", text, ids=(record.id,)).number if at is None else at
            self._held.append(at)
            return self._set(at, state="waiting", heard=text, origin=origin, why="held")
        if self._caller is None:
            self._caller = self._add(record, "caller", "waiting", text, ids=(record.id,)).number
        return self._set(self._caller, state="waiting", why="held")

    def _not_given(self, record: Record, text: str, why: str) -> Line:
        """What the caller said never reached the handler."""
        origin = _text(record.data, "origin")
        at = self._caller if origin in ("", "speech") else self._held_as(text)
        if at is None and origin == "keys":
            at = self._keys
        if at is None:
            at = self._add(record, "caller", "dropped", text, ids=(record.id,)).number
        elif at == self._caller:
            self._caller, self._finals = None, []
        elif at in self._held:
            self._held.remove(at)
        else:
            self._keys = None
        return self._set(at, state="dropped", heard=text, why=why, origin=origin)

    def _held_as(self, text: str) -> int | None:
        return next((at for at in self._held if self.lines[at].heard == text), None)

    def _key(self, record: Record, key: str) -> Line:
        if self._keys is None:
            self._keys = self._add(record, "caller", "speaking", "", ids=(record.id,)).number
        return self._set(self._keys, heard=self.lines[self._keys].heard + key, origin="keys")

    # the agent

    def _output(self, record: Record) -> list[Line]:
        payload = _mapping(record.data, "data")
        text = _text(payload, "text") if record.event == "TextToSpeechEvent" else ""
        if record.event == "AudioEvent":
            source = _text(payload, "path") or _text(payload, "url") or _text(payload, "source")
            text = f"[{source.rsplit('/', 1)[-1] or 'audio'}]"
            self._sounds.add(record.id)
        if text:
            self._outputs[record.id] = text, record.turn
        return []

    def _item(self, record: Record) -> list[Line]:
        """The line of a queued item; made when the item is first heard of."""
        if record.id in self._items:
            return []
        out = _text(record.data, "out")
        text, turn = self._outputs.get(out, ("", record.turn))
        text = _text(record.data, "text") or text
        if not text:
            return []
        line = self._add(record, "agent", "waiting", "", ids=tuple(i for i in (record.id, out) if i))
        self._items[record.id] = line.number
        return [self._set(line.number, unheard=text, words=len(text.split()), turn=record.turn or turn)]

    def _speech(self, record: Record) -> list[Line]:
        speaker, at = self._voices.apply(record), self._items.get(record.id)
        if speaker and at is not None:
            return [self._set(at, voice=speaker)]
        if record.event == "speech_requested":
            return self._item(record)
        partly = record.event == "speech_failed" and record.data.get("samples")  # what there is of it is played
        if record.event in ("speech_failed", "speech_cancelled") and not partly:
            return self._never(record)
        return []

    def _play(self, record: Record) -> list[Line]:
        if record.event == "play_queued":
            return self._item(record) if record.data.get("item") in ("speech", "audio") else []
        at = self._items.get(record.id)
        if at is None:
            return []
        line = self.lines[at]
        if record.event == "play_started":
            return [self._set(at, state="speaking", time=record.publish_time)]
        if record.event == "play_dropped":
            return self._never(record)
        if record.event == "play_ended":
            return [self._set(at, state="done", heard=line.text, unheard="", heard_words=line.words)]
        if record.event == "play_cut" and _text(record.data, "out") in self._sounds:
            heard_ns = max(0, record.publish_time - line.time)
            by = _text(record.data, "by")
            return [self._set(at, state="cut", heard=line.text, unheard="", heard_ns=heard_ns, cut_by=by)]
        if record.event == "play_cut":
            heard = _text(record.data, "heard")
            text = line.text
            count = _number(record.data, "heard_words", len(heard.split()))
            rest = text[len(heard) :] if text.startswith(heard) else " ".join(text.split()[count:])
            return [
                self._set(
                    at,
                    state="cut",
                    heard=heard,
                    unheard=rest.strip(),
                    heard_words=count,
                    words=_number(record.data, "words", line.words),
                    estimated=record.data.get("estimated") is True,
                    cut_by=_text(record.data, "by"),
                )
            ]
        return []

    def _never(self, record: Record) -> list[Line]:
        at = self._items.get(record.id)
        if at is None or self.lines[at].state != "waiting":
            return []
        return [self._set(at, state="dropped")]

    def _session(self, record: Record) -> list[Line]:
        """Nothing goes on after the end: what still waited was never heard, or never delivered."""
        if record.event != "session_ended":
            return []
        self._caller = self._keys = None
        self._held.clear()
        return [
            self._set(line.number, state="dropped", why="ended" if line.speaker == "caller" else "")
            if line.state == "waiting"
            else self._set(line.number, state="cut", cut_by="end")
            for line in self.lines[-200:]
            if line.state in ("waiting", "speaking")
        ]

    # lines

    def _add(self, record: Record, speaker: Speaker, state: State, heard: str, ids: Iterable[str] = ()) -> Line:
        line = Line(
            number=len(self.lines),
            speaker=speaker,
            time=record.publish_time,
            state=state,
            heard=heard,
            ids=tuple(i for i in ids if i),
            level=record.level,
            turn=record.turn,
            wants_key=wants_key(record) if speaker == "notice" else None,
        )
        self.lines.append(line)
        return line

    def _set(self, number: int, **changes: Any) -> Line:
        self.lines[number] = replace(self.lines[number], **changes)
        return self.lines[number]


_UNDELIVERED = "after_the_end"
_QUIET = frozenset({EVENT_IN, EVENT_OUT, LOG, STT_PARTIAL, STT_FINAL})
"""Topics whose messages are shown elsewhere, or are the lines themselves."""


def conversation(records: Iterable[Record]) -> list[Line]:
    """All lines of a session."""
    builder = ConversationBuilder()
    for record in records:
        builder.apply(record)
    return builder.lines


def _text(data: Any, name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _mapping(data: Any, name: str) -> Any:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _number(data: Any, name: str, default: int) -> int:
    value = data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else default
