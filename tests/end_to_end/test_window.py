"""The whole chain as a person has it: a real window, a real sound card (a private virtual one), real speech both ways."""

import asyncio
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.engine.client import EngineClient
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


def test_a_new_agent_is_made_changed_run_again_with_the_same_inputs_and_exported(tmp_path, screen, sound):
    home = tmp_path / "home"
    agent = home / "documents" / "Reception"
    with StudioWindow(screen, sound, home) as window:
        window.press("ctrl+shift+n")
        time.sleep(0.5)  # for the dialog to have the keyboard
        window.type("Reception")
        window.press("Return")
        handler = wait_for(lambda: next(agent.glob("handler.py"), None), "the new agent")
        window.focus()
        handler.write_text(FRONT_DESK)  # somebody's other editor
        (agent / ".studio" / "settings.toml").write_text(PHRASES)

        first = call(window, home, "F5", lambda index: speak(sound, index, "what are your opening hours"))
        handler.write_text(FRONT_DESK.replace("nine to five", "eight to six"))
        second = call(window, home, "ctrl+F5", lambda index: wait_for(lambda: answers(index), "the answer"))

        out = tmp_path / "reception.zip"
        asyncio.run(export(home, agent, out))

    assert texts(first) == texts(second) == ["what are your opening hours"]
    assert any("nine to five" in said for said in said_by_the_agent(first))
    assert any("eight to six" in said for said in said_by_the_agent(second))
    with zipfile.ZipFile(out) as package:
        assert b"eight to six" in package.read("handler.py")


def call(window: StudioWindow, home: Path, keys: str, talk: Callable[[Path], object]) -> list[Record]:
    """Run with those keys, talk, stop; the records of the recording."""
    before = set(window.recordings())

    def begun() -> Path | None:
        window.press(keys)  # while the last call still winds up, Run is not to be had
        time.sleep(0.2)
        return next((home / "data" / "sessions").glob("*.mcap.part"), None)

    wait_for(begun, "the call")
    talk(running_index(home))
    window.press("shift+F5")
    (file,) = wait_for(lambda: set(window.recordings()) - before, "the recording")
    return list(StoredSession(file).records())


def speak(sound: VirtualSound, index: Path, text: str) -> None:
    """Say something when the greeting is over, and wait for the answer's end."""
    wait_for(lambda: events(index, "turn_closed"), "the end of the greeting")
    sound.say(speech_file(text))
    wait_for(lambda: answers(index), "the answer")


def answers(index: Path) -> bool:
    """Whether the agent has said its second line."""
    return len(events(index, "play_ended")) > 1


def said_by_the_agent(records: list[Record]) -> list[str]:
    """All lines that were heard."""
    return [record.data["heard"] for record in records if record.event == "play_ended"]


async def export(home: Path, project: Path, out: Path) -> None:
    """Export through the engine, as the window's command does."""
    client = await EngineClient.start_or_attach(home.parent / "engines")
    try:
        await client.call("export_project", project=str(project), target="voicerun", out=str(out))
    finally:
        await client.close()
