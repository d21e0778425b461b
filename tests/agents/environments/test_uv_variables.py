"""What the person has set of indexes and proxies reaches uv, whichever tool they set it for."""

import os
from pathlib import Path

import pytest

from studio.agents.environments.uv import uv_variables


@pytest.fixture(autouse=True)
def no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person who has set nothing; returns their pip.conf to be."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_")):
            monkeypatch.delenv(name)
    file = tmp_path / "pip.conf"
    monkeypatch.setattr("studio.agents.environments.pip_settings._files", lambda variables: iter([file]))
    return file


def test_variables_of_pip_serve_uv_and_those_of_uv_win(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://host/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://other/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "/a /b")
    monkeypatch.setenv("UV_INDEX", "https://mine/simple")
    variables = uv_variables()
    assert variables["UV_DEFAULT_INDEX"] == "https://host/simple"
    assert variables["UV_INDEX"] == "https://mine/simple"
    assert variables["UV_FIND_LINKS"] == "/a,/b"


def test_pips_own_file_is_read_below_its_variables(no_settings, monkeypatch):
    no_settings.write_text(
        "[global]\nindex-url = https://file/simple\nproxy = http://proxy:3128\n"
        "[install]\nextra-index-url =\n    https://one/simple\n    https://two/simple\n"
    )
    monkeypatch.setenv("PIP_PROXY", "http://nearer:3128")
    variables = uv_variables()
    assert variables["UV_DEFAULT_INDEX"] == "https://file/simple"
    assert variables["UV_INDEX"] == "https://one/simple https://two/simple"
    assert variables["ALL_PROXY"] == "http://nearer:3128"


def test_a_broken_file_of_pip_is_passed_over(no_settings):
    no_settings.write_text("index-url")
    assert "UV_DEFAULT_INDEX" not in uv_variables()


def test_other_environments_are_not_taken_for_the_agents(monkeypatch):
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    monkeypatch.setenv("UV_PYTHON", "3.9")
    assert not {"VIRTUAL_ENV", "UV_PYTHON"} & uv_variables().keys()


def test_further_indexes_of_pip_are_searched_as_pip_does_and_those_of_uv_as_uv_does(monkeypatch):
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://other/simple")
    assert uv_variables()["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    monkeypatch.setenv("UV_INDEX_STRATEGY", "first-index")
    assert uv_variables()["UV_INDEX_STRATEGY"] == "first-index"
    monkeypatch.delenv("UV_INDEX_STRATEGY")
    monkeypatch.setenv("UV_INDEX", "https://mine/simple")
    assert "UV_INDEX_STRATEGY" not in uv_variables()
