"""Plugins that others have installed: found without running their code, and never able to stop the studio."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio import paths
from studio.providers import manifests
from studio.providers.manifests import load_providers, plugin_problems
from tests.providers.sample_plugin import files_of_the_guide, install

BUILT_IN = ("openai", "voicerun", "google", "azure", "cartesia", "deepgram", "local")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the search path."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    manifests._loaded.cache_clear()
    yield folder
    manifests._loaded.cache_clear()


def other(name: str, **changes: str) -> dict[str, str]:
    """The guide's plugin as another one, with the text of some of its files replaced."""
    renamed = {
        path.replace("studio_tones", f"studio_{name}"): text.replace("tones", name)
        for path, text in files_of_the_guide().items()
    }
    return renamed | {f"studio_{name}/{file}.toml": text for file, text in changes.items()}


def changed(name: str, file: str, old: str, new: str) -> dict[str, str]:
    """The guide's plugin as another one, with a line of a file replaced."""
    files = other(name)
    place = f"studio_{name}/{file}.toml"
    assert old in files[place]
    return files | {place: files[place].replace(old, new)}


def studio(site: Path, home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-P", "-m", "studio", *arguments],
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(paths.PACKAGE_ROOT), str(site)]), "STUDIO_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_plugin_of_the_guide_is_found_without_running_its_code(site: Path):
    install(site, files_of_the_guide())
    provider = load_providers()["tones"]
    assert plugin_problems() == ()
    assert (provider.title, provider.package, provider.distribution) == ("Tones", "studio_tones", "studio-tones 1.0")
    assert [voice.key for voice in provider.voices] == ["tones:hummer"]
    assert tuple(load_providers())[: len(BUILT_IN)] == BUILT_IN
    assert not [name for name in sys.modules if name.startswith("studio_tones")]


def test_it_is_heard(site: Path, tmp_path: Path):
    install(site, files_of_the_guide())
    settings = tmp_path / "home" / "config" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[providers.tones]\npitch = "500"\n')
    out = tmp_path / "hello.wav"
    for speed, seconds in (("1", 0.06 * 11), ("2", 0.06 * 11 / 2)):
        said = studio(
            site,
            tmp_path / "home",
            "say",
            "Good morning",
            "--voice",
            "tones:hummer",
            "--speed",
            speed,
            "--out",
            str(out),
        )
        assert (said.returncode, said.stderr) == (0, "")
        assert soundfile.info(out).duration == pytest.approx(seconds, abs=0.01)
    samples, rate = soundfile.read(out)
    spectrum = np.abs(np.fft.rfft(samples))
    assert float(np.argmax(spectrum)) * rate / len(samples) == pytest.approx(500, abs=20)
    (row,) = [
        row
        for row in json.loads(studio(site, tmp_path / "home", "voices", "--json").stdout)
        if row["provider"] == "tones"
    ]
    assert (row["name"], row["available"]) == ("hummer", True)


@pytest.mark.parametrize(
    ("files", "part"),
    [
        (other("no_title", plugin='name = "x"'), "its manifest has no 'title'"),
        (other("no_toml", plugin="name = "), "its manifest is no TOML"),
        (other("bad_voice", voices='[[voice]]\nname = "x"'), "its manifest has no 'id'"),
        (other("bad_shape", plugin='name = "x"\ntitle = "X"\nspeech = 3'), "its manifest is not as it should be"),
        (other("taken", plugin='name = "openai"\ntitle = "Mine"'), "there is a provider 'openai' already"),
        (
            other("alias", plugin='name = "x"\ntitle = "X"\naliases = ["espeak"]'),
            "there is a provider 'espeak' already",
        ),
        (other("name", plugin='name = "No Name"\ntitle = "X"'), "'No Name' is no name"),
        (changed("title", "plugin", 'title = "Tones"', "title = 3"), "'title' is 3, not a text"),
        (changed("hosts", "plugin", "hosts = []", 'hosts = "a.b"'), "'hosts' is 'a.b', not a list"),
        (changed("host", "plugin", "hosts = []", 'hosts = ["{region}.b"]'), "names a setting that there is not"),
        (changed("speeds", "plugin", "[0.5, 2.0]", '["slow", "fast"]'), "'speech.speed' is 'slow', not a number"),
        (changed("range", "plugin", "[0.5, 2.0]", "[2.0, 0.5]"), "the speeds 2.0 to 0.5 are no range"),
        (changed("flag", "plugin", "streaming = true", "streaming = 1"), "'speech.streaming' is 1, not true or false"),
        (changed("default", "plugin", 'default = "440"', "default = 440"), "'settings.default' is 440, not a text"),
        (changed("voice", "voices", 'id = "hummer-1"', "id = 1"), "'voices.id' is 1, not a text"),
        (changed("alias", "voices", 'gender = ""', 'gender = ""\naliases = [3]'), "'voices.aliases' is 3, not a text"),
        (
            changed("ends", "plugin", "[speech]", '[[speech.models]]\nname = "a"\nuntil = "soon"\n[speech]'),
            "'speech.models.until' is 'soon', not a date",
        ),
        (
            changed("ears", "plugin", "[speech]", "[recognition]\nabilities = { ends_turns = 3 }\n[speech]"),
            "'ends_turns' is 3, not a list of texts",
        ),
        ({"pyproject.toml": files_of_the_guide()["pyproject.toml"]}, "there is no package studio_tones"),
    ],
)
def test_a_broken_one_is_left_out_with_a_sentence(
    site: Path, files: dict[str, str], part: str, caplog: pytest.LogCaptureFixture
):
    install(site, files)
    if files["pyproject.toml"] != files_of_the_guide()["pyproject.toml"]:
        install(site, files_of_the_guide())
        assert "tones" in load_providers()
    (problem,) = plugin_problems()
    assert problem.distribution in problem.sentence
    assert part in problem.sentence
    assert problem.sentence in caplog.messages
    assert load_providers()["openai"].package == ""
    assert set(load_providers()) <= {*BUILT_IN, "tones"}


def test_doctor_lists_what_was_found_and_what_is_wrong(site: Path, tmp_path: Path):
    from studio.cli import doctor

    install(site, files_of_the_guide())
    install(site, other("broken", plugin="name = "))
    lines = list(doctor._plugins())
    assert ("plugin tones", "ok", "Tones (of studio-tones 1.0): 1 voice") in [
        (line.name, line.status, line.message) for line in lines
    ]
    (broken,) = [line for line in lines if line.status == "warning"]
    assert "studio-broken 1.0 is left out" in broken.message
    assert broken.advice
