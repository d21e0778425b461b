"""The whole chain as a person has it: a real window, a real sound card (a private virtual one), real speech both ways."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.sessions.records import AUDIO_AGENT, AUDIO_CALLER, EVENT_IN, Record
from studio.sessions.stored import StoredSession
from tests.end_to_end.desktop import RUN_BUTTON, StudioWindow, display, missing, wait_for
from tests.speech_fixture import speech_file
from tests.virtual_sound import VirtualSound

pytestmark = [pytest.mark.end_to_end, pytest.mark.skipif(bool(missing()), reason=missing())]

FRONT_DESK = """
from primfunctions.events import StartEvent, TextEvent, TextToSpeechEvent


async def handler(event, context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent(text="Good morning, this is the front desk. How can I help?", voice="nova")
    elif isinstance(event, TextEvent) and "hours" in event.data["text"]:
        yield TextToSpeechEvent(
            text="We are open from nine to five on weekdays, from ten to two on Saturdays, "
            "and closed on Sundays and on public holidays.",
            voice="nova",
        )
"""
PHRASES = 'phrases = ["what are your opening hours", "stop please", "half past ten please"]\n'
FIRST_SESSION = (180, 190)
"""The newest row of the sessions panel."""
RATE = 48_000
QUIET = 200.0
"""Level of a 20 ms frame (root mean square of int16) from which the speaker is heard."""


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    with display() as name:
        yield name


@pytest.fixture
def sound() -> Iterator[VirtualSound]:
    with VirtualSound() as card:
        yield card


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """An agent's folder as somebody may have it."""
    folder = tmp_path / "front-desk"
    (folder / ".studio").mkdir(parents=True)
    (folder / "handler.py").write_text(FRONT_DESK)
    (folder / ".studio" / "settings.toml").write_text(PHRASES)
    return folder


class Speaker:
    """What the virtual speaker plays, recorded from its making on; places in it are seconds."""

    def __init__(self, sound: VirtualSound, file: Path):
        self._sound = sound
        self._file = file
        self._child = sound.record(file)

    @property
    def now(self) -> float:
        """How much is recorded: parec writes every 20 ms."""
        return max(0, self._file.stat().st_size - 44) / 2 / RATE

    def end(self) -> "Heard":
        self._sound.end_record(self._child)
        samples, rate = soundfile.read(str(self._file), dtype="int16")
        assert rate == RATE
        return Heard(samples)


class Heard:
    """A finished recording of the speaker."""

    def __init__(self, samples: np.ndarray):
        frame = RATE // 50
        self.samples = samples[: len(samples) // frame * frame]
        rows = self.samples.reshape(-1, frame).astype(np.float64)
        self._loud = np.sqrt((rows**2).mean(axis=1)) >= QUIET

    def first_after(self, second: float) -> float:
        """When something is first heard from there on."""
        place = round(second * 50)
        found = np.flatnonzero(self._loud[place:])
        assert len(found), f"nothing is heard after {second:.2f} s"
        return (place + int(found[0])) / 50

    def last(self) -> float:
        """When the last sound ends."""
        return (int(np.flatnonzero(self._loud)[-1]) + 1) / 50

    def share_of_speech(self, start: float, end: float) -> float:
        """The share of that stretch which voice activity takes for a voice."""
        from studio.audio.resample import convert
        from studio.audio.vad import VoiceActivity

        stretch = convert(self.samples[round(start * RATE) : round(end * RATE)], RATE, 16_000)
        return float((VoiceActivity().process(stretch) >= 0.5).mean())


def events(index: Path, event: str) -> list[Record]:
    """Records of an event in a session that may still be under way."""
    try:
        return [record for record in StoredSession(index).records() if record.event == event]
    except FileNotFoundError:
        return []


def running_index(home: Path) -> Path:
    """The index of the session that is under way."""

    def look() -> Path | None:
        parts = list((home / "data" / "sessions").glob("*.mcap.part"))
        return parts[0].with_name(parts[0].name.removesuffix(".mcap.part") + ".index") if parts else None

    return wait_for(look, "a recording")


def texts(records: list[Record]) -> list[str]:
    """What the caller said, as the handler got it."""
    return [
        record.data["data"]["text"] for record in records if record.topic == EVENT_IN and record.event == "TextEvent"
    ]


def test_a_call_in_the_window_is_heard_understood_cut_kept_and_reopened(tmp_path, screen, sound, desk):
    home = tmp_path / "home"
    with StudioWindow(screen, sound, home, desk) as window:
        wait_for(window.warm, "a warm child")
        time.sleep(1.0)  # it is there; now it imports
        speaker = Speaker(sound, tmp_path / "heard.wav")
        clicked = speaker.now
        window.click(RUN_BUTTON)
        index = running_index(home)

        wait_for(lambda: events(index, "turn_closed"), "the end of the greeting")
        greeted = speaker.now
        sound.say(speech_file("what are your opening hours"))
        wait_for(lambda: len(events(index, "play_started")) > 1, "the answer")
        time.sleep(1.5)  # the person lets it talk for a while
        spoke = speaker.now
        sound.say(speech_file("stop please"))
        wait_for(lambda: len(events(index, "TextEvent")) > 1, "what was said over the answer")
        time.sleep(1.0)
        heard = speaker.end()

        window.click(RUN_BUTTON)  # it says Stop now
        (file,) = wait_for(window.recordings, "the finished recording")
        (listed,) = window.sessions()

    greeting = heard.first_after(clicked)
    assert greeting - clicked <= 1.0
    assert heard.share_of_speech(greeting, greeted) > 0.6
    answer = heard.first_after(greeted)
    assert heard.share_of_speech(answer, spoke) > 0.6
    assert heard.last() - spoke <= 1.5, "speaking over the answer does not silence it"

    records = StoredSession(file).records()
    assert texts(records) == ["what are your opening hours", "stop please"]
    (cut,) = [record for record in records if record.event == "cut"]
    assert cut.data["silent_after_ms"] <= 30
    (played,) = [record for record in records if record.event == "play_cut"]
    assert played.data["heard"]
    assert played.data["heard_words"] < played.data["words"]
    assert (listed["path"], listed["agent"]) == (str(file), "front-desk")

    before = content(file)
    shutil.rmtree(file.with_suffix(".index"))  # what the window shows next is read from the file itself
    with StudioWindow(screen, sound, home) as window:
        assert [row["path"] for row in window.sessions()] == [str(file)]
        window.press("ctrl+3")
        time.sleep(1.0)  # for the panel to be painted
        assert not file.with_suffix(".index").exists()
        window.click(FIRST_SESSION)
        wait_for(lambda: complete(file.with_suffix(".index")), "the reopened session")
    assert content(file) == before


def complete(index: Path) -> bool:
    """Whether a session's index is there as a whole."""
    try:
        return StoredSession(index).meta.complete
    except FileNotFoundError:
        return False


def content(file: Path) -> tuple[list[Record], bytes, bytes]:
    """All records and both lines of a session."""
    session = StoredSession(file)
    lines = [session.track(topic) for topic in (AUDIO_CALLER, AUDIO_AGENT)]
    caller, agent = (np.array(track.samples(0, track.frames)).tobytes() if track else b"" for track in lines)
    return list(session.records()), caller, agent
