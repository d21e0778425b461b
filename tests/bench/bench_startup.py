"""How soon the studio is there: the command line, the window, its engine, the first sound after Run.

    python tests/bench/bench_startup.py [--repeats N]

Drives the real window under a private Xvfb with a private virtual sound card.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.end_to_end.desktop import RUN_BUTTON, StudioWindow, display, missing, wait_for  # noqa: E402
from tests.end_to_end.test_window import Speaker  # noqa: E402
from tests.virtual_sound import VirtualSound  # noqa: E402


def show(what: str, seconds: list[float], budget: str) -> None:
    """A line of figures."""
    print(
        f"{what:36} median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s   (budget {budget})",
        flush=True,
    )


def first_sound(screen: str, folder: Path) -> tuple[float, float]:
    """Seconds until the window was ready, and from the click on Run until the speaker is heard."""
    with VirtualSound() as sound, StudioWindow(screen, sound, folder / "home") as window:
        wait_for(window.warm, "a warm child")
        time.sleep(2.0)
        speaker = Speaker(sound, folder / "heard.wav")
        clicked = speaker.now
        window.click(RUN_BUTTON)
        time.sleep(2.5)
        return window.ready_s, speaker.end().first_after(clicked) - clicked


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeats", type=int, default=5)
    repeats = options.parse_args().repeats
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()}")
    helps: list[float] = []
    for _ in range(repeats):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "studio", "--help"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        helps.append(time.perf_counter() - began)
    show("studio --help", helps, "0.25 s")
    if reason := missing():
        print(reason)
        return
    ready: list[float] = []
    heard: list[float] = []
    with display() as screen:
        for _ in range(repeats):
            with tempfile.TemporaryDirectory() as folder:
                window, sound = first_sound(screen, Path(folder))
                ready.append(window)
                heard.append(sound)
    show("window ready", ready, "1.5 s")
    show("first sound after Run, warm child", heard, "1 s")


if __name__ == "__main__":
    main()
