"""Scripts of strings: their lines come as `vr debug` sends them."""

import asyncio
import json

import pytest

from studio.runtime.pacing import AFTER_TURN_S
from studio.runtime.plan import PlanError, Step
from studio.runtime.scenario import load_script
from tests.runtime.fakes import converse, tts


def said(conversation):
    return [(round(at, 3), data["text"]) for at, event, data in conversation.inputs() if event == "TextEvent"]


def test_a_line_comes_300_ms_after_the_agents_turn_has_ended():
    async def handler(event):
        if event["name"] in ("start", "text"):
            yield tts("one two three")

    talk = converse(handler, [Step(say="a", paced=True), Step(say="b", paced=True)])
    closed = [record.publish_time / 1e9 for record in talk.of("turn_closed")]
    assert said(talk) == [(round(closed[0] + AFTER_TURN_S, 3), "a"), (round(closed[1] + AFTER_TURN_S, 3), "b")]
    assert talk.of("script_went_on") == []


def test_a_turn_that_stalls_holds_the_script_up_for_20_seconds():
    async def handler(event):
        if event["name"] == "start":
            await asyncio.sleep(60)
        yield {"name": "log", "data": {"message": "x"}}

    talk = converse(handler, [Step(say="a", paced=True)])
    assert said(talk) == [(20.3, "a")]
    (notice,) = talk.of("script_went_on")
    assert "for 20 s" in notice.message


def test_a_turn_that_goes_quiet_after_its_last_output_holds_it_up_for_3():
    async def handler(event):
        if event["name"] == "start":
            yield tts("one two three four five")  # one second
            await asyncio.sleep(60)

    talk = converse(handler, [Step(say="a", paced=True)])
    assert said(talk) == [(4.3, "a")]


def test_what_sounds_is_not_talked_over_however_long_it_is():
    async def handler(event):
        if event["name"] == "start":
            yield tts(" ".join(["word"] * 150))  # half a minute

    assert said(converse(handler, [Step(say="a", paced=True)])) == [(30.3, "a")]


def test_an_item_waits_a_minute_for_a_turn_that_never_ends():
    async def handler(event):
        if event["name"] == "start":
            await asyncio.sleep(1000)
        yield tts("one")

    talk = converse(handler, [Step(say="a"), Step(say="b", after=1.0)])
    assert said(talk)[0] == (60.0, "a")
    (notice,) = talk.of("script_went_on")
    assert (notice.level, "in 60 s" in notice.message) == ("warning", True)
    assert [text for _, text in said(talk)] == ["a", "b"]


def test_an_item_does_not_talk_over_a_line_however_long_it_is():
    async def handler(event):
        if event["name"] == "start":
            yield tts(" ".join(["word"] * 450))  # a minute and a half

    talk = converse(handler, [Step(say="a")])
    assert said(talk) == [(90.0, "a")]
    assert talk.of("script_went_on") == []


def test_a_script_of_strings_is_paced_and_one_with_items_is_not(tmp_path):
    file = tmp_path / "script.json"
    file.write_text(json.dumps(["hello", "bye"]))
    assert load_script(file) == [Step(say="hello", paced=True), Step(say="bye", paced=True)]
    file.write_text(json.dumps(["hello", {"wait": 1}]))
    assert load_script(file) == [Step(say="hello"), Step(after=1.0)]


@pytest.mark.parametrize("text", ["[" * 100_000, '["a", " "]', '"a"', "[3]"])
def test_what_is_no_script_is_a_sentence(tmp_path, text):
    file = tmp_path / "script.json"
    file.write_text(text)
    with pytest.raises(PlanError):
        load_script(file)
