"""The file dialogs begin where the person's agents are."""

from pathlib import Path

from studio import paths
from studio.app.window.places import first_folder


def test_beside_the_open_project(tmp_path: Path) -> None:
    assert first_folder(tmp_path / "front-desk") == tmp_path


def test_among_the_agents_when_the_project_is_one_of_the_studios_own_files() -> None:
    paths.agents_dir().mkdir(parents=True)
    assert first_folder(paths.PACKAGE_ROOT / "resources" / "desk") == paths.agents_dir()


def test_at_home_while_there_is_no_folder_of_agents() -> None:
    assert first_folder(None) == Path.home()
