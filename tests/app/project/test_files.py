"""What can be done to a project's files."""

from pathlib import Path

import pytest

from studio.app.project.files import all_files, delete, entries, new_file, rename


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (
        ".venv/x.py",
        "__pycache__/x.pyc",
        ".git/config",
        ".voicerun/agent.yaml",
        "tests/t.py",
        "Zoo.py",
        "handler.py",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    return tmp_path


def test_folders_come_first_and_machinery_is_hidden(project: Path) -> None:
    assert [path.name for path in entries(project)] == [".voicerun", "tests", "handler.py", "Zoo.py"]


def test_files_below_are_found_nearest_first(project: Path) -> None:
    assert [path.name for path in all_files(project)] == ["handler.py", "Zoo.py", "agent.yaml", "t.py"]


def test_a_new_file_may_name_a_folder(project: Path) -> None:
    path, problem = new_file(project, "data/slots.py")
    assert problem == ""
    assert path.read_bytes() == b""


@pytest.mark.parametrize("name", ["", "..", "a?.py", "../outside.py", "handler.py", "a\nb"])
def test_a_name_that_will_not_do_is_refused_with_a_sentence(project: Path, name: str) -> None:
    before = sorted(project.parent.rglob("*"))
    assert new_file(project, name)[1].endswith(".")
    assert sorted(project.parent.rglob("*")) == before


def test_renaming_never_overwrites(project: Path) -> None:
    assert rename(project / "Zoo.py", "handler.py")[1] == "handler.py exists already."
    assert rename(project / "Zoo.py", "zoo2.py")[1] == ""
    assert not (project / "Zoo.py").exists()


def test_deleting_a_link_leaves_what_it_points_to(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "keep.txt").write_text("x")
    try:
        (project / "link").symlink_to(outside)
    except OSError:
        pytest.skip("links need rights here")
    assert delete(project / "link") == ""
    assert (outside / "keep.txt").exists()


def test_deleting_what_is_gone_is_a_sentence(project: Path) -> None:
    assert "cannot be deleted" in delete(project / "gone.py")
