"""Typed questions about a state, answered with probabilities by a model of the host's.

`predicate`, `choice` and `score` make questions; `generate_decisions` asks them.
"""

from primfunctions.decisions._errors import (
    DecisionAuthError,
    DecisionFallbackExhaustedError,
    DecisionModelNotAllowedError,
    DecisionProviderError,
    DecisionResponseSchemaError,
    DecisionsNotConfiguredError,
    DecisionsProviderNotConfiguredError,
    DecisionsProxyError,
    DecisionTransportError,
    DecisionValidationError,
)
from primfunctions.decisions.client import configure_provider, generate_decisions
from primfunctions.decisions.types import (
    ChoiceAnswer,
    DecisionAnswer,
    DecisionFallback,
    DecisionResponse,
    DecisionsProvider,
    DecisionUsage,
    PredicateAnswer,
    RefusalAnswer,
    ScoreAnswer,
    choice,
    predicate,
    score,
)

__all__ = [
    "ChoiceAnswer",
    "DecisionAnswer",
    "DecisionAuthError",
    "DecisionFallback",
    "DecisionFallbackExhaustedError",
    "DecisionModelNotAllowedError",
    "DecisionProviderError",
    "DecisionResponse",
    "DecisionResponseSchemaError",
    "DecisionTransportError",
    "DecisionUsage",
    "DecisionValidationError",
    "DecisionsNotConfiguredError",
    "DecisionsProvider",
    "DecisionsProviderNotConfiguredError",
    "DecisionsProxyError",
    "PredicateAnswer",
    "RefusalAnswer",
    "ScoreAnswer",
    "choice",
    "configure_provider",
    "generate_decisions",
    "predicate",
    "score",
]
