"""An agent that needs a package and a variable, in a real window: asked for, installed, run, and what it lacked added."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.desktop import SIZE, StudioWindow, display, missing, wait_for
from tests.virtual_sound import VirtualSound
from tests.wheelhouse import only_from, wheel

pytestmark = [pytest.mark.end_to_end, pytest.mark.skipif(bool(missing()), reason=missing())]

AGENT = """
import bread
import butter
from primfunctions.events import StartEvent, TextToSpeechEvent


async def handler(event, context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent(text=context.variables["COMPANY"], voice="nova")
"""
OFFER = (SIZE[0] - 150, 74)
"""The banner's button, in a window of that size."""


@pytest.fixture
def sound() -> Iterator[VirtualSound]:
    with VirtualSound() as card:
        yield card


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """It asks for `bread` and imports `butter` too; both can be installed from a folder of wheels."""
    only_from(tmp_path / "wheels", monkeypatch)
    wheel(tmp_path / "wheels", "bread")
    wheel(tmp_path / "wheels", "butter")
    folder = tmp_path / "baker"
    folder.mkdir()
    (folder / "handler.py").write_text(AGENT)
    (folder / "requirements.txt").write_text("bread\n")
    settings = tmp_path / "home" / "config" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[sessions]\nkeep = true\n")
    return folder


def test_a_run_asks_installs_and_offers_what_is_missing(agent: Path, sound: VirtualSound, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with display() as screen, StudioWindow(screen, sound, home, agent) as window:
        wait_for(window.warm, "the engine to be ready")
        window.press("F5")
        settings = agent / ".studio" / "settings.toml"

        wait_for(lambda: window.focus_dialog("asks for values"), "the question")
        window.type("Acme")
        window.press("Return")
        wait_for(settings.exists, "the answer to be kept")
        assert settings.read_text().startswith('[variables]\nCOMPANY = "Acme"')
        window.focus()
        wait_for(window.recordings, "the run that lacks a package")
        assert [path.name for path in (home / "cache" / "environments").glob("*/studio-used")] == ["studio-used"]

        def added() -> bool:
            window.click(OFFER)
            return (agent / "requirements.txt").read_text() == "bread\nbutter\n"

        wait_for(added, "the package to be added")
        wait_for(lambda: len(list((home / "cache" / "environments").glob("*/studio-used"))) == 2, "its installation")

        def called() -> bool:
            window.press("F5")
            return bool(list((home / "data" / "sessions").glob("*.part")))

        wait_for(called, "a call")
        window.press("shift+F5")
        wait_for(lambda: len(window.recordings()) == 2, "the end of the call")
    assert not (agent / ".venv").exists()
    shutil.rmtree(home / "cache")
