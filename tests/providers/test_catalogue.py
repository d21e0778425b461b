"""How a voice is cast."""

from datetime import date

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
    casting = catalogue.cast("Novva", default="coral")
    assert casting.asked.name == "coral"
    (note,) = [note for note in casting.notes if note.code == "unknown_voice"]
    assert note.facts["nearest"][0] == "nova"
    (note,) = [note for note in catalogue.cast("qqqqqq").notes if note.code == "unknown_voice"]
    assert len(note.facts["nearest"]) == 3
    assert note.sentence == (
        f"There is no voice 'qqqqqq': nova speaks. The nearest names: {', '.join(note.facts['nearest'])}."
    )


@pytest.mark.parametrize("spec", [5, ["nova"], {"a": 1}, {"provider": "azure"}, {"provider": 1, "identifier": "x"}])
def test_what_is_no_voice_at_all_says_what_one_is(catalogue, spec):
    casting = catalogue.cast(spec, default="coral")
    assert casting.asked.name == "coral"
    (note,) = [note for note in casting.notes if note.code != "voice_stand_in"]
    assert note.sentence == f'A voice is a name or {{"provider", "identifier"}}, not {spec!r}: coral speaks.'


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
        ("nova", float("inf"), 1.0, "bad_speed"),
        ("nova", 1.1, 1.1, "speed_unlisted"),
        ("aria", 3.0, 3.0, "speed_unlisted"),
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


def test_levels_of_what_is_said_about_a_speed(catalogue):
    levels = {speed: catalogue.cast("English (local)", speed).notes[0].level for speed in (0, 1.1, 9)}
    assert levels == {0: "error", 1.1: "info", 9: "warning"}


@pytest.mark.parametrize(
    ("voice", "asked", "actual"), [("zephyr", 1.5, 1.5), ("zephyr", 4.0, 2.0), ("brooke", 1.5, 1.5), ("nova", 4.0, 4.0)]
)
def test_the_service_s_own_limits_hold_where_the_setting_says_so(catalogue, voice, asked, actual):
    assert catalogue.cast(voice, asked, speed_rules="provider").speed == actual


@pytest.fixture
def in_2027():
    return Catalogue(today=lambda: date(2027, 1, 6))


@pytest.mark.parametrize(("voice", "successor"), [("nova", "marin"), ("onyx", "cedar"), ("fable", "verse")])
def test_a_voice_past_its_date_is_spoken_by_its_successor_with_one_warning(in_2027, voice, successor):
    casting = in_2027.cast(voice, 4.0)
    ended, stand_in = casting.notes
    assert (ended.code, ended.level) == ("voice_ended", "warning")
    assert ended.sentence == f"OpenAI ended {voice} on 2027-01-06: {successor} speaks in its place."
    assert (stand_in.code, stand_in.facts["voice"]) == ("voice_stand_in", f"openai:{successor}")
    assert casting.speed == 4.0


def test_a_voice_speaks_itself_on_the_day_before_and_one_without_a_successor_later_too(in_2027):
    before = Catalogue(today=lambda: date(2027, 1, 5))
    assert codes(before.cast("nova")) == ["voice_stand_in"]
    assert codes(in_2027.cast("coral")) == ["voice_stand_in"]
    assert codes(in_2027.cast("coral", model="tts-1")) == ["model_ended", "voice_stand_in"]


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("", None),
        ("tts-1-hd", None),
        ("gpt-4o-mini-tts-2025-12-15", None),
        ("tts-9", "unknown_model"),
    ],
)
def test_a_model_that_the_provider_lacks_is_said_so(catalogue, model, code):
    notes = [note.code for note in catalogue.cast("nova", model=model).notes if note.code != "voice_stand_in"]
    assert notes == ([code] if code else [])
