"""System packages: what is missing is installed where we may, else the line to type is printed. Nothing is removed."""

import importlib
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems bring what is needed")


class Machine:
    """A machine that only pretends to install."""

    def __init__(self, module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ran: list[str] = []
        self.said: list[str] = []
        self.programs = {"apt-get", "sudo"}
        self.fails = False
        self.terminal = False
        self.known = {"libegl1", "libportaudio2"}
        self.user = 1000
        monkeypatch.setattr(module, "_has_library", lambda name: name not in ("libEGL.so.1", "libportaudio.so.2"))
        monkeypatch.setattr(module, "_has_tool", lambda name: name != "Xvfb")
        monkeypatch.setattr(module, "_is_known", lambda package: package in self.known)
        monkeypatch.setattr(module, "_run", self._run)
        monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name in self.programs else None)
        monkeypatch.setattr(os, "geteuid", lambda: self.user)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: self.terminal, raising=False)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: self.terminal, raising=False)
        self._provide = module.provide

    def provide(self, tests: bool = False, yes: bool = False) -> str:
        self._provide(tests=tests, yes=yes, say=self.said.append)
        return "\n".join(self.said)

    def _run(self, command: list[str]) -> int:
        self.ran.append(" ".join(command))
        return 100 if self.fails else 0


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.syspath_prepend(str(PACKAGING))
    return Machine(importlib.import_module("system_packages"), monkeypatch)


INSTALL = "apt-get install -y --no-remove --no-install-recommends"


def test_root_installs_what_is_missing(machine: Machine):
    machine.user = 0
    machine.provide()
    assert machine.ran == ["apt-get update -qq", f"{INSTALL} libegl1 libportaudio2"]


def test_the_tests_need_programs_besides(machine: Machine):
    machine.user, machine.known = 0, {"libegl1", "libportaudio2", "xvfb"}
    machine.provide(tests=True)
    assert machine.ran[-1] == f"{INSTALL} libegl1 libportaudio2 xvfb"


def test_renamed_packages_are_asked_for_by_their_new_name(machine: Machine):
    machine.user, machine.known = 0, {"libegl1t64", "libportaudio2"}
    machine.provide()
    assert machine.ran[-1] == f"{INSTALL} libegl1t64 libportaudio2"


def test_without_rights_the_line_to_type_is_printed(machine: Machine):
    assert f"    sudo {INSTALL} libegl1 libportaudio2" in machine.provide().splitlines()[-1]
    assert machine.ran == []


def test_yes_lets_sudo_install_where_nobody_can_be_asked(machine: Machine):
    machine.provide(yes=True)
    assert machine.ran[-1] == f"sudo -n {INSTALL} libegl1 libportaudio2"


@pytest.mark.parametrize(("answer", "installs"), [("\n", True), ("y\n", True), ("n\n", False), ("", False)])
def test_at_a_terminal_it_asks_once(answer: str, installs: bool, machine: Machine, monkeypatch: pytest.MonkeyPatch):
    machine.terminal = True
    monkeypatch.setattr(sys.stdin, "readline", lambda: answer, raising=False)
    machine.provide()
    assert bool(machine.ran) == installs


def test_an_install_that_fails_says_what_to_type(machine: Machine):
    machine.user, machine.fails = 0, True
    assert f"    {INSTALL} libegl1 libportaudio2" in machine.provide()


@pytest.mark.parametrize(
    ("manager", "line"),
    [
        ("dnf", "sudo dnf install -y libglvnd-egl portaudio"),
        ("pacman", "sudo pacman -S --needed --noconfirm libglvnd portaudio"),
    ],
)
def test_other_distributions_get_their_own_names(manager: str, line: str, machine: Machine):
    machine.programs = {manager}
    assert line in machine.provide()


def test_on_an_unknown_distribution_the_missing_files_are_named(machine: Machine):
    machine.programs = set()
    assert "libEGL.so.1, libportaudio.so.2" in machine.provide()
