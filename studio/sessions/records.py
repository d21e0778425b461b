"""The record: the one shape of everything that happens in a session.

A session is a sequence of records and of audio blocks. Every view, file, export and command-line output is made from
them and from nothing else.

Time is integer nanoseconds since the session's start. A record has two: when the engine saw it (`log_time`) and when it
happened (`publish_time`, from sample positions where there is sound). Records are ordered by (`log_time`, `seq`).
Ids are counters of the session with a kind prefix (`in-1`, `out-4`, `run-2`, `say-3`), never uuids.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

NS = 1_000_000_000

CALLER_RATE = 16_000
"""Samples per second of the caller line (what the recogniser hears)."""
AGENT_RATE = 24_000
"""Samples per second of the agent line (what leaves for the speaker)."""

Level = Literal["info", "warning", "error"]

# Topics: the channels of the session file. Beside each: its events, and what their `data` holds. `sample` and `samples`
# count on the agent line unless the name says otherwise; durations in `..._ms` are session time.

EVENT_IN = "/event/in"
"""An input event given to the handler: `name`, `data`; `origin` is start, speech, typed, silence, keys (with `began`), given, agent, recogniser, end; for speech
also `voice_end` (session time of the caller's last voiced sample), `start`, `end` (caller samples), `certain`,
`alternative`. Its `run` is the handler run that it starts; `id` is `in-N`."""
EVENT_OUT = "/event/out"
"""An output event that the handler yielded: `name`, `data`, `file`, `line` of the yield, `background`. `id` is `out-N`,
`cause` the input event's id."""
HANDLER = "/handler"
"""`handler_started` (`event`, `input`) and `handler_ended` (`status` ok|error|cancelled|killed|dropped, `outputs`, `error`,
`elapsed_ms`, `place` "file.py:line" where one waited that was cancelled, `by` caller where what the caller said did it). `id` is the run's. `agent_blocked` (`file`, `line`), `agent_ready`, `agent_gone`, `tasks` (`unfinished`)."""
TURN = "/turn"
"""`voice_started`, `voice_stopped` (`caller_sample`, dated by the signal's level), `end_of_turn` (`waited_ms`),
`turn_opened`, `turn_closed` (the agent's; `elapsed_ms`), `barge_in` (`by` voice|text|keys, `decided`), `cut` (`out`,
`sample` first not heard, `fade_samples`, `silent_after_ms` from the decision), `false_interruption`, `speech_resumed`,
`speech_held` (`text`, `origin`), `speech_dropped` (same), `held_delivered` (`inputs`, 0 where the gate is closed or the
call is ending), `backchannel` (`text`: a word that cuts
nothing), `key_pressed` (`key`), `input_refused` (`text`, `origin`: the input gate is closed), `hung_up`."""
SPEECH = "/tts"
"""`speech_requested` (`out`, `text`, `voice`, `speed` as asked; `fault` where it is made to fail), `speech_first_audio`
(`after_ms`) and `speech_ready` (`samples`, `words`: [[text, start, end, text_start, text_end], ...]), both with who really
speaks (`provider`, `voice`, `model`, `speed`) and `cache`: hit, miss (written when the whole line was kept) or off,
and `instead_of`, the voice whose provider fails, `named`, the name of a voice that was asked for by its id; a line that several had to speak has `parts` (who, `samples`, `text_start`).
`speech_from_cache` (`age_s` of a hit; host), `speech_failed` (`failure`, `provider`, `samples` that had come),
`speech_cancelled`. `id` is `say-N` (also of `/audio/tts`)."""
PLAY = "/play"
"""A queued item on the agent line: `play_queued` (`item` speech|audio|silence|stop|transfer, `out`, `interruptible`),
`play_started` (`sample`), `play_ended` (`sample`, `heard`: text, `complete` true), `play_cut` (`by`, `sample`, `heard`,
`heard_words`, `words`, `estimated`), `play_dropped` (never began; `reason`); where the sound itself broke off, `by` and
`reason` are failed and the message says why. `id` is `say-N`, `snd-N`, `sil-N`, `end-N`."""
STT_PARTIAL = "/stt/partial"
STT_FINAL = "/stt/final"
"""`transcript`: `text`, `start`, `end` (caller samples), `language`, `confidence`, `certain`, `alternative`, `provider` (who
heard), `words`: [[text, start, end], ...] in caller samples, empty where the recogniser places none."""
LLM = "/llm"
"""A request of the agent to a language model: `completion_requested` (`provider`, `model`, `engine`, `messages`: how many,
`tools`: names, `streaming`), `completion_first_token` (`after_ms`), `completion_ended` (`text`, `finish_reason`, `usage`,
`elapsed_ms`), `completion_failed` (`failure`, or cancelled; `text` that had come), `completion_retried` (`failure`, `attempt`, `pause_ms`),
`completion_fell_back` (`failure`; `provider`, `model` that are asked next). `id` is `llm-N`, `cause` the request that it stands in
for, `run` the handler run that asked."""
TOOL = "/tool"
"""`tool_called` (`name`, `arguments`, `call`), `tool_answered` (`name`, `content`, `call`). `cause` is the `llm-N`."""
LOG = "/log"
"""`log`: `stream` handler|logger|stdout|stderr|engine, `location` "file.py:line", `attributes`; the text is `message`."""
NOTICE = "/notice"
"""Every refusal, clamp, stand-in, drop and fallback: `event` is its code (`voice_stand_in`, `speed_clamped`, `failed_over`,
`left_alone`, `no_device`, `not_simulated`, `agent_mistake` (`file`, `line`: the run survives it), ...), `message` the sentence, `data` the facts, `action` what to do where there is something to do."""
SESSION = "/session"
"""`session_started` (`agent`, `project`, `channel`, `environment`, `settings`, `variables`: names only, `virtual`,
`given`: `data`, `input_data` and `settings` that were given for this session;
`platform` and `sentence` for one imported from the platform), `session_ended`
(`reason` stop|transferred|hang_up|finished|limit|agent_failed|window_gone|closed), `setting_changed` (`name`, `value`),
`devices_changed`, `not_reproducible` (`reasons`), `fault_set` (`fault`: what is made to fail, by its name in
`studio.providers.faults`; `seconds` where it lasts), `agent_seam` (`agent`: the
name of the one that goes on, `before`, `environment`). A transfer to a number ends the session with reason `transferred`."""
EFFECT = "/effect"
"""What an output event that makes no sound did, dated when it took effect; `cause` is the `out-N`.
`recognition_changed` (`changed`: the event's field names and their new values), `standby_warming` (`model`), `standby_ready`
(`model`, `warmup_ms`), `standby_failed` (`model`, `failure`), `recogniser_switched` (`from_model`, `to_model`, `warmup_ms`:
how long it took to open, `switch_delay_ms` from when it was asked for, `caller_sample`: the first that is the new one's),
`recording_started` (`from_sample`, `callback`: whether somebody is to be told; `id` is `rec-N`, as in the next four),
`recording_ended` (`seconds`, `to_sample`, `lost` true where its file is gone; its time is where the recording ends), `recording_file` (`file`; host),
`callback_sent`, `callback_failed` (`url`, `attempt`, `status`: 0 without an answer),
`background_started` (`url`, `volume`, `loop`, `sample`; `id` is `bg-N`), `background_ended` (`url`, `sample` where it begins
to fade, `reason` replaced|stopped|over),
`input_blocked`, `input_allowed` (`by` agent|handler_end|end), `interrupted` (`items`: ids), `transferred` (`to`
phone|sip|agent, `target`, `environment`, `mode`, `data`), `external_sent` (`agent_id`, `session_id`, `name`, `delivered`),
`accepted` (`what`: the platform would do it, the desk only shows it), `error_fallback` (`kind`, `value`)."""
PLATFORM = "/platform"
"""What a session imported from VoiceRun's debugger holds besides: `metric` and other rows of the platform, each with
`name`, `row_type`, `data`. In such a session `estimated` marks every time that no row tells."""
GAP = "/gap"
"""`lost`: `stream`, `from_sample`, `to_sample`, `reason`."""
VAD = "/vad"
CLOCK = "/clock"
METRIC = "/metric"
"""`metric`: `name`, `value`, `unit`, `definition` (from which instant to which)."""

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

_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


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
    try:
        body = _ENCODER.encode(row)
    except ValueError:  # not a finite number
        body = _ENCODER.encode(plain(row))
    return f'{{"t":{seconds}.{rest // 1000:06d},{body[1:]}'


def plain(value: Any, depth: int = 0) -> Any:
    """The nearest thing that JSON can hold; what is no finite number is its name as text: NaN, Infinity, -Infinity."""
    if depth > 32:
        return "..."
    if isinstance(value, Mapping):
        return {str(k): plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v, depth + 1) for v in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else json.dumps(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    return repr(value)[:1000]
