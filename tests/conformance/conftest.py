"""Names behaviours, and prints which of them hold."""

import tomllib
from pathlib import Path

import pytest

from tests.conformance.desk import Desk
from tests.real_sdk import interpreter_with_real_sdk

BEHAVIOURS = {
    int(number): facts
    for number, facts in tomllib.loads((Path(__file__).parent / "behaviours.toml").read_text("utf-8"))[
        "behaviours"
    ].items()
}
_results: dict[int, set[str]] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if marker := item.get_closest_marker("behaviour"):
        report.user_properties.append(("behaviours", list(marker.args)))  # also from another process of the run
    return report


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        for number in dict(report.user_properties).get("behaviours", ()):
            _results.setdefault(number, set()).add(report.outcome)


def pytest_terminal_summary(terminalreporter, config):
    """The table, when the conformance tests were asked for by name."""
    if not any("conformance" in str(arg) for arg in config.args):
        return
    terminalreporter.section("behaviours")
    for number, facts in BEHAVIOURS.items():
        outcomes = _results.get(number, {"not run"})
        result = next((bad for bad in ("failed", "skipped", "not run") if bad in outcomes), "passed")
        ruling = f"  [{facts['ruling']}]" if "ruling" in facts else ""
        terminalreporter.write_line(f"{number:>4}  {result:<8} {facts['says']}{ruling}")


def pytest_generate_tests(metafunc):
    """Core behaviours are shown with the platform's own SDK in the agent's environment too."""
    if "desk" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("behaviour")
    core = marker is not None and any(BEHAVIOURS[number].get("core") for number in marker.args)
    layers = ["studio", *([pytest.param("primfunctions", marks=pytest.mark.end_to_end)] if core else [])]
    metafunc.parametrize("desk", layers, indirect=True)


@pytest.fixture
def desk(request, tmp_path):
    """A desk whose agents use the studio's layer of the SDK, or the platform's own."""
    if request.param == "studio":
        return Desk(tmp_path)
    return Desk(tmp_path, interpreter_with_real_sdk())
