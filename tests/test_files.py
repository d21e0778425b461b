"""A file is either its old self or its new one."""

import os
from pathlib import Path

import pytest

from studio.files import set_aside, write_atomic


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "old"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_new_file_gets_the_usual_mode(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_atomic(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_file_that_is_set_aside_replaces_no_other(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    for text in ("one", "two"):
        file.write_text(text)
        set_aside(file)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "a.json.broken": "one",
        "a.json.broken-2": "two",
    }
