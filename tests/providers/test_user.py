"""What a person has written of providers into the settings, good or not."""

from datetime import date
from pathlib import Path

import pytest

from studio.providers.desk import Line, SpeechDesk
from studio.providers.errors import ProviderError
from studio.providers.user import UserProviders, user_catalogue

TODAY = date(2026, 11, 27)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings, with keys of nobody in the environment."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path))
    for name in ("OPENAI_API_KEY", "CARTESIA_API_KEY", "AZURE_SPEECH_KEY"):
        monkeypatch.setenv(name, "key-of-nobody")
    (tmp_path / "config").mkdir()
    return tmp_path / "config" / "settings.toml"


def write(settings: Path, content: str | bytes) -> None:
    settings.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize(
    ("written", "reason", "why"),
    [
        ("[providers]\nopenai = 3", "[providers.openai] of your settings is no table", ""),
        (
            "[providers.openai]\nurl = 3",
            "the url in [providers.openai] of your settings cannot be used",
            "write a text",
        ),
        (
            "[providers.openai]\nurl = ['a']",
            "the url in [providers.openai] of your settings cannot be used",
            "write a text",
        ),
        (
            "[providers.openai]\nurl = false",
            "the url in [providers.openai] of your settings cannot be used",
            "write a text",
        ),
        ("[providers.openai]\nurl = 'a b'", "the url in [providers.openai] of your settings cannot be used", "a space"),
        (
            "[providers.openai]\nurl = 'mine'",
            "the url in [providers.openai] of your settings cannot be used",
            "begins with",
        ),
        (
            "[providers.openai]\nurl = 'http://192.0.2.2:18999'",
            "the url in [providers.openai] of your settings would send the key unencrypted",
            "Begin it with https://.",
        ),
    ],
)
async def test_a_service_whose_settings_are_of_no_use_is_not_asked_and_a_line_says_why(
    settings: Path, written: str, reason: str, why: str
):
    write(settings, written)
    catalogue = user_catalogue(today=lambda: TODAY)
    openai = catalogue.providers["openai"]
    (problem,) = catalogue.problems
    assert problem.casefold().startswith(reason.casefold())
    assert why in problem
    with pytest.raises(ProviderError, match="of your settings") as refused:
        catalogue.accounts.account(openai)
    assert refused.value.failure == "refused"
    notes = []
    desk = SpeechDesk(None, catalogue)
    spoken, chunks = await desk.speak(Line("one", "nova"), notes.append)
    await chunks.aclose()  # type: ignore[attr-defined]
    await desk.close()
    assert spoken.provider == "local"
    assert notes[0].sentence == (
        f"nova is a voice of OpenAI, and {reason}: English female (local) speaks in its place."
    )
    assert notes[0].facts["action"] != "add key"
    assert catalogue.role(catalogue.cast("brooke").asked).itself

    write(settings, "[providers.openai]\nurl = 'https://example.org/v1'")
    assert (catalogue.problems, catalogue.accounts.missing(openai)) == ([], "")


def test_a_setting_of_the_local_engines_that_is_of_no_use_leaves_them_as_they_are(settings: Path):
    settings.write_text("[providers.azure]\nregion = 'westeurope'\n[providers.local]\nwhisper_model = false")
    catalogue = user_catalogue()
    assert catalogue.accounts.settings(catalogue.providers["azure"])["region"] == "westeurope"
    assert catalogue.accounts.settings(catalogue.providers["local"])["whisper_model"] == ""
    (problem,) = catalogue.problems
    assert "The whisper_model in [providers.local]" in problem
    assert catalogue.role(catalogue.cast("English (local)").asked).itself


@pytest.mark.parametrize(
    ("written", "part"),
    [
        (b"[providers.openai\nurl = 3", "cannot be read (Expected ']' at the end of a table declaration (at line 1, "),
        (b"\xff\xfe", "cannot be read (it is no text in UTF-8)"),
        (b"providers = 3", "cannot be read ('providers' is no table)"),
    ],
)
async def test_while_the_settings_cannot_be_read_no_service_is_asked_and_a_line_says_where(
    settings: Path, written: bytes, part: str
):
    catalogue = user_catalogue(today=lambda: TODAY)
    accounts, openai = catalogue.accounts, catalogue.providers["openai"]
    before = accounts.version
    write(settings, written)
    assert accounts.version != before
    (problem,) = catalogue.problems
    assert problem.startswith(f"The settings in {settings} {part}")
    assert problem.endswith("no service is asked until you mend them, since its address may stand there.")
    with pytest.raises(ProviderError) as refused:
        accounts.account(openai)
    assert (refused.value.failure, str(refused.value)) == ("refused", problem)
    assert not accounts.wants_key(openai)
    for asked in filter(lambda provider: provider.hosts, catalogue.providers.values()):
        assert part in accounts.missing(asked)
    notes = []
    desk = SpeechDesk(None, catalogue)
    spoken, chunks = await desk.speak(Line("one", "coral"), notes.append)
    await chunks.aclose()  # type: ignore[attr-defined]
    await desk.close()
    assert spoken.provider == "local"
    (note,) = notes
    assert note.sentence.startswith(f"coral is a voice of OpenAI, and the settings in {settings} {part}")

    write(settings, b"[providers.openai]\nurl = 'https://example.org/v1'")
    assert (catalogue.problems, accounts.missing(openai)) == ([], "")


def test_no_file_at_all_is_nothing_to_tell(settings: Path):
    users = UserProviders(settings)
    assert (users(), users.unread()) == ({}, "")
