"""Many cuts: what was heard is known to the word, and nothing of what was cut sounds after the fade."""

import random

import numpy as np
import pytest

from studio.providers.speech import SpeechChunk, Word
from studio.runtime.plan import Step
from studio.sessions.records import AGENT_RATE
from tests.runtime.fakes import FakeVoices, converse, tts

FADE = AGENT_RATE * 5 // 1000


class UnevenVoices(FakeVoices):
    """Every word takes its own time, with pauses between, in chunks that end anywhere; word times are exact."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._dice = random.Random(seed)
        self.words: list[Word] = []

    async def _chunks(self, line, tag):
        at, sample, words = 0, 0, []
        for word in line.text.split():
            begin = line.text.index(word, at)
            at = begin + len(word)
            start = sample + self._dice.randrange(0, AGENT_RATE // 10)
            sample = start + self._dice.randrange(AGENT_RATE // 20, AGENT_RATE // 2)
            words.append(Word(word, start, sample, begin, at))
        self.words = words
        sound = np.full(sample, 1000 * tag, "<i2")
        while sample:
            length = min(sample, self._dice.randrange(100, 9000))
            first = len(sound) - sample
            inside = tuple(word for word in words if first < word.end <= first + length)
            yield SpeechChunk(sound[first : first + length].tobytes(), AGENT_RATE, inside)
            sample -= length


@pytest.mark.parametrize("seed", range(50))
def test_heard_text_is_never_more_than_was_handed_over_and_at_most_a_word_fewer(seed):
    dice, voices = random.Random(seed), UnevenVoices(seed)
    count = dice.randrange(3, 25)
    text = " ".join(f"{dice.choice(['well,', 'so', 'twenty-one', 'a', 'Überraschung!'])}{n}" for n in range(count))
    told = []

    async def handler(event):
        if event["name"] == "start":
            yield tts(text)
        elif event["name"] == "text":
            told.append(event["data"])

    talk = converse(handler, [Step(say="stop", after_speech_start=dice.uniform(0.001, 0.2 * count))], voices=voices)
    cuts = talk.of("play_cut")
    if not cuts:
        (whole,) = talk.of("play_ended")
        assert whole.data["heard"] == text
        return
    (cut,) = cuts
    handed = cut.data["sample"] - cut.data["started"]
    whole = [word for word in voices.words if word.end <= handed]
    begun = [word for word in voices.words if word.start < handed]
    heard = cut.data["heard"]
    assert text.startswith(heard)
    assert cut.data["heard_words"] == len(heard.split()) == len(whole)
    assert len(begun) - len(whole) <= 1
    # the conversation, the next input event and the transcript say the same
    rows = [row for row in talk.session._transcript.rows if row["role"] == "assistant"]
    assert [row["content"] for row in rows] == ([heard] if heard else [])
    assert told[0].get("previous_turn_agent_transcript", "") == heard
    assert ("previous_turn_interrupted" in told[0]) is bool(heard)


def test_in_a_thousand_cuts_no_sample_of_a_cut_line_sounds_after_the_fade():
    dice = random.Random(7)
    steps = [Step(say=f"cut {n}", after_speech_start=dice.uniform(0.0, 1.9)) for n in range(1000)]

    async def handler(event):
        if event["name"] in ("start", "text"):
            yield tts("one two three four five six seven eight nine ten")

    class TaggedVoices(FakeVoices):
        """Each line is a tone of a value of its own."""

        async def _chunks(self, line, tag):
            async for chunk in super()._chunks(line, 1):
                yield SpeechChunk(np.full(len(chunk.pcm) // 2, 1000 + tag, "<i2").tobytes(), chunk.rate, chunk.words)

    talk = converse(handler, steps, voices=TaggedVoices(), keep_audio=True)
    line = talk.line("/audio/playout", AGENT_RATE)
    cuts = talk.of("cut")
    assert len(cuts) == 1000
    played = talk.of("play_started")
    assert [record.id for record in played[:-1]] == [cut.data["item"] for cut in cuts]
    for number, (cut, started) in enumerate(zip(cuts, played, strict=False), 1):
        tag, sample = 1000 + number, cut.data["sample"]
        assert (line[started.data["sample"] : sample] == tag).all()
        fade = line[sample : sample + FADE]
        assert (np.abs(fade) <= tag).all()
        assert not line[sample + FADE : played[number].data["sample"]].any()
        assert cut.data["silent_after_ms"] <= 5.1
