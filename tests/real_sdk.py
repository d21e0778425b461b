"""A Python with VoiceRun's published SDK in it, for tests that run the child's host against the real thing.

It is installed once for this machine, by uv from the person's package index, and found again by later runs. Nothing of it is
part of the studio.
"""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import platformdirs
import pytest

from studio.agents.environments.prepare import InstallError, prepare_environment

REQUIREMENT = "primfunctions==0.1.108"
_OLDER = "voicerun_completions==0.4.0"


@cache
def _prepared() -> str:
    """The interpreter. Raises InstallError."""
    home = platformdirs.user_cache_path("voice-agent-studio-tests", appauthor=False) / "real-sdk"
    project = home / "project"
    project.mkdir(parents=True, exist_ok=True)
    (project / "requirements.txt").write_text(f"{REQUIREMENT}\n{_OLDER}\n")
    with ThreadPoolExecutor(1) as thread:  # the test may have a loop of its own
        return thread.submit(_prepare, home, project).result()


def _prepare(home: Path, project: Path) -> str:
    before = os.environ.get("STUDIO_HOME")
    os.environ["STUDIO_HOME"] = str(home)
    try:
        return asyncio.run(prepare_environment(project, lambda done, sentence: None)).interpreter
    finally:
        del os.environ["STUDIO_HOME"]
        if before is not None:
            os.environ["STUDIO_HOME"] = before


def interpreter_with_real_sdk() -> str:
    """Its path. Skips the test where the SDK can neither be found nor downloaded; any other failure fails it."""
    try:
        return _prepared()
    except InstallError as error:
        if "cannot be downloaded" in str(error):
            pytest.skip(f"the real SDK ({REQUIREMENT}) is not here: {error}")
        raise
