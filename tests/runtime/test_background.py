"""The background track: mixing against a slow model, and what it is and is not to a conversation (behaviours 87, 89, 90)."""

import asyncio
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from studio.agents.session_settings import SessionSettings
from studio.runtime.background import _DUCK, _SWELL, ATTACK, FADE_SAMPLES, RELEASE_SAMPLES, Background, Track
from studio.runtime.plan import Step
from studio.runtime.playout import Clip, Playout
from studio.runtime.session import Session
from studio.sessions.records import AGENT_RATE, AUDIO_AGENT, NS
from tests.runtime.fakes import Conversation, converse, spoken, tts

# ---- mixing

orders = st.one_of(
    st.tuples(st.just("play"), st.sampled_from([300, 7000]), st.sampled_from([1.0, 0.3]), st.booleans()),
    st.tuples(st.just("stop")),
    st.tuples(st.just("speak"), st.integers(1, 3000)),
    st.tuples(st.just("wait"), st.integers(1, 9000)),
)
SOUNDS = {length: (9000 * np.sin(np.arange(length))).astype(np.int16) for length in (300, 7000)}


class Model:
    """One sample at a time."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self.duck = 0

    @property
    def silent_so_far(self) -> bool:
        return all(not track.swell and not track.place for track in self.tracks)

    def sample(self, voice: int, spoken: bool) -> int:
        if not self.tracks:
            return voice
        self.duck = min(RELEASE_SAMPLES, max(0, self.duck + (ATTACK if spoken else -1)))
        line = np.float32(voice)
        for track in list(self.tracks):
            over = track.place >= len(track.sound) and not track.loop
            if over or (track.leaving and not track.swell):
                self.tracks.remove(track)
                continue
            track.swell = min(FADE_SAMPLES, max(0, track.swell + (-1 if track.leaving else 1)))
            sample = np.float32(track.sound[track.place]) * np.float32(track.volume)
            line += sample * _SWELL[track.swell] * _DUCK[self.duck]
            track.place += 1
            if track.loop:
                track.place %= len(track.sound)
        return int(np.clip(np.rint(line), -32768, 32767))


@given(st.lists(orders, max_size=12), st.lists(st.integers(1, 4800), min_size=1, max_size=6))
def test_mixing_is_what_a_slow_model_does_however_many_samples_are_taken_at_a_time(orders, sizes):
    playout, model, expected = Playout(), Model(), []
    heard: list[np.ndarray] = []
    number = 0
    for order in orders:
        match order:
            case ("play", length, volume, loop):
                place = 0
                for old in model.tracks:
                    if not old.leaving:
                        place = old.place if old.sound is SOUNDS[length] else 0
                        old.leaving = True
                playout.background.play(Track(SOUNDS[length], volume, loop))
                model.tracks.append(Track(SOUNDS[length], volume, loop, place))
            case ("stop",):
                playout.background.stop()
                for old in model.tracks:
                    old.leaving = True
            case (what, count):
                if what == "speak":
                    clip = Clip("say")
                    clip.append(np.full(count, 5000, np.int16))
                    clip.finish()
                    playout.enqueue(clip)
                voice = 5000 if what == "speak" else 0
                left = count
                while left:
                    size = min(left, sizes[number % len(sizes)])
                    number += 1
                    heard.append(playout.take(size))
                    left -= size
                if model.silent_so_far:  # a track that begins under speech does not begin loud
                    model.duck = RELEASE_SAMPLES if what == "speak" else 0
                expected += [model.sample(voice, what == "speak") for _ in range(count)]
    line = np.concatenate(heard) if heard else np.zeros(0, np.int16)
    assert len(line) == len(expected)
    assert np.abs(line.astype(int) - np.array(expected, int)).max(initial=0) <= 1  # sums may round the other way


def test_without_a_track_nothing_is_mixed(monkeypatch):
    monkeypatch.setattr(Background, "mix", lambda *_: pytest.fail("mixed"))
    assert not Playout().take(240).any()


# ---- a conversation

LEVEL = 8000


def music(url: Any = "music.wav", **data: Any) -> dict[str, Any]:
    given = {
        "background_track_url": url,
        **{f"background_track_{k}": v for k, v in data.items() if k != "after_speech"},
    }
    return {"name": "update_audio_settings", "data": given | {"after_speech": data.get("after_speech", False)}}


@pytest.fixture
def play(tmp_path):
    """`play(steps, start=[...], text=[...])` runs an agent with those outputs by event name; the records and sound."""
    for name, level in (("music.wav", LEVEL), ("other.wav", LEVEL // 2)):
        soundfile.write(tmp_path / name, np.full(2 * AGENT_RATE, level, np.int16), AGENT_RATE)

    def run(steps: list[Step] | None = None, options: dict[str, Any] | None = None, **outputs: Any) -> Conversation:
        async def handler(event: Mapping[str, Any]):
            for output in outputs.get(event["name"], ()):
                if isinstance(output, float):
                    await asyncio.sleep(output)
                else:
                    yield output

        given = {"project": tmp_path, "limit_s": 600, "keep_audio": True, "phrases": ["yes"], **(options or {})}
        return converse(handler, steps or [], **given)

    return run


def at(talk: Conversation, seconds: float) -> int:
    """The sample of the agent line at that time."""
    return int(talk.line(AUDIO_AGENT, AGENT_RATE)[round(seconds * AGENT_RATE)])


def test_it_plays_on_under_speech_and_makes_way_for_it(play):
    talk = play(start=[music(volume=0.5), 1.0, tts("one two three four five")], options={"user_silence_s": 3})
    assert at(talk, 0.1) == pytest.approx(LEVEL / 4, abs=20)  # it comes
    assert at(talk, 0.9) == LEVEL / 2
    assert at(talk, 1.5) == 1000 + LEVEL / 8
    assert at(talk, 2.5) == LEVEL / 2  # in a loop, loud again
    (started,), (ended,) = talk.of("background_started"), talk.of("background_ended")
    assert started.data == {"url": "music.wav", "volume": 0.5, "loop": True, "sample": 0}
    assert ended.data["reason"] == "stopped"
    assert started.cause == "out-1"
    line = talk.line(AUDIO_AGENT, AGENT_RATE)
    assert abs(int(line[-1])) < 100  # and fades before the call is over


def test_it_is_no_speech_of_the_agent(play):
    """Turn, silence and interruption are as if it were not there."""
    quiet = play([Step(hear=spoken(0), after=1), Step(after=12)], start=[tts("one two")])
    loud = play([Step(hear=spoken(0), after=1), Step(after=12)], start=[music(), tts("one two")])

    def told(talk: Conversation) -> list[tuple[int, str]]:
        events = ("turn_opened", "turn_closed", "TimeoutEvent", "TextEvent", "barge_in", "play_ended")
        return [(r.publish_time, r.event) for r in talk.records if r.event in events]

    assert told(loud) == told(quiet)
    assert ("TimeoutEvent" in [event for _, event in told(loud)]) is True


def test_a_cut_of_speech_leaves_it_alone(play):
    talk = play(
        [Step(hear=spoken(0), after_speech_start=0.5)],
        start=[music(), tts("one two three four five six seven eight")],
        options={"user_silence_s": 2},
    )
    (cut,) = talk.of("play_cut")
    assert at(talk, cut.data["sample"] / AGENT_RATE + 0.3) == LEVEL
    assert len(talk.of("background_started")) == 1
    assert talk.of("background_ended")[0].publish_time > cut.publish_time + NS


def test_an_interrupt_of_the_agent_leaves_it_alone(play):
    talk = play(start=[music(), tts("one two three"), 0.3, {"name": "interrupt", "data": {}}, 1.0])
    assert talk.of("play_cut")
    assert at(talk, 0.9) == LEVEL


def test_none_lets_it_fade(play):
    talk = play(start=[music(), 1.0, music(None), 1.0])
    assert at(talk, 0.99) == LEVEL
    assert at(talk, 1.1) == pytest.approx(LEVEL / 2, abs=20)
    assert at(talk, 1.21) == 0
    assert [r.data["reason"] for r in talk.of("background_ended")] == ["stopped"]
    assert talk.of("background_ended")[0].publish_time == NS


def test_another_takes_its_place_in_a_cross_fade(play):
    talk = play(start=[music(), 1.0, music("other.wav"), 1.0])
    assert at(talk, 1.1) == pytest.approx((LEVEL + LEVEL // 2) / 2, abs=20)
    assert at(talk, 1.5) == LEVEL // 2
    assert [r.event for r in talk.records if r.event.startswith("background_")] == [
        "background_started",
        "background_ended",
        "background_started",
        "background_ended",
    ]
    assert talk.of("background_ended")[0].data["reason"] == "replaced"


def test_the_same_track_with_another_volume_goes_on(play, tmp_path):
    ramp = np.linspace(0, 20000, 2 * AGENT_RATE).astype(np.int16)
    soundfile.write(tmp_path / "music.wav", ramp, AGENT_RATE)
    talk = play(start=[music(), 1.0, music(volume=0.5), 0.9])
    assert at(talk, 1.5) == pytest.approx(7500, abs=2)


def test_a_track_that_is_not_looped_ends(play):
    talk = play(start=[music(loop=False), 3.0])
    (ended,) = talk.of("background_ended")
    assert (ended.data["reason"], ended.publish_time) == ("over", 2 * NS)
    assert at(talk, 2.1) == 0


def test_after_speech_it_waits_for_the_speech_before_it_and_keeps_the_order(play):
    talk = play(start=[music(), tts("one two"), music(None, after_speech=True), tts("three"), 2.0])
    assert talk.of("background_ended")[0].data["sample"] == pytest.approx(2 * AGENT_RATE // 5, abs=1)
    assert [r.publish_time for r in talk.of("TextToSpeechEvent")] == [0, 0]


def test_after_speech_that_was_cut_nothing_changes(play):
    talk = play(
        [Step(say="stop", after_speech_start=0.2)],
        start=[tts("one two three four"), music(after_speech=True)],
        options={"user_silence_s": 1},
    )
    assert not talk.of("background_started")
    assert [r.data["item"] for r in talk.of("play_dropped")] == ["action"]


def test_volume_is_clamped_and_said(play):
    talk = play(start=[music(volume=7), 1.0])
    assert talk.of("volume_clamped")[0].data == {"out": "out-1", "requested": 7, "actual": 1.0}
    assert at(talk, 0.9) == LEVEL


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (music(volume="loud"), "background_track_volume is a number from 0 to 1, not 'loud'"),
        (music(volume=float("nan")), "background_track_volume is a number"),
        (music(7), "background_track_url is a URL or None, not 7"),
        (music("absent.wav"), "no sound file absent.wav"),
        (music("../music.wav"), "lies outside the project"),
    ],
)
def test_what_cannot_be_is_an_error_row_and_the_track_goes_on(play, event, words):
    talk = play(start=[music(), 1.0, event, 1.0])
    (row,) = [r for r in talk.of("bad_background") + talk.of("no_background") if r.level == "error"]
    assert words in row.message
    assert "stays as it is" in row.message
    assert at(talk, 1.9) == LEVEL


def test_the_newest_wins_however_long_an_older_one_takes(play):
    slow = SessionSettings(fetch_virtual_ms=500)
    talk = play(start=[music(), 0.1, music(None), 2.0], options={"settings": slow})
    assert not talk.of("background_started")


def test_it_is_in_the_recording_of_the_call(play, tmp_path):
    talk = play(
        start=[{"name": "start_recording", "data": {}}, music(), tts("one two"), 1.0],
        options={"channel": "phone", "call_recordings": tmp_path / "calls"},
    )
    frames, _ = soundfile.read(talk.of("recording_file")[0].data["file"], dtype="int16")
    line = talk.line(AUDIO_AGENT, AGENT_RATE)[: len(frames)]
    assert np.array_equal(frames[: len(line), 1], line)
    assert frames[AGENT_RATE // 5, 1] == 1000 + LEVEL / 4


# ---- sounds in the queue


def audio(**data: Any) -> dict[str, Any]:
    return {"name": "audio", "data": {"path": "music.wav", **data}}


def test_a_looped_sound_that_has_passed_once_is_cut_by_voice_and_by_words(play):
    for step in (Step(hear=spoken(0)), Step(say="hi")):
        talk = play([Step(after=3), step], start=[audio(loop=True)], options={"user_silence_s": 3})
        assert talk.of("play_passed")
        assert talk.of("play_cut")[0].data["item"] == "audio"
        assert at(talk, talk.of("play_cut")[0].data["sample"] / AGENT_RATE + 0.1) == 0
        assert [cls for _, cls, _ in talk.inputs()][1:2] == ["TextEvent"]


def test_a_protected_loop_holds_input_for_its_first_pass_only(play):
    async def type_early(session: Session) -> None:
        await asyncio.sleep(0.5)
        session.say("hi")

    talk = play(
        start=[audio(loop=True, interruptible=False)],
        text=[tts("yes")],
        options={"act": type_early, "user_silence_s": 1},
    )
    assert [time for time, cls, _ in talk.inputs() if cls == "TextEvent"] == [pytest.approx(2, abs=0.001)]
    assert not talk.of("play_cut") or talk.of("play_cut")[0].data["by"] == "end"


def test_the_start_up_sound_is_heard_before_the_greeting(play):
    talk = play(start=[tts("hello")], options={"settings": SessionSettings(startup_audio_url="music.wav")})
    assert [(r.data["item"], r.data["sample"]) for r in talk.of("play_started")] == [("audio", 0), ("speech", 48000)]
    assert talk.of("play_queued")[0].data["interruptible"] is False
    assert talk.of("StartEvent")[0].publish_time == 0


def test_a_start_up_sound_that_is_missing_is_an_error_row(play):
    talk = play(start=[tts("hello")], options={"settings": SessionSettings(startup_audio_url="absent.wav")})
    assert "start-up sound is missing" in talk.of("no_sound")[0].message
    assert [r.data["item"] for r in talk.of("play_ended")] == ["speech"]
