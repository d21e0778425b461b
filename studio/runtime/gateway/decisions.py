"""Decisions: typed questions about a state, put to a language model and read back as probabilities.

Where the platform asks a model made for deciding, the desk asks whatever language model is set up for the provider, so
the probabilities are that model's own estimates.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from studio.runtime.gateway.completions import Asker, Completions, answer_at_once
from studio.runtime.gateway.errors import ServiceError
from studio.runtime.gateway.requests import Question, read_question

_INSTRUCTIONS = (
    "Answer questions about a state. Reply with one JSON object and nothing else: a key for every question's name. "
    "For a predicate give the probability from 0 to 1 that it is true. For a choice give an object with the probability of "
    "every option by its name. For a score give a list with the probability of every level, in order."
)
_TOLD = {
    "ValidationError": "DecisionValidationError",
    "AuthenticationError": "DecisionAuthError",
    "ProviderError": "DecisionProviderError",
    "RateLimitError": "DecisionProviderError",
    "ModelNotFoundError": "DecisionProviderError",
    "ProviderUnavailableError": "DecisionTransportError",
    "TimeoutError": "DecisionTransportError",
}


async def decide(body: Any, completions: Completions, asker: Asker) -> dict[str, Any]:
    """The answers to the questions of a request. Raises ServiceError."""
    questions = _questions(body)
    try:
        reply = await answer_at_once(completions.answer(_question(body, questions), asker))
    except ServiceError as error:
        raise ServiceError(str(error), _TOLD.get(error.error_type, error.error_type), error.status) from None
    usage = reply["usage"] or {}
    return {
        "request_id": reply["request_id"],
        "provider": reply["provider"],
        "model": reply["model"],
        "served_model": reply["model"],
        "answers": _answers(reply["message"]["content"], questions),
        "usage": {
            "input_tokens": usage.get("prompt_tokens", 0),
            "output_tokens": usage.get("completion_tokens", 0),
        },
    }


def _questions(body: Any) -> Mapping[str, Mapping[str, Any]]:
    questions = body.get("questions") if isinstance(body, Mapping) else None
    if not isinstance(questions, Mapping) or not questions:
        raise _invalid("A decision request has questions: a name and a question each.")
    for name, question in questions.items():
        kind = question.get("type") if isinstance(question, Mapping) else None
        criteria = question.get("criteria") if isinstance(question, Mapping) else None
        if kind not in _READ:
            raise _invalid(f"The question '{name}' is a predicate, a choice or a score, not {kind!r}.")
        if kind == "choice" and not (isinstance(criteria, Mapping) and criteria):
            raise _invalid(f"The choice '{name}' needs options.")
        if kind == "score" and not (isinstance(criteria, list) and criteria):
            raise _invalid(f"The score '{name}' needs levels.")
    return cast("Mapping[str, Mapping[str, Any]]", questions)


def _question(body: Mapping[str, Any], questions: Mapping[str, Mapping[str, Any]]) -> Question:
    """The request as one for a completion."""
    asked = json.dumps({"state": body.get("state"), "questions": questions}, ensure_ascii=False, indent=1)
    retries = body.get("max_retries")
    completion = {
        key: body.get(key) for key in ("provider", "model", "timeout", "api_key", "provider_kwargs", "fallbacks")
    }
    return read_question(
        completion
        | {
            "messages": [{"role": "system", "content": _INSTRUCTIONS}, {"role": "user", "content": asked}],
            "retry": {"max_retries": retries} if retries else None,
            "temperature": 0,
            "response_schema": _schema(questions),
        }
    )


def _schema(questions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    share = {"type": "number", "minimum": 0, "maximum": 1}

    def of(question: Mapping[str, Any]) -> dict[str, Any]:
        if question["type"] == "choice":
            options = list(question["criteria"])
            return _object(dict.fromkeys(options, share))
        if question["type"] == "score":
            return {"type": "array", "items": share, "minItems": len(question["criteria"])}
        return share

    return _object({name: of(question) for name, question in questions.items()})


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _answers(text: str | None, questions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    try:
        start, end = (text or "").index("{"), (text or "").rindex("}")  # some models wrap their JSON in words
        given = json.loads((text or "")[start : end + 1])
        return {name: _READ[question["type"]](given[name], question) for name, question in questions.items()}
    except (ValueError, TypeError, KeyError, IndexError) as error:
        missing = f"it has no '{error.args[0]}'" if isinstance(error, KeyError) else str(error)
        raise ServiceError(
            f"The model's answer is not one to the questions: {missing}.", "DecisionResponseSchemaError", 502
        ) from None


def _predicate(given: Any, question: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "predicate", "probability": min(1.0, max(0.0, _finite(given)))}


def _choice(given: Any, question: Mapping[str, Any]) -> dict[str, Any]:
    options = list(question["criteria"])
    if isinstance(given, str):  # a bare name is a choice without doubt
        if given not in options:
            raise ValueError(f"'{given}' is none of {', '.join(options)}")
        given = {given: 1}
    shares = _shares([_finite(given.get(option, 0)) for option in options])
    probabilities = dict(zip(options, shares, strict=True))
    best = max(options, key=lambda option: probabilities[option])
    return {"type": "choice", "choice": best, "probabilities": probabilities, "confidence": probabilities[best]}


def _score(given: Any, question: Mapping[str, Any]) -> dict[str, Any]:
    levels = range(len(question["criteria"]))
    if not isinstance(given, list):  # a bare number is a level without doubt
        level = min(levels[-1], max(0, round(_finite(given))))
        given = [float(index == level) for index in levels]
    shares = _shares([_finite(given[index]) for index in levels])
    score = sum(index * share for index, share in zip(levels, shares, strict=True))
    return {
        "type": "score",
        "score": round(score, 6),
        "probabilities": {str(index): share for index, share in zip(levels, shares, strict=True)},
        "confidence": max(shares),
    }


def _shares(values: Sequence[float]) -> list[float]:
    whole = sum(values)
    if whole <= 0 or min(values) < 0:
        raise ValueError("probabilities are not above 0")
    return [round(value / whole, 6) for value in values]


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is no probability")
    return number


_READ: dict[str, Callable[[Any, Mapping[str, Any]], dict[str, Any]]] = {
    "predicate": _predicate,
    "choice": _choice,
    "score": _score,
}


def _invalid(sentence: str) -> ServiceError:
    return ServiceError(sentence, "DecisionValidationError", 400)
