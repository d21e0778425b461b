import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.agents.process import exit_sentence
from studio.agents.wire import decode, encode

IDLE = {"type": "idle", "next": None, "real": []}
OUTPUT = {
    "type": "output",
    "run": "r",
    "at": 1,
    "event": {"name": "n", "data": {}, "turn": 0, "background": False},
    "file": "",
    "line": 0,
}


@pytest.mark.parametrize("frame", [IDLE, OUTPUT, {"type": "closed"}])
def test_frames_are_taken(frame):
    assert decode(encode(frame)) == frame


@pytest.mark.parametrize(
    "frame",
    [
        {},
        [],
        {"type": 3},
        {"type": "nope"},
        {"type": "idle", "real": []},
        {**IDLE, "next": "soon"},
        {**OUTPUT, "event": {"name": "n"}},
        {**OUTPUT, "at": "now"},
        {"type": "failed", "error": {"sentence": 1}},
    ],
)
def test_malformed_frames_are_not(frame):
    assert decode(json.dumps(frame).encode()) is None


@given(st.binary())
def test_garbage_is_no_frame(line):
    assert decode(line) is None


def test_lone_surrogates_do_not_travel():
    assert json.loads(encode({"text": "\ud800"})) == {"text": "?"}


@pytest.mark.parametrize(
    ("code", "last_words", "part"),
    [(3, "", "code 3"), (-9, "", "killed from outside"), (1, "x\nImportError: no json\n", "ImportError: no json")],
)
def test_ends_of_processes_in_words(code, last_words, part):
    assert part in exit_sentence(code, last_words)
