"""Questions and answers of decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class DecisionsProvider(StrEnum):
    """The names of providers."""

    TYPESAFE = "typesafe"
    CLOUDFLARE = "cloudflare"
    OPENAI = "openai"


@dataclass
class DecisionFallback:
    """What is asked when the model before has failed; what is None is taken from the request."""

    provider: str | None = None
    model: str | None = None
    state: Any = None
    questions: dict[str, Any] | None = None
    timeout: float | None = None
    max_retries: int | None = None

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {key: value for key, value in values.items() if value is not None}


def predicate(instructions: Any, true: Any = None, false: Any = None) -> dict[str, Any]:
    """A question that is true or not; `true` and `false` may say when."""
    question: dict[str, Any] = {"type": "predicate", "instructions": instructions}
    if criteria := {key: value for key, value in (("true", true), ("false", false)) if value is not None}:
        question["criteria"] = criteria
    return question


def choice(instructions: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """A question with options by name; each may have a description."""
    return {"type": "choice", "instructions": instructions, "criteria": dict(options)}


def score(instructions: Any, levels: list[Any]) -> dict[str, Any]:
    """A question with levels, the lowest first."""
    return {"type": "score", "instructions": instructions, "criteria": list(levels)}


@dataclass
class PredicateAnswer:
    """How likely it is true."""

    probability: float
    type: str = "predicate"

    @property
    def confidence(self) -> None:
        """There is none beside the probability."""
        return


@dataclass
class ChoiceAnswer:
    """The likeliest option, and how likely each is."""

    choice: str
    probabilities: dict[str, float]
    confidence: float | None = None
    type: str = "choice"


@dataclass
class ScoreAnswer:
    """The level, weighted by probability, and how likely each level is (from 0)."""

    score: float
    probabilities: dict[int, float]
    confidence: float | None = None
    type: str = "score"


@dataclass
class RefusalAnswer:
    """The model will not answer this question."""

    type: str = "refusal"


DecisionAnswer = PredicateAnswer | ChoiceAnswer | ScoreAnswer | RefusalAnswer


@dataclass
class DecisionUsage:
    """How many tokens it took."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None


@dataclass
class DecisionResponse:
    """All answers by the questions' names, and who gave them."""

    request_id: str
    provider: str
    model: str
    served_model: str | None
    answers: dict[str, DecisionAnswer]
    usage: DecisionUsage
    raw: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def refusals(self) -> list[str]:
        """The names of the questions that the model would not answer."""
        return [name for name, answer in self.answers.items() if isinstance(answer, RefusalAnswer)]

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> "DecisionResponse":
        """The response of its dict. Raises ValueError for an answer of no known type."""
        usage = data.get("usage") or {}
        return cls(
            data.get("request_id", ""),
            data.get("provider", ""),
            data.get("model", ""),
            data.get("served_model"),
            {name: _answer(answer) for name, answer in (data.get("answers") or {}).items()},
            DecisionUsage(
                usage.get("input_tokens", 0),
                usage.get("output_tokens", 0),
                usage.get("cache_read_tokens"),
                usage.get("cache_write_tokens"),
            ),
            data,
        )


def _answer(row: Mapping[str, Any]) -> DecisionAnswer:
    match row.get("type"):
        case "predicate":
            return PredicateAnswer(float(row["probability"]))
        case "choice":
            return ChoiceAnswer(row["choice"], dict(row["probabilities"]), row.get("confidence"))
        case "score":
            levels = {int(level): float(share) for level, share in row["probabilities"].items()}
            return ScoreAnswer(float(row["score"]), levels, row.get("confidence"))
        case "refusal":
            return RefusalAnswer()
        case kind:
            raise ValueError(f"There is no answer of the type {kind!r}.")
