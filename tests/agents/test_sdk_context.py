import asyncio
import importlib

import pytest
from primfunctions.cache import CachableEntity
from primfunctions.completions import (
    UserMessage,
)
from primfunctions.context import Context
from primfunctions.events import LogEvent, TextToSpeechEvent
from primfunctions.metrics import metrics


def test_contexts_do_not_share_data():
    Context().set_data("a", 1)
    assert Context().get_data("a", "none") == "none"


def test_function_id_moves_out_of_the_data():
    context = Context(data={"functionId": "f", "x": 1})
    assert (context.function_id, context.data) == ("f", {"x": 1})


def test_input_data_is_a_snapshot():
    given = {"a": [1]}
    context = Context(input_data=given)
    given["a"].append(2)
    context.input_data["a"].append(3)
    assert context.input_data == {"a": [1]}


def test_output_is_told_and_copied():
    told = []
    context = Context(on_event=told.append)
    context.set_output({"done": True})
    context.output_data["done"] = False
    assert context.output_data == {"done": True}
    assert told[0].data == {"output_data": {"done": True}}


@pytest.mark.parametrize(
    ("output", "error"),
    [
        ([], TypeError),
        ({"a": object()}, ValueError),
        ({"a": float("nan")}, ValueError),
        ({"a": "x" * 65536}, ValueError),
    ],
)
def test_output_that_is_refused(output, error):
    with pytest.raises(error, match="output"):
        Context().set_output(output)


def test_output_may_have_64_kib():
    Context().set_output({"a": "x" * (64 * 1024 - len('{"a": ""}'))})


def test_completion_messages_may_be_typed():
    context = Context()
    context.set_completion_messages([UserMessage("hi")])
    context.add_completion_message({"role": "assistant", "content": "ho"})
    assert [m["role"] for m in context.get_completion_messages()] == ["user", "assistant"]


class Pet(CachableEntity):
    def __init__(self, name):
        self.name = name

    def to_cache(self):
        return {"name": self.name}

    @classmethod
    def from_cache(cls, data):
        return cls(data["name"])


def test_cache_keeps_entities():
    context = Context()
    context.cache_set("pet", Pet("Rex"))
    assert context.cache_get("pet", Pet).name == "Rex"
    assert context.cache_get("nothing", Pet) is None


def test_cache_refuses_what_is_no_entity():
    with pytest.raises(TypeError):
        Context().cache_set("x", [1])
    with pytest.raises(TypeError):
        Context().cache_get("x", int) or Context().cache_set("x", object())


def test_experiment_is_chosen_once_logged_and_tagged():
    told = []
    context = Context(on_event=told.append)
    first = context.experiment("greeting", {"a": 1, "b": 1})
    assert {context.experiment("greeting", {"a": 1, "b": 1}) for _ in range(20)} == {first}
    assert [type(e) for e in told] == [LogEvent]
    assert metrics._auto_tags["experiment.greeting"] == first


def test_experiment_respects_weights_and_stop():
    assert Context().experiment("x", {"never": 0, "always": 1}) == "always"
    assert Context().experiment("y", ["a", "b"], stop="b") == "b"


def test_outcomes_have_types():
    context = Context()
    context.add_outcomes([{"name": "booked", "type": "boolean"}, {"name": "tries", "type": "integer"}])
    context.trigger_outcome("booked")
    context.trigger_outcome("tries")
    assert (context.get_outcome("booked"), context.get_outcome("tries")) == (True, 1)
    with pytest.raises(ValueError, match="tries"):
        context.set_outcome("tries", "many")


def test_history_of_the_last_turns_is_two_lines_for_each():
    context = Context()
    context.add_system_message("be kind")
    for text in ("one", "two"):
        context.add_user_message(text)
        context.add_assistant_message(text.upper())
    assert [m["content"] for m in context.get_history(1)] == ["two", "TWO"]
    assert len(context.get_history()) == 5


def test_a_line_of_a_tool_names_it_and_the_call():
    context = Context()
    context.add_tool_message("weather", "19 degrees", "call-1")
    assert context.history == [{"role": "tool", "name": "weather", "content": "19 degrees", "tool_call_id": "call-1"}]


def test_typed_messages_of_the_older_conversation():
    context = Context()
    context.set_conversation_history([UserMessage("hi")])
    context.add_conversation_message(UserMessage("you"))
    assert [(m.role, m.content) for m in context.get_conversation_history()] == [("user", "hi"), ("user", "you")]


def test_state_survives_serialisation():
    context = Context(session_id="s", variables={"v": "1"})
    context.set_data("k", 1)
    context.cache_set("c", 2)
    context.experiment("e", ["x"])
    context.add_user_message("hi")
    again = Context()
    again.deserialize(context.serialize())
    assert again.serialize() == context.serialize()


@pytest.mark.parametrize("name", ["state", "set_state", "trace", "logger", "say"])
def test_what_voicerun_does_not_have_is_not_there(name):
    assert not hasattr(Context(), name)


def test_module_level_context_and_actions_do_not_exist():
    assert not hasattr(importlib.import_module("primfunctions.context"), "context")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("primfunctions.actions")


async def test_generator_task_emits_in_the_background():
    told = []
    context = Context(on_event=told.append)

    async def work():
        yield TextToSpeechEvent("a")
        yield TextToSpeechEvent("b")

    context.create_task(work(), name="w")
    await context.wait_for_all_tasks()
    assert [(e.data["text"], e.background, e.background_task_name) for e in told] == [
        ("a", True, "w"),
        ("b", True, "w"),
    ]


async def test_task_of_the_same_name_replaces_the_earlier():
    context = Context()
    first = context.create_task(asyncio.sleep(60), name="n")
    second = context.create_task(asyncio.sleep(0), name="n")
    await context.wait_for_all_tasks()
    await asyncio.sleep(0)
    assert (first.cancelled(), second.done(), context.tasks) == (True, True, {})


async def test_failing_task_becomes_an_error_event():
    told = []
    context = Context(on_event=told.append)

    async def fail():
        raise ZeroDivisionError("oh")

    context.create_task(fail(), name="f")
    await context.wait_for_all_tasks()
    assert told[0].name == "error"
    assert "ZeroDivisionError: oh" in told[0].data["message"]


async def test_task_is_cancelled_after_its_timeout():
    context = Context()
    task = context.create_task(asyncio.sleep(60), timeout=0.001)
    await context.wait_for_all_tasks()
    assert task.cancelled()


async def test_only_interruptible_tasks_are_cut():
    context = Context()
    cut = context.create_task(asyncio.sleep(60), interruptible=True)
    kept = context.create_task(asyncio.sleep(0.001))
    assert context.cancel_interruptible_tasks() == 1
    await context.wait_for_all_tasks()
    assert (cut.cancelled(), kept.cancelled()) == (True, False)


async def test_interruptible_work_is_refused_while_the_session_ends():
    context = Context()
    context._begin_shutdown()
    with pytest.raises(RuntimeError, match="session ends"):
        context.create_task(asyncio.sleep(0), interruptible=True)
    assert await context.create_task(asyncio.sleep(0, "done")) == "done"


async def test_task_wants_a_coroutine():
    with pytest.raises(TypeError, match="coroutine"):
        Context().create_task(asyncio.sleep)
