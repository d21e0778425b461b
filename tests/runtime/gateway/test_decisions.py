"""Decisions: questions to a model, and what becomes of its answer."""

import json
from typing import Any

import pytest

from tests.runtime.gateway.conftest import Desk

QUESTIONS = {
    "quote": {"type": "predicate", "instructions": "Does the caller want a quote?"},
    "cover": {"type": "choice", "instructions": "Which?", "criteria": {"auto": None, "home": None}},
    "urgent": {"type": "score", "instructions": "How urgent?", "criteria": ["can wait", "this week", "today"]},
}


def decided(desk: Desk, reply: Any, **request: Any) -> Any:
    desk.script(f"[[rule]]\ntext = '''{reply if isinstance(reply, str) else json.dumps(reply)}'''")
    asked = {"provider": "typesafe", "model": "jev", "state": "...", "questions": QUESTIONS, **request}
    return desk.ask(asked, service="decisions")[0][1]


def test_every_question_has_its_answer(desk: Desk):
    line = decided(desk, {"quote": 0.9, "cover": {"auto": 0.6, "home": 0.2}, "urgent": [0, 1, 1]})
    assert line["answers"] == {
        "quote": {"type": "predicate", "probability": 0.9},
        "cover": {
            "type": "choice",
            "choice": "auto",
            "probabilities": {"auto": 0.75, "home": 0.25},
            "confidence": 0.75,
        },
        "urgent": {
            "type": "score",
            "score": 1.5,
            "probabilities": {"0": 0.0, "1": 0.5, "2": 0.5},
            "confidence": 0.5,
        },
    }
    assert line["usage"]["output_tokens"] > 0
    assert [record.event for record in desk.records][-1] == "completion_ended"


def test_bare_answers_and_words_around_them_are_understood(desk: Desk):
    line = decided(desk, 'Sure: {"quote": true, "cover": "home", "urgent": 2} Anything else?')
    assert line["answers"]["quote"]["probability"] == 1.0
    assert line["answers"]["cover"]["choice"] == "home"
    assert line["answers"]["urgent"]["score"] == 2


@pytest.mark.parametrize(
    "reply", ["I do not know.", {"quote": 1}, {"quote": 1, "cover": "boat", "urgent": 1}, {"quote": "x"}]
)
def test_an_answer_to_something_else_is_told(desk: Desk, reply: Any):
    with pytest.raises(Exception, match="is not one to the questions") as error:
        decided(desk, reply)
    assert error.value.error_type == "DecisionResponseSchemaError"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("questions", "part"),
    [
        ({}, "has questions"),
        ({"q": {"type": "essay"}}, "'q' is a predicate, a choice or a score"),
        ({"q": {"type": "choice", "criteria": {}}}, "'q' needs options"),
        ({"q": {"type": "score"}}, "'q' needs levels"),
    ],
)
def test_faulty_questions_are_told(desk: Desk, questions: Any, part: str):
    error = desk.refused({"provider": "openai", "model": "m", "questions": questions}, service="decisions")
    assert (error.error_type, part in str(error)) == ("DecisionValidationError", True)


def test_a_model_that_fails_has_the_decisions_name_for_it(desk: Desk):
    desk.script('[[rule]]\nerror = "unreachable"')
    error = desk.refused({"provider": "openai", "model": "m", "questions": QUESTIONS}, service="decisions")
    assert error.error_type == "DecisionTransportError"
