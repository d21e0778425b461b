"""Asks language models for the agent: attempts, retries, fallbacks, sentences, and a record of every step."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from studio.agents.sdk.primfunctions.utils._sentences import SentenceSplitter
from studio.providers.completions import CompletionRequest, Delta, Finish, TextDelta, ToolCall
from studio.providers.errors import ProviderError
from studio.providers.faults import SLOW_S, Faults
from studio.providers.models import Models, Route
from studio.runtime.gateway.errors import ServiceError, told
from studio.runtime.gateway.requests import Attempt, Question, SentenceOptions
from studio.runtime.gateway.waiting import Waiting
from studio.runtime.journal import Journal
from studio.sessions.records import LLM, TOOL, Level

Line = dict[str, Any]
"""One line of an answer as the SDK reads it: content_delta, content_sentence, tool_call, finish_reason, usage, response."""

_RETRIED = frozenset({"limit", "unreachable", "dropped", "stalled"})


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a handler's run and its turn, and how the asker waits."""

    run: str
    turn: int
    waiting: Waiting


@dataclass(slots=True)
class _Request:
    """One model asked, from its first record to its last."""

    id: str
    attempt: Attempt
    asker: Asker
    began: int
    cause: str = ""
    text: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    finish: Finish | None = None
    begun: bool = False
    """Something of the answer has come: from here on nothing is tried again."""
    over: bool = False
    """Its last record is written."""


class Completions:
    """The language models of one session."""

    def __init__(self, journal: Journal, models: Models, allow: Callable[[Route], None], faults: Faults) -> None:
        """`allow` raises ProviderError for a route that this session may not take."""
        self._journal = journal
        self._models = models
        self._allow = allow
        self._faults = faults
        self._called: dict[str, tuple[str, str]] = {}
        """Tool calls that the agent has not answered yet: request and name by the call's id."""

    async def warm_up(self, provider: str, key: str) -> None:
        """Load what is needed to ask a provider; what is wrong is said when it is asked."""
        try:
            route = self._models.route(provider, "", key)
            self._allow(route)
            await self._models.engine(route)
        except ProviderError:
            pass

    async def answer(self, question: Question, asker: Asker) -> AsyncGenerator[Line]:
        """The lines of the answer, `response` last. Raises ServiceError; whatever came before it stands."""
        self._note_tool_answers(question.attempts[0].messages, asker)
        cause, problem = "", None
        for number, attempt in enumerate(question.attempts):
            request = self._requested(attempt, question.streaming, asker, cause)
            try:
                async with aclosing(self._ask(request, question.sentences)) as lines:
                    async for line in lines:
                        yield line
                return
            except ProviderError as error:
                problem, cause = error, request.id
                if request.begun:
                    raise told(error.failure, str(error)) from None
                if number + 1 < len(question.attempts):
                    self._fell_back(request, question.attempts[number + 1], error)
        assert problem is not None  # a question has an attempt
        if len(question.attempts) == 1:
            raise told(problem.failure, str(problem))
        raise ServiceError(f"All models failed. The last: {problem}", "FallbackExhaustedError", 502)

    async def _ask(self, request: _Request, sentences: SentenceOptions | None) -> AsyncGenerator[Line]:
        """Ask one model, again where the agent wants that. Raises ProviderError."""
        retry = request.attempt.retry
        try:
            for number in range(retry.most + 1):
                try:
                    async with aclosing(self._once(request, sentences)) as lines:
                        async for line in lines:
                            yield line
                    return
                except ProviderError as error:
                    too_long = (error.retry_after_s or 0.0) > request.attempt.timeout_s
                    if request.begun or number == retry.most or too_long or error.failure not in _RETRIED:
                        raise
                    pause_s = retry.pause_s(number, error.retry_after_s)
                    self._note(
                        request,
                        "completion_retried",
                        {"failure": error.failure, "attempt": number + 1, "pause_ms": round(pause_s * 1000)},
                        "warning",
                        str(error),
                    )
                    await request.asker.waiting.sleep(pause_s)
        except ProviderError as error:
            self._failed(request, error.failure, str(error), "error")
            raise
        finally:
            if not request.over:
                self._failed(request, "cancelled", "The request was cancelled.", "info")

    async def _once(self, request: _Request, sentences: SentenceOptions | None) -> AsyncGenerator[Line]:
        attempt = request.attempt
        route = self._models.route(attempt.provider, attempt.model, attempt.key)
        self._allow(route)
        engine = await self._models.engine(route)
        await self._fail_on_purpose(request, route)
        cut = _Sentences(sentences) if sentences else None
        asked = CompletionRequest(
            model=route.model,
            messages=attempt.messages,
            tools=attempt.tools,
            tool_choice=attempt.tool_choice,
            temperature=attempt.temperature,
            max_tokens=attempt.max_tokens,
            response_schema=attempt.response_schema,
            options=attempt.options,
            paced=request.asker.waiting.paced,
        )
        async with aclosing(_closable(engine.complete(asked))) as deltas:
            while (delta := await self._next(deltas, route, request)) is not None:
                for line in self._take(request, delta, cut):
                    yield line
        if request.finish is None:
            raise ProviderError(
                route.provider, "garbage", f"The language model ({route.engine}) did not end its answer."
            )
        self._ended(request)  # whoever wants the whole answer only looks no further than it
        for line in _last_lines(request, route):
            yield line

    async def _fail_on_purpose(self, request: _Request, route: Route) -> None:
        fault = self._faults.take("completion")
        if fault == "completion_slow":
            await request.asker.waiting.sleep(SLOW_S)
        elif fault == "completion_refused":
            sentence = f"The language model ({route.engine}) refused the question, as it was made to."
            raise ProviderError(route.provider, "refused", sentence)

    async def _next(self, deltas: AsyncIterator[Delta], route: Route, request: _Request) -> Delta | None:
        limit_s = request.attempt.timeout_s
        try:
            async with request.asker.waiting.limit(limit_s, route.network):
                delta = await anext(deltas, None)
        except TimeoutError:
            sentence = f"The language model ({route.engine}) gave no sign for {limit_s:g} s."
            raise ProviderError(route.provider, "stalled", sentence) from None
        if delta is not None and not request.begun:
            self._note(request, "completion_first_token", {"after_ms": self._elapsed_ms(request)})
            request.begun = True
        return delta

    def _take(self, request: _Request, delta: Delta, cut: "_Sentences | None") -> list[Line]:
        match delta:
            case TextDelta(text):
                request.text += text
                return cut.take(text) if cut else [{"type": "content_delta", "content": text}]
            case ToolCall():
                request.calls.append(delta)
                self._called[delta.id] = (request.id, delta.name)
                self._journal.add(
                    TOOL,
                    "tool_called",
                    {"name": delta.name, "arguments": delta.arguments, "call": delta.id},
                    cause=request.id,
                    turn=request.asker.turn,
                    run=request.asker.run,
                )
                rest = cut.end() if cut else []
                return [*rest, {"type": "tool_call", "tool_call": _call_row(delta, len(request.calls) - 1)}]
            case Finish():
                request.finish = delta
                return cut.end() if cut else []

    # ---- records

    def _requested(self, attempt: Attempt, streaming: bool, asker: Asker, cause: str) -> _Request:
        request = _Request(self._journal.new_id("llm"), attempt, asker, self._journal.now(), cause)
        try:
            route = self._models.route(attempt.provider, attempt.model, attempt.key)
            model, engine = route.model, route.engine
        except ProviderError:
            model, engine = attempt.model, ""  # said when it is asked
        self._note(
            request,
            "completion_requested",
            {
                "provider": attempt.provider,
                "model": model,
                "engine": engine,
                "messages": len(attempt.messages),
                "tools": [tool["function"]["name"] for tool in attempt.tools],
                "streaming": streaming,
            },
        )
        return request

    def _ended(self, request: _Request) -> None:
        assert request.finish is not None  # `_once` would have raised
        request.over = True
        self._note(
            request,
            "completion_ended",
            {
                "text": request.text,
                "finish_reason": request.finish.reason,
                "usage": request.finish.usage,
                "elapsed_ms": self._elapsed_ms(request),
            },
        )

    def _failed(self, request: _Request, failure: str, sentence: str, level: Level) -> None:
        request.over = True
        self._note(request, "completion_failed", {"failure": failure, "text": request.text}, level, sentence)

    def _fell_back(self, request: _Request, to: Attempt, error: ProviderError) -> None:
        self._note(
            request,
            "completion_fell_back",
            {"failure": error.failure, "provider": to.provider, "model": to.model},
            "warning",
            f"{error} {to.provider} {to.model} is asked in its place.",
        )

    def _note_tool_answers(self, messages: Sequence[Mapping[str, Any]], asker: Asker) -> None:
        """An answer to a tool call is seen when the agent hands it on."""
        for row in messages:
            called = self._called.pop(str(row.get("tool_call_id")), None) if row["role"] == "tool" else None
            if called:
                request, name = called
                self._journal.add(
                    TOOL,
                    "tool_answered",
                    {"name": name, "content": row.get("content"), "call": row["tool_call_id"]},
                    cause=request,
                    turn=asker.turn,
                    run=asker.run,
                )

    def _note(
        self, request: _Request, event: str, data: Mapping[str, Any], level: Level = "info", message: str = ""
    ) -> None:
        self._journal.add(
            LLM,
            event,
            data,
            id=request.id,
            cause=request.cause,
            turn=request.asker.turn,
            run=request.asker.run,
            level=level,
            message=message,
        )

    def _elapsed_ms(self, request: _Request) -> float:
        return round((self._journal.now() - request.began) / 1e6, 3)


class _Sentences:
    """Cuts text into lines of whole sentences."""

    def __init__(self, options: SentenceOptions) -> None:
        self._splitter = SentenceSplitter(options.clean, options.min_length, options.marks, options.language)

    def take(self, text: str) -> list[Line]:
        """Lines for the sentences that this piece completes."""
        return [{"type": "content_sentence", "sentence": sentence} for sentence in self._splitter.feed(text)]

    def end(self) -> list[Line]:
        """A line for what is left."""
        return [{"type": "content_sentence", "sentence": sentence} for sentence in self._splitter.close()]


def _call_row(call: ToolCall, index: int) -> dict[str, Any]:
    function = {"name": call.name, "arguments": dict(call.arguments)}
    return {"id": call.id, "type": "function", "function": function, "index": index}


def _last_lines(request: _Request, route: Route) -> list[Line]:
    """What ends a stream: why, how much, and the whole answer."""
    assert request.finish is not None
    usage = dict(request.finish.usage)
    calls = [_call_row(call, index) for index, call in enumerate(request.calls)]
    response: Line = {
        "type": "response",
        "message": {"role": "assistant", "content": request.text or None, "vr_id": request.id, "tool_calls": calls},
        "finish_reason": request.finish.reason,
        "usage": usage,
        "provider": route.provider,
        "model": route.model,
        "request_id": request.id,
    }
    reason: Line = {"type": "finish_reason", "finish_reason": request.finish.reason}
    return [reason, *([{"type": "usage", "usage": usage}] if usage else []), response]


async def _closable(deltas: AsyncIterator[Delta]) -> AsyncGenerator[Delta]:
    """An engine's iterator as a generator, whose closing closes it."""
    try:
        async for delta in deltas:
            yield delta
    finally:
        if isinstance(deltas, AsyncGenerator):
            await deltas.aclose()


async def answer_at_once(lines: AsyncGenerator[Line]) -> Line:
    """The whole answer of a stream that nobody wants to see piece by piece."""
    async with aclosing(lines):
        async for line in lines:
            if line["type"] == "response":
                return {key: value for key, value in line.items() if key != "type"}
    raise asyncio.InvalidStateError("a stream without a response")
