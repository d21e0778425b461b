"""The sample agents and templates run, the same way every time, and nothing keeps them from a release."""

import json
import os
import subprocess
import sys
import tomllib
import wave
from pathlib import Path

import pytest

from studio import paths
from studio.agents.checks import check
from studio.agents.create import create_agent
from studio.agents.project import open_project

AGENTS = paths.RESOURCES / "agents"
TEMPLATES = paths.RESOURCES / "templates"
TALKS = {
    "greeter": ["hi", "my name is Maria", "tell me a joke", "goodbye"],
    "appointment-desk": ["hello", "Sunday", "Tuesday at 10:00", "no", "Friday please", "at eleven", "yes", "no"],
    "concierge": ["when is breakfast", "will it rain tomorrow", "wake me at seven", "thank you goodbye"],
    "event-tour": ["next", "speeds", "protected", "sound", "silence", "log", "what", "stop"],
}


def talk(
    project: Path, lines: list[str], home: Path, hash_seed: str = "1", silence: float = 0
) -> list[dict[str, object]]:
    """The records of a session in virtual time that ended well."""
    said = [word for line in lines for word in ("--say", line)]
    command = [sys.executable, "-P", "-m", "studio", "run", str(project), *said, "--virtual-time", "--json"]
    done = subprocess.run(
        [*command, "--user-silence", str(silence)],
        env={
            **os.environ,
            "STUDIO_HOME": str(home),
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": str(paths.PACKAGE_ROOT),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def spoken(records: list[dict[str, object]]) -> str:
    texts = [record["data"] for record in records if record["kind"] == "output"]
    return " ".join(
        str(data.get("text") or data.get("closing_speech") or "") for data in texts if isinstance(data, dict)
    )


def test_every_sample_has_a_talk_here():
    assert sorted(folder.name for folder in AGENTS.iterdir()) == sorted(TALKS)


@pytest.mark.parametrize("name", TALKS)
def test_a_sample_gives_the_same_records_twice(name: str, tmp_path: Path):
    once = talk(AGENTS / name, TALKS[name], tmp_path, "1")
    again = talk(AGENTS / name, TALKS[name], tmp_path, "2")
    assert once == again
    assert sum(record["event"] == "TextEvent" for record in once) == len(TALKS[name])


def test_the_desk_books_what_was_agreed(tmp_path: Path):
    records = talk(AGENTS / "appointment-desk", TALKS["appointment-desk"], tmp_path)
    logs = [record["data"] for record in records if record["event"] == "LogEvent"]
    assert [data["attributes"] for data in logs if isinstance(data, dict)][:1] == [{"day": "Friday", "hour": "eleven"}]


def test_the_desk_asks_a_silent_caller_twice_then_hangs_up(tmp_path: Path):
    words = spoken(talk(AGENTS / "appointment-desk", ["Monday"], tmp_path, silence=60))
    assert words.count("Are you still there?") == 2
    assert "I will hang up" in words


def test_the_tour_sends_every_event_it_names(tmp_path: Path):
    records = talk(AGENTS / "event-tour", TALKS["event-tour"], tmp_path)
    sent = {record["event"] for record in records if record["kind"] == "output"}
    assert {"TextToSpeechEvent", "AudioEvent", "SilenceEvent", "LogEvent", "StopEvent"} <= sent


def test_the_concierge_calls_the_tools_that_the_model_wants(tmp_path: Path):
    records = talk(AGENTS / "concierge", TALKS["concierge"], tmp_path)
    called = [record["data"] for record in records if record["event"] == "tool_called"]
    answered = [record["data"] for record in records if record["event"] == "tool_answered"]
    assert [data["name"] for data in called if isinstance(data, dict)] == ["weather", "wake_up_call", "end_call"]
    assert [data["name"] for data in answered if isinstance(data, dict)] == ["weather", "wake_up_call"]
    assert "Tomorrow will be mostly sunny, with 19 degrees." in spoken(records)


def test_the_chime_is_small_and_plain():
    chime = AGENTS / "event-tour" / "chime.wav"
    assert chime.stat().st_size <= 60_000
    with wave.open(str(chime)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)


@pytest.mark.parametrize("folder", [*AGENTS.iterdir(), *TEMPLATES.iterdir()], ids=lambda folder: folder.name)
def test_nothing_keeps_it_from_a_release_and_the_window_can_describe_it(folder: Path):
    assert check(open_project(folder)) == []
    assert set(tomllib.loads((folder / "template.toml").read_text("utf-8"))) == {"title", "description"}
    assert open_project(folder).phrases
    assert (folder / ".voicerun" / "agent.yaml").read_text("utf-8").startswith("apiVersion: voicerun/v1\n")


@pytest.mark.parametrize("template", sorted(folder.name for folder in TEMPLATES.iterdir()))
def test_a_new_agent_talks_at_once(template: str, tmp_path: Path):
    project = create_agent("Front desk", template, tmp_path / "agents")
    assert project.name == "Front desk"
    assert not (project.root / "template.toml").exists()
    assert spoken(talk(project.root, ["hello"], tmp_path))


def test_the_local_recogniser_knows_every_word_of_the_phrases():
    pocketsphinx = pytest.importorskip("pocketsphinx")
    dictionary = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict")).read_text("utf-8")
    known = {line.split()[0] for line in dictionary.splitlines() if line}
    for folder in [*AGENTS.iterdir(), *TEMPLATES.iterdir()]:
        words = {word for phrase in open_project(folder).phrases for word in phrase.split()}
        assert words <= known, folder.name
