"""The set-up: which Python it takes, when it has nothing to do, and what it says when it cannot go on."""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
ROOT = PACKAGING.parent

posix = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell script")


@pytest.fixture
def setup_env(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PACKAGING))
    return importlib.import_module("setup_env")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with spaces in its path, and nothing set up."""
    root = tmp_path / "my check out"
    shutil.copytree(PACKAGING, root / "packaging", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def fake_python(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def pretend_set_up(checkout: Path, setup_env: ModuleType, monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    """As a set-up leaves it, with a Python that prints what it is called with."""
    fake_python(checkout / ".venv" / "bin" / "python", 'echo "$@"')
    packaging = checkout / "packaging"
    for name, value in {
        "HERE": packaging,
        "ROOT": checkout,
        "LOCKS": {key: packaging / lock.name for key, lock in setup_env.LOCKS.items()},
    }.items():
        monkeypatch.setattr(setup_env, name, value)
    (checkout / ".venv" / f"{profile}.stamp").write_bytes(setup_env._stamp(profile))


def start(checkout: Path, *arguments: str, program: str = "run") -> subprocess.CompletedProcess[str]:
    """With no Python to be found anywhere, so that a set-up cannot even begin."""
    tools = checkout / "tools"
    tools.mkdir(exist_ok=True)
    for tool in ("sh", "dirname", "cat", "cmp"):
        if not (tools / tool).exists():
            (tools / tool).symlink_to(shutil.which(tool) or tool)
    return subprocess.run(
        [str(checkout / "packaging" / program), *arguments],
        env={"PATH": str(tools), "HOME": str(checkout)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@posix
def test_a_start_after_the_set_up_runs_the_studio_and_no_other_python(
    checkout: Path, setup_env: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    pretend_set_up(checkout, setup_env, monkeypatch, "base")
    done = start(checkout, "--yes", "run", "a b", "--say", "hi")
    assert done.stdout == "-P -m studio run a b --say hi\n"
    assert done.stderr == ""


@posix
@pytest.mark.parametrize("changed", ["pyproject.toml", "packaging/requirements.lock", "packaging/setup_env.py"])
def test_whatever_decides_the_set_up_makes_it_run_again(
    changed: str, checkout: Path, setup_env: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    pretend_set_up(checkout, setup_env, monkeypatch, "base")
    with (checkout / changed).open("a") as file:
        file.write("\n")
    assert start(checkout, "--version").returncode == 2


@posix
def test_a_checkout_that_was_moved_is_set_up_again(
    checkout: Path, setup_env: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    pretend_set_up(checkout, setup_env, monkeypatch, "base")
    moved = checkout.with_name("moved")
    checkout.rename(moved)
    assert start(moved, "--version").returncode == 2


@posix
def test_an_environment_that_was_moved_is_not_kept(
    checkout: Path, setup_env: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    pretend_set_up(checkout, setup_env, monkeypatch, "base")
    monkeypatch.setattr(setup_env, "VENV", checkout / ".venv")
    assert not setup_env._was_moved()
    monkeypatch.setattr(setup_env, "ROOT", checkout.with_name("moved"))
    assert setup_env._was_moved()


@posix
def test_the_tests_want_a_set_up_of_their_own(checkout: Path, setup_env: ModuleType, monkeypatch: pytest.MonkeyPatch):
    pretend_set_up(checkout, setup_env, monkeypatch, "base")
    assert start(checkout, "--setup", program="test").returncode == 2
    pretend_set_up(checkout, setup_env, monkeypatch, "test")
    assert start(checkout, "--setup", program="test").returncode == 0


@posix
def test_without_any_python_there_is_a_sentence(checkout: Path):
    done = start(checkout, "--version")
    assert done.returncode == 2
    assert done.stderr.startswith("There is no Python on this machine. Install Python 3.12 or newer")


@posix
def test_shims_that_fail_and_old_pythons_do_not_count(setup_env: ModuleType, tmp_path: Path):
    shim = fake_python(tmp_path / "shim", "echo 'pyenv: python3.14: command not found' >&2; exit 127")
    chatty = fake_python(tmp_path / "chatty", "echo 'No Python at here'")
    old = fake_python(tmp_path / "old", "echo '[true, [3, 11, 9], \"/old\"]'")
    early = fake_python(tmp_path / "early", "echo '[false, [3, 15, 0], \"/early\"]'")
    good = fake_python(tmp_path / "good", "echo '[true, [3, 12, 1], \"/good\"]'")
    candidates = ["", str(tmp_path / "none"), *map(str, (shim, chatty, old, early, good))]
    assert setup_env._usable(candidates) == [((3, 12, 1), "/good")]


def test_a_python_that_can_make_environments_counts(setup_env: ModuleType):
    ((version, path),) = setup_env._usable([sys.executable])
    assert version == sys.version_info[:3]
    assert Path(path).exists()


def test_the_newest_python_for_which_all_packages_are_built_is_preferred(setup_env: ModuleType):
    found = [((3, 14, 0), "/14"), ((3, 12, 9), "/12"), ((3, 13, 2), "/13")]
    assert max(found, key=setup_env._rank) == ((3, 13, 2), "/13")


@posix
def test_a_checkout_that_cannot_be_written_is_a_sentence(
    setup_env: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SystemExit) as end:
        setup_env.main(["base"])
    assert end.value.code == 2
    assert "cannot be written" in capsys.readouterr().err


def test_uv_is_taken_from_the_lock_with_its_hashes(
    setup_env: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(setup_env, "ROOT", tmp_path)
    with setup_env._requirement("uv") as file:
        lines = file.read_text().splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 1
    assert all(line.lstrip().startswith("--hash=sha256:") for line in lines[1:])


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_every_locked_package_has_hashes_and_names_no_index(lock: str):
    text = (PACKAGING / lock).read_text("utf-8")
    assert "index-url" not in text
    assert "://" not in text
    blocks = [block for block in text.split("\n") if block and not block.startswith(" ")]
    assert blocks
    assert all(block.endswith("\\") for block in blocks)


def test_the_tests_lock_holds_the_same_versions_as_the_base():
    def pins(lock: str) -> set[str]:
        lines = (PACKAGING / lock).read_text("utf-8").splitlines()
        return {line.rstrip(" \\") for line in lines if line[:1].isalnum()}

    assert pins("requirements.lock") <= pins("requirements-test.lock")
