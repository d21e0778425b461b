"""A request for a completion as the SDK sends it: read, checked, and laid out as attempts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from studio.runtime.gateway.errors import invalid

DEFAULT_TIMEOUT_S = 60.0
"""How long a model may give no sign where the request does not say."""
_MOST_RETRIES = 10
_ROLES = ("system", "user", "assistant", "tool")
_SECRETS = frozenset(
    (
        *("api_key", "aws_access_key", "aws_secret_key", "aws_session_token", "aws_region"),
        *("service_account_credentials", "project_id", "location", "region", "account_id"),
    )
)
"""What an SDK puts among a provider's options that is no option: never sent on."""
_INHERITED = (
    *("provider", "model", "messages", "temperature", "tools", "tool_choice", "timeout", "max_tokens"),
    *("response_schema", "retry", "provider_kwargs"),
)


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a model is asked again before it has said anything, and how long to wait before that."""

    most: int = 0
    delay_s: float = 1.0
    backoff: float = 2.0

    def pause_s(self, number: int, asked_for: float | None) -> float:
        """The wait before the retry of that number (from 0); the provider's own wish counts where it is longer."""
        return max(self.delay_s * self.backoff**number, asked_for or 0.0)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One model to ask."""

    provider: str
    model: str
    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]] = ()
    tool_choice: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    timeout_s: float = DEFAULT_TIMEOUT_S
    response_schema: Mapping[str, Any] | None = None
    retry: Retry = field(default_factory=Retry)
    key: str = field(default="", repr=False)
    """The agent's own key; never written down."""
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class SentenceOptions:
    """How the text is cut into sentences."""

    clean: bool = True
    min_length: int = 6
    marks: Sequence[str] | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the models in the order in which they are tried, and how the answer is wanted."""

    attempts: Sequence[Attempt]
    streaming: bool = False
    sentences: SentenceOptions | None = None


def read_question(body: Any) -> Question:
    """The question of a request's body. Raises ServiceError with a sentence."""
    if not isinstance(body, Mapping):
        raise invalid("A completion request is a JSON object.")
    first = _attempt(body)
    attempts = [first]
    for row in _list(body, "fallbacks"):
        if not isinstance(row, Mapping):
            raise invalid("A fallback is a JSON object.")
        inherited = {key: body[key] for key in _INHERITED if body.get(key) is not None}
        own = {key: value for key, value in row.items() if value is not None}
        attempts.append(_attempt(inherited | own))
    streaming = body.get("streaming") is True
    return Question(attempts, streaming, _sentences(body.get("stream_options")) if streaming else None)


def _attempt(body: Mapping[str, Any]) -> Attempt:
    provider = _text(body, "provider")
    options = body.get("provider_kwargs")
    own = options.get(provider) if isinstance(options, Mapping) else None
    schema = body.get("response_schema")
    if schema is not None and not isinstance(schema, Mapping):
        raise invalid("A response_schema is a JSON object.")
    return Attempt(
        provider=provider,
        model=_text(body, "model"),
        messages=[_message(row) for row in _list(body, "messages", required=True)],
        tools=[_tool(row) for row in _list(body, "tools")],
        tool_choice=str(body.get("tool_choice") or ""),
        temperature=_number(body, "temperature"),
        max_tokens=_whole(body, "max_tokens"),
        timeout_s=_number(body, "timeout", above=0) or DEFAULT_TIMEOUT_S,
        response_schema=cast("Mapping[str, Any] | None", schema),
        retry=_retry(body.get("retry")),
        key=str(body.get("api_key") or ""),
        options={str(key): value for key, value in own.items() if key not in _SECRETS}
        if isinstance(own, Mapping)
        else {},
    )


def _message(row: Any) -> Mapping[str, Any]:
    if not isinstance(row, Mapping) or row.get("role") not in _ROLES:
        role = row.get("role") if isinstance(row, Mapping) else row
        raise invalid(f"A message has the role {', '.join(_ROLES[:-1])} or {_ROLES[-1]}, not {role!r}.")
    for call in row.get("tool_calls") or ():
        if not (isinstance(call, Mapping) and call.get("id") and isinstance(call.get("function"), Mapping)):
            raise invalid("A tool call has an id and a function with name and arguments.")
    return cast("Mapping[str, Any]", row)


def _tool(row: Any) -> Mapping[str, Any]:
    function = row.get("function") if isinstance(row, Mapping) else None
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        raise invalid("A tool has a function with a name.")
    return cast("Mapping[str, Any]", row)


def _retry(row: Any) -> Retry:
    if row is None or (isinstance(row, Mapping) and row.get("enabled", True) is False):
        return Retry()
    if not isinstance(row, Mapping):
        raise invalid("retry is a JSON object with enabled, max_retries, retry_delay, backoff_multiplier.")
    most = _whole(row, "max_retries")
    delay, backoff = _number(row, "retry_delay"), _number(row, "backoff_multiplier")
    return Retry(
        min(_MOST_RETRIES, 3 if most is None else most),
        1.0 if delay is None else delay,
        2.0 if backoff is None else backoff,
    )


def _sentences(row: Any) -> SentenceOptions | None:
    if not isinstance(row, Mapping) or not (row.get("chunk_by_sentence") or row.get("stream_sentences")):
        return None
    least = _whole(row, "min_sentence_length")
    return SentenceOptions(
        clean=row.get("clean_sentences", True) is not False,
        min_length=6 if least is None else least,
        marks=_list(row, "punctuation_marks") or None,
        language=row.get("punctuation_language") or None,
    )


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise invalid(f"A completion request needs a {key}.")
    return value


def _list(row: Mapping[str, Any], key: str, *, required: bool = False) -> list[Any]:
    value = row.get(key)
    if value is None and not required:
        return []
    if not isinstance(value, list):
        raise invalid(f"{key} is a list.")
    return value


def _number(row: Mapping[str, Any], key: str, *, above: float | None = None) -> float | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9 or value == above:
        raise invalid(f"{key} is a number{' above 0' if above is not None else ', 0 or more'}, not {value!r}.")
    return float(value)


def _whole(row: Mapping[str, Any], key: str) -> int | None:
    value = row.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise invalid(f"{key} is a whole number, not {value!r}.")
    return value
