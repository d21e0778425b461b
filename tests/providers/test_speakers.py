"""Who speaks when things are not as asked: dates, ids that nobody knows, the user's own voices, failover lists."""

from datetime import date

import pytest

from studio.providers.catalogue import Catalogue
from studio.providers.failover import failover_of
from studio.providers.manifests import Voice
from studio.providers.own_voices import OwnVoices
from tests.providers.casts import catalogue, speaking_providers

PAST = date(2027, 1, 6)


def codes(casting):
    return [note.code for note in casting.notes]


def keys_of(casting):
    return [speaker.voice.key for speaker in casting.speakers]


@pytest.mark.parametrize(("voice", "successor"), [("nova", "marin"), ("onyx", "cedar"), ("fable", "verse")])
def test_past_its_date_a_voice_is_spoken_by_its_successor_at_every_speed(voice, successor):
    for asked, engine in ((0.25, 0.25), (1.0, 1.0), (1.5, 1.5), (2.0, 1.5), (4.0, 1.5)):
        casting = catalogue(today=PAST).cast(voice, asked)
        assert codes(casting) == ["voice_ended"]
        first = casting.speakers[0]
        assert (first.voice.id, first.model) == (successor, "gpt-realtime-2.1-mini")
        assert (first.speed, first.engine_speed) == (asked, engine)


def test_voices_that_the_last_model_has_outlive_the_others():
    casting = catalogue(today=PAST).cast("coral", 4.0)
    assert (casting.speaks.id, casting.model, codes(casting)) == ("coral", "gpt-realtime-2.1-mini", [])
    before = catalogue().cast("nova", 4.0)
    assert (before.speaks.id, before.model, before.speakers[0].engine_speed) == ("nova", "gpt-4o-mini-tts", 4.0)


def test_a_model_that_has_not_a_voice_is_spoken_by_its_successor_before_the_date():
    casting = catalogue().cast("nova", model="gpt-realtime-2.1-mini")
    assert (casting.speaks.id, codes(casting)) == ("marin", ["voice_not_in_model"])


def test_the_user_chooses_the_successor():
    cast = catalogue(today=PAST, own=OwnVoices(successors={"openai:nova": "coral"})).cast("nova")
    assert (cast.speaks.key, codes(cast)) == ("openai:coral", ["voice_ended"])


@pytest.mark.parametrize("name", ["hanhan", "zhiyuan", "welcome_lady"])
def test_a_voice_without_an_id_is_spoken_by_the_nearest_of_its_provider(name):
    casting = catalogue().cast(name)
    asked, speaks = casting.asked, casting.speaks
    assert speaks.provider == asked.provider
    assert speaks.id
    assert speaks.language.split("-")[0] == asked.language.split("-")[0]
    alike = [v for v in speaking_providers()[asked.provider].voices if v.id and v.language == speaks.language]
    assert speaks.gender == asked.gender or asked.gender not in {voice.gender for voice in alike}
    (note,) = casting.notes
    assert (note.code, note.facts["stand_in"]) == ("voice_stand_in", speaks.key)
    assert note.sentence.endswith(f"and its id is not published: {speaks.name} speaks in its place.")


@pytest.mark.parametrize(
    ("chosen", "key"),
    [("aria", "azure:aria"), ("coral", "openai:coral"), ("zh-CN-YunxiNeural", "azure:zh-CN-YunxiNeural")],
)
def test_the_user_chooses_the_stand_in(chosen, key):
    cast = catalogue(own=OwnVoices(stand_ins={"azure:zhiyuan": chosen})).cast("zhiyuan")
    assert cast.speaks.key == key


def test_voicerun_s_voices_are_asked_for_by_their_names():
    casting = catalogue().cast("lyric")
    assert (casting.speaks.key, casting.notes) == ("voicerun:lyric", ())


def voice(name, provider, id, origin):
    return Voice(name, provider, id, "multi", "", "", origin=origin)


def test_a_list_of_the_service_gives_an_id_to_a_voice_that_has_none():
    listed = voice("Welcome Lady", "cartesia", "id-1", "service")
    casting = catalogue(own=OwnVoices(listed=(listed,))).cast("welcome_lady")
    assert (casting.speaks.id, casting.notes) == ("id-1", ())


def test_own_and_listed_voices_speak_and_the_reference_s_names_stay_the_reference_s():
    own = (voice("Anna", "cartesia", "id-1", "own"), voice("Nova", "cartesia", "id-2", "own"))
    listed = (
        voice("nova", "azure", "id-3", "service"),
        voice("Carl", "azure", "id-4", "service"),
        voice("Anna again", "cartesia", "id-1", "service"),
    )
    voices = catalogue(own=OwnVoices(own, listed))
    assert [voice.id for voice in voices.voices[-4:]] == ["id-1", "id-2", "id-3", "id-4"]
    assert voices.cast("Anna").speaks.id == "id-1"
    assert voices.cast("Carl").speaks.id == "id-4"
    casting = voices.cast("nova")
    assert (casting.speaks.key, codes(casting)) == ("openai:nova", ["voice_ambiguous"])
    assert (
        "nova is a voice of OpenAI and of your own (Cartesia) and of Azure; OpenAI is taken."
        in casting.notes[0].sentence
    )
    assert codes(voices.cast("Nova")) == ["voice_case", "voice_ambiguous"]
    assert voices.cast("cartesia:Nova").speaks.id == "id-2"
    assert voices.cast({"provider": "azure", "identifier": "nova"}).speaks.id == "id-3"


def test_what_the_user_adds_is_cast_at_once():
    kept = [OwnVoices()]
    voices = Catalogue(own=lambda: kept[0])
    assert codes(voices.cast("Anna"))[0] == "unknown_voice"
    kept[0] = OwnVoices((voice("Anna", "cartesia", "id-1", "own"),))
    assert voices.cast("Anna").asked.id == "id-1"


def test_a_file_of_own_voices_that_cannot_be_read_is_said_so():
    casting = catalogue(own=OwnVoices(problems=("voices.toml cannot be read.",))).cast("coral")
    assert [(note.code, note.sentence) for note in casting.notes] == [
        ("own_voices_unread", "voices.toml cannot be read.")
    ]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, ()),
        ("cartesia", ("cartesia",)),
        ({"provider": "azure", "voice": "aria"}, ("azure:aria",)),
        (
            ["brooke", {"provider": "openai", "model": "tts-1"}, {"model": "nova-3"}, {"voice": "aria"}],
            ("brooke", "openai@tts-1", "nova-3", "aria"),
        ),
        ([{"provider": "openai", "voice": "nova", "model": "tts-1-hd"}], ("openai:nova@tts-1-hd",)),
    ],
)
def test_a_failover_list_is_written_in_many_ways(given, kept):
    assert failover_of(given) == kept


@pytest.mark.parametrize("given", [5, [5], [""], [{}], [{"provider": 5}], {"region": "eu"}])
def test_what_is_no_failover_list_says_what_one_is(given):
    with pytest.raises(ValueError, match="A failover is a list of names, or of tables with provider, voice and model"):
        failover_of(given)


def test_those_who_take_over_stand_in_order_and_the_last_one_is_local():
    casting = catalogue().cast("nova", 2.0, failover=["cartesia", "azure:aria", "tts-1", "openai:nova@tts-1-hd"])
    assert [(s.voice.provider, s.model) for s in casting.speakers] == [
        ("openai", "gpt-4o-mini-tts"),
        ("cartesia", "sonic-3.5"),
        ("azure", "azure-neural"),
        ("openai", "tts-1"),
        ("openai", "tts-1-hd"),
        ("local", ""),
    ]
    assert {speaker.speed for speaker in casting.speakers} == {2.0}
    assert casting.speakers[1].voice.gender == "female"
    assert casting.speakers[1].engine_speed == 1.5


def test_those_without_a_key_are_passed_over_and_a_list_comes_before_the_local_stand_in():
    casting = catalogue(keys=["cartesia"]).cast("nova", failover=["azure", "brooke"])
    assert keys_of(casting) == ["cartesia:brooke", casting.speakers[-1].voice.key]
    assert casting.speakers[-1].voice.provider == "local"
    (note,) = casting.notes
    assert (note.code, note.facts["stand_in"]) == ("voice_stand_in", "cartesia:brooke")


def test_what_a_failover_list_names_and_nobody_knows_is_left_out_with_a_sentence():
    casting = catalogue().cast("nova", failover=["nobody"])
    assert codes(casting) == ["bad_failover"]
    assert keys_of(casting)[0] == "openai:nova"


def test_every_voice_has_one_who_speaks_whatever_keys_there_are():
    everybody = speaking_providers()
    for keys in ([], ["openai"], ["azure", "cartesia"], list(everybody)):
        voices = catalogue(keys=keys)
        for voice in voices.voices:
            role = voices.role(voice)
            assert not voices.why_silent(role.speaks)
            assert bool(voices.why_silent(voice)) == (not role.itself)
            cast = voices.cast({"provider": voice.provider, "identifier": voice.name})
            assert (cast.asked.key, cast.speaks.key) == (voice.key, role.speaks.key)
