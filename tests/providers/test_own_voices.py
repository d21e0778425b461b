"""What the user keeps of voices: a file of their own, and lists that services have given."""

import pytest

from studio.providers.accounts import Accounts
from studio.providers.catalogue import Catalogue
from studio.providers.credentials import Credentials
from studio.providers.manifests import Voice
from studio.providers.own_voices import (
    UserVoices,
    choose,
    forget_list,
    keep_list,
    load_own_voices,
    remove_voice,
    save_voice,
)
from studio.providers.service import ServiceVoice

ANNA = Voice('Anna "the" voice \\ ü', "cartesia", "id-1", "de-DE", "female", "Calm", origin="own")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path))
    return tmp_path


def test_whoever_has_set_nothing_has_nothing():
    own = load_own_voices()
    assert (own.voices, own.listed, own.successors, own.stand_ins, own.problems) == ((), (), {}, {}, ())


def test_voices_are_kept_replaced_and_forgotten():
    other = Voice("Ben", "azure", "id-2", "multi", "", "", origin="own")
    save_voice(ANNA)
    save_voice(other)
    assert load_own_voices().voices == (ANNA, other)
    again = Voice(ANNA.name, "cartesia", "id-3", "de-DE", "", "", origin="own")
    save_voice(again)
    assert load_own_voices().voices == (other, again)
    assert remove_voice(other.key)
    assert not remove_voice(other.key)
    assert load_own_voices().voices == (again,)


def test_choices_live_beside_the_voices():
    save_voice(ANNA)
    choose("successors", "openai:nova", "coral")
    choose("stand_ins", "azure:hanhan", "xiaoyi")
    own = load_own_voices()
    assert (own.voices, own.successors, own.stand_ins) == (
        (ANNA,),
        {"openai:nova": "coral"},
        {"azure:hanhan": "xiaoyi"},
    )
    choose("successors", "openai:nova", "")
    assert load_own_voices().successors == {}


def test_a_list_of_a_service_replaces_its_last_one(home):
    keep_list("cartesia", [ServiceVoice("id-1", "Anna", "de", "female", "Calm"), ServiceVoice("id-2", "Ben")])
    keep_list("google", [ServiceVoice("id-4", "Carl")])
    keep_list("cartesia", [ServiceVoice("id-2", "Ben")])
    assert [(voice.key, voice.id, voice.origin) for voice in load_own_voices().listed] == [
        ("cartesia:Ben", "id-2", "service"),
        ("google:Carl", "id-4", "service"),
    ]
    forget_list("google")
    (file,) = home.rglob("cartesia.json")
    file.write_text("[{")
    assert load_own_voices().listed == ()


def test_a_file_that_cannot_be_read_is_said_so_and_not_written_over(home):
    save_voice(ANNA)
    (file,) = home.rglob("voices.toml")
    file.write_text("[[voices]\n")
    (problem,) = load_own_voices().problems
    assert "your own voices are left out" in problem
    with pytest.raises(ValueError, match="Mend the file first"):
        save_voice(ANNA)
    assert file.read_text() == "[[voices]\n"


def test_a_row_that_is_no_voice_is_left_out_with_a_sentence(home):
    save_voice(ANNA)
    (file,) = home.rglob("voices.toml")
    file.write_text(file.read_text() + '[[voices]]\nname = "Half"\n')
    own = load_own_voices()
    assert own.voices == (ANNA,)
    assert "needs a name, a provider and an id" in own.problems[0]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[[voice]]\nname = 'Half'\n", "'voice' means nothing: there are [[voices]], [successors] and [stand_ins]"),
        ("voices = 3\n", "'voices' is no list of tables: begin each voice with [[voices]]"),
        ("successors = 'marin'\n", "'successors' is no table"),
        ("[stand_ins]\n'openai:nova' = 4\n", "who is named for openai:nova is no text"),
        ("[[voices]]\nname = 'A'\nprovider = 'nobody'\nid = '1'\n", "there is no provider 'nobody'"),
        ("a = '\xff'", "it is no text in UTF-8"),
    ],
)
def test_what_is_of_no_use_in_the_file_is_said_and_the_rest_goes_on(home, text, part):
    save_voice(ANNA)
    (file,) = home.rglob("voices.toml")
    kept = b"" if "UTF-8" in part or text.startswith("voices") else file.read_bytes()
    file.write_bytes(text.encode("latin-1") + kept)
    catalogue = Catalogue(accounts=Accounts(Credentials({})), own=UserVoices())
    (problem,) = catalogue.problems
    assert part in problem
    assert [voice.name for voice in catalogue.voices if voice.origin == "own"] == [ANNA.name] * bool(kept)
    assert catalogue.cast("coral").asked.key == "openai:coral"


@pytest.mark.parametrize("voice", [Voice("", "azure", "x", "", "", ""), Voice("x", "azure", " ", "", "", "")])
def test_a_voice_without_name_or_id_is_none(voice):
    with pytest.raises(ValueError, match="has a name, a provider and the provider's id"):
        save_voice(voice)


def test_files_are_read_again_as_soon_as_they_have_changed():
    read = UserVoices()
    assert read() is read()
    save_voice(ANNA)
    assert read().voices == (ANNA,)
    keep_list("google", [ServiceVoice("id-4", "Carl")])
    assert [voice.id for voice in read().listed] == ["id-4"]
    assert read() is read()
