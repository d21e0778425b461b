"""What can be set for a session."""

import pytest

from studio.agents.session_settings import SessionSettings


@pytest.mark.parametrize(
    ("name", "given", "taken"),
    [
        ("stt_endpointing", "450", 450),
        ("vad_threshold", "0.7", 0.7),
        ("timeout", 3, 3.0),
        ("push_to_talk", "yes", True),
        ("push_to_talk", "off", False),
        ("phrases", ["yes", "no"], ("yes", "no")),
        ("default_voice", "alloy", "alloy"),
    ],
)
def test_a_value_is_taken_in_its_own_type(name, given, taken):
    settings = SessionSettings()
    changed = settings.changed(name, given)
    assert getattr(changed, name) == taken
    assert type(getattr(changed, name)) is type(taken)
    assert settings == SessionSettings()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("volume", 1, "There is no session setting 'volume'. Settings are: auto_gain,"),
        ("stt_endpointing", "long", "'stt_endpointing' takes a whole number"),
        ("stt_endpointing", -1, "'stt_endpointing' cannot be negative"),
        ("vad_threshold", 0, "'vad_threshold' lies between 0 and 1"),
        ("vad_threshold", 1.5, "'vad_threshold' lies between 0 and 1"),
        ("timeout", float("nan"), "'timeout'"),
        ("timeout", float("inf"), "'timeout'"),
        ("timeout", 0, "'timeout'"),
        ("timeout", True, "'timeout' takes a number, not True"),
        ("stt_endpointing", 300.5, "'stt_endpointing' takes a whole number"),
        ("default_voice", ["nova"], "'default_voice' takes a text"),
        ("push_to_talk", "maybe", "'push_to_talk'"),
        ("phrases", "yes", "'phrases'"),
        ("phrases", [1, 2], "'phrases'"),
        ("held_speech", "keep", "'held_speech'"),
        ("timeout", 1e308, "'timeout' is a day (86400 seconds) at most"),
        ("timeout", 10**400, "'timeout' takes a number"),
        ("speech_stall_s", 1e300, "'speech_stall_s' is a day (86400 seconds) at most"),
        ("voice_ms", 86_400_001, "'voice_ms' is a day (86400000 ms) at most"),
        ("stt_endpointing", 10**400, "'stt_endpointing' is a day (86400000 ms) at most"),
    ],
)
def test_a_bad_name_or_value_is_refused_with_a_sentence_that_names_it(name, value, says):
    with pytest.raises(ValueError, match="setting") as refused:
        SessionSettings().changed(name, value)
    assert says in str(refused.value)
