"""The small commands: new, sessions, export, doctor."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio import paths
from studio.agents.create import templates
from studio.cli import doctor as examination
from studio.cli.commands import app
from studio.cli.doctor import Line, doctor
from studio.cli.export import export
from studio.cli.new import new
from studio.cli.sessions import sessions
from tests import command_line
from tests.sessions.making import record


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_new_makes_an_agent_and_prints_where(capsys: pytest.CaptureFixture[str]):
    assert new("Front desk", "greeter") == 0
    assert Path(capsys.readouterr().out.strip()) == paths.agents_dir() / "Front desk"
    assert (paths.agents_dir() / "Front desk" / "handler.py").is_file()


def test_the_help_of_new_names_every_template(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        app(["new", "--help"], prog_name="studio")
    told = capsys.readouterr().out
    assert [name for name in templates() if name not in told] == []
    assert "Voice Agents" in told


def test_new_refuses_with_one_sentence(capsys: pytest.CaptureFixture[str]):
    assert new("Front desk", "fancy") == 2
    assert capsys.readouterr().err.startswith("studio new: There is no template 'fancy'.")


def test_export_lists_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    new("Front desk", "blank")
    capsys.readouterr()
    assert export(paths.agents_dir() / "Front desk", to="voicerun", out=tmp_path / "out.zip") == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[:2] == [".voicerun/agent.yaml", "handler.py"]
    assert captured.err == ""


def test_export_of_what_voicerun_refuses_writes_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    new("Front desk", "blank")
    (paths.agents_dir() / "Front desk" / "more.py").write_text("import socket\n")
    assert export(paths.agents_dir() / "Front desk", to="voicerun", out=tmp_path / "out.zip") == 1
    assert (tmp_path / "out.zip").is_file()
    assert "more.py:1: VoiceRun refuses agents that import socket" in capsys.readouterr().err


@pytest.mark.parametrize(("to", "project"), [("zip", "."), ("voicerun", "nowhere")])
def test_export_refuses_with_one_sentence(to: str, project: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert export(tmp_path / project, to=to, out=tmp_path / "out.zip") == 2
    assert capsys.readouterr().err.startswith("studio export: ")


def test_what_is_neither_a_command_nor_a_project_is_told_so_with_a_display_and_without_one():
    ran = command_line.studio("runn")
    assert (ran.code, ran.err) == (
        2,
        "studio: there is no file or folder runn, and no such command: `studio --help` lists them.\n",
    )


def test_sessions_are_listed(capsys: pytest.CaptureFixture[str]):
    assert sessions(as_json=False) == 0
    assert "No session has been recorded" in capsys.readouterr().out
    paths.sessions_dir().mkdir(parents=True, exist_ok=True)
    record(paths.sessions_dir() / "one.mcap")
    assert sessions(as_json=True) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert Path(row["path"]).name == "one.mcap"
    assert sessions(as_json=False) == 0
    assert "one.mcap" in capsys.readouterr().out


def test_doctor_names_keys_and_never_prints_them(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert doctor(as_json=True) in (0, 1)
    printed = capsys.readouterr().out
    lines = {line["name"]: line for line in json.loads(printed)}
    assert lines["key openai"]["message"] == "OPENAI_API_KEY is set (environment)"
    assert "sk-secret" not in printed
    assert {"python", "window", "echo canceller", "voice activity", "local speech", "local recognition"} <= set(lines)
    assert {line["status"] for line in lines.values()} <= {"ok", "warning", "error"}
    assert all(line["advice"] for line in lines.values() if line["status"] == "error")


def test_doctor_fails_when_a_folder_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "file"))
    bad = list(examination._folders())
    assert {line.status for line in bad} == {"error"}
    assert all(line.advice for line in bad)


def test_doctor_goes_on_after_a_look_that_fails(monkeypatch: pytest.MonkeyPatch):
    def broken() -> Iterator[Line]:
        raise RuntimeError("no sound")

    monkeypatch.setattr(examination, "_sound", broken)
    lines = {line.name: line for line in examination.examine()}
    assert lines["sound"].status == "error"
    assert lines["local speech"].status == "ok"


def test_doctor_says_why_qt_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(examination, "_QT", "raise ImportError('libEGL.so.1: cannot open shared object file')")
    (line,) = examination._qt()
    assert line.status == "error"
    assert "libEGL.so.1" in line.message


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays are named by variables on Linux only")
def test_doctor_warns_without_a_display(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    (line,) = examination._display()
    assert line.status == "warning"
    assert "studio run" in line.advice
