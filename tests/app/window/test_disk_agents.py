"""Agents on disk, as the window sees them."""

from pathlib import Path

import pytest

from studio.app.window import disk_agents
from studio.app.window.disk_agents import DiskAgents


@pytest.fixture
def samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "samples"
    sample = folder / "front-desk"
    sample.mkdir(parents=True)
    (sample / "handler.py").write_text("async def handler(event, context):\n    yield\n")
    monkeypatch.setattr(disk_agents, "SAMPLES", folder)
    return folder


def test_a_sample_is_described_by_its_file_or_its_name(samples: Path) -> None:
    assert [(s.key, s.title, s.description) for s in DiskAgents().samples()] == [("front-desk", "Front desk", "")]
    (samples / "front-desk" / "template.toml").write_text('title = "The desk"\ndescription = "Finds a slot."\n')
    assert [(s.title, s.description) for s in DiskAgents().samples()] == [("The desk", "Finds a slot.")]


def test_a_sample_opens_as_one_copy_that_keeps_the_persons_changes(samples: Path) -> None:
    copy = DiskAgents().open_sample("front-desk")
    assert not copy.is_relative_to(samples)
    (copy / "handler.py").write_text("async def handler(event, context):\n    pass\n")
    assert DiskAgents().open_sample("front-desk") == copy
    assert (copy / "handler.py").read_text().endswith("pass\n")


def test_findings_name_whole_paths(samples: Path) -> None:
    (samples / "front-desk" / "handler.py").write_text(
        "import subprocess\n\nasync def handler(event, context):\n    yield\n"
    )
    found = DiskAgents().check(samples / "front-desk")
    assert [(item.level, item.file, item.line) for item in found] == [
        ("release", samples / "front-desk" / "handler.py", 1)
    ]


def test_what_is_no_project_is_a_finding(tmp_path: Path) -> None:
    assert DiskAgents().check(tmp_path / "gone")[0].level == "error"


def test_a_template_that_is_missing_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="no template"):
        DiskAgents().create("Desk", "unicorn")
