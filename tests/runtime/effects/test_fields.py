"""Fields of output events that hold something of another kind."""

import pytest

from tests.runtime.fakes import FakeVoices, converse, tts


def yielding(*outputs):
    async def handler(event):
        if event["name"] == "start":
            for output in outputs:
                yield output

    return handler


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("cache", "yes", "cache is True or False, not 'yes'; True is used."),
        ("interruptible", [], "interruptible is True or False, not []; it is left out."),
        ("replace", "yes", "replace is True or False, not 'yes'; False is used."),
        ("language", 5, "language is a text, not 5; 'en' is used."),
        ("instructions", 7, "instructions is a text, not 7; it is left out."),
        ("model", [], "model is a text, not []; it is left out."),
    ],
)
def test_a_value_that_is_none_is_told_and_the_line_is_said_without_it(field, value, says):
    voices = FakeVoices()
    talk = converse(yielding(tts("before"), tts("hello", **{field: value})), voices=voices)
    assert [row.message for row in talk.of("bad_field")] == [f"TextToSpeechEvent: {says}"]
    assert [line.text for line in voices.lines] == ["before", "hello"]
    assert talk.of("TextToSpeechEvent")[1].data["data"][field] == value  # the record keeps what the agent gave


@pytest.mark.parametrize("text", [5, ["a"], {"a": 1}])
def test_a_text_that_is_none_is_not_spoken(text):
    talk = converse(yielding({"name": "text_to_speech", "data": {"text": text}}))
    assert talk.of("bad_field")
    assert talk.of("empty_text")
    assert not talk.of("speech_requested")


def test_a_field_of_none_is_not_given():
    assert not converse(yielding(tts("hello", cache=None, model=None))).of("bad_field")


def test_an_event_that_is_for_handlers_is_told_to_be_so():
    talk = converse(yielding({"name": "dtmf", "data": {"digits": "1"}}))
    assert "given to handlers" in talk.of("not_for_yielding")[0].message
