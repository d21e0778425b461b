"""What the head of the window says of the newest answer."""

from studio.app.call.model import Shown
from studio.sessions.records import EVENT_IN, PLAY, TURN
from tests.app.synthetic import Script


def last_answer(script: Script) -> str:
    shown = Shown(script.session())
    shown.read_on()
    return shown.last_answer


def answered(script: Script, at: float) -> None:
    facts = {"name": "text", "origin": "typed", "data": {"text": "hi"}}
    script.add(EVENT_IN, "TextEvent", at, id="in-9", data=facts)
    out = script.emitted(at, "StopEvent", "stop", {"closing_speech": "Bye."}, ("in-9", "run-9"), 9)
    script.add(PLAY, "play_started", at + 0.5, id="say-9", cause=out, data={"out": out, "sample": 0})


def test_it_is_empty_before_there_was_an_answer() -> None:
    assert last_answer(Script(5.0)) == ""


def test_last_words_are_an_answer() -> None:
    script = Script(5.0)
    answered(script, 1.0)
    assert last_answer(script) == "last turn 500 ms"


def test_it_says_for_how_long_words_were_held() -> None:
    script = Script(5.0)
    script.add(TURN, "speech_held", 1.0, data={"text": "hi", "origin": "typed"})
    answered(script, 3.0)
    assert last_answer(script) == "last turn 2,500 ms (held 2,000)"
