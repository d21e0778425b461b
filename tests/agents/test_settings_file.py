"""Names in `.studio/settings.toml` that mean nothing."""

from pathlib import Path

import pytest

from studio.agents.checks import check
from studio.agents.finding import Finding
from studio.agents.project import open_project
from studio.agents.settings_file import SESSION
from studio.agents.start_notices import start_notices
from studio.runtime.settings import SessionSettings

HANDLER = "async def handler(event, context):\n    yield\n"


def project(folder: Path, settings: str):
    (folder / ".studio").mkdir()
    (folder / ".studio" / "settings.toml").write_text(settings)
    (folder / "handler.py").write_text(HANDLER)
    return open_project(folder)


def test_every_setting_of_a_session_is_known():
    assert SessionSettings.names() == SESSION


@pytest.mark.parametrize(
    ("settings", "line", "sentence"),
    [
        ("# mine\ntiemout = 5\n", 2, "There is no setting 'tiemout'; did you mean 'timeout'?"),
        ("timeout = 4\n[variable]\nA = 'b'\n", 2, "There is no setting 'variable'; did you mean 'variables'?"),
        ("qqq = 1\n", 1, "There is no setting 'qqq': it has no effect."),
        ("variables = 3\n", 1, "variables is a table, [variables], not 3: it has no effect."),
        ("environment = 7\n", 1, "environment is a name, not 7: it has no effect."),
    ],
)
def test_a_misspelt_setting_is_a_check_and_a_notice_at_the_start(tmp_path, settings, line, sentence):
    opened = project(tmp_path, settings)
    assert check(opened) == [Finding(".studio/settings.toml", line, "warning", sentence, "unknown-setting")]
    assert [notice.sentence for notice in start_notices(opened, {})] == [f".studio/settings.toml: {sentence}"]


@pytest.mark.parametrize(
    ("settings", "rule", "sentence"),
    [
        ('default_voice = "novva"\n', "unknown-voice", "default_voice: There is no voice 'novva': nova speaks."),
        ('default_voice = ""\n', "", ""),
        ('default_voice = "azure:jenny"\n', "", ""),
        ('stt_model = "nova-33"\n', "unknown-model", "stt_model: There is no recognition model 'nova-33'."),
        ('stt_model = "flux-general-en"\n', "", ""),
    ],
)
def test_a_voice_or_a_recogniser_that_nobody_is_is_told(tmp_path, settings, rule, sentence):
    opened = project(tmp_path, settings)
    found = check(opened)
    notices = start_notices(opened, {})
    assert [(finding.code, finding.line) for finding in found] == ([(rule, 1)] if rule else [])
    assert [notice.code for notice in notices] == ([rule.replace("-", "_")] if rule else [])
    assert all(sentence in told.message for told in found)
    assert all(sentence in told.sentence for told in notices)


def test_settings_and_tables_that_are_read_need_no_word(tmp_path):
    settings = """
timeout = 4
environment = "production"
phrases = ["yes"]
recording_callbacks = "hold"
[variables]
CITY = "Rome"
[organization.variables]
NAME = "x"
[completions]
script = "model.toml"
[shared_data]
a = 1
"""
    opened = project(tmp_path, settings)
    assert (check(opened), start_notices(opened, {})) == ([], [])
