"""Records read as a conversation, a row, and a chain of delays."""

import json
import wave as wavefile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.sessions.conversation import ConversationBuilder, Line, conversation
from studio.sessions.export import json_lines, write_json_lines, write_stem, write_stereo
from studio.sessions.failures import KeyWish, is_logged
from studio.sessions.latency import STAGES, LatencyBuilder, latencies
from studio.sessions.live import LiveSession
from studio.sessions.records import (
    AUDIO_AGENT,
    AUDIO_CALLER,
    EFFECT,
    EVENT_IN,
    EVENT_OUT,
    HANDLER,
    LLM,
    METRIC,
    NOTICE,
    NS,
    PLAY,
    SESSION,
    SPEECH,
    STT_FINAL,
    STT_PARTIAL,
    TOOL,
    TURN,
    AudioBlock,
    Record,
)
from studio.sessions.summary import summarise
from tests.sessions.making import MS, failed_task, talk, wave


def row(seq: int, topic: str, event: str, data: dict | None = None, **more) -> Record:
    return Record(seq, seq * MS, seq * MS, topic, event, data or {}, **more)


def test_a_talk_reads_as_it_was_heard() -> None:
    greeting, asked, answer = conversation(talk())
    assert (greeting.speaker, greeting.state, greeting.heard, greeting.unheard) == (
        "agent",
        "done",
        "Hello, how can I help?",
        "",
    )
    assert greeting.time == 30 * MS
    assert greeting.ids == ("say-1", "out-1")
    assert (asked.speaker, asked.heard, asked.certain, asked.alternative) == (
        "caller",
        "book a table",
        False,
        "look a table",
    )
    assert (answer.state, answer.heard, answer.unheard) == ("cut", "For how many people?", "We have room.")
    assert (answer.heard_words, answer.words) == (4, 7)


def test_a_failure_that_also_ends_the_session_is_said_once() -> None:
    sentence = "handler.py line 1: The module 'x' is not installed."
    failed = row(1, SESSION, "agent_failed", level="error", message=sentence)
    ended = row(2, SESSION, "session_ended", {"reason": "agent_failed"}, level="error", message=sentence)
    assert [line.text for line in conversation([failed, ended])] == [sentence]


@pytest.mark.parametrize(
    ("data", "action"),
    [
        ({"provider": "openai", "action": "add key"}, "Add key"),
        ({"provider": "openai", "action": "replace key"}, "Replace key"),
        ({"provider": "openai", "action": "add key", "failure": "bad_key"}, "Replace key"),
    ],
    ids=["missing", "refused", "refused, in an older file"],
)
def test_a_notice_about_a_key_says_whether_one_is_missing_or_refused(data, action) -> None:
    (line,) = conversation([row(1, NOTICE, "failed_over", data, level="warning", message="No key.")])
    assert line.wants_key == KeyWish("openai", action)


def test_lines_change_as_they_are_heard() -> None:
    builder = ConversationBuilder()
    states = [[(line.number, line.state) for line in builder.apply(record)] for record in talk()]
    assert [state for state in states if state] == [
        [(0, "waiting")],
        [(0, "speaking")],
        [(0, "done")],
        [(1, "waiting")],
        [(1, "done")],
        [(2, "waiting")],
        [(2, "speaking")],
        [(2, "cut")],
    ]


def test_partial_words_grow_into_the_callers_line() -> None:
    builder = ConversationBuilder()
    texts = []
    for seq, (topic, text) in enumerate(
        [
            (STT_PARTIAL, "book"),
            (STT_PARTIAL, "book a"),
            (STT_FINAL, "book a table"),
            (STT_PARTIAL, "for"),
            (STT_FINAL, "for two"),
        ]
    ):
        texts += [line.heard for line in builder.apply(row(seq, topic, "transcript", {"text": text}))]
    assert texts == ["book", "book a", "book a table", "book a table for", "book a table for two"]
    event = row(9, EVENT_IN, "TextEvent", {"data": {"text": "book a table for two"}, "origin": "speech"}, id="in-1")
    (line,) = builder.apply(event)
    assert (line.number, line.state, len(builder.lines)) == (0, "done", 1)


def test_a_word_that_interrupts_nothing_is_a_line_of_its_own_and_not_the_begin_of_the_next() -> None:
    rows = [
        row(1, STT_FINAL, "transcript", {"text": "mhm"}),
        row(2, TURN, "backchannel", {"text": "mhm"}, message="It cuts nothing."),
        row(900, STT_FINAL, "transcript", {"text": "book a table"}),
        row(901, EVENT_IN, "TextEvent", {"data": {"text": "book a table"}, "origin": "speech"}, id="in-2"),
    ]
    only, asked = conversation(rows)
    assert (only.text, only.state, only.why) == ("mhm", "dropped", "backchannel")
    assert (asked.text, asked.state, asked.time) == ("book a table", "done", 900 * MS)


def test_words_of_which_nothing_is_understood_in_the_end_do_not_begin_the_next_line() -> None:
    rows = [
        row(1, STT_PARTIAL, "transcript", {"text": "uh"}),
        row(2, STT_FINAL, "transcript", {"text": ""}),
        row(3, STT_FINAL, "transcript", {"text": ""}),
        row(900, STT_PARTIAL, "transcript", {"text": "book"}),
    ]
    unclear, asked = conversation(rows)
    assert (unclear.text, unclear.state, unclear.why) == ("uh", "dropped", "unclear")
    assert (asked.text, asked.state, asked.time) == ("book", "speaking", 900 * MS)


def test_words_that_are_held_stay_when_nothing_more_is_understood() -> None:
    rows = [
        row(1, STT_FINAL, "transcript", {"text": "wait"}),
        row(2, TURN, "speech_held", {"text": "wait", "origin": "speech"}),
        row(3, STT_FINAL, "transcript", {"text": ""}),
    ]
    (held,) = conversation(rows)
    assert (held.text, held.state, held.why) == ("wait", "waiting", "held")


@pytest.mark.parametrize(("samples", "state"), [(0, "dropped"), (2400, "waiting")])
def test_a_line_that_broke_off_is_heard_as_far_as_it_came(samples: int, state: str) -> None:
    records = [
        row(1, SPEECH, "speech_requested", {"text": "Later.", "out": "out-1"}, id="say-1"),
        row(2, SPEECH, "speech_failed", {"failure": "dropped", "samples": samples}, id="say-1", level="error"),
    ]
    assert [line.state for line in conversation(records) if line.speaker == "agent"] == [state]


def test_what_was_dropped_was_never_heard() -> None:
    (line,) = conversation(
        [
            row(1, SPEECH, "speech_requested", {"text": "Later."}, id="say-1"),
            row(2, PLAY, "play_dropped", {"reason": "cut"}, id="say-1"),
        ]
    )
    assert (line.state, line.heard, line.unheard) == ("dropped", "", "Later.")


def test_the_end_leaves_nothing_waiting() -> None:
    lines = conversation(
        [
            row(1, SPEECH, "speech_requested", {"text": "One."}, id="say-1"),
            row(2, PLAY, "play_started", {}, id="say-1"),
            row(3, SPEECH, "speech_requested", {"text": "Two."}, id="say-2"),
            row(4, STT_PARTIAL, "transcript", {"text": "but"}),
            row(5, SESSION, "session_ended", {"reason": "hang_up"}),
        ]
    )
    assert [line.state for line in lines] == ["cut", "dropped", "cut"]
    assert lines[0].cut_by == "end"


def test_a_cut_line_knows_what_cut_it() -> None:
    (line,) = conversation(
        [
            row(1, SPEECH, "speech_requested", {"text": "One two."}, id="say-1"),
            row(2, PLAY, "play_started", {}, id="say-1"),
            row(3, PLAY, "play_cut", {"heard": "One", "by": "keys"}, id="say-1"),
        ]
    )
    assert line.cut_by == "keys"


def test_a_background_task_that_fails_is_told_and_counted_as_the_log_counts() -> None:
    records = [
        failed_task(1),
        row(2, NOTICE, "transfer_refused", level="error", message="No."),
        row(3, SESSION, "session_ended", {"reason": "stop"}),
    ]
    builder = ConversationBuilder(asides=True)
    for record in records:
        builder.apply(record)
    assert [(line.speaker, line.level, line.heard) for line in builder.lines[:2]] == [
        ("notice", "error", "The background task 'rates' failed: ValueError: no rates"),
        ("notice", "error", "No."),
    ]
    assert builder.lines[0].ids == ("out-1",)
    assert "2 errors." in builder.lines[-1].details[-1]
    assert sum(record.level == "error" and is_logged(record) for record in records) == 2


def test_a_cut_sound_was_heard_for_a_time_not_in_words() -> None:
    (line,) = conversation(
        [
            row(1, EVENT_OUT, "AudioEvent", {"data": {"path": "sounds/ring.wav"}}, id="out-1"),
            row(2, PLAY, "play_queued", {"item": "audio", "out": "out-1"}, id="snd-1"),
            row(3, PLAY, "play_started", {"out": "out-1"}, id="snd-1"),
            row(7003, PLAY, "play_cut", {"out": "out-1", "heard": "", "by": "voice"}, id="snd-1"),
        ]
    )
    assert (line.state, line.heard, line.unheard, line.heard_ns) == ("cut", "[ring.wav]", "", 7 * NS)


def test_held_speech_waits_as_a_line() -> None:
    builder = ConversationBuilder()
    (line,) = builder.apply(row(1, TURN, "speech_held", {"text": "wait"}))
    assert (line.speaker, line.state) == ("caller", "waiting")
    event = row(2, EVENT_IN, "TextEvent", {"data": {"text": "wait please"}, "origin": "speech"})
    (line,) = builder.apply(event)
    assert (line.number, line.heard, line.state) == (0, "wait please", "done")


def test_notices_and_errors_are_lines_of_their_own() -> None:
    lines = conversation(
        [
            row(1, NOTICE, "voice_stand_in", message="Nova needs a key; Mary speaks instead.", level="warning"),
            row(2, HANDLER, "handler_ended", message="KeyError: 'x' in handler.py:3", level="error"),
            row(3, HANDLER, "agent_ready", message="Ready."),
        ]
    )
    assert [(line.speaker, line.level) for line in lines] == [("notice", "warning"), ("notice", "error")]


def test_odd_records_do_no_harm() -> None:
    odd = [{}, {"text": 5}, {"data": 5, "origin": None}, {"heard": None, "heard_words": "x"}, {"out": ["a"]}]
    records = [
        row(n, topic, event, data, id="say-1")
        for n, (topic, event, data) in enumerate(
            (topic, event, data)
            for topic, event in (
                (EVENT_IN, "TextEvent"),
                (SPEECH, "speech_requested"),
                (PLAY, "play_queued"),
                (PLAY, "play_cut"),
                (STT_FINAL, "transcript"),
                (SESSION, "session_ended"),
            )
            for data in odd
        )
    ]
    conversation(records)
    latencies(records)
    summarise(records)


def test_a_session_in_one_row() -> None:
    error = row(99, HANDLER, "handler_ended", level="error", message="It failed.", turn=3)
    summary = summarise([*talk(), error])
    assert (summary.title, summary.turns, summary.errors, summary.reason) == ("Greeter - book a table", 1, 1, "hang_up")
    assert summary.duration_ns == 3900 * MS
    assert "We have room" in summary.words
    long = row(1, EVENT_IN, "TextEvent", {"data": {"text": "word " * 50}, "origin": "typed"})
    assert summarise([long], "A").title.endswith("word ...")
    assert summarise([]).title == "Session"


def test_the_delay_of_an_answer_is_explained_stage_by_stage() -> None:
    spoken = latencies(talk())[1]
    assert (spoken.turn, spoken.input, spoken.origin) == (2, "in-2", "speech")
    assert {stage.name: stage.ns for stage in spoken.stages} == {
        "end_of_turn": 300 * MS,
        "recogniser": 50 * MS,
        "held": None,
        "handler": 10 * MS,
        "speech": 40 * MS,
        "queued": None,
        "playout": 30 * MS,
        "unexplained": 0,
    }
    assert spoken.total_ns == 430 * MS
    assert [stage.definition for stage in spoken.stages] == [*STAGES.values()]


def test_what_no_record_tells_is_left_unexplained() -> None:
    records = [record for record in talk() if record.event not in ("speech_first_audio", "end_of_turn")]
    spoken = latencies(records)[1]
    assert spoken.stage("speech").ns is None
    assert spoken.stage("handler").ns == 10 * MS
    assert spoken.stage("unexplained").ns == 420 * MS


def test_an_answer_that_begins_with_a_sound_file_waits_for_its_playout_alone() -> None:
    records = [
        replace(record, event="AudioEvent") if record.event == "TextToSpeechEvent" else record
        for record in talk()
        if record.event != "speech_first_audio"
    ]
    spoken = latencies(records)[1]
    assert (spoken.stage("speech").ns, spoken.stage("playout").ns) == (None, 70 * MS)
    assert spoken.stage("unexplained").ns == 0


def test_typed_input_has_neither_end_of_turn_nor_recogniser() -> None:
    records = [
        replace(r, data={"data": {"text": "hi"}, "origin": "typed"}) if r.id == "in-2" else r
        for r in talk()
        if r.event != "end_of_turn"
    ]
    typed = latencies(records)[1]
    assert (typed.stage("end_of_turn").ns, typed.stage("recogniser").ns) == (None, None)
    assert typed.total_ns == 80 * MS


def test_an_unanswered_turn_has_no_total() -> None:
    builder = LatencyBuilder()
    builder.apply(row(1, EVENT_IN, "TextEvent", {"data": {"text": "hi"}, "origin": "typed"}, id="in-1"))
    assert builder.turns[0].total_ns is None


def test_json_lines_leave_out_what_is_dense_or_of_the_machine(tmp_path: Path) -> None:
    records = [*talk(), row(90, METRIC, "metric", {"value": 1}), row(91, HANDLER, "agent_ready", host=True)]
    lines = list(json_lines(records))
    assert len(lines) == len(talk())
    assert json.loads(lines[1])["event"] == "StartEvent"
    assert write_json_lines(records, tmp_path / "x.jsonl") == len(lines)
    assert (tmp_path / "x.jsonl").read_text("utf-8").splitlines() == lines


def session_with_sound() -> LiveSession:
    session = LiveSession("x")
    caller, agent = wave(16_000, 3, 5), wave(24_000, 3, 6)
    session.apply_audio(AudioBlock(AUDIO_CALLER, 0, 0, 0, 16_000, caller[:16_000].tobytes()))
    session.apply_audio(AudioBlock(AUDIO_CALLER, 2 * NS, 2 * NS, 32_000, 16_000, caller[32_000:].tobytes()))
    session.apply_audio(AudioBlock(AUDIO_AGENT, 0, NS // 2, 0, 24_000, agent.tobytes()))
    return session


def load(path: Path) -> np.ndarray:
    with wavefile.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, file.getnchannels())


def test_a_stem_holds_every_sample_in_its_place_and_holes_as_silence(tmp_path: Path) -> None:
    track = session_with_sound().track(AUDIO_CALLER)
    assert track is not None
    assert write_stem(track, tmp_path / "x.wav") == 48_000
    samples = load(tmp_path / "x.wav")[:, 0]
    assert np.array_equal(samples[:16_000], wave(16_000, 3, 5)[:16_000])
    assert not samples[16_000:32_000].any()
    assert np.array_equal(samples[32_000:], wave(16_000, 3, 5)[32_000:])


def test_the_mix_holds_the_agents_line_to_the_sample_and_the_callers_in_time(tmp_path: Path) -> None:
    frames = write_stereo(session_with_sound(), tmp_path / "x.wav")
    both = load(tmp_path / "x.wav")
    assert frames == len(both) == 84_000
    assert not both[:12_000, 1].any()
    assert np.array_equal(both[12_000:, 1], wave(24_000, 3, 6))
    caller = np.abs(both[:, 0].astype(int))
    assert caller[2000:22_000].mean() > 500
    assert caller[26_000:46_000].mean() < 20
    assert caller[50_000:70_000].mean() > 500


def test_the_mix_follows_a_line_that_drifts(tmp_path: Path) -> None:
    session = LiveSession("x")
    clicks = np.zeros(24_000 * 20, np.int16)
    clicks[::24_000] = 20_000
    for n in range(200):
        at = round(n * NS / 10 * 1.001)
        session.apply_audio(
            AudioBlock(AUDIO_AGENT, at, at, n * 2400, 24_000, clicks[n * 2400 : n * 2400 + 2400].tobytes())
        )
    write_stereo(session, tmp_path / "x.wav")
    heard = np.flatnonzero(load(tmp_path / "x.wav")[:, 1])
    assert np.abs(heard - np.arange(20) * 24_024).max() <= 24


def test_a_session_without_sound_is_an_empty_file(tmp_path: Path) -> None:
    assert write_stereo(LiveSession("x"), tmp_path / "x.wav") == 0


def told(records: list[Record]) -> list[Line]:
    builder = ConversationBuilder(asides=True)
    for record in records:
        builder.apply(record)
    return builder.lines


def test_typed_lines_and_keys_that_were_held_become_what_is_delivered() -> None:
    lines = conversation(
        [
            row(1, TURN, "speech_held", {"text": "one", "origin": "typed"}),
            row(2, TURN, "speech_held", {"text": "12", "origin": "keys"}),
            row(3, EVENT_IN, "TextEvent", {"data": {"text": "one"}, "origin": "typed"}),
            row(4, EVENT_IN, "DTMFEvent", {"data": {"digits": "12"}, "origin": "keys"}),
            row(5, EVENT_IN, "TextEvent", {"data": {"text": "two"}, "origin": "typed"}),
        ]
    )
    assert [(line.heard, line.state, line.why) for line in lines] == [
        ("one", "done", "held"),
        ("12", "done", "held"),
        ("two", "done", ""),
    ]


def test_keys_grow_into_one_line() -> None:
    keys = [row(n, TURN, "key_pressed", {"key": key}) for n, key in enumerate("12#")]
    (line,) = conversation(keys)
    assert (line.heard, line.state, line.origin) == ("12#", "speaking", "keys")
    (line,) = conversation([*keys, row(9, EVENT_IN, "DTMFEvent", {"data": {"digits": "12#"}, "origin": "keys"})])
    assert (line.heard, line.state) == ("12#", "done")


def test_words_that_were_dropped_or_refused_are_lines_that_say_so() -> None:
    lines = conversation(
        [
            row(1, STT_FINAL, "transcript", {"text": "wait"}),
            row(2, TURN, "speech_dropped", {"text": "wait"}),
            row(3, TURN, "input_refused", {"text": "hello", "origin": "typed"}, level="warning", message="Refused."),
            row(4, STT_PARTIAL, "transcript", {"text": "good"}),
        ]
    )
    assert [(line.heard, line.state, line.why) for line in lines] == [
        ("wait", "dropped", "protected"),
        ("hello", "dropped", "blocked"),
        ("good", "speaking", ""),
    ]


def test_asides_tell_of_models_and_tools_in_one_line_each() -> None:
    records = [
        row(1, LLM, "completion_requested", {"model": "small", "streaming": True}, id="llm-1"),
        row(2, LLM, "completion_first_token", {"after_ms": 1}, id="llm-1"),
        row(3, TOOL, "tool_called", {"name": "find", "arguments": {"day": "Tuesday"}, "call": "c"}, cause="llm-1"),
        row(4, TOOL, "tool_answered", {"name": "find", "content": {"slot": "10:30"}, "call": "c"}, cause="llm-1"),
        row(5, LLM, "completion_ended", {"elapsed_ms": 4}, id="llm-1"),
        row(6, LLM, "completion_requested", {"model": "large"}, id="llm-2"),
        row(7, LLM, "completion_failed", {"failure": "unreachable"}, id="llm-2", level="error", message="No answer."),
    ]
    assert [(line.speaker, line.heard, line.level) for line in told(records)] == [
        ("aside", "small: first token 1 ms, 0.00 s in all", "info"),
        ("aside", "find(day = Tuesday) → slot = 10:30", "info"),
        ("aside", "No answer.", "error"),
    ]
    assert conversation(records[:-1]) == []


def test_the_end_is_a_card_with_what_the_platform_would_do() -> None:
    effect = {"to": "phone", "target": "+15550100", "mode": "bridge", "data": {"topic": "refund"}}
    ended = row(3, SESSION, "session_ended", {"reason": "transferred"})
    typed = row(1, EVENT_IN, "TextEvent", {"data": {"text": "x"}, "origin": "typed"})
    line = told([typed, row(2, EFFECT, "transferred", effect), ended])[-1]
    assert (line.speaker, line.heard) == ("end", "Transferred to +15550100")
    assert line.details == (
        "The platform would now connect the caller to +15550100, mode bridge.",
        "It would pass on topic = refund.",
        "The desk places no calls: it ended the session here.",
        "0.0 s, 1 turn of the caller.",
    )


def test_another_agent_is_a_seam_and_its_transfer_is_not_the_end() -> None:
    lines = told(
        [
            row(1, EFFECT, "transferred", {"to": "agent", "target": "billing"}),
            row(2, SESSION, "agent_seam", {"agent": "Billing", "before": "Front desk"}),
            row(3, SESSION, "session_ended", {"reason": "hang_up"}),
        ]
    )
    assert [(line.speaker, line.heard) for line in lines] == [
        ("seam", "Billing takes over from Front desk"),
        ("end", "The caller hung up"),
    ]
