"""The older interface for experiments and outcomes, kept for agents that still use it."""

from typing import Any

from primfunctions._variants import Variants, choose, weights_of

_TYPES: dict[str, type | tuple[type, ...]] = {"boolean": bool, "integer": int, "float": (int, float), "string": str}
_EMPTY: dict[str, Any] = {"boolean": False, "integer": 0, "float": 0.0, "string": ""}


class Testing:
    """Variants chosen and outcomes reached in one session."""

    __test__ = False

    def __init__(self) -> None:
        self.tests: dict[str, str] = {}
        self.outcomes: dict[str, dict[str, Any]] = {}
        self.metadata: dict[str, Any] = {}

    def add_test(self, name: str, options: Variants, description: str = "", stop: Any = None) -> str:
        """Choose a variant once; the same name gives the same variant again."""
        if name not in self.tests:
            self.tests[name] = choose(weights_of(options), stop)
        return self.tests[name]

    def add_outcome(self, name: str, type: str, description: str = "") -> None:
        """Declare something that a session can reach. Raises ValueError for a type that does not exist."""
        if type not in _TYPES:
            raise ValueError(f"An outcome is of type {', '.join(_TYPES)}, not {type!r}.")
        start = _EMPTY[type]
        self.outcomes[name] = {"type": type, "value": start, "start": start, "description": description}

    def get_outcome(self, name: str) -> Any:
        """The value of an outcome; None when there is no such outcome."""
        return self.outcomes[name]["value"] if name in self.outcomes else None

    def set_outcome(self, name: str, value: Any) -> None:
        """Set an outcome. Raises KeyError for an unknown name, ValueError for a value of another type."""
        outcome = self._outcome(name)
        expected = _TYPES[outcome["type"]]
        if not isinstance(value, expected) or (isinstance(value, bool) and outcome["type"] != "boolean"):
            raise ValueError(f"The outcome '{name}' takes a {outcome['type']}, not {value!r}.")
        outcome["value"] = value

    def trigger_outcome(self, name: str) -> None:
        """Make a boolean outcome true, or count a number up by one."""
        outcome = self._outcome(name)
        if outcome["type"] == "string":
            raise ValueError(f"The outcome '{name}' is a string: set it.")
        outcome["value"] = True if outcome["type"] == "boolean" else outcome["value"] + 1

    def reset_outcome(self, name: str) -> None:
        """Put an outcome back to where it started."""
        outcome = self._outcome(name)
        outcome["value"] = outcome["start"]

    def serialize(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {"tests": dict(self.tests), "outcomes": dict(self.outcomes), "metadata": dict(self.metadata)}

    def deserialize(self, state: dict[str, Any]) -> None:
        """Take over what `serialize` returned."""
        self.tests = dict(state.get("tests") or {})
        self.outcomes = dict(state.get("outcomes") or {})
        self.metadata = dict(state.get("metadata") or {})

    def _outcome(self, name: str) -> dict[str, Any]:
        if name not in self.outcomes:
            raise KeyError(f"There is no outcome '{name}': add it first.")
        return self.outcomes[name]
