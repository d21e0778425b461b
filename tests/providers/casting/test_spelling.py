"""How a voice is written so that exactly this one speaks."""

from studio.providers.casting.spelling import namesakes, spelt
from studio.providers.catalogue import Catalogue

CATALOGUE = Catalogue()


def test_whatever_is_written_finds_the_voice_without_a_remark_about_its_name():
    for voice in CATALOGUE.voices:
        casting = CATALOGUE.cast(spelt(CATALOGUE, voice))
        assert casting.asked == voice
        assert not {note.code for note in casting.notes} & {
            "voice_ambiguous",
            "voice_case",
            "voice_by_id",
            "unknown_voice",
        }


def test_luke_is_written_with_its_provider_and_is_known_at_both():
    luke = next(voice for voice in CATALOGUE.voices if voice.key == "cartesia:luke")
    assert spelt(CATALOGUE, luke) == {"provider": "cartesia", "identifier": luke.id}
    assert [voice.key for voice in namesakes(CATALOGUE.voices)["luke"]] == ["azure:luke", "cartesia:luke"]


def test_others_are_written_by_their_bare_names():
    assert spelt(CATALOGUE, next(v for v in CATALOGUE.voices if v.name == "nova")) == "nova"
