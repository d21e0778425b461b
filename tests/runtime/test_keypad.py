"""Keys of the telephone."""

import asyncio

from studio.runtime.plan import Step
from tests.runtime.fakes import converse, tts


async def line(event):
    """Says a long line."""
    if event["name"] == "start":
        yield tts(" ".join(["word"] * 20))


async def press(session, *moments):
    for seconds, keys in moments:
        await asyncio.sleep(seconds - session.journal.now() / 1e9)
        session.dtmf(keys)


def keys_of(talk):
    return [(round(t, 3), data["digits"]) for t, cls, data in talk.inputs() if cls == "DTMFEvent"]


def test_keys_are_grouped_until_the_hash():
    talk = converse(
        line, act=lambda s: press(s, (5.0, "1"), (5.5, "2"), (6.0, "#"), (6.2, "4")), channel="phone", user_silence_s=6
    )
    assert keys_of(talk) == [(6.0, "12#"), (8.2, "4")]


def test_keys_are_delivered_when_none_follows_for_two_seconds():
    talk = converse(line, act=lambda s: press(s, (5.0, "12"), (6.9, "3")), channel="phone", user_silence_s=6)
    assert keys_of(talk) == [(8.9, "123")]


def test_the_first_key_cuts_an_audible_line():
    talk = converse(line, [Step(dtmf="5", after_speech_start=0.5)], channel="phone")
    (cut,) = talk.of("cut")
    assert (cut.data["by"], cut.data["sample"]) == ("keys", 12_002)
    assert keys_of(talk) == [(2.5, "5")]


def test_keys_on_the_web_channel_are_refused_with_how_to_try_them():
    talk = converse(line, [Step(dtmf="5")])
    assert "choose Phone" in talk.of("no_keypad")[0].message
    assert not talk.of("DTMFEvent")


def test_no_timeout_falls_between_keys():
    talk = converse(line, act=lambda s: press(s, (8.5, "1"), (10.0, "2#")), channel="phone", user_silence_s=7)
    assert [cls for _, cls, _ in talk.inputs()][:2] == ["StartEvent", "DTMFEvent"]
