"""Every event travels as it does with the platform's own SDK."""

import subprocess
import sys
from pathlib import Path

import pytest

from studio import paths
from tests.real_sdk import interpreter_with_real_sdk

MAKER = Path(__file__).parent / "events_made.py"
DIFFERENT = ["TransferSessionEvent () {'agent_id': 'a'}"]
"""Ruled otherwise: an agent alone is enough, its environment stays as it is."""


def made(interpreter: str, *search: str) -> list[str]:
    code = f"import sys; sys.path[:0] = {list(search)!r}; exec(open({str(MAKER)!r}).read())"
    done = subprocess.run([interpreter, "-I", "-c", code], capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if not line.startswith(tuple(DIFFERENT))]


def test_every_event_can_be_made():
    lines = made(sys.executable, str(paths.AGENT_HOST.parent / "sdk"))
    assert len(lines) > 50
    assert not [line for line in lines if " raises " in line and " raises ValueError" not in line]


@pytest.mark.end_to_end
def test_our_events_are_those_of_the_platforms_own_sdk():
    ours = made(sys.executable, str(paths.AGENT_HOST.parent / "sdk"))
    assert ours == made(interpreter_with_real_sdk())
