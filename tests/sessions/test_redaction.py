"""Secrets in texts and JSON values become their names, in whatever shape they come; nothing else is touched."""

import base64
import gc
import json
import logging
import sys
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from studio.sessions.redaction import SHORTEST, RedactingFormatter, Redactor, redacted
from tests.canaries import CANARIES, hits, shapes

NAMES = {f"KEY_{number}": secret for number, secret in enumerate(CANARIES)}


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    redactor = Redactor()
    redactor.learn(NAMES)
    return redactor


@pytest.mark.parametrize("name", NAMES)
def test_every_shape_of_a_secret_becomes_its_name(name: str, redactor: Redactor):
    for shape in shapes(NAMES[name]):
        clean = redactor.text(f"before {shape} after")
        assert hits(clean) == []
        assert clean.startswith("before ")
        assert clean.endswith(" after")
        assert f"[{name}]" in clean


@pytest.mark.parametrize("around", [("", ""), ("a", "b"), ("user:", "\n"), ("ab", "cde")])
def test_in_base64_it_is_found_wherever_it_stands(around: tuple[str, str], redactor: Redactor):
    before, after = around
    for secret in CANARIES:
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            coded = encode(f"{before}{secret}{after}".encode()).decode()
            for text in (coded, quote(coded, safe=""), json.dumps(coded), coded.replace("/", "\\/")):
                assert hits(redactor.text(text)) == []
                assert "[KEY_" in redactor.text(text)


def test_escapes_within_escapes(redactor: Redactor):
    for secret in CANARIES:
        text = secret
        for _ in range(2):
            text = json.dumps(text)
            assert "[KEY_" in redactor.text(text)
            assert "[KEY_" in redactor.text(quote(text, safe=""))
            assert "[KEY_" in redactor.text(quote(quote(text, safe=""), safe=""))


@settings(max_examples=50)
@given(st.text(st.characters(codec="utf-8"), min_size=SHORTEST), st.text(), st.text())
@example("ü\u00a0€\U0001f600x" * 2, "\\", "\\")
@example("\\" * 12, "\\", "\\")
def test_any_text_at_all_is_found(secret: str, before: str, after: str):
    if len(secret.strip()) < SHORTEST:
        return
    redactor = Redactor()
    redactor.learn({"KEY": secret})
    for text in (secret, json.dumps(secret), json.dumps(secret, ensure_ascii=False), repr(secret), quote(secret)):
        assert "[KEY]" in redactor.text(f"{before}{text}{after}")


@settings(max_examples=50)
@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
@example(["\\u002"])  # looked at closely, for nothing
@example({"\\u002": 1})
def test_what_holds_no_secret_stays_the_same_object(value: object):
    redactor = Redactor()
    redactor.learn(NAMES)
    assert redactor.all_of(value) is value


def test_texts_are_found_at_every_depth_keys_of_tables_too(redactor: Redactor):
    secret = CANARIES[0]
    value = {"a": [{"b": (secret, 1, None)}], secret: f"x{secret}y"}
    assert redactor.all_of(value) == {"a": [{"b": ["[KEY_0]", 1, None]}], "[KEY_0]": "x[KEY_0]y"}
    deep: object = secret
    for _ in range(3 * sys.getrecursionlimit()):
        deep = [deep]
    assert hits(repr(redactor.all_of(deep))[:10_000]) == []


def test_a_short_secret_is_not_looked_for():
    redactor = Redactor()
    redactor.learn({"PIN": "1234567", "EMPTY": "", "BLANK": " " * 20})
    assert redactor.text("1234567 " + " " * 20) == "1234567 " + " " * 20


def test_of_two_secrets_the_longer_is_found_first():
    redactor = Redactor()
    redactor.learn({"SHORT": "abcdefgh"})
    redactor.learn({"LONG": "abcdefgh-ijklmnop"})
    assert redactor.text("abcdefgh-ijklmnop abcdefgh") == "[LONG] [SHORT]"


def test_a_private_key_is_found_line_by_line():
    lines = [
        "-----BEGIN PRIVATE KEY-----",
        "MIIEvQIBADANBgkqhkiG9w0B",
        "AQEFAASCBKcwggSjAgEAAoIB",
        "-----END PRIVATE KEY-----",
    ]
    redactor = Redactor()
    redactor.learn({"GOOGLE": "\n".join(lines)})
    assert redactor.text("\n".join(lines)) == "[GOOGLE]"
    assert redactor.text(f"{lines[1]} {lines[2]}") == "[GOOGLE] [GOOGLE]"
    assert redactor.text(lines[0]) == lines[0]


def test_what_a_process_knows_a_session_knows_too_but_not_the_other_way_round():
    process = Redactor()
    session = Redactor(process)
    session.learn({"OWN": "session-secret"})
    process.learn({"KEY": "process-secret"})
    text = "session-secret process-secret"
    assert session.text(text) == "[OWN] [KEY]"
    assert process.text(text) == "session-secret [KEY]"
    assert redacted(text) == "[OWN] [KEY]"
    del session
    gc.collect()
    assert redacted(text) == "session-secret [KEY]"


def test_the_lines_of_a_log_hold_none_not_even_their_tracebacks():
    redactor = Redactor()
    redactor.learn(NAMES)
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Lines()
    handler.setFormatter(RedactingFormatter("%(message)s"))
    log = logging.Logger("test")
    log.addHandler(handler)
    for secret in CANARIES:
        try:
            raise ValueError(secret)
        except ValueError:
            log.exception("it was %r", secret)
    assert len(lines) == len(CANARIES)
    assert "ValueError" in lines[0]
    assert hits("\n".join(lines)) == []


def test_a_text_that_would_take_long_to_search_is_left_out_whole(redactor: Redactor):
    text = CANARIES[0] + "\\" * 200_000
    assert redactor.text(text) == f"[{len(text)} characters left out: a secret may be in them]"
    harmless = "\\" * 200_000
    assert redactor.text(harmless) is harmless
