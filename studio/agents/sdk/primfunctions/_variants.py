"""Experiments: a weighted choice made once in a session and kept."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Variants = Mapping[str, float] | Iterable[Any]


@dataclass
class Experiment:
    """A choice between variants; `variant` is the one of this session."""

    name: str
    variant: str
    weights: dict[str, float]
    conversion_metrics: list[str] = field(default_factory=list)
    description: str = ""

    def serialize(self) -> dict[str, Any]:
        """The experiment as JSON values."""
        return asdict(self)


def weights_of(variants: Variants) -> dict[str, float]:
    """Weights by name of {name: weight}, [name, ...], [(name, weight), ...] or [{"name", "weight"}, ...].

    Raises ValueError when there is no variant, or a weight is negative, or all are 0.
    """
    weights: dict[str, float] = {}
    for item in variants.items() if isinstance(variants, Mapping) else variants:
        if isinstance(item, Mapping):
            weights[str(item["name"])] = float(item.get("weight", 1))
        elif isinstance(item, tuple | list):
            weights[str(item[0])] = float(item[1])
        else:
            weights[str(item)] = 1.0
    if not weights or min(weights.values()) < 0 or sum(weights.values()) <= 0:
        raise ValueError("An experiment needs variants with weights of 0 or more, not all of them 0.")
    return weights


def choose(weights: Mapping[str, float], stop: str | bool | None = None) -> str:
    """A variant by weight. `stop` ends the choosing: it names the variant for all, or True takes the first."""
    if isinstance(stop, str):
        if stop not in weights:
            raise ValueError(f"There is no variant '{stop}' to stop at; there are {', '.join(weights)}.")
        return stop
    if stop:
        return next(iter(weights))
    return random.choices(list(weights), list(weights.values()))[0]
