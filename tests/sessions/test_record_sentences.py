"""Every record has one plain sentence."""

import re
from pathlib import Path

import pytest

from studio.sessions import records
from studio.sessions.event_words import output_words
from studio.sessions.record_sentences import _SENTENCES, describe
from studio.sessions.records import EFFECT, EVENT_IN, EVENT_OUT, HANDLER, LLM, LOG, NOTICE, SESSION, TOOL, TURN, Record
from tests.app.synthetic import conversation
from tests.app.synthetic_tour import tour


def sentence(topic: str, event: str, **data: object) -> str:
    return describe(Record(1, 0, 0, topic, event, data))


def test_every_record_of_a_session_is_told_in_words() -> None:
    for session in (conversation(), tour()):
        for record in session.records():
            told = describe(record)
            assert told, record
            assert "_" not in told or record.topic in (EVENT_IN, EVENT_OUT, NOTICE, LOG, LLM, TOOL), told
            assert "None" not in told, record


@pytest.mark.parametrize("topic", ["EFFECT", "LLM", "TOOL", "TURN"])
def test_every_documented_record_has_a_sentence_of_its_own(topic: str) -> None:
    source = Path(records.__file__).read_text("utf-8")
    text = re.search(rf'^{topic} = .*?\n"""(.*?)"""', source, re.S | re.M)
    assert text
    # outside of parentheses stand the events, inside their facts
    documented = set(re.findall(r"`([a-z]+_[a-z_]+|cut|interrupted|transferred|accepted)`", _outside(text[1])))
    known = {event for where, event in _SENTENCES if where == getattr(records, topic)}
    assert documented <= known


def _outside(text: str) -> str:
    return re.sub(r"\([^()]*\)", "", text)


def test_missing_facts_make_no_broken_sentence() -> None:
    for topic, event in _SENTENCES:
        told = sentence(topic, event)
        assert told.endswith((".", "”")), told


def test_a_transfer_to_a_number_says_what_the_platform_would_do() -> None:
    told = sentence(EFFECT, "transferred", to="phone", target="+15550100", mode="bridge", data={"topic": "refund"})
    assert told == (
        "The platform would now connect the caller to +15550100, mode bridge. It would pass on topic = refund. "
        "The desk places no calls: it ended the session here."
    )


def test_an_output_event_says_where_it_was_yielded_and_what_it_does() -> None:
    data = {"name": "collect_payment", "data": {"amount": 12.5}, "file": "handler.py", "line": 60}
    told = describe(Record(1, 0, 0, EVENT_OUT, "CollectPaymentEvent", data))
    assert told == "CollectPaymentEvent yielded at handler.py line 60: asks for 12.50"


def test_what_a_record_says_itself_comes_first() -> None:
    short = Record(1, 0, 0, TURN, "backchannel", {"text": "x"}, message="Too short to interrupt.")
    assert describe(short) == "Too short to interrupt."
    held = Record(1, 0, 0, TURN, "speech_held", {"text": "one moment"}, message="Held for a reason.")
    assert "one moment" in describe(held)
    assert sentence(HANDLER, "handler_ended", status="error", elapsed_ms=310).startswith("The handler's run failed")
    assert sentence(SESSION, "session_ended", reason="hang_up") == "The caller hung up."


def test_a_list_of_phrases_is_told_by_its_number() -> None:
    told = sentence(
        EFFECT, "recognition_changed", changed={"phrases": ["next please", "back please"], "endpointing": 500}
    )
    assert told == "From the caller's next words on: 2 phrases, end of turn 500 ms."


def test_settings_of_recognition_that_are_not_given_are_not_named() -> None:
    data = {"data": {"model": "nova-3", "language": None, "prompt": None, "endpointing": None, "phrases": None}}
    assert output_words(Record(1, 0, 0, EVENT_OUT, "STTUpdateSettingsEvent", data)) == "Recogniser  model nova-3"
