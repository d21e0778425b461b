"""The window's start and end."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import qasync
from PySide6.QtWidgets import QApplication

from studio.app.editor.documents import Documents
from studio.app.preferences.settings import Settings
from studio.app.tasks import Tasks
from studio.app.theme.current import load_fonts
from studio.app.theme.scheme import CHOICES, Scheme
from studio.app.window.build import Studio, build
from studio.app.window.disk_agents import DiskAgents
from studio.app.window.local_engine import LocalEngine
from studio.app.window.memory import Memory
from studio.app.window.reporter import Reporter


def run_window(project: Path | None = None) -> int:
    """Open the window, with a project or the last one, until it is closed. Returns the exit code."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("voice-agent-studio")
    app.setApplicationDisplayName("Voice Agent Studio")
    app.setQuitOnLastWindowClosed(False)  # the loop ends when everything is put away, not with the last window
    reporter = Reporter()
    reporter.install()
    try:
        return asyncio.run(_live(app, reporter, project), loop_factory=lambda: qasync.QEventLoop(app))
    finally:
        reporter.uninstall()


async def _live(app: QApplication, reporter: Reporter, project: Path | None) -> int:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(reporter.loop)
    load_fonts()
    settings, memory = Settings(), Memory()
    tasks = Tasks(reporter.report)
    engine = LocalEngine()
    scheme = Scheme(app, next(choice for choice in CHOICES if choice == settings.theme))
    studio = build(
        settings=settings,
        memory=memory,
        documents=Documents(),
        agents=DiskAgents(),
        tasks=tasks,
        scheme=scheme,
        engine=engine,
    )
    left = asyncio.Event()
    studio.window.left.connect(left.set)
    studio.window.ready.connect(lambda: print("window ready", file=sys.stderr, flush=True))
    reporter.reported.connect(lambda sentence: studio.status.notice(sentence, "error"))
    if reporter.last_crash:
        studio.status.notice(reporter.last_crash)
    if os.name == "posix":
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, left.set)
    studio.window.show()
    tasks.spawn(engine.start(), "Starting the engine")
    _open_first(studio, memory, project)
    await left.wait()
    studio.actions.remember()
    studio.window.remember()
    studio.window.hide()
    await engine.close()
    await tasks.close()
    return 0


def _open_first(studio: Studio, memory: Memory, project: Path | None) -> None:
    """The project that was asked for, else the last one, else the first sample."""
    last = memory.get("project", "last", "")
    if project is not None:
        studio.actions.open(project)
    elif last and Path(last).exists():
        studio.actions.open(Path(last))
    else:
        studio.actions.open_first_sample()
