"""Waits of an answer that are nobody's work: words held during a protected line, an answer behind another line."""

from studio.sessions.latency import TurnLatency, latencies
from studio.sessions.records import EVENT_IN, EVENT_OUT, PLAY, SPEECH, TURN, Record
from tests.sessions.making import MS


class Script:
    """Records, each at a time in ms."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def add(self, ms: int, topic: str, event: str, data: dict | None = None, **more: str) -> None:
        self.records.append(Record(len(self.records) + 1, ms * MS, ms * MS, topic, event, data or {}, **more))

    def given(self, ms: int, origin: str, id: str, **facts: int) -> None:
        self.add(ms, EVENT_IN, "TextEvent", {"data": {"text": "hi"}, "origin": origin, **facts}, id=id)

    def answered(self, ms: int, cause: str, event: str = "TextToSpeechEvent", payload: dict | None = None) -> None:
        """Yielded 10 ms after, its first sound another 40 ms later, heard another 30 ms later."""
        out, say = f"out-{ms}", f"say-{ms}"
        self.yielded(ms, cause, out, say, event, payload)
        self.add(ms + 40, SPEECH, "speech_first_audio", {"out": out}, id=say)
        self.add(ms + 70, PLAY, "play_started", {"out": out}, id=say)

    def yielded(self, ms: int, cause: str, out: str, say: str, event: str, payload: dict | None = None) -> None:
        self.add(ms, EVENT_OUT, event, {"data": payload or {"text": "Yes."}}, id=out, cause=cause)
        self.add(ms, PLAY, "play_queued", {"item": "speech", "out": out}, id=say)

    def turns(self) -> list[TurnLatency]:
        return latencies(self.records)


def stages(turn: TurnLatency) -> dict[str, float]:
    assert sum(stage.ns or 0 for stage in turn.stages) == turn.total_ns
    return {stage.name: stage.ns / MS for stage in turn.stages if stage.ns}


def test_words_held_during_a_protected_line_count_as_held_and_not_for_the_recogniser() -> None:
    script = Script()
    script.add(1300, TURN, "end_of_turn", {"waited_ms": 300})
    script.add(1350, TURN, "speech_held", {"text": "hi", "origin": "speech"})
    script.given(2000, "agent", "in-1")
    script.add(3590, TURN, "held_delivered", {"inputs": 1})
    script.given(3590, "speech", "in-2", voice_end=1000 * MS)
    script.answered(3600, "in-2")
    (turn,) = script.turns()
    assert stages(turn) == {
        "end_of_turn": 300,
        "recogniser": 50,
        "held": 2240,
        "handler": 10,
        "speech": 40,
        "playout": 30,
    }


def test_of_several_utterances_that_were_held_the_last_one_is_timed() -> None:
    script = Script()
    for ms in (1000, 2000):
        script.add(ms + 300, TURN, "end_of_turn", {"waited_ms": 300})
        script.add(ms + 350, TURN, "speech_held", {"text": "hi", "origin": "speech"})
    script.given(3590, "speech", "in-1", voice_end=2000 * MS)
    script.answered(3600, "in-1")
    (turn,) = script.turns()
    assert (turn.stage("recogniser").ns, turn.stage("held").ns) == (50 * MS, 1240 * MS)


def test_typed_lines_that_were_held_count_each_from_when_it_was_typed() -> None:
    script = Script()
    script.add(1000, TURN, "speech_held", {"text": "a", "origin": "typed"})
    script.add(1500, TURN, "speech_held", {"text": "b", "origin": "typed"})
    script.given(2000, "typed", "in-1")
    script.answered(2010, "in-1")
    script.given(3000, "typed", "in-2")
    script.answered(3010, "in-2")
    script.given(4000, "typed", "in-3")
    script.answered(4010, "in-3")
    assert [stages(turn).get("held") for turn in script.turns()] == [1000, 1500, None]
    assert [turn.total_ns for turn in script.turns()] == [1080 * MS, 1580 * MS, 80 * MS]


def test_what_was_held_and_not_given_does_not_count_for_the_next_input() -> None:
    script = Script()
    script.add(1000, TURN, "speech_held", {"text": "a", "origin": "typed"})
    script.add(1000, TURN, "speech_held", {"text": "b", "origin": "speech"})
    script.add(1100, TURN, "held_delivered", {"inputs": 0})
    script.given(2000, "typed", "in-1")
    script.given(2500, "speech", "in-2", voice_end=2000 * MS)
    assert [turn.stage("held").ns for turn in script.turns()] == [None, None]


def test_an_answer_behind_another_line_of_the_agent_is_queued_and_not_in_playout() -> None:
    script = Script()
    script.yielded(500, "in-0", "out-0", "say-0", "TextToSpeechEvent")
    script.add(520, PLAY, "play_started", {"out": "out-0"}, id="say-0")
    script.given(1000, "typed", "in-1")
    script.yielded(1010, "in-1", "out-1", "say-1", "TextToSpeechEvent")
    script.yielded(1020, "in-1", "out-2", "say-2", "TextToSpeechEvent")
    script.add(1050, SPEECH, "speech_first_audio", {"out": "out-1"}, id="say-1")
    script.add(1930, PLAY, "play_ended", {"out": "out-0"}, id="say-0")
    script.add(1935, PLAY, "play_dropped", {"out": "out-2"}, id="say-2")
    script.add(1950, PLAY, "play_started", {"out": "out-1"}, id="say-1")
    (turn,) = script.turns()
    assert stages(turn) == {"handler": 10, "speech": 40, "queued": 880, "playout": 20}


def test_a_line_that_had_gone_before_the_answer_was_made_kept_it_waiting_for_nothing() -> None:
    script = Script()
    script.yielded(500, "in-0", "out-0", "say-0", "TextToSpeechEvent")
    script.given(1000, "typed", "in-1")
    script.add(1005, PLAY, "play_cut", {"out": "out-0"}, id="say-0")
    script.answered(1010, "in-1")
    (turn,) = script.turns()
    assert stages(turn) == {"handler": 10, "speech": 40, "playout": 30}


def test_the_last_words_of_a_stop_or_a_transfer_are_an_answer() -> None:
    for event in ("StopEvent", "TransferSessionEvent"):
        script = Script()
        script.given(1000, "typed", "in-1")
        script.answered(1010, "in-1", event, {"closing_speech": "Bye."})
        (turn,) = script.turns()
        assert stages(turn) == {"handler": 10, "speech": 40, "playout": 30}


def test_a_stop_without_last_words_is_no_answer() -> None:
    script = Script()
    script.given(1000, "typed", "in-1")
    script.add(1010, EVENT_OUT, "StopEvent", {"data": {"closing_speech": " "}}, id="out-1", cause="in-1")
    (turn,) = script.turns()
    assert (turn.total_ns, turn.stage("handler").ns) == (None, None)
