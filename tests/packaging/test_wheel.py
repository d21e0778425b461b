"""The wheel, installed into an empty environment, brings everything: plugins, resources, the agent's own layer."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.end_to_end

ROOT = Path(__file__).resolve().parents[2]
BIN = "Scripts" if os.name == "nt" else "bin"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that holds the wheel and what it asks for."""
    place = tmp_path_factory.mktemp("an environment") / "venv"
    uv = [sys.executable, "-m", "uv"]
    run([*uv, "venv", "-q", "--python", sys.executable, str(place)])
    lock = str(ROOT / "packaging" / "requirements.lock")
    run([*uv, "pip", "install", "-q", "--system-certs", "--python", str(place), "-c", lock, str(wheel)])
    return place / BIN


def run(command: list[str], cwd: Path | None = None, **variables: str) -> str:
    keep = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=cwd, env=keep | variables, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_wheel_holds_data_and_licences_and_nothing_else(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {
        "studio/_data/resources/agents/greeter/.studio/settings.toml",
        "studio/_data/plugins/local/plugin.toml",
    } <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {Path(name).name for name in names if name.endswith("OFL.txt")} == {"Inter-OFL.txt", "JetBrainsMono-OFL.txt"}
    assert not [name for name in names if name.endswith(".pyc") or "__pycache__" in name]
    assert {name.split("/")[0].split("-")[0] for name in names} == {"studio", "voice_agent_studio"}


def test_its_command_lists_the_voices(environment: Path, tmp_path: Path):
    listed = run([str(environment / "studio"), "voices", "--json"], cwd=tmp_path, STUDIO_HOME=str(tmp_path))
    voices = json.loads(listed)
    assert len(voices) > 87
    assert any(voice["available"] for voice in voices)


def test_a_sample_talks_in_virtual_time(environment: Path, tmp_path: Path):
    where = run([str(environment / "python"), "-c", "from studio import paths; print(paths.RESOURCES)"], cwd=tmp_path)
    greeter = Path(where.strip()) / "agents" / "greeter"
    assert environment.parent in greeter.parents
    command = [str(environment / "studio"), "run", str(greeter), "--say", "hi", "--virtual-time", "--json"]
    records = [json.loads(line) for line in run(command, cwd=tmp_path, STUDIO_HOME=str(tmp_path)).splitlines()]
    said = [record["data"]["text"] for record in records if record["event"] == "TextToSpeechEvent"]
    assert said[0].startswith("Hello, and welcome!")
    assert len(said) == 2


def test_a_new_agent_can_be_made_and_exported(environment: Path, tmp_path: Path):
    studio = str(environment / "studio")
    agent = run([studio, "new", "My desk", "--template", "desk"], cwd=tmp_path, STUDIO_HOME=str(tmp_path)).strip()
    run([studio, "export", agent, "desk.zip"], cwd=tmp_path, STUDIO_HOME=str(tmp_path))
    assert (tmp_path / "desk.zip").is_file()
