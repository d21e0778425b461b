"""A line of hours is made as it is heard: neither its sound nor its making runs far ahead."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from studio.providers.desk import Line, Spoken
from studio.providers.speakers import Note
from studio.providers.speech import SpeechChunk
from studio.runtime.plan import Step
from studio.sessions.records import AGENT_RATE, AUDIO_AGENT, NS
from tests.runtime.fakes import Conversation, FakeVoices, Handler, converse

MINUTES = 10
WORDS = [f"w{number}" for number in range(MINUTES * 60 * 5)]
"""Five a second."""


@dataclass
class Counting(FakeVoices):
    """Remembers what was made of each line, and whether its making was ended with the line."""

    service: str = ""
    made_s: float = 0.0
    closed: bool = False

    async def speak(
        self, line: Line, tell: Callable[[Note], None], passed: Collection[str] = ()
    ) -> tuple[Spoken, AsyncIterator[SpeechChunk]]:
        spoken, chunks = await super().speak(line, tell, list(passed))
        return replace(spoken, service=self.service), self._counted(chunks)

    async def _counted(self, chunks: AsyncIterator[SpeechChunk]) -> AsyncIterator[SpeechChunk]:
        try:
            async for chunk in chunks:
                self.made_s += len(chunk.pcm) / 2 / AGENT_RATE
                yield chunk
        finally:
            self.closed = True


async def speaks_long(event: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
    if event["name"] == "start":
        yield {"name": "text_to_speech", "data": {"text": " ".join(WORDS)}}


def talk_cut_after(seconds: float, voices: Counting) -> Conversation:
    return converse(speaks_long, [Step(say="stop", after_speech_start=seconds)], voices=voices)


def test_of_a_line_that_is_cut_only_about_a_minute_more_was_made_than_was_heard() -> None:
    voices = Counting()
    talk = talk_cut_after(100, voices)
    (cut,) = talk.of("play_cut")
    assert (cut.data["heard"], cut.data["words"]) == (" ".join(WORDS[:500]), len(WORDS))
    assert 100 < voices.made_s < 100 + 150
    assert voices.closed


def test_of_a_line_without_word_times_that_is_still_being_made_no_more_counts_as_heard_than_was() -> None:
    (cut,) = talk_cut_after(100, Counting(word_times=False)).of("play_cut")
    assert 100 < cut.data["heard_words"] <= 500
    assert (cut.data["estimated"], cut.data["words"]) == (True, len(WORDS))


def test_a_service_is_not_made_to_wait() -> None:
    voices = Counting(service="Somebody")
    talk_cut_after(1, voices)
    assert voices.made_s == pytest.approx(MINUTES * 60)


def test_a_long_line_is_heard_whole_and_without_a_gap() -> None:
    talk = converse(speaks_long, voices=Counting(), keep_audio=True)
    (started,), (ended,) = talk.of("play_started"), talk.of("play_ended")
    assert (ended.data["heard"], ended.data["complete"]) == (" ".join(WORDS), True)
    assert (ended.publish_time - started.publish_time) / NS == pytest.approx(MINUTES * 60, abs=0.001)
    first = started.data["sample"]
    assert (talk.line(AUDIO_AGENT, AGENT_RATE)[first : first + MINUTES * 60 * AGENT_RATE] == 1000).all()
    (ready,) = talk.of("speech_ready")
    assert (ready.data["samples"], len(ready.data["words"])) == (MINUTES * 60 * AGENT_RATE, len(WORDS))


async def is_silent_for_long(event: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
    if event["name"] == "start":
        yield {"name": "silence", "data": {"duration": MINUTES * 60_000}}


@pytest.mark.parametrize("handler", [speaks_long, is_silent_for_long], ids=["a line", "a silence"])
def test_what_was_handed_over_goes_to_the_recorder_meanwhile(handler: Handler) -> None:
    talk = converse(handler, voices=Counting(), keep_audio=True)
    late_by = [(block.log_time - block.publish_time) / NS for block in talk.audio if block.topic == AUDIO_AGENT]
    assert len(late_by) >= MINUTES * 60 * 10
    assert max(late_by) < 70
