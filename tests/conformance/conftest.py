"""Names behaviours, and prints which of them hold."""

import tomllib
from pathlib import Path

import pytest

BEHAVIOURS = {
    int(number): facts
    for number, facts in tomllib.loads((Path(__file__).parent / "behaviours.toml").read_text("utf-8"))[
        "behaviours"
    ].items()
}
_results: dict[int, set[str]] = {}


def pytest_configure(config):
    config.addinivalue_line("markers", "behaviour(*numbers): the behaviours of the platform that a test shows")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    marker = item.get_closest_marker("behaviour")
    if marker and (report.when == "call" or report.outcome != "passed"):
        for number in marker.args:
            _results.setdefault(number, set()).add(report.outcome)
    return report


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


@pytest.fixture
def desk(tmp_path):
    """A desk with the studio's own layer of the SDK."""
    from tests.conformance.desk import Desk

    return Desk(tmp_path)
