from datetime import date

import pytest

from studio.agents.checks import check, voices
from studio.agents.project import open_project
from studio.providers.catalogue import Catalogue
from studio.providers.key_store import SystemKeyStore
from studio.providers.own_voices import UserVoices, choose

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
        ("TransferSessionEvent(environment='x')", "release", "transfer-target"),
        ("TransferSessionEvent(phone_number='0171 123')", "warning", "phone-number"),
        ("from primfunctions import actions", "error", "no-such-module"),
        ("AudioEvent('sounds/bell.mp3')", "release", "sound-needs-url"),
        ("TextToSpeechEvent('', voice='azure:luke')", "release", "studio-voice"),
        ("TextToSpeechEvent('', 'nobody')", "warning", "unknown-voice"),
        ("TextToSpeechEvent('', voice='luke')", "warning", "voice-ambiguous"),
    ],
)
def test_lines_with_something_to_know(tmp_path, line, level, code):
    assert findings(tmp_path, GOOD + line + "\n") == [("handler.py", 4, level, code)]


def test_siblings_are_checked_too(tmp_path):
    assert findings(tmp_path, GOOD, tools="import socket\n") == [("tools.py", 1, "release", "refused-import")]


def test_modules_of_the_repository_around_the_project_do_not_go_with_it(tmp_path):
    agent = tmp_path / "repository" / "agent"
    for folder in (agent / "here", tmp_path / "repository" / "rules", tmp_path / "repository" / "httpx"):
        folder.mkdir(parents=True)
    (agent / "requirements.txt").write_text("httpx")
    source = GOOD + "import here\nimport rules.base\nimport httpx\n"
    (tmp_path / "repository" / "rules" / "base.py").touch()  # and httpx is a folder of something else
    assert findings(agent, source) == []
    (tmp_path / "repository" / ".git").mkdir()
    assert findings(agent, source) == [("handler.py", 5, "release", "outside-project")]


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


NEEDY = GOOD + "import tools\nfrom openai.types import chat\n"
NOT_REQUIRED = ("handler.py", 5, "release", "package-not-required")


def test_a_package_that_nothing_requires_is_missing_on_the_platform(tmp_path):
    tools = "def later():\n    import yaml, aiohttp, json\n"
    assert findings(tmp_path, NEEDY, tools=tools) == [NOT_REQUIRED, ("tools.py", 2, *NOT_REQUIRED[2:])]
    told = {finding.message for finding in check(open_project(tmp_path))}
    assert "Nothing says that the agent needs PyYAML: VoiceRun will not have it. Add it to requirements.txt." in told


def test_an_agent_that_requires_something_is_judged_by_its_run(tmp_path):
    (tmp_path / "requirements.txt").write_text("primfunctions")
    assert findings(tmp_path, NEEDY, tools="import yaml\n") == []


def test_packages_of_files_that_the_handler_does_not_lead_to_are_its_own_business(tmp_path):
    assert findings(tmp_path, GOOD, tests="import pytest\n") == []


@pytest.mark.parametrize("line", ["import desk", "import desk.hours", "from desk.hours import x"])
def test_packages_are_found_through_the_modules_of_a_package(tmp_path, line):
    (tmp_path / "desk").mkdir()
    notes, hours = "from tools import x\nimport numpy\n", "x = 1\n"
    for name, text in (("__init__", "from . import notes\n"), ("notes", notes), ("hours", hours)):
        (tmp_path / "desk" / f"{name}.py").write_text(text)
    found = findings(tmp_path, GOOD + f"{line}\n", tools="import scipy\n")
    assert found == [(file, line, *NOT_REQUIRED[2:]) for file, line in (("desk/notes.py", 2), ("tools.py", 1))]


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import ujson\nexcept ImportError:\n    import simplejson\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import httpx\n",
        "import primfunctions.completions\nimport voicerun_completions\n",
    ],
    ids=["with a way out", "for types only", "the SDK"],
)
def test_packages_that_the_code_can_do_without_are_not_asked_for(tmp_path, source):
    assert findings(tmp_path, GOOD + source) == []


def test_handler_from_elsewhere_is_not_judged(tmp_path):
    assert findings(tmp_path, "from bot import handler\n", bot="async def handler(e, c): ...\n") == []


def test_a_near_name_is_offered(tmp_path):
    (tmp_path / "handler.py").write_text("from primfunctions.events import TextToSpechEvent\n" + GOOD)
    assert "TextToSpeechEvent" in check(open_project(tmp_path))[0].message


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("context.state['x'] = 1", "not-on-context", "context.get_data"),
        ("context.say('hello')", "not-on-context", "TextToSpeechEvent"),
        ("print(event.text)", "not-on-event", 'event.data["text"]'),
    ],
)
def test_what_context_and_event_do_not_have_is_said_with_the_replacement(tmp_path, line, code, says):
    (tmp_path / "handler.py").write_text(f"async def handler(event, context):\n    {line}\n    yield\n")
    (finding,) = check(open_project(tmp_path))
    assert (finding.line, finding.level, finding.code) == (2, "error", code)
    assert says in finding.message


@pytest.mark.parametrize(
    "line", ["context.state = {}; context.state['x'] = 1", "other.state['x'] = 1", "context.data", "event.data['text']"]
)
def test_what_the_code_puts_there_itself_is_its_own(tmp_path, line):
    (tmp_path / "handler.py").write_text(f"async def handler(event, context):\n    {line}\n    yield\n")
    assert check(open_project(tmp_path)) == []


def test_the_studios_spelling_of_a_voice_is_rewritten(tmp_path):
    (tmp_path / "handler.py").write_text(GOOD + "TextToSpeechEvent('', voice='azure:xiaoxiao')\n")
    assert '{"provider": "azure", "identifier": "zh-CN-XiaoxiaoNeural"}' in check(open_project(tmp_path))[0].message


OWN_VOICE = """
[[voices]]
name = "our receptionist"
provider = "cartesia"
id = "3f2a-1c"
language = "en"
gender = "female"
description = "Cloned in spring"
"""


def test_a_voice_of_ones_own_is_known_and_its_release_spelling_told(tmp_path, monkeypatch):
    line = "TextToSpeechEvent('', voice='our receptionist')\n"
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    assert findings(tmp_path, GOOD + line) == [("handler.py", 4, "warning", "unknown-voice")]
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "voices.toml").write_text(OWN_VOICE)
    (found,) = check(open_project(tmp_path))
    assert (found.level, found.code) == ("release", "studio-voice")
    written = '{"provider": "cartesia", "identifier": "3f2a-1c"}'
    assert found.message == (
        f"'our receptionist' is a name of your own for a voice of Cartesia. Write {written} to release."
    )
    assert findings(tmp_path, GOOD + f"TextToSpeechEvent('', voice={written})\n") == []


@pytest.mark.parametrize(
    ("voice", "code"),
    [
        ("'English (local)'", "studio-voice"),
        ("{'provider': 'nobody', 'identifier': 'x'}", "unknown-voice"),
        ("{'provider': 'google_chirp', 'identifier': 'zephyr'}", ""),
        ("{'provider': event, 'identifier': 'zephyr'}", ""),
        ("{[]: 1}", ""),
    ],
)
def test_voices_that_are_written_as_a_mapping_are_looked_at_too(tmp_path, voice, code):
    found = findings(tmp_path, GOOD + f"TextToSpeechEvent('', voice={voice})\n")
    assert [each[3] for each in found] == ([code] if code else [])


@pytest.mark.parametrize(
    ("today", "level", "said"),
    [
        (date(2027, 1, 5), "info", "OpenAI ends nova on 2027-01-06: then sage speaks."),
        (date(2027, 1, 6), "warning", "OpenAI ended nova on 2027-01-06: sage speaks in its place."),
    ],
)
def test_of_a_voice_that_ends_the_first_line_is_told_with_the_successor_of_the_users_choice(
    tmp_path, monkeypatch, today, level, said
):
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    choose("successors", "openai:nova", "sage")
    monkeypatch.setattr(voices, "catalogue", lambda: Catalogue(today=lambda: today, own=UserVoices()))
    line = "TextToSpeechEvent('', voice='nova')\n"
    (tmp_path / "handler.py").write_text(GOOD + line + line + "TextToSpeechEvent('', voice='coral')\n")
    assert [(f.line, f.level, f.message) for f in check(open_project(tmp_path))] == [(4, level, said)]


def test_checking_asks_no_key_store_for_a_key(tmp_path, monkeypatch):
    monkeypatch.setattr(SystemKeyStore, "read", lambda self, name: pytest.fail("the key store was asked"))
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "keys.json").write_text('{"key_store": ["OPENAI_API_KEY"]}')
    assert findings(tmp_path, GOOD + "TextToSpeechEvent('', voice='coral')\n") == []


def test_a_sound_from_the_web_and_a_good_number_need_nothing(tmp_path):
    fine = "AudioEvent('https://example.org/a.mp3')\nTransferSessionEvent(phone_number='+15550001111')\n"
    (tmp_path / "handler.py").write_text(GOOD + fine)
    assert check(open_project(tmp_path)) == []


def test_what_python_warns_of_in_an_agents_code_is_not_printed_by_the_checks(tmp_path, recwarn):
    (tmp_path / "handler.py").write_text("async def handler(event, context):\n    yield\n")
    (tmp_path / "helper.py").write_text('X = "\\|"\n')
    check(open_project(tmp_path))
    voices.first_voice('X = "\\|"\n')
    assert not recwarn.list
