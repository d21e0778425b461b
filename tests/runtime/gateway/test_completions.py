"""Completions: lines, retries, fallbacks, sentences, tools, limits, and their records."""

import asyncio
from contextlib import aclosing

import pytest

from studio.runtime.clock import SessionClock
from studio.runtime.gateway.errors import ServiceError
from studio.runtime.gateway.requests import read_question
from tests.plugins.openai_stand_in import Reply, stand_in, stop, text
from tests.runtime.gateway.conftest import Desk, asker, body

TWO_FAILURES = '[[rule]]\nerror = "{error}"\ntimes = 2\nsentence = "No."\n[[rule]]\ntext = "At last."'


def test_a_whole_answer_is_one_line(desk: Desk):
    ((_, line),) = desk.ask(body("hi"))
    assert line["message"] == {"role": "assistant", "content": "Hello there.", "vr_id": "llm-1", "tool_calls": []}
    assert (line["finish_reason"], line["provider"], line["model"], line["request_id"]) == (
        "stop",
        "openai",
        "gpt",
        "llm-1",
    )
    assert [event for _, event in desk.story()][-2:] == ["completion_first_token", "completion_ended"]


def test_a_stream_is_deltas_reason_usage_and_the_whole_answer(desk: Desk):
    lines = [line for _, line in desk.ask(body("hi", streaming=True))]
    assert [line["type"] for line in lines] == [
        "content_delta",
        "content_delta",
        "finish_reason",
        "usage",
        "response",
    ]
    assert "".join(line["content"] for line in lines[:2]) == lines[-1]["message"]["content"]


@pytest.mark.parametrize("option", ["stream_sentences", "chunk_by_sentence"])
def test_sentences_come_as_soon_as_they_are_whole(desk: Desk, option: str):
    desk.script('tokens_per_second = 1\n[[rule]]\ntext = "Good day to you. How are you now?"')
    lines = desk.ask(body("hi", streaming=True, stream_options={option: True}))
    assert [(at, line["sentence"]) for at, line in lines if line["type"] == "content_sentence"] == [
        (3.0, "Good day to you."),
        (7.0, "How are you now?"),
    ]


def test_every_step_is_a_record(desk: Desk):
    desk.script('first_token_ms = 500\ntokens_per_second = 1\n[[rule]]\ntext = "Hello there."')
    desk.ask(body("hi", streaming=True))
    assert desk.story() == [(0, "completion_requested"), (0.5, "completion_first_token"), (1.5, "completion_ended")]
    asked, first, ended = desk.records
    assert asked.data == {
        "provider": "openai",
        "model": "gpt",
        "engine": "script",
        "messages": 1,
        "tools": [],
        "streaming": True,
    }
    assert first.data == {"after_ms": 500.0}
    assert (ended.data["text"], ended.data["elapsed_ms"]) == ("Hello there.", 1500.0)
    assert {(record.id, record.run, record.turn) for record in desk.records} == {("llm-1", "run-1", 1)}


@pytest.mark.parametrize("error", ["limit", "unreachable", "stalled", "dropped"])
def test_a_retry_waits_longer_each_time(desk: Desk, error: str):
    desk.script(TWO_FAILURES.format(error=error))
    retry = {"max_retries": 3, "retry_delay": 1.0, "backoff_multiplier": 3.0}
    lines = desk.ask(body("hi", retry=retry))
    assert lines[0][1]["message"]["content"] == "At last."
    assert [(at, event) for at, event in desk.story() if event == "completion_retried"] == [
        (0, "completion_retried"),
        (1.0, "completion_retried"),
    ]
    assert lines[0][0] == 4.0


@pytest.mark.parametrize("retry", [None, {"enabled": False}, {"max_retries": 1}])
def test_without_retries_left_the_failure_is_told(desk: Desk, retry: object):
    desk.script(TWO_FAILURES.format(error="limit"))
    error = desk.refused(body("hi", retry=retry))
    assert (error.error_type, error.status, str(error)) == ("RateLimitError", 429, "No.")
    assert desk.of("completion_failed")[0].data["failure"] == "limit"


def test_what_trying_again_does_not_mend_is_not_retried(desk: Desk):
    desk.script(TWO_FAILURES.format(error="bad_key"))
    assert desk.refused(body("hi", retry={})).error_type == "AuthenticationError"


@pytest.mark.parametrize(("asked_for", "bodies"), [("0.01", 2), ("3600", 1)])
async def test_a_service_that_asks_for_more_patience_than_the_request_has_is_not_asked_again(
    desk: Desk, asked_for: str, bodies: int
):
    refusal = Reply(status=429, headers={"retry-after": asked_for}, body={"error": {"message": "slow down"}})
    async with stand_in(refusal) as server:
        desk.settings["completions"] = {"url": server.url}
        gateway = desk.make(SessionClock())
        gateway._virtual = False
        with pytest.raises(ServiceError):
            await all_of(gateway.answer("completions", body("hi", retry={"max_retries": 1, "retry_delay": 0}), asker()))
        await gateway.close()
    assert len(server.bodies) == bodies


def test_a_fallback_inherits_what_it_does_not_say(desk: Desk):
    desk.settings["completions"] = {"openai": {"script": "model.toml"}, "anthropic": {"script": "other.toml"}}
    desk.script('[[rule]]\nerror = "unreachable"').script('[[rule]]\ntext = "You said {said}."', "other.toml")
    lines = desk.ask(body("hi", fallbacks=[{"provider": "anthropic"}]))
    assert lines[0][1]["message"]["content"] == "You said hi."
    assert (lines[0][1]["provider"], lines[0][1]["model"]) == ("anthropic", "gpt")
    assert [event for _, event in desk.story()][:4] == [
        "completion_requested",
        "completion_failed",
        "completion_fell_back",
        "completion_requested",
    ]
    assert desk.of("completion_requested")[1].cause == "llm-1"


def test_all_models_failed(desk: Desk):
    desk.script('[[rule]]\nerror = "unreachable"\nsentence = "Gone."')
    error = desk.refused(body("hi", fallbacks=[{"model": "other"}]))
    assert (error.error_type, str(error)) == ("FallbackExhaustedError", "All models failed. The last: Gone.")


def test_a_silent_model_is_given_up(desk: Desk):
    desk.script('first_token_ms = 9000\n[[rule]]\ntext = "Late."')
    assert desk.refused(body("hi", timeout=2)).error_type == "TimeoutError"
    assert desk.story()[-1] == (2.0, "completion_failed")


def test_a_tool_call_and_its_answer_are_records(desk: Desk):
    desk.script('[[rule]]\ntool = "t"\ntext = "Done."\n[[rule]]\ntools = [{ name = "t", arguments = { a = 1 } }]')
    tools = [{"type": "function", "function": {"name": "t", "description": "", "parameters": {}}}]
    answer = {"role": "tool", "tool_call_id": "call-1", "content": {"b": 2}}
    function = {"name": "t", "arguments": {"a": 1}}
    called = {"role": "assistant", "tool_calls": [{"id": "call-1", "type": "function", "function": function}]}
    desk.ask(body("hi", tools=tools), body("hi", called, answer, tools=tools))
    (call,), (back,) = desk.of("tool_called"), desk.of("tool_answered")
    assert (call.cause, call.data) == ("llm-1", {"name": "t", "arguments": {"a": 1}, "call": "call-1"})
    assert (back.cause, back.data) == ("llm-1", {"name": "t", "content": {"b": 2}, "call": "call-1"})


def test_what_is_said_before_a_tool_call_comes_before_it(desk: Desk):
    desk.script('[[rule]]\ntext = "Let me look"\ntools = [{ name = "t" }]')
    lines = [line for _, line in desk.ask(body("hi", streaming=True, stream_options={"chunk_by_sentence": True}))]
    assert [line["type"] for line in lines[:2]] == ["content_sentence", "tool_call"]
    assert lines[-1]["message"]["content"] == "Let me look"


def test_credentials_among_a_provider_s_options_are_not_sent_on():
    given = {"openai": {"aws_secret_key": "s", "reasoning_effort": "low"}, "google": {"thinking": 1}}
    assert read_question(body("hi", provider_kwargs=given)).attempts[0].options == {"reasoning_effort": "low"}


def test_nobody_waits_any_more(desk: Desk):
    desk.script('tokens_per_second = 1\n[[rule]]\ntext = "One two three."')

    async def leave(gateway):
        async with aclosing(gateway.answer("completions", body("hi", streaming=True), asker())) as lines:
            await anext(lines)

    desk.run(leave)
    assert desk.of("completion_failed")[0].data == {"failure": "cancelled", "text": "One "}
    assert not desk.of("completion_ended")


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        ([], "is a JSON object"),
        ({"model": "m", "messages": []}, "needs a provider"),
        (body("hi", model=3), "needs a model"),
        (body(messages="hi"), "messages is a list"),
        (body({"role": "narrator"}), "not 'narrator'"),
        (body("hi", tools=["t"]), "A tool has a function"),
        (body("hi", timeout=0), "timeout is a number above 0"),
        (body("hi", max_tokens="9"), "max_tokens is a whole number"),
        (body("hi", retry=3), "retry is a JSON object"),
        (body("hi", response_schema="x"), "response_schema is a JSON object"),
        (body("hi", fallbacks=[3]), "A fallback is a JSON object"),
    ],
)
def test_a_faulty_request_says_what(desk: Desk, request_: object, part: str):
    error = desk.refused(request_)
    assert (error.status, part in str(error)) == (400, True)


def test_in_virtual_time_no_network_is_asked(desk: Desk):
    desk.settings["completions"] = {"url": "http://127.0.0.1:9/v1"}
    error = desk.refused(body("hi"))
    assert "--allow-network" in str(error)
    assert not desk.real


async def all_of(lines):
    async with aclosing(lines):
        return [line async for line in lines]


def test_with_leave_the_clock_waits_for_the_network(desk: Desk):
    desk.allow_network = True

    async def ask(gateway):
        async with stand_in(Reply([text("Hel"), text("lo."), stop()])) as server:
            desk.settings["completions"]["url"] = server.url
            del desk.settings["completions"]["script"]
            return await all_of(gateway.answer("completions", body("hi"), asker()))

    (answer,) = desk.run(ask)
    assert answer["message"]["content"] == "Hello."
    assert desk.real == ["a language model over the network"]
    assert desk.story()[-1] == (0, "completion_ended")


def test_a_network_that_stalls_is_given_up_in_wall_time(desk: Desk):
    desk.allow_network = True

    async def ask(gateway):
        async with stand_in(Reply([None])) as server:
            desk.settings["completions"]["url"] = server.url
            del desk.settings["completions"]["script"]
            await all_of(gateway.answer("completions", body("hi", timeout=0.2), asker()))

    with pytest.raises(Exception, match=r"gave no sign for 0\.2 s"):
        desk.run(ask)


async def test_live_a_stalled_network_is_given_up(desk: Desk):
    async with stand_in(Reply([text("Hel"), None])) as server:
        desk.settings["completions"] = {"url": server.url}
        gateway = desk.make(SessionClock())
        gateway._virtual = False
        request = body("hi", timeout=0.1, streaming=True)
        with pytest.raises(Exception, match=r"gave no sign for 0\.1 s"):
            await all_of(gateway.answer("completions", request, asker()))
        await gateway.close()
        async with asyncio.timeout(30):
            await server.left.wait()


def test_a_model_that_is_made_to_be_slow_says_its_first_word_two_seconds_late(desk):
    desk.faults = ["completion_slow"]
    lines = desk.ask(body("hi"), body("hi"))
    assert lines[-1][1]["message"]["content"] == "Hello there."
    assert [record.data["after_ms"] for record in desk.of("completion_first_token")] == [2000.0, 0.0]


def test_a_model_that_is_made_to_refuse_does_so_once(desk):
    desk.faults = ["completion_refused"]
    error = desk.refused(body("hi"))
    assert str(error).endswith("refused the question, as it was made to.")
    (failed,) = desk.of("completion_failed")
    assert (failed.level, failed.data["failure"]) == ("error", "refused")
