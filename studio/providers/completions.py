"""What the runtime asks of anything that is a language model."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """One question to a model.

    `messages` are rows as the agent's SDK writes them: `role` (system, user, assistant, tool) and `content`; those of the
    assistant may have `tool_calls` (`id`, `function`: `name`, `arguments` as a dict), those of a tool a dict as `content`
    and its `tool_call_id`. `tools` are OpenAI's function definitions; `tool_choice` is none, auto, required or a name.
    """

    model: str
    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]] = ()
    tool_choice: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    response_schema: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the provider's own request."""
    paced: bool = True
    """Whether a scripted model takes its time; not where the asker's clock stands still until the answer is there."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that the model wants called, whole."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finish:
    """Why the model stopped (`stop`, `length`, `tool_calls`, ...), and the tokens it counted (empty: it did not say)."""

    reason: str
    usage: Mapping[str, Any] = field(default_factory=dict)


Delta = TextDelta | ToolCall | Finish


class CompletionsEngine(Protocol):
    """A way to ask models."""

    def complete(self, request: CompletionRequest) -> AsyncIterator[Delta]:
        """Ask; the answer ends with one `Finish`.

        Closing the iterator cancels the work. Raises `studio.providers.errors.ProviderError` and nothing else.
        """
        ...

    async def models(self) -> Sequence[str]:
        """The names of the models there, asked at no cost; empty where it has no list. Raises ProviderError."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
