"""How it stands with providers, and what can be done about it."""

from datetime import date
from pathlib import Path

import pytest

from studio.app.call.model import CallModel
from studio.app.preferences.settings import Settings
from studio.app.providers.entries import Entry
from studio.app.providers.facts import facts_of, hosts_of
from studio.app.providers.model import ProvidersModel
from studio.app.tasks import Tasks
from studio.app.voices.model import VoiceRow, VoicesModel
from studio.providers.manifests import Setting, Voice, load_providers
from studio.providers.setting_values import problem_of
from studio.sessions.redaction import redacted
from tests.app.fake_engine import FakeEngine, settled
from tests.app.providers.conftest import STORE, told
from tests.canaries import CANARIES

NOON = "2026-11-27T12:00:00+00:00"


def the(providers: ProvidersModel, name: str) -> Entry:
    entry = providers.entry(name)
    assert entry is not None
    return entry


async def test_every_speaker_recogniser_and_language_model_is_listed(providers: ProvidersModel) -> None:
    names = [entry.name for entry in providers.entries]
    assert {"openai", "google", "azure", "cartesia", "voicerun", "deepgram", "local"} <= set(names)
    assert {"completions.openai", "completions.anthropic", "completions.google", "completions.groq"} <= set(names)


async def test_a_missing_key_is_told_with_what_happens_without_it(providers: ProvidersModel) -> None:
    openai, local = the(providers, "openai"), the(providers, "local")
    assert (providers.standing.state(openai), providers.standing.state(local)) == ("key missing", "no key needed")
    assert providers.standing.sentence(openai) == (
        "OpenAI needs a key. Without it local voices speak and the local recogniser listens in its place."
    )
    assert providers.standing.key_sentence(openai) == "There is no OPENAI_API_KEY yet."


async def test_while_the_settings_cannot_be_read_every_service_says_so_and_no_local_engine_does(
    providers: ProvidersModel, settings: Settings, home: Path
) -> None:
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "settings.toml").write_text("[providers.openai\nurl = 3")
    settings.reread()
    openai, local = the(providers, "openai"), the(providers, "local")
    assert (providers.standing.state(openai), providers.standing.state(local)) == ("refused", "no key needed")
    assert "(at line 1, column 18)): no service is asked until you mend them" in providers.standing.sentence(openai)
    assert providers.problems == []


async def test_nothing_is_said_of_keys_before_the_engine_has_told_of_them(
    call: CallModel, settings: Settings, engine: FakeEngine
) -> None:
    engine.answers["providers"] = told(keys={"OPENAI_API_KEY": STORE})
    tasks = Tasks(lambda what, error: pytest.fail(f"{what}: {error}"))
    providers = ProvidersModel(call, settings, tasks.spawn)
    voices = VoicesModel(providers.catalogue)
    providers.accounts_changed.connect(voices.refresh)
    openai, azure = the(providers, "openai"), the(providers, "azure")
    assert (providers.standing.state(openai), providers.standing.key_sentence(openai)) == ("unknown", "")
    assert [providers.catalogue.accounts.missing(entry.plugin) for entry in (openai, azure) if entry.plugin] == ["", ""]
    assert {(row.key, row.reason, row.key_missing) for row in rows(voices, "openai:nova", "azure:luke")} == {
        ("", "", False)
    }
    await settled()
    nova, luke = rows(voices, "openai:nova", "azure:luke")
    assert (nova.key, nova.reason, nova.key_missing) == ("a key for OpenAI is there", "", False)
    assert (luke.key, luke.key_missing) == ("there is no key for Azure", True)
    assert providers.standing.key_sentence(azure) == "There is no AZURE_SPEECH_KEY yet."


def rows(voices: VoicesModel, *keys: str) -> list[VoiceRow]:
    found = [voices.row(key) for key in keys]
    return [row for row in found if row]


async def test_a_key_goes_to_the_engine_and_is_tested_there(providers: ProvidersModel, engine: FakeEngine) -> None:
    openai = the(providers, "openai")
    verdict = {"state": "works", "sentence": "OpenAI accepts the key.", "at": NOON}
    engine.answers["set_key"] = told(keys={"OPENAI_API_KEY": STORE})
    engine.answers["providers"] = told(keys={"OPENAI_API_KEY": STORE}, tried={"openai": verdict})
    heard: list[str] = []
    providers.accounts_changed.connect(lambda: heard.append(providers.catalogue.cast("nova").speaks.provider))
    providers.add_key(openai, "sk-1", "session")
    await settled()
    assert engine.params("set_key") == {"name": "OPENAI_API_KEY", "value": "sk-1", "where": "session"}
    assert engine.params("check_provider") == {"provider": "openai"}
    assert (providers.standing.state(openai), providers.standing.sentence(openai)) == (
        "works",
        "OpenAI accepts the key.",
    )
    assert (
        providers.standing.key_sentence(openai) == "OPENAI_API_KEY, kept in the key store of the system, ends in …1234."
    )
    assert heard == ["openai"]  # the window's catalogue says what the engine's does
    assert "sk-1" not in repr(vars(providers))


async def test_a_key_that_is_entered_is_never_logged_by_the_window(providers: ProvidersModel) -> None:
    providers.add_key(the(providers, "openai"), f" {CANARIES[0]}\n", "session")
    assert redacted(f"refused: {CANARIES[0]}") == "refused: [OPENAI_API_KEY]"


async def test_one_key_serves_all_that_name_it(providers: ProvidersModel, engine: FakeEngine) -> None:
    engine.answers["remove_key"] = told(keys={"OPENAI_API_KEY": STORE})
    providers.remove_key(the(providers, "completions.groq"))
    await settled()
    assert engine.params("remove_key") == {"name": "GROQ_API_KEY"}
    assert providers.standing.state(the(providers, "completions.openai")) == "not tested"


async def test_only_what_was_tested_or_needs_no_key_counts_as_ready(
    providers: ProvidersModel, engine: FakeEngine
) -> None:
    def ready() -> list[str]:
        found = [entry.name for entry in providers.entries if providers.standing.ready(entry)]
        assert providers.ready == len(found)
        return found

    providers.add_endpoint("mine", "http://127.0.0.1:11434/v1")
    engine.answers["providers"] = told(keys={"OPENAI_API_KEY": STORE})
    providers.load()
    await settled()
    assert ready() == ["local"]
    mine = the(providers, "completions.mine")
    assert providers.standing.state(mine) == "not tested"
    assert "Test it." in providers.standing.sentence(mine)
    verdicts = {
        "openai": {"state": "limit", "sentence": "Too much.", "at": NOON},
        "completions.openai": {"state": "works", "sentence": "OpenAI accepts the key.", "at": NOON},
        "completions.mine": {"state": "works", "sentence": "It answers.", "at": NOON},
    }
    engine.answers["providers"] = told(keys={"OPENAI_API_KEY": STORE}, tried=verdicts)
    providers.load()
    await settled()
    assert ready() == ["local", "completions.openai", "completions.mine"]


async def test_what_the_engine_refuses_is_said_at_the_provider(providers: ProvidersModel, engine: FakeEngine) -> None:
    azure = the(providers, "azure")
    engine.answers["set_key"] = RuntimeError("The key has a space in it, which no key has.")
    providers.add_key(azure, "a b", "session")
    await settled()
    assert providers.standing.has_problem(azure)
    assert providers.standing.sentence(azure) == "The key has a space in it, which no key has."


async def test_a_provider_that_is_left_alone_says_why_and_until_when(
    providers: ProvidersModel, engine: FakeEngine
) -> None:
    failed = {"state": "open", "sentence": "Azure refuses for now.", "at": NOON, "until": NOON}
    engine.answers["providers"] = told(keys={"AZURE_SPEECH_KEY": STORE}, health={"azure": failed})
    providers.load()
    await settled()
    azure = the(providers, "azure")
    assert providers.standing.state(azure) == "failing"
    assert providers.standing.sentence(azure).startswith("Azure refuses for now. It is left alone until ")
    engine.answers["providers"] = told(keys={"AZURE_SPEECH_KEY": STORE}, health={"azure": failed | {"state": "closed"}})
    providers.load()
    await settled()
    assert (providers.standing.state(azure), "Azure refuses" in providers.standing.last_failure(azure)) == (
        "not tested",
        True,
    )


async def test_addresses_are_checked_written_and_reset(providers: ProvidersModel, settings: Settings) -> None:
    openai = the(providers, "openai")
    url = openai.settings[0]
    assert providers.settings.set(openai, url, "api.example.com") == "An address begins with http:// or https://."
    assert providers.settings.set(openai, url, " http://127.0.0.1:8000/v1 ") == ""
    assert Settings().providers == {"openai": {"url": "http://127.0.0.1:8000/v1"}}
    hosts = providers.facts(openai, date(2026, 1, 1))["Asks"][0]
    assert (hosts.value, hosts.token) == ("127.0.0.1, which you have set in place of api.openai.com", "warning")
    assert providers.settings.set(openai, url, url.default) == ""
    assert settings.providers == {}


@pytest.mark.parametrize(
    ("name", "default", "value", "good"),
    [
        ("url", "https://a.b", "https://x.y/z", True),
        ("url", "texttospeech.googleapis.com", "eu-texttospeech.googleapis.com", True),
        ("url", "", "wss://x.y", True),
        ("url", "https://a.b", "https://", False),
        ("url", "https://a.b", "ftp://x.y", False),
        ("url", "", "http://x.y:port", False),
        ("region", "eastus", "westeurope", True),
        ("region", "eastus", "west europe", False),
        ("key_variable", "", "MY_KEY", True),
        ("key_variable", "", "sk-not-a-name", False),
    ],
)
def test_what_will_do_as_a_setting(name: str, default: str, value: str, good: bool) -> None:
    assert (problem_of(Setting(name, "Title", default), value) == "") is good


async def test_an_endpoint_of_ones_own_is_added_keyed_tested_and_removed(
    providers: ProvidersModel, engine: FakeEngine
) -> None:
    assert "digits" in providers.add_endpoint("my server", "http://127.0.0.1:9/v1")
    assert "already" in providers.add_endpoint("openai", "http://127.0.0.1:9/v1")
    assert "begins with" in providers.add_endpoint("ollama", "127.0.0.1:9")
    assert providers.add_endpoint("ollama", "http://127.0.0.1:9/v1") == ""
    ollama = the(providers, "completions.ollama")
    assert (ollama.own, ollama.key, providers.standing.state(ollama)) == (True, "", "not tested")
    assert providers.settings.set(ollama, ollama.settings[2], "OLLAMA_KEY") == ""
    assert the(providers, "completions.ollama").key == "OLLAMA_KEY"
    providers.test(ollama)
    await settled()
    assert engine.params("check_endpoint") == {"provider": "ollama"}
    providers.settings.remove_endpoint(ollama)
    assert (providers.entry("completions.ollama"), Settings().endpoints) == (None, {})


async def test_no_address_is_taken_to_which_a_key_would_go_unencrypted(
    providers: ProvidersModel, settings: Settings, home: Path
) -> None:
    openai = the(providers, "openai")
    assert providers.settings.set(openai, openai.settings[0], "http://example.com/v1") == (
        "A key would go to http://example.com/v1 unencrypted, for anybody on the way to read. "
        "Begin the address with https://."
    )
    assert providers.add_endpoint("lan", "http://192.0.2.2:11434/v1") == ""
    lan = the(providers, "completions.lan")
    url, _, key = lan.settings
    assert "Without a key it may stay" in providers.settings.set(lan, key, "MY_KEY")
    assert providers.settings.set(lan, url, "https://192.0.2.2/v1") == ""
    assert providers.settings.set(lan, key, "MY_KEY") == ""
    assert "unencrypted" in providers.settings.set(lan, url, "http://192.0.2.2:11434/v1")
    assert settings.endpoints == {"lan": {"url": "https://192.0.2.2/v1", "key_variable": "MY_KEY"}}


async def test_an_address_in_the_file_to_which_a_key_would_go_unencrypted_is_told(home: Path, call: CallModel) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.toml").write_text(
        '[providers.openai]\nurl = "http://192.0.2.2/v1"\n'
        '[completions.lan]\nurl = "http://192.0.2.2/v1"\nkey_variable = "MY_KEY"\n'
    )
    tasks = Tasks(lambda what, error: pytest.fail(f"{what}: {error}"))
    providers = ProvidersModel(call, Settings(), tasks.spawn)
    await settled()
    for name in ("openai", "completions.lan"):
        entry = the(providers, name)
        assert (providers.standing.state(entry), "unencrypted" in providers.standing.sentence(entry)) == (
            "refused",
            True,
        )


async def test_what_is_changed_in_the_file_is_shown_before_it_is_tested(
    home: Path, providers: ProvidersModel, engine: FakeEngine
) -> None:
    (home / "config").mkdir(parents=True, exist_ok=True)
    openai = the(providers, "openai")
    assert providers.settings.set(openai, openai.settings[0], "http://127.0.0.1:1/v1") == ""
    told: list[str] = []
    providers.changed.connect(lambda: told.append(providers.settings.value(openai, openai.settings[0])))
    for ask, address in (
        (providers.load, "http://127.0.0.1:2/v1"),
        (lambda: providers.test(openai), "http://127.0.0.1:3/v1"),
    ):
        (home / "config" / "settings.toml").write_text(
            f'[providers.openai]\nurl = "{address}"\n[completions.mine]\nurl = "{address}"\n'
        )
        ask()
        assert told[-1] == address
        assert the(providers, "completions.mine").kinds == "127.0.0.1"
    await settled()


async def test_voices_of_ones_own_are_added_changed_and_removed(providers: ProvidersModel) -> None:
    cartesia = the(providers, "cartesia")
    robin = Voice("robin", "cartesia", "v-1", "en-GB", "female", "", origin="own")
    assert "already" in providers.save_voice(cartesia, Voice("nova", "cartesia", "v-1", "multi", "", ""))
    assert "the id" in providers.save_voice(cartesia, Voice("robin", "cartesia", "", "multi", "", ""))
    assert providers.save_voice(cartesia, robin) == ""
    assert [voice.id for voice in providers.own_voices(cartesia)] == ["v-1"]
    assert "1 of your own" in providers.voices_sentence(cartesia)
    other = Voice("robert", "cartesia", "v-2", "en-GB", "male", "", origin="own")
    assert providers.save_voice(cartesia, other, providers.own_voices(cartesia)[0]) == ""
    assert [voice.name for voice in providers.own_voices(cartesia)] == ["robert"]
    providers.remove_voice(cartesia, providers.own_voices(cartesia)[0])
    assert providers.own_voices(cartesia) == []


def test_models_are_told_with_their_ends_and_successors() -> None:
    openai = load_providers()["openai"]
    models = {
        f.value: f.token for f in facts_of(openai, openai.voices, {}, date(2026, 11, 1))["Speaks"] if f.label == "Model"
    }
    assert models["tts-1 · until 6 Jan 2027, then gpt-realtime-2.1-mini"] == "warning"
    over = facts_of(openai, openai.voices, {}, date(2027, 2, 1))["Speaks"]
    assert any(fact.value.startswith("tts-1 · ended 6 Jan 2027") and fact.token == "dim" for fact in over)


def test_a_region_of_the_service_is_no_other_host() -> None:
    google = load_providers()["google"]
    assert hosts_of(google, {"url": "texttospeech.googleapis.com"}) == ("texttospeech.googleapis.com", "text")
    assert hosts_of(load_providers()["local"], {})[0].startswith("none")


async def test_without_an_engine_nothing_is_claimed(engine: FakeEngine, providers: ProvidersModel) -> None:
    fresh = the(providers, "deepgram")
    engine.answers["providers"] = []
    providers.load()
    await settled()
    assert providers.standing.state(fresh) == "unknown"
