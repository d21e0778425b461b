"""The user's settings survive themselves, other versions and broken files."""

import tomllib
from pathlib import Path

import pytest

from studio.app.preferences.settings import Settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_without_a_file_everything_has_its_default(file: Path) -> None:
    settings = Settings(file)
    assert (settings.theme, settings.font_size, settings.keep_sessions, settings.sessions_limit_gb) == (
        "system",
        13,
        True,
        10,
    )
    assert not file.exists()


def test_a_change_is_written_and_told_and_unknown_keys_stay(file: Path) -> None:
    file.write_text('future = 1\n[window]\ntheme = "dark"\nnew = [1, 2]\n[voices.nova]\nliked = true\n')
    settings = Settings(file)
    told: list[str] = []
    settings.changed.connect(lambda: told.append(settings.theme))
    settings.theme = "light"
    assert told == ["light"]
    assert tomllib.loads(file.read_text()) == {
        "future": 1,
        "window": {"theme": "light", "new": [1, 2]},
        "voices": {"nova": {"liked": True}},
    }


def test_values_that_cannot_be_used_count_as_absent(file: Path) -> None:
    file.write_text('sessions = 3\n[window]\ntheme = "pink"\n[editor]\nfont_size = 900\n')
    settings = Settings(file)
    assert (settings.theme, settings.font_size, settings.keep_sessions) == ("system", 13, True)
    settings.keep_sessions = False
    assert Settings(file).keep_sessions is False


def test_a_broken_file_stays_where_it_is_and_choices_last_until_the_end(file: Path) -> None:
    file.write_text("theme = = dark")
    settings = Settings(file)
    assert settings.problem == (
        f"The settings in {file} cannot be read (Invalid value (at line 1, column 9)). "
        "Defaults are used, and no service is asked until you mend the file."
    )
    settings.theme = "dark"
    assert (settings.theme, file.read_text()) == ("dark", "theme = = dark")
    assert settings.problem.endswith("until you quit, and no service is asked until you mend the file.")


@pytest.mark.parametrize("text", ["theme = = dark", "providers = 3"])
def test_that_addresses_cannot_be_read_is_told_until_they_can(file: Path, text: str) -> None:
    file.write_text(text)
    settings = Settings(file)
    assert settings.unread.startswith(f"the settings in {file} cannot be read (")
    file.unlink()
    settings.reread()
    assert (settings.unread, settings.problem) == ("", "")


def test_sizes_stay_within_bounds(file: Path) -> None:
    settings = Settings(file)
    settings.font_size = 100
    assert settings.font_size == 24


def test_what_is_set_of_providers_stands_in_their_tables_and_goes_when_it_is_empty(file: Path) -> None:
    file.write_text('[providers.azure]\nregion = "westeurope"\nfuture = 1\n[completions]\nmodel = "m"\n')
    settings = Settings(file)
    settings.set_provider("azure", "region", "")
    settings.set_provider("openai", "url", "http://127.0.0.1:8/v1")
    settings.set_endpoint("mine", "url", "http://127.0.0.1:9/v1")
    settings.set_endpoint("mine", "model", "")
    again = Settings(file)
    assert again.providers == {"azure": {"future": 1}, "openai": {"url": "http://127.0.0.1:8/v1"}}
    assert again.endpoints == {"mine": {"url": "http://127.0.0.1:9/v1"}}
    settings.remove_endpoint("mine")
    assert tomllib.loads(file.read_text())["completions"] == {"model": "m"}


def test_what_a_person_writes_while_the_window_is_open_stays(file: Path) -> None:
    settings = Settings(file)
    settings.theme = "light"
    with file.open("a") as end:
        end.write(
            '\n# where Whisper is\n[providers.local]\nwhisper_model = "/folder"\n[organization.variables]\nA = "1"\n'
        )
    written = file.read_text()
    settings.theme = "dark"
    assert file.read_text() == written.replace('"light"', '"dark"')
    assert settings.providers == {"local": {"whisper_model": "/folder"}}


def test_two_windows_change_only_what_each_of_them_changes(file: Path) -> None:
    one, two = Settings(file), Settings(file)
    two.set_provider("openai", "url", "http://127.0.0.1:1/v1")
    one.set_provider("azure", "region", "westeurope")
    one.theme = "dark"
    assert Settings(file).providers == {"openai": {"url": "http://127.0.0.1:1/v1"}, "azure": {"region": "westeurope"}}
    one.set_provider("openai", "url", "http://127.0.0.1:2/v1")
    two.theme = "light"
    assert (Settings(file).theme, Settings(file).providers["openai"]) == ("light", {"url": "http://127.0.0.1:2/v1"})


def test_a_choice_is_written_although_the_window_knows_it_already(file: Path) -> None:
    one, two = Settings(file), Settings(file)
    one.theme = "dark"
    two.theme = "light"
    one.theme = "dark"
    assert Settings(file).theme == "dark"


def test_a_file_that_is_broken_meanwhile_is_neither_written_nor_moved_and_the_choice_holds(file: Path) -> None:
    settings = Settings(file)
    settings.set_provider("openai", "url", "http://127.0.0.1:1/v1")
    told: list[str] = []
    settings.changed.connect(lambda: told.append(settings.problem))
    file.write_text("theme = = dark")
    settings.theme = "dark"
    assert file.read_text() == "theme = = dark"
    assert (settings.theme, list(settings.providers)) == ("dark", ["openai"])
    assert "cannot be read" in told[-1]
    assert "until you quit" in told[-1]
    file.write_text("[editor]\nfont_size = 20\n")
    settings.theme = "light"
    assert (settings.problem, Settings(file).theme, Settings(file).font_size) == ("", "light", 20)


def test_what_could_not_be_written_holds_and_is_written_with_the_next_change(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, content: bytes) -> None:
        raise PermissionError(13, "The file is read-only", str(path))

    settings = Settings(file)
    with monkeypatch.context() as disk:
        disk.setattr("studio.app.preferences.settings.write_atomic", refuse)
        settings.theme = "dark"
        settings.font_size = 20
        assert (settings.theme, settings.font_size, file.exists()) == ("dark", 20, False)
        assert "read-only" in settings.problem
    settings.keep_sessions = False
    again = Settings(file)
    assert (again.theme, again.font_size, again.keep_sessions, settings.problem) == ("dark", 20, False, "")


def test_a_change_of_the_file_is_told(file: Path) -> None:
    settings = Settings(file)
    told: list[str] = []
    settings.changed.connect(lambda: told.append(settings.theme))
    settings.reread()
    assert told == []
    file.write_text('[window]\ntheme = "dark"\n')
    settings.reread()
    assert told == ["dark"]
    file.write_text("[window")
    settings.reread()
    assert (settings.theme, "cannot be read" in settings.problem, file.read_text()) == ("dark", True, "[window")
    file.unlink()
    settings.reread()
    assert (settings.theme, settings.problem) == ("system", "")
