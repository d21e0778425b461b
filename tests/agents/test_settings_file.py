"""What is wrong in `.studio/settings.toml`, as checks and notices at the start tell it."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from studio.agents.checks import check
from studio.agents.finding import Finding
from studio.agents.project import open_project
from studio.agents.start_notices import start_notices
from studio.runtime.assembly import settings_of
from studio.runtime.plan import PlanError

HANDLER = "async def handler(event, context):\n    yield\n"


def project(folder: Path, settings: str):
    (folder / ".studio").mkdir()
    (folder / ".studio" / "settings.toml").write_text(settings)
    (folder / "handler.py").write_text(HANDLER)
    return open_project(folder)


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
    assert [notice.sentence for notice in start_notices(opened, {})] == [f".studio/settings.toml:{line}: {sentence}"]


@pytest.mark.parametrize(
    ("settings", "rule", "sentence"),
    [
        ('default_voice = "novva"\n', "unknown-voice", "default_voice: There is no voice 'novva': nova speaks."),
        ('default_voice = ""\n', "", ""),
        ('default_voice = "azure:jenny"\n', "", ""),
        ('stt_model = "nova-33"\n', "unknown-model", "stt_model: There is no recognition model 'nova-33'."),
        ('stt_model = "flux-general-en"\n', "", ""),
        ('stt_model = "scribe-v2-realtime"\n', "", ""),
        ('stt_failover = ["stt-rt-v4"]\n', "", ""),
        (
            'stt_failover = ["deepgram", "flux-generall-en"]\n',
            "bad-failover",
            "stt_failover: 'flux-generall-en' is no provider or model that can hear: it is left out. "
            "There is no recognition model 'flux-generall-en'. Names that look alike: flux-general-en",
        ),
        ('stt_failover = ["deepgram", "cartesia@ink-whisper"]\n', "", ""),
        (
            'tts_failover = ["openai", "cartesia:katie", "qqq"]\n',
            "bad-failover",
            "tts_failover: 'qqq' in the failover list is no provider, voice or model that can speak: it is left out.",
        ),
        ('timeout = "3"\n', "bad-value", """timeout is no text, and '3' is one: write timeout = 3."""),
        (
            'push_to_talk = "yes"\n',
            "bad-value",
            """push_to_talk is no text, and 'yes' is one: write push_to_talk = true.""",
        ),
        ('eager_eot_threshold = "off"\n', "", ""),
        (
            "shared_data = 3\n",
            "bad-shared-data",
            "shared_data in .studio/settings.toml is a table or the name of a JSON or TOML file beside it, not 3.",
        ),
        ('shared_data = "none.json"\n', "bad-shared-data", "none.json cannot be read: No such file or directory."),
        ('shared_data = "settings.toml"\n', "", ""),
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


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ("[variables]\nA = 'b'\n", ""),
        ("\ntimeout = 'soon'\n", "The setting 'timeout' takes a number, not 'soon'."),
        ("\nphrases = 'yes'\n", "The setting 'phrases' takes a list of texts, not 'yes'."),
        ("\nphrases = ['yes', 3]\n", "The setting 'phrases' takes a list of texts, not ['yes', 3]."),
        ("\nphrases = 3\n", "The setting 'phrases' takes a list of texts, not 3."),
        ("\nvad_mode = 'loud'\n", "The setting 'vad_mode' is server_vad or semantic_vad, not 'loud'."),
        ("\nstt_failover = 3\n", "A failover is a list of names, or of tables with provider, voice and model, not 3."),
    ],
)
def test_what_no_session_begins_with_is_an_error_of_the_checks_in_the_same_words(tmp_path, settings, sentence):
    opened = project(tmp_path, settings)
    found = [Finding(".studio/settings.toml", 2, "error", sentence, "bad-value")] if sentence else []
    assert check(opened) == found
    with pytest.raises(PlanError) if sentence else nullcontext() as refused:
        settings_of(opened, {})
    if sentence and refused:
        assert str(refused.value) == f"{sentence} It comes from {opened.root}/.studio/settings.toml:2."


def test_a_value_of_a_deployment_that_no_session_begins_with_is_told_with_its_line(tmp_path):
    opened = project(tmp_path, "")
    (tmp_path / ".voicerun").mkdir()
    values = tmp_path / ".voicerun" / "values.yaml"
    values.write_text("stt:\n  model: nova-3\n  endpointing: fast\n  failover: [deepgram, qqq]\n")
    sentence = "The setting 'stt_endpointing' takes a whole number, not 'fast'."
    failover = "'qqq' is no provider or model that can hear: it is left out. There is no recognition model 'qqq'."
    assert check(opened) == [
        Finding(".voicerun/values.yaml", 3, "error", sentence, "bad-value"),
        Finding(".voicerun/values.yaml", 4, "warning", failover, "bad-failover"),
    ]
    with pytest.raises(PlanError) as refused:
        settings_of(opened, {})
    assert str(refused.value) == f"{sentence} It comes from {values}:3."
    assert [notice.sentence for notice in start_notices(opened, {})] == [f".voicerun/values.yaml:4: {failover}"]


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
