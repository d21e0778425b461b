"""The window starts and ends as a process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

START = "import sys, pathlib, studio.app.main as m; sys.exit(m.run_window(pathlib.Path(sys.argv[1])))"


@pytest.mark.skipif(os.name != "posix", reason="ended by a signal")
def test_the_window_says_that_it_is_ready_and_ends_cleanly_when_told(tmp_path: Path, home: Path) -> None:
    (tmp_path / "handler.py").write_text("async def handler(event, context):\n    yield\n")
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(tmp_path)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"STUDIO_HOME": str(home)},
    )
    assert process.stderr
    for line in process.stderr:
        if line.strip() == "window ready":
            break
    else:
        pytest.fail("the window never was ready")
    process.send_signal(signal.SIGTERM)
    rest = process.stderr.read()
    assert process.wait(10) == 0, rest
    process.stderr.close()
    assert not (home / "state" / "crash.txt").exists()
    assert str(tmp_path) in (home / "state" / "window.json").read_text()
