"""Virtual time: is it the same every time, and how long does it take?

    python tests/bench/bench_virtual.py [--runs N] [--profile]

Every agent runs N times with another hash seed each, while a busy loop keeps each core warm; then, on quiet cores, the
times that have a budget. Prints a note about the machine.
"""

import argparse
import cProfile
import hashlib
import json
import os
import platform
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.speech_fixture import speech_file  # noqa: E402

SAID = ["hello", "my name is maria", "I need an appointment", "Tuesday", "goodbye"]
DESK = """
from primfunctions.events import StartEvent, TextEvent, TextToSpeechEvent


async def handler(event, context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent(text="Good morning, this is the front desk. How can I help?", voice="nova")
    elif isinstance(event, TextEvent):
        yield TextToSpeechEvent(text=f"We are open from nine to five, all week. You said {event.data['text']}.", voice="nova")
"""


def studio(*arguments: str, seed: int = 0) -> tuple[float, bytes, int]:
    """Run `studio run ...`: wall seconds, standard output, exit code."""
    env = {**os.environ, "PYTHONHASHSEED": str(seed)}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "studio", "run", *arguments], cwd=ROOT, env=env, capture_output=True, check=False
    )
    return time.perf_counter() - began, done.stdout, done.returncode


def said(lines: list[str]) -> list[str]:
    """`--say` for each."""
    return [part for line in lines for part in ("--say", line)]


def identical(agents: list[Path], runs: int) -> None:
    """The same bytes every time, whatever else the machine does."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        for agent in agents:
            kinds: Counter[str] = Counter()
            for seed in range(runs):
                _, out, code = studio(str(agent), *said(SAID), "--virtual-time", "--json", seed=seed)
                kinds[f"{hashlib.sha256(out).hexdigest()[:12]} (exit {code}, {len(out)} bytes)"] += 1
            verdict = "all identical" if len(kinds) == 1 else "NOT THE SAME"
            print(f"{agent.name:24} {runs} runs, busy cores: {verdict}: {dict(kinds)}", flush=True)
    finally:
        for process in busy:
            process.kill()
            process.wait()


def timed(what: str, budget: str, arguments: list[str], repeats: int = 7) -> float:
    """Median and worst of some runs."""
    times: list[float] = []
    for _ in range(repeats):
        seconds, out, code = studio(*arguments)
        assert code == 0, out[-500:]
        times.append(seconds)
    last = json.loads(out.splitlines()[-1])
    print(
        f"{what:40} median {statistics.median(times):.2f} s, worst {max(times):.2f} s of {repeats}"
        f"   (budget {budget}; {last['t']:.0f} session seconds)",
        flush=True,
    )
    return statistics.median(times)


def profile(arguments: list[str]) -> None:
    """Where the time of a run goes, in the studio's own process."""
    from studio.cli.commands import app

    sys.argv = ["studio", "run", *arguments]
    profiler = cProfile.Profile()
    shown, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115
    try:
        profiler.runcall(app, sys.argv[1:], prog_name="studio", standalone_mode=False)
    finally:
        sys.stdout.close()
        sys.stdout = shown
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=100)
    options.add_argument("--profile", action="store_true")
    wanted = options.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()}")
    with tempfile.TemporaryDirectory() as folder:
        desk = Path(folder) / "desk"
        desk.mkdir()
        (desk / "handler.py").write_text(DESK)
        (desk / ".studio").mkdir()
        (desk / ".studio" / "settings.toml").write_text('phrases = ["what are your opening hours", "thank you"]\n')
        quick = [str(desk), "--virtual-time", "--json"]
        typed = Path(folder) / "typed.json"
        typed.write_text(json.dumps([item for n in range(43) for item in (f"question {n}", {"wait": 6})]))
        spoken = Path(folder) / "spoken.json"
        wav = str(speech_file("what are your opening hours"))
        spoken.write_text(json.dumps([item for _ in range(43) for item in ({"hear": wav}, {"wait": 4.5})]))
        recording = ["--record", str(Path(folder) / "spoken.mcap")]
        if wanted.profile:
            profile([*quick, "--script", str(spoken), *recording])
            return
        start = timed("typed, one turn, whole process", "0.8 s", [*quick, "--say", "hello"])
        for what, script, budget, more in (
            ("typed script, local speech", typed, "start-up + 1 s", []),
            ("spoken script, phrases, VAD, recorded", spoken, "start-up + 5 s", recording),
        ):
            whole = timed(what, budget, [*quick, "--script", str(script), *more], repeats=3)
            print(f"{'':40} after start-up {whole - start:.2f} s")
        agents = sorted(path for path in (ROOT / "resources" / "agents").iterdir() if (path / "handler.py").exists())
        identical([*agents, desk], wanted.runs)


if __name__ == "__main__":
    main()
