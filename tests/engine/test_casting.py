"""The bench's commands: clips spoken, measured, heard, pictured, and written to files."""

import numpy as np
import pyloudnorm
import pytest
import soundfile

from studio.engine.casting import Casting
from studio.engine.connection import CommandError
from studio.engine.examples import Examples
from studio.providers.cache import SpeechCache
from studio.providers.catalogue import Catalogue
from studio.providers.desk import LINE_RATE, SpeechDesk, Spoken
from studio.providers.manifests import load_providers
from studio.providers.speech import SpeechChunk
from studio.runtime.household import voice_examples

TEXT = "Good morning, this is the front desk. How can I help?"
SPEEDS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0)


class QuietDeck:
    queue_s = 0.03

    def __init__(self) -> None:
        self.played: list[np.ndarray] = []

    async def play(self, samples) -> bool:
        self.played.append(samples)
        return True


@pytest.fixture
def deck():
    return QuietDeck()


@pytest.fixture
async def casting(tmp_path, deck):
    desk = SpeechDesk(SpeechCache(tmp_path / "speech"))
    grown: list[tuple[str, float]] = []
    casting = Casting(desk, deck, Examples(voice_examples()), lambda cell, seconds: grown.append((cell, seconds)))
    casting.grown = grown  # type: ignore[attr-defined]
    yield casting
    await desk.close()


def local_voices(count: int) -> list[str]:
    return [voice.name for voice in load_providers()["local"].voices][:count]


async def test_twelve_voices_at_eight_speeds_are_equally_loud(casting, deck):
    """As another meter measures it: each within half a unit of the target."""
    meter, off = pyloudnorm.Meter(LINE_RATE), {}
    for voice in local_voices(12):
        for speed in SPEEDS:
            clip = await casting.cast(TEXT, voice, speed)
            await casting.hear(clip["clip"])
            off[voice, speed] = meter.integrated_loudness(deck.played[-1] / 32768) + 23
    assert len(off) == 96
    assert max(map(abs, off.values())) <= 0.5, off


async def test_a_clip_is_measured_while_it_comes(casting):
    clip = await casting.cast(TEXT, "English (local)", 2.0, cell="a")
    assert clip["first_byte_ms"] <= clip["first_sound_ms"]
    assert clip["first_byte_ms"] <= clip["total_ms"]
    assert clip["word_times"]
    assert clip["wpm"] > 250
    assert len(clip["outline"]) == 512
    assert not clip["stands_in"]
    assert casting.grown[-1][0] == "a"
    assert casting.grown[-1][1] == pytest.approx(clip["seconds"])
    again = await casting.cast(TEXT, "English (local)", 2.0)
    assert again["cache"] == "hit"
    assert again["first_byte_ms"] is None


async def test_the_telephone_is_a_clip_of_its_own_equally_loud(casting, deck):
    clip = (await casting.cast(TEXT, "English (local)"))["clip"]
    await casting.prepare_phone([clip, "gone"])
    await casting.hear(clip)
    await casting.hear(clip, phone=True)
    plain, phone = deck.played
    assert pyloudnorm.Meter(LINE_RATE).integrated_loudness(phone / 32768) == pytest.approx(-23, abs=0.5)
    high = np.abs(np.fft.rfft(plain))[-len(plain) // 8 :].sum()
    assert np.abs(np.fft.rfft(phone))[-len(plain) // 8 :].sum() < 0.2 * high


async def test_a_picture_has_the_size_it_tells(casting):
    clip = (await casting.cast("hello", "English (local)"))["clip"]
    picture = await casting.picture(clip)
    assert len(picture["pixels"]) == picture["rows"] * picture["columns"]


async def test_a_set_is_written_with_its_table(casting, tmp_path):
    clip = (await casting.cast("hello", "English (local)"))["clip"]
    rows = [
        {"clip": clip, "voice": "English (local)", "provider": "Local", "speed": 1.0, "seconds": 0.5},
        {"clip": "", "voice": "nova", "provider": "OpenAI", "speed": 1.0, "remark": "No key."},
    ]
    answer = await casting.export(str(tmp_path / "out"), "hello", rows, ["One line."])
    assert answer == {"page": str(tmp_path / "out" / "casting.html"), "files": 1}
    samples, rate = soundfile.read(tmp_path / "out" / "english-local-local-1x.wav")
    assert rate == LINE_RATE
    assert pyloudnorm.Meter(rate).integrated_loudness(samples) == pytest.approx(-23, abs=0.5)


async def test_an_earlier_sheet_in_the_folder_stays(casting, tmp_path):
    clip = (await casting.cast("hello", "English (local)"))["clip"]

    def row():
        return [{"clip": clip, "voice": "English (local)", "provider": "Local", "speed": 1.0}]

    pages = [(await casting.export(str(tmp_path), text, row()))["page"] for text in ("one", "two", "three")]
    assert pages == [str(tmp_path / part / "casting.html") for part in ("", "casting-2", "casting-3")]
    assert "one" in (tmp_path / "casting.html").read_text()


async def test_a_clip_is_heard_from_its_first_sound_on(tmp_path, deck):
    """A voice that begins with silence is not waited for; the clip itself keeps it."""

    class Slow:
        async def speak(self, line, tell):
            async def chunks():
                yield SpeechChunk(np.repeat(np.array([0, 9000], "<i2"), [4800, 24_000]).tobytes(), LINE_RATE)

            return Spoken("local", "x", "", 1.0), chunks()

    casting = Casting(Slow(), deck, Examples(voice_examples()), lambda *_: None)  # type: ignore[arg-type]
    clip = await casting.cast("hello", "x")
    heard = await casting.hear(clip["clip"])
    assert (heard["seconds"], heard["from_s"]) == (1.2, 0.2)
    assert deck.played[0].size == 24_000
    assert deck.played[0].all()


async def test_what_is_not_kept_any_more_is_said(casting):
    assert not (await casting.hear("clip-99"))["kept"]
    with pytest.raises(CommandError, match="Speak it again"):
        await casting.picture("clip-99")


async def test_an_example_is_kept_for_good_where_the_voice_itself_spoke(casting, deck):
    examples = casting._examples
    assert await examples.kept() == []
    first = await casting.example("English (local)", "hello")
    assert await examples.kept() == ["local:English (local)"]
    assert (await casting.example("English (local)", "hello"))["cache"] == "hit"
    assert first["cache"] == "written"
    assert (await casting.example("nova", "hello"))["stands_in"]
    assert await examples.kept() == ["local:English (local)"]


async def test_a_kept_example_needs_no_service(casting, monkeypatch):
    await casting.example("English (local)", "hello")
    monkeypatch.setattr(Catalogue, "why_silent", lambda self, voice: "there is no key")
    example = await casting.example("English (local)", "hello")
    assert (example["cache"], example["stands_in"], example["notes"]) == ("hit", False, [])
