"""Unexpected errors become a sentence and a log entry, wherever they come from."""

import asyncio
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning

from studio.app.tasks import Tasks
from studio.app.window.reporter import Reporter
from studio.sessions.redaction import KEYS
from tests.canaries import CANARIES, hits


@pytest.fixture
def reporter(tmp_path: Path) -> Iterator[Reporter]:
    reporter = Reporter(tmp_path / "state")
    reporter.install()
    yield reporter
    reporter.uninstall()


@pytest.fixture
def sentences(reporter: Reporter) -> list[str]:
    found: list[str] = []
    reporter.reported.connect(found.append)
    return found


def test_an_error_in_a_slot_is_a_sentence_with_its_traceback_in_the_log(
    reporter: Reporter, sentences: list[str]
) -> None:
    try:
        raise ValueError("no such voice")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert sentences == ["An action of the window failed: no such voice. Details are in window.log."]
    assert "Traceback" in reporter.log_file.read_text()


def test_a_secret_in_an_error_is_neither_told_nor_logged(reporter: Reporter, sentences: list[str]) -> None:
    KEYS.learn({f"KEY_{number}": canary for number, canary in enumerate(CANARIES)})
    for canary in CANARIES:
        reporter.report("Adding a key", ValueError(f"refused: {canary!r}"))
    qWarning(CANARIES[0])
    assert hits("\n".join(sentences)) == []
    assert hits(reporter.log_file.read_text()) == []
    assert "[KEY_0]" in sentences[0]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_in_a_thread_is_a_sentence(reporter: Reporter, sentences: list[str], qapp: object) -> None:
    thread = threading.Thread(target=lambda: 1 / 0, name="indexer")
    thread.start()
    thread.join()
    qapp.processEvents()
    assert sentences[0].startswith("The thread indexer failed: division by zero")


async def test_a_task_that_nobody_awaits_is_reported_at_once(reporter: Reporter, sentences: list[str]) -> None:
    async def fail() -> None:
        raise RuntimeError("the disk is full")

    tasks = Tasks(reporter.report)
    tasks.spawn(fail(), "Saving")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert sentences == ["Saving failed: the disk is full. Details are in window.log."]


async def test_closing_cancels_what_runs_without_a_word(reporter: Reporter, sentences: list[str]) -> None:
    tasks = Tasks(reporter.report)
    task = tasks.spawn(asyncio.Event().wait(), "Waiting")
    await asyncio.sleep(0)
    await tasks.close()
    assert task.cancelled()
    assert sentences == []


@pytest.mark.no_qt_log
def test_messages_of_qt_go_to_the_log(reporter: Reporter) -> None:
    qWarning("the font is missing")
    assert "the font is missing" in reporter.log_file.read_text()


def test_a_crash_of_the_last_start_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "crash.txt").write_text("Fatal Python error: Segmentation fault")
    first = Reporter(tmp_path)
    first.install()
    first.uninstall()
    assert "crash-last.txt" in first.last_crash
    second = Reporter(tmp_path)
    second.install()
    second.uninstall()
    assert second.last_crash == ""


def test_a_folder_that_cannot_be_written_costs_only_the_log(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    reporter = Reporter(tmp_path / "state")
    reporter.install()
    reporter.uninstall()
    assert "cannot be written" in reporter.last_crash
