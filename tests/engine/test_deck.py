"""The speaker outside of calls: one clip at a time, at once while it is held open, and out of the way of everything else."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import pytest

from studio.audio.devices import LATENCIES_S, DeviceError, DeviceList
from studio.engine import deck as deck_module
from studio.engine import sound as sound_module
from studio.engine.connection import CommandError
from studio.engine.deck import Deck
from studio.engine.sound import Sound


class FakeSpeaker:
    made: ClassVar[list["FakeSpeaker"]] = []
    fails = False

    def __init__(
        self, device: str, on_lost: Callable[[str], None], latencies_s: Sequence[float], deepens: Callable[[], bool]
    ) -> None:
        self.on_lost, self.open, self.volume, self.deepens = on_lost, False, 1.0, deepens
        self.first_queue_s = latencies_s[0]
        self.queue_ns = 30_000_000
        self.made.append(self)

    def start(self, take: Callable[[int], Any]) -> None:
        if self.fails:
            raise DeviceError("The speaker is gone.")
        self.take, self.open = take, True

    def stop(self) -> None:
        self.open = False


@pytest.fixture
def speakers(monkeypatch):
    FakeSpeaker.made, FakeSpeaker.fails = [], False
    monkeypatch.setattr(deck_module, "Speaker", FakeSpeaker)
    monkeypatch.setattr(sound_module, "list_devices", lambda rescan=False: DeviceList(default_output="Loud"))
    return FakeSpeaker.made


@pytest.fixture
async def sound(speakers):
    return Sound(lambda *_: None)


@pytest.fixture
async def deck(sound):
    deck = Deck(sound)
    yield deck
    deck.close()


def tone(value: int, size: int = 4800) -> np.ndarray:
    return np.full(size, value, np.int16)


async def test_a_held_speaker_is_opened_once_and_plays_from_the_next_block(deck, speakers):
    await deck.hold(True)
    (speaker,) = speakers
    assert not speaker.take(240).any()
    assert await deck.play(tone(1000))
    assert (speaker.take(240) == 1000).all()
    assert await deck.play(tone(2000))
    assert speakers == [speaker]
    deck.close()
    assert not speaker.open


async def test_its_queue_is_shorter_than_a_calls_and_only_what_is_heard_makes_it_deeper(deck, speakers):
    await deck.hold(True)
    (speaker,) = speakers
    assert speaker.first_queue_s < LATENCIES_S[0]
    assert not speaker.deepens()
    await deck.play(tone(1000, 480))
    assert speaker.deepens()
    speaker.take(480)
    assert not speaker.deepens()


async def test_a_new_clip_fades_the_old_one_out(deck, speakers):
    await deck.hold(True)
    await deck.play(tone(1000))
    speakers[0].take(240)
    await deck.play(tone(0))
    out = speakers[0].take(240)
    assert out[0] == 1000
    assert (np.diff(out[:120].astype(int)) <= 0).all()
    assert not out[120:].any()


async def test_a_clip_ends_in_silence_and_stop_ends_it_sooner(deck, speakers):
    await deck.hold(True)
    await deck.play(tone(1000, 100))
    out = speakers[0].take(240)
    assert (out[:100] == 1000).all()
    assert not out[100:].any()
    await deck.play(tone(1000))
    speakers[0].take(240)
    deck.stop()
    speakers[0].take(240)
    assert not speakers[0].take(240).any()


@pytest.mark.parametrize("wanted", ["choose", "rescan", "attach"])
async def test_it_gives_way_to_whatever_needs_the_devices(deck, sound, speakers, wanted):
    await deck.hold(True)
    await deck.play(tone(1000))
    if wanted == "choose":
        sound.choose(None, "Other")
    elif wanted == "rescan":
        await sound.devices(rescan=True)
    else:
        sound.on_wanted()
    assert not speakers[0].open
    assert await deck.play(tone(1000))
    assert len(speakers) == 2


async def test_a_call_has_the_speaker_for_itself(deck, sound):
    sound.speaker = object()  # type: ignore[assignment]
    with pytest.raises(CommandError, match="A call uses the speaker"):
        await deck.play(tone(1))


async def test_a_speaker_that_cannot_be_opened_is_said_and_tried_again(deck, speakers):
    FakeSpeaker.fails = True
    with pytest.raises(CommandError, match="gone"):
        await deck.hold(True)
    FakeSpeaker.fails = False
    assert await deck.play(tone(1))


async def test_a_lost_speaker_is_opened_anew_for_the_next_clip(deck, speakers):
    await deck.hold(True)
    speakers[0].on_lost("It was unplugged.")
    assert await deck.play(tone(1))
    assert [speaker.open for speaker in speakers] == [False, True]
