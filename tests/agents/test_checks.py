import pytest

from studio.agents.checks import check
from studio.agents.project import open_project

GOOD = "from primfunctions.events import *\nasync def handler(event, context):\n    yield StopEvent()\n"


def findings(tmp_path, source, **others):
    (tmp_path / "handler.py").write_text(source)
    for name, text in others.items():
        (tmp_path / f"{name}.py").write_text(text)
    return [(f.file, f.line, f.level, f.code) for f in check(open_project(tmp_path))]


def test_good_agent_has_no_findings(tmp_path):
    assert findings(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("line", "level", "code"),
    [
        ("import os.path", "release", "refused-import"),
        ("from subprocess import run", "release", "refused-import"),
        ("from primfunctions.actions import x", "error", "no-such-module"),
        ("from primfunctions.context import context", "error", "no-such-name"),
        ("from primfunctions.events import TransferCallEvent", "error", "unknown-event"),
        ("from primfunctions.events import TextToSpechEvent", "error", "unknown-event"),
        ("TextToSpeechEvent('', interruptable=True)", "error", "old-spelling"),
        ("STTUpdateSettingsEvent(noise_reduction='x')", "release", "not-in-sdk"),
        ("STTUpdateSettingsEvent(prewarm_model='x')", "release", "not-in-sdk"),
        ("TransferSessionEvent(agent_id='x')", "release", "transfer-target"),
    ],
)
def test_lines_with_something_to_know(tmp_path, line, level, code):
    assert findings(tmp_path, GOOD + line + "\n") == [("handler.py", 4, level, code)]


def test_siblings_are_checked_too(tmp_path):
    assert findings(tmp_path, GOOD, tools="import socket\n") == [("tools.py", 1, "release", "refused-import")]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = (\n", ("handler.py", 1, "error", "syntax")),
        ("x = 1\n", ("handler.py", 1, "error", "no-handler")),
        ("\ndef handler(event, context): ...\n", ("handler.py", 2, "error", "handler-not-async")),
    ],
)
def test_agents_that_cannot_start(tmp_path, source, found):
    assert findings(tmp_path, source) == [found]


def test_handler_from_elsewhere_is_not_judged(tmp_path):
    assert findings(tmp_path, "from bot import handler\n", bot="async def handler(e, c): ...\n") == []


def test_a_near_name_is_offered(tmp_path):
    (tmp_path / "handler.py").write_text("from primfunctions.events import TextToSpechEvent\n" + GOOD)
    assert "TextToSpeechEvent" in check(open_project(tmp_path))[0].message
