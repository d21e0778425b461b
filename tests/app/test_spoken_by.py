"""Who spoke a line and for whom, in the same words on the timeline, in the conversation, the inspector and the terminal."""

from typing import Any

import pytest

from studio.app.inspector.inspector_model import InspectorModel
from studio.app.timeline.timeline_model import TimelineModel
from studio.cli.lines import ReadableLines
from studio.sessions.conversation import conversation
from studio.sessions.live import LiveSession
from studio.sessions.records import EVENT_OUT, PLAY, SPEECH, Record
from studio.sessions.spoken_by import SpokenBy
from tests.sessions.making import MS


@pytest.mark.parametrize(
    ("names", "asked", "words", "as_asked"),
    [
        (("nova",), "nova", "nova", True),
        (("nova",), "Nova", "nova", True),
        (("luke",), "azure:luke", "luke", True),
        (("nova",), "", "nova", False),
        (("brooke",), "nova", "brooke for nova", False),
        (("nova", "brooke"), "nova", "nova, then brooke", False),
        (("brooke", "jenny"), "nova", "brooke, then jenny for nova", False),
    ],
)
def test_words_name_who_spoke_and_who_was_asked_for(
    names: tuple[str, ...], asked: str, words: str, as_asked: bool
) -> None:
    speaker = SpokenBy(names, asked)
    assert (speaker.words, speaker.as_asked) == (words, as_asked)


def line(asked: Any, *spoke: str) -> list[Record]:
    """The records of a line."""
    payload = {"text": "Hello.", "voice": asked}
    rows: list[tuple[str, str, dict[str, Any], str]] = [
        (EVENT_OUT, "TextToSpeechEvent", {"name": "text_to_speech", "data": payload}, "out-1"),
        (PLAY, "play_queued", {"item": "speech", "out": "out-1", "text": "Hello."}, "say-1"),
        (SPEECH, "speech_requested", {"out": "out-1", **payload}, "say-1"),
        (SPEECH, "speech_first_audio", {"out": "out-1", "voice": spoke[0], "after_ms": 1.0}, "say-1"),
        (PLAY, "play_started", {"out": "out-1", "sample": 0}, "say-1"),
        *(
            (SPEECH, "speech_first_audio", {"out": "out-1", "voice": name, "after_ms": 1.0}, "say-1")
            for name in spoke[1:]
        ),
        (PLAY, "play_ended", {"out": "out-1", "sample": 9}, "say-1"),
    ]
    return [
        Record(number, number * MS, number * MS, topic, event, data, id=id, cause="" if id == "out-1" else "out-1")
        for number, (topic, event, data, id) in enumerate(rows, start=1)
    ]


@pytest.mark.parametrize(
    ("asked", "spoke", "words"),
    [
        ("nova", ["brooke"], "brooke for nova"),
        ({"provider": "openai", "identifier": "nova"}, ["brooke"], "brooke for nova"),
        ("nova", ["nova", "brooke"], "nova, then brooke"),
        ("nova", ["nova"], "nova"),
    ],
    ids=["stand-in", "asked for as a table", "failover within the line", "as asked"],
)
def test_every_view_says_the_same(asked: Any, spoke: list[str], words: str) -> None:
    records = line(asked, *spoke)
    session = LiveSession("session-1")
    session.apply_records(records)
    model = TimelineModel(session)
    inspector = InspectorModel(model)
    model.refresh(1.0)
    model.select(0)
    said = model.lanes.tables["said"] if model.lanes else pytest.fail("no lanes")
    assert said.label(said.all().handle[-1]) == f"“Hello.”  {words}"
    assert [row.value for row in inspector.rows if row.label == "spoken by"] == [words]
    (told,) = conversation(records)
    assert told.voice
    assert told.voice.words == words


def test_a_voice_that_is_asked_for_by_its_id_is_called_by_its_name() -> None:
    records = line({"provider": "cartesia", "identifier": "e07c00bc"}, "Ada")
    records[3].data["named"] = "brooke"
    (told,) = conversation(records)
    assert told.voice
    assert told.voice.words == "Ada for brooke"


def test_the_terminal_names_who_speaks_where_that_is_not_who_was_asked() -> None:
    def printed(records: list[Record]) -> list[str]:
        lines = ReadableLines()
        return [text for record in records for text, _ in lines.of(record)]

    assert printed(line("nova", "brooke")) == ['00:00.0 agent  "Hello." (brooke for nova)']
    assert printed(line("nova", "nova")) == ['00:00.0 agent  "Hello."']
