"""What `studio export --to voicerun` packs, leaves out and warns of."""

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from studio.packages.voicerun import ExportError, export_project

HANDLER = "async def handler(event, context):\n    yield\n"


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    return write(
        tmp_path / "agent",
        {
            "handler.py": "import slots\n" + HANDLER,
            "slots.py": "",
            "data/days.json": "[]",
            ".voicerun/agent.yaml": "apiVersion: voicerun/v1\nname: desk\n",
            ".voicerun/agent.lock": "{}",
            ".voicerun/agent.prod.lock": "{}",
            ".studio/settings.toml": "phrases = []\n",
            ".gitignore": "",
            ".DS_Store": "",
            "old.zip": "",
            "__pycache__/handler.pyc": "",
            ".venv/pyvenv.cfg": "",
        },
    )


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def test_the_package_holds_the_tree_without_what_voicerun_never_takes(agent: Path, tmp_path: Path):
    report = export_project(agent, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as package:
        assert package.namelist() == [".voicerun/agent.yaml", "data/days.json", "handler.py", "slots.py"]
        assert package.read("handler.py").decode() == "import slots\n" + HANDLER
    assert report.files == [".voicerun/agent.yaml", "data/days.json", "handler.py", "slots.py"]
    assert report.problems == []
    assert report.size == (tmp_path / "out.zip").stat().st_size
    assert report.as_dict()["files"] == report.files


def test_the_package_is_the_same_wherever_and_whenever_it_is_made(agent: Path, tmp_path: Path):
    export_project(agent, tmp_path / "one.zip")
    elsewhere = tmp_path / "elsewhere"
    agent.rename(elsewhere)
    os.utime(elsewhere / "handler.py", (1e9, 1e9))
    (elsewhere / "slots.py").chmod(0o600)
    export_project(elsewhere, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_nothing_of_the_machine_is_in_the_package(agent: Path, tmp_path: Path):
    export_project(agent, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as package:
        entries = {(entry.date_time, entry.external_attr, entry.create_system) for entry in package.infolist()}
    assert entries == {((1980, 1, 1, 0, 0, 0), 0o100644 << 16, 3)}


def test_the_checksum_is_over_sorted_paths_and_contents(agent: Path, tmp_path: Path):
    report = export_project(agent, tmp_path / "out.zip")
    lines = "".join(f"{name}:{hashlib.sha256((agent / name).read_bytes()).hexdigest()}\n" for name in report.files)
    assert report.checksum == hashlib.sha256(lines.encode()).hexdigest()


def test_the_projects_own_ignore_file_is_heeded(agent: Path, tmp_path: Path):
    write(agent, {".vrignore": "data/\n"})
    assert "data/days.json" not in export_project(agent, tmp_path / "out.zip").files


def test_a_module_that_is_imported_but_left_out_is_reported(agent: Path, tmp_path: Path):
    write(agent, {".vrignore": "slots.py\n"})
    assert export_project(agent, tmp_path / "out.zip").problems == [
        "handler.py:1: slots.py is missing: .vrignore leaves it out, and this line imports it."
    ]


def test_refused_imports_are_reported_with_file_and_line(agent: Path, tmp_path: Path):
    write(agent, {"slots.py": "import re\nimport subprocess\n"})
    assert export_project(agent, tmp_path / "out.zip").problems == [
        "slots.py:2: VoiceRun refuses agents that import subprocess. It works here."
    ]


@pytest.mark.parametrize(
    ("gone", "added", "sentence"),
    [
        (".voicerun/agent.yaml", {}, "agent.yaml is missing"),
        (".voicerun/agent.yaml", {".voicerun/agent.yaml": "apiVersion: voicerun/v1\n"}, "has no name"),
        ("handler.py", {"desk.py": HANDLER}, "handler.py is missing: VoiceRun starts that file"),
        ("old.zip", {".vrignore": "handler.py"}, "handler.py is missing: .vrignore leaves it out"),
    ],
)
def test_what_voicerun_will_miss_is_reported(
    agent: Path, tmp_path: Path, gone: str, added: dict[str, str], sentence: str
):
    (agent / gone).unlink()
    write(agent, added)
    (problem,) = export_project(agent, tmp_path / "out.zip").problems
    assert sentence in problem


def test_a_link_out_of_the_project_is_left_out_and_reported(agent: Path, tmp_path: Path):
    (tmp_path / "secret.txt").write_text("x")
    try:
        (agent / "notes.txt").symlink_to(tmp_path / "secret.txt")
    except OSError:
        pytest.skip("links are not allowed here")
    report = export_project(agent, tmp_path / "out.zip")
    assert "notes.txt" not in report.files
    assert "notes.txt was left out" in report.problems[0]


def test_a_package_in_the_project_does_not_contain_its_former_self(agent: Path):
    export_project(agent, agent / "package.bin")
    assert "package.bin" not in export_project(agent, agent / "package.bin").files


def test_what_cannot_be_exported_is_a_sentence_and_leaves_the_old_package(agent: Path, tmp_path: Path):
    out = tmp_path / "out.zip"
    out.write_bytes(b"old")
    (agent / "handler.py").rename(agent / "readme.txt")
    (agent / "slots.py").unlink()
    with pytest.raises(ExportError, match="no agent"):
        export_project(agent, out)
    with pytest.raises(ExportError, match="single file"):
        export_project(write(tmp_path / "single", {"desk.py": HANDLER}) / "desk.py", out)
    assert out.read_bytes() == b"old"


@pytest.mark.parametrize(("out", "sentence"), [("no/such/out.zip", "no folder"), ("agent", "is a folder")])
def test_a_package_that_cannot_be_written_is_a_sentence(agent: Path, tmp_path: Path, out: str, sentence: str):
    with pytest.raises(ExportError, match=sentence):
        export_project(agent, tmp_path / out)


def test_a_write_that_fails_leaves_nothing_behind(agent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(ExportError, match="No space left on device"):
        export_project(agent, tmp_path / "out.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["agent"]
