"""Without any key and without a network each voice of the reference speaks, in its own language, by the reference's speeds."""

import pytest

from studio.app.voices.model import VoicesModel
from studio.cli.voices import row_of
from studio.providers.accounts import Accounts
from studio.providers.cache import SpeechCache
from studio.providers.catalogue import Catalogue
from studio.providers.credentials import Credentials
from studio.providers.desk import LINE_RATE, Line, SpeechDesk
from studio.providers.nearest import full_tag
from studio.providers.speeds import LISTED_SPEEDS

_LINES = {
    "en": "good morning how can I help you today",
    "zh": "早上好，请问有什么可以帮您？",
    "es": "buenos días cómo puedo ayudarle hoy",
    "fr": "bonjour comment puis-je vous aider",
    "de": "guten Morgen wie kann ich Ihnen helfen",
}
_RANGES = {"openai": (0.25, 4.0), "azure": (0.5, 3.0)}


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue(accounts=Accounts(Credentials({})))


def line_of(voice):
    return _LINES[(voice.language if voice.language != "multi" else "en").split("-")[0]]


async def test_each_of_the_87_voices_speaks_at_each_of_the_eight_speeds(catalogue, tmp_path):
    desk = SpeechDesk(SpeechCache(tmp_path), catalogue)
    reference = [voice for voice in catalogue.voices if voice.provider != "local"]
    assert len(reference) == 87
    lengths: dict[tuple[str, float], int] = {}
    for voice in reference:
        low, high = _RANGES.get(voice.provider, (1.0, 1.0))
        for speed in LISTED_SPEEDS:
            notes = []
            spec = {"provider": voice.provider, "identifier": voice.name}
            spoken, chunks = await desk.speak(Line(line_of(voice), spec, speed), notes.append)
            length = sum([len(chunk.pcm) // 2 async for chunk in chunks])
            speaker = next(other for other in catalogue.voices if other.name == spoken.voice)
            own = "en-US" if voice.language == "multi" else full_tag(voice.language)
            assert (speaker.provider, speaker.language.split("-")[0]) == ("local", own.split("-")[0])
            assert spoken.speed == min(high, max(low, speed))
            codes = {note.code for note in notes}
            assert "voice_stand_in" in codes
            assert bool(codes & {"speed_clamped", "speed_unsupported"}) == (spoken.speed != speed)
            lengths[f"{spoken.voice} {line_of(voice)}", spoken.speed] = length
    await desk.close()
    assert min(lengths.values()) > LINE_RATE // 4
    for (who, speed), length in lengths.items():
        assert length * speed == pytest.approx(lengths[who, 1.0], rel=0.12), (who, speed)


async def test_the_line_the_list_and_the_browser_agree_on_who_speaks(catalogue, tmp_path):
    desk = SpeechDesk(None, catalogue)
    shown = {row.voice.key: row for row in VoicesModel(catalogue).rows}
    for voice in catalogue.voices:
        spec = {"provider": voice.provider, "identifier": voice.name}
        spoken, chunks = await desk.speak(Line("one", spec), lambda note: None)
        await chunks.aclose()
        row, listed = shown[voice.key], row_of(catalogue, voice)
        assert (row.stand_in or voice.name) == spoken.voice
        assert (listed["stand_in"] or voice.key) == f"{spoken.provider}:{spoken.voice}"
        assert listed["reason"] == row.reason == catalogue.role(voice).why
    await desk.close()
