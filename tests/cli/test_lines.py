"""A session's records as the lines of `studio run`: each when it happens, in the order of the clock."""

from typing import Any

from studio.cli.lines import ReadableLines
from studio.sessions.records import (
    CALLER_RATE,
    EFFECT,
    EVENT_IN,
    EVENT_OUT,
    HANDLER,
    LLM,
    LOG,
    NS,
    PLAY,
    SESSION,
    SPEECH,
    STT_PARTIAL,
    TURN,
    Record,
)

ONE_TWO = {"text": "one two three four"}


class Told:
    """Lines of records that are given one by one."""

    def __init__(self) -> None:
        self._lines = ReadableLines()
        self.lines: list[str] = []

    def add(self, s: float, topic: str, event: str, data: "dict[str, Any] | None" = None, **more: Any) -> list[str]:
        """One record at a second of the session; gives what is printed for it."""
        at = round(s * NS)
        new = [text for text, _ in self._lines.of(Record(0, at, at, topic, event, data or {}, **more))]
        self.lines += new
        return new


def test_an_agents_words_are_printed_when_they_begin_and_its_cut_when_it_happens() -> None:
    told = Told()
    assert told.add(1, SPEECH, "speech_requested", ONE_TWO, id="say-1") == []
    assert told.add(1.5, PLAY, "play_started", id="say-1") == ['00:01.5 agent  "one two three four"']
    assert told.add(2, LOG, "log", {}, message="meanwhile") == ["00:02.0 log    meanwhile"]
    cut = {"heard": "one two", "by": "voice"}
    assert told.add(2.5, PLAY, "play_cut", cut, id="say-1") == [
        '00:02.5 agent  cut by the caller after "one two" (never heard: "three four")'
    ]


def test_a_line_that_is_heard_whole_is_printed_once() -> None:
    told = Told()
    told.add(1, SPEECH, "speech_requested", ONE_TWO, id="say-1")
    told.add(1.5, PLAY, "play_started", id="say-1")
    told.add(3, PLAY, "play_ended", id="say-1")
    told.add(3, SESSION, "session_ended", {"reason": "stop"})
    assert told.lines == ['00:01.5 agent  "one two three four"', "00:03.0 end    The agent ended the call."]


def test_a_line_that_never_began_is_printed_when_it_is_dropped() -> None:
    told = Told()
    told.add(1, SPEECH, "speech_requested", ONE_TWO, id="say-1")
    told.add(2, PLAY, "play_dropped", {"reason": "text"}, id="say-1")
    assert told.lines == ['00:02.0 agent  (never heard: "one two three four")']


def test_who_cut_a_line_and_how_sure_the_place_is_are_told() -> None:
    told = Told()
    for number, facts in enumerate(
        ({"heard": "one", "by": "replace", "estimated": True}, {"heard": "", "by": "keys"}), start=1
    ):
        told.add(number, SPEECH, "speech_requested", {"text": "one two"}, id=f"say-{number}")
        told.add(number, PLAY, "play_started", id=f"say-{number}")
        told.add(number + 0.5, PLAY, "play_cut", facts, id=f"say-{number}")
    assert told.lines[1::2] == [
        '00:01.5 agent  cut by the agent\'s next line after about "one" (never heard: "two")',
        '00:02.5 agent  cut by the caller before a word was heard (never heard: "one two")',
    ]


def test_a_sound_that_is_cut_says_how_long_it_was_heard() -> None:
    told = Told()
    told.add(1, EVENT_OUT, "AudioEvent", {"name": "audio", "data": {"path": "hold.wav"}}, id="out-1")
    told.add(1, PLAY, "play_queued", {"item": "audio", "out": "out-1"}, id="snd-1")
    told.add(1, PLAY, "play_started", {"out": "out-1"}, id="snd-1")
    told.add(4.2, PLAY, "play_cut", {"out": "out-1", "by": "end"}, id="snd-1")
    assert told.lines == ['00:01.0 agent  "[hold.wav]"', "00:04.2 agent  cut by the end of the call after 3.2 s"]


def test_the_callers_words_stand_where_the_agent_is_given_them_and_say_since_when() -> None:
    told = Told()
    assert told.add(3.4, STT_PARTIAL, "transcript", {"text": "book"}) == []
    facts = {"data": {"text": "book a table"}, "origin": "speech", "start": 3 * CALLER_RATE, "certain": False}
    assert told.add(5, EVENT_IN, "TextEvent", facts) == ['00:05.0 caller "book a table" ? (from 00:03.0)']
    typed = {"data": {"text": "for two"}, "origin": "typed"}
    assert told.add(6, EVENT_IN, "TextEvent", typed) == ['00:06.0 caller "for two"']


def test_words_that_waited_for_the_agents_line_say_so() -> None:
    told = Told()
    assert told.add(1, TURN, "speech_held", {"text": "stop", "origin": "typed"}, id="note-1") == []
    told.add(4, EVENT_IN, "TextEvent", {"data": {"text": "stop"}, "origin": "typed"})
    assert told.lines == ['00:04.0 caller "stop" (held, from 00:01.0)']


def test_words_that_the_agent_never_had_say_why() -> None:
    told = Told()
    told.add(1, TURN, "input_refused", {"text": "hello?", "origin": "typed"})
    told.add(2, TURN, "speech_held", {"text": "wait", "origin": "typed"})
    told.add(3, SESSION, "session_ended", {"reason": "hang_up"})
    assert told.lines == [
        '00:01.0 caller "hello?" (refused: the agent blocks the caller\'s input)',
        '00:03.0 caller "wait" (never given to the agent: the session ended)',
        "00:03.0 end    The caller hung up.",
    ]


def test_why_a_model_did_not_answer_is_not_said_again_by_the_handler_that_it_ends() -> None:
    told = Told()
    why = "There is no model. Write one."
    frame = {"file": "handler.py", "line": 7, "function": "handler", "code": "await ask()"}
    for s in (1, 2):
        told.add(s, LLM, "completion_failed", {}, level="error", message=why)
        error = {"sentence": f"handler.py line 7: {why}", "frames": [frame]}
        told.add(s, HANDLER, "handler_ended", {"error": error}, level="error", message=f"handler.py line 7: {why}")
    told.add(3, HANDLER, "handler_ended", {}, level="error", message="handler.py line 9: ValueError: x")
    assert told.lines == [
        *(
            line
            for s in (1, 2)
            for line in (
                f"00:0{s}.0 error: {why}",
                f"00:0{s}.0 error: handler.py line 7: the handler does not catch that.",
                "        handler.py:7 in handler: await ask()",
            )
        ),
        "00:03.0 error: handler.py line 9: ValueError: x",
    ]


def test_what_an_event_failed_to_do_is_one_line_that_names_the_line_of_code() -> None:
    told = Told()
    yielded = {"name": "stt_update_settings", "data": {"prewarm_model": "nova-9"}, "file": "handler.py", "line": 7}
    told.add(1, EVENT_OUT, "STTUpdateSettingsEvent", yielded, id="out-1")
    told.add(1, EFFECT, "standby_warming", {"model": "nova-9"}, cause="out-1")
    failed = {"level": "error", "message": "nova-9 cannot be kept warm.", "cause": "out-1"}
    told.add(2, EFFECT, "standby_failed", {"model": "nova-9"}, **failed)
    assert told.lines[1:] == ["00:02.0 error: nova-9 cannot be kept warm. (handler.py:7)"]
    cough = {"level": "warning", "message": "The agent was cut, but no words followed."}
    assert told.add(3, TURN, "false_interruption", {}, **cough) == [f"00:03.0 warning: {cough['message']}"]


def test_an_event_that_is_not_the_callers_words_is_printed_whatever_comes_of_it() -> None:
    told = Told()
    told.add(0, EVENT_IN, "StartEvent", {"data": {}, "origin": "start"})
    told.add(5, EVENT_IN, "TimeoutEvent", {"data": {"count": 1, "ms_since_input": 5000}, "origin": "silence"})
    told.add(6, EVENT_IN, "VoicemailDetectionEvent", {"data": {}, "origin": "given"})
    told.add(7, EVENT_IN, "StopEvent", {"data": {}, "origin": "end"})
    assert told.lines == [
        "00:05.0 event  TimeoutEvent number 1",
        "00:06.0 event  VoicemailDetectionEvent an answering machine took the call",
    ]


def test_keys_are_told_from_words() -> None:
    told = Told()
    told.add(1, TURN, "key_pressed", {"key": "4"})
    told.add(1.2, TURN, "key_pressed", {"key": "2"})
    told.add(3.2, EVENT_IN, "DTMFEvent", {"data": {"digits": "42"}, "origin": "keys"})
    assert told.lines == ['00:03.2 caller "42" (keys, from 00:01.0)']


def test_words_stay_on_one_line_and_further_lines_of_a_log_stand_under_the_first() -> None:
    told = Told()
    told.add(1, EVENT_IN, "TextEvent", {"data": {"text": "one\n  two"}, "origin": "typed"})
    told.add(1, LOG, "log", {}, message="first\nsecond")
    assert told.lines == ['00:01.0 caller "one two"', "00:01.0 log    first\n               second"]


def test_what_would_steer_the_terminal_is_printed_as_it_is_written_in_code() -> None:
    told = Told()
    told.add(1, LOG, "log", {"location": "handler.py:3"}, message="a\x1b[31mb\r\nc\x07 \u202ed\x9b \u200d")
    (line,) = told.lines
    assert line.split("\n")[0] == "00:01.0 log    a\\x1b[31mb"
    assert line.split("\n")[1].strip() == "c\\x07 \\u202ed\\x9b \u200d (handler.py:3)"
    told.add(1, SPEECH, "speech_requested", {"text": "one\n\x1b[2Jtwo"}, id="say-1")
    assert told.add(1.5, PLAY, "play_started", id="say-1") == ['00:01.5 agent  "one \\x1b[2Jtwo"']


def test_a_line_without_end_is_printed_in_part() -> None:
    (line,) = Told().add(1, LOG, "log", {"location": "handler.py:3"}, message="y" * 2_000_000)
    assert len(line) < 4100
    assert line.endswith("yyy... (1,996,000 characters more) (handler.py:3)")
