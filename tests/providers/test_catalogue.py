"""How a voice is cast."""

import pytest

from studio.providers.catalogue import Catalogue


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue()


def codes(casting):
    return [note.code for note in casting.notes]


def test_all_87_voices_of_the_reference_are_listed(catalogue):
    named = [voice for voice in catalogue.voices if voice.provider != "local"]
    assert len(named) == 87
    assert len({voice.name for voice in named}) == 86  # luke is two


def test_local_voices_have_names_of_their_own_and_speak(catalogue):
    local = catalogue.providers["local"].voices
    assert len({voice.name for voice in local}) == len(local)
    assert not any(catalogue.why_silent(voice) for voice in local)


def test_an_unreachable_voice_is_spoken_by_a_local_one_of_its_language_and_gender(catalogue):
    casting = catalogue.cast("xiaoxiao")
    assert casting.speaks.language == "zh-CN"
    assert casting.speaks.gender == "female"
    assert codes(casting) == ["voice_stand_in"]


def test_bare_luke_is_azures_with_a_warning_and_the_dict_is_exact(catalogue):
    bare = catalogue.cast("luke")
    assert bare.asked.provider == "azure"
    assert "voice_ambiguous" in codes(bare)
    exact = catalogue.cast({"provider": "cartesia", "identifier": "luke"})
    assert exact.asked.provider == "cartesia"
    assert "voice_ambiguous" not in codes(exact)


@pytest.mark.parametrize(
    ("spec", "key"),
    [
        ("azure:luke", "azure:luke"),
        ("sulafar", "google:sulafar"),
        ("sulafat", "google:sulafar"),
        ({"provider": "google_chirp", "identifier": "laomedeia"}, "google:laomedeia"),
        ({"provider": "prim_voices", "identifier": "lyric"}, "voicerun:lyric"),
        ({"provider": "Prim", "identifier": "lyric"}, "voicerun:lyric"),
        ({"provider": "azure", "identifier": "en-AU-WilliamNeural"}, "azure:william"),
    ],
)
def test_spellings_of_a_voice(catalogue, spec, key):
    assert catalogue.cast(spec).asked.key == key


def test_another_case_is_taken_with_a_warning(catalogue):
    casting = catalogue.cast("Nova")
    assert casting.asked.name == "nova"
    assert "voice_case" in codes(casting)


def test_an_unknown_voice_is_the_default_with_the_three_nearest_names(catalogue):
    casting = catalogue.cast("novva", default="coral")
    assert casting.asked.name == "coral"
    (note,) = [note for note in casting.notes if note.code == "unknown_voice"]
    assert len(note.facts["nearest"]) == 3
    assert "nova" in note.facts["nearest"]


@pytest.mark.parametrize(
    ("voice", "asked", "actual", "code"),
    [
        ("nova", 4.0, 4.0, None),
        ("nova", 5.0, 4.0, "speed_clamped"),
        ("aria", 0.25, 0.5, "speed_clamped"),
        ("zephyr", 1.5, 1.0, "speed_unsupported"),
        ("zephyr", 1.0, 1.0, None),
        ("English (local)", 0.25, 0.25, None),
        ("nova", -1, 1.0, "bad_speed"),
        ("nova", "fast", 1.0, "bad_speed"),
        ("nova", float("nan"), 1.0, "bad_speed"),
    ],
)
def test_speeds_follow_the_voice_that_was_asked_for(catalogue, voice, asked, actual, code):
    casting = catalogue.cast(voice, asked)
    assert casting.speed == actual
    assert [c for c in codes(casting) if c != "voice_stand_in"] == ([code] if code else [])


def test_a_voice_of_any_language_is_stood_in_for_in_the_language_of_the_line(catalogue):
    assert catalogue.cast("nova", language="de").speaks.language == "de-DE"
    assert catalogue.cast("nova", language="en").speaks.language == "en-US"
    assert catalogue.cast("xiaoxiao", language="de").speaks.language == "zh-CN"
