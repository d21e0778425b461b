"""Every test of the window runs offscreen, in its own home, under the loop that the window uses."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before anything imports Qt

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from studio.app.theme.current import load_fonts
from studio.app.theme.scheme import Scheme
from studio.app.theme.tokens import DARK


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))  # offscreen


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"qt": lambda: qasync.QEventLoop(QApplication.instance(), set_running_loop=False)}


@pytest.fixture(scope="session", autouse=True)
def scheme(qapp: QApplication) -> Scheme:
    """The application in its faces and its dark palette."""
    load_fonts()
    return Scheme(qapp, "dark")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A private home of the studio."""
    folder = tmp_path / "home"
    monkeypatch.setenv("STUDIO_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def dark(scheme: Scheme) -> Iterator[None]:
    """Every test begins and ends in the dark palette."""
    yield
    if scheme.choice != "dark":
        scheme.choose("dark")
    from studio.app.theme.current import theme

    theme.use(DARK)
