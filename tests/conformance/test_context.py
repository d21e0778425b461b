"""The context, its services, and what happens when code fails."""

import pytest

from studio.runtime.plan import Step
from tests.conformance.desk import behaviour, logs, said
from tests.conformance.test_speech import start


@behaviour(96)
def test_one_context_lives_through_all_runs(desk):
    talk = desk.hold(
        """
async def handler(event, context):
    context.set_data("n", context.get_data("n", 0) + 1)
    context.data.setdefault("ids", []).append(id(context))
    yield LogEvent(f"{context.get_data('n')} {len(set(context.data['ids']))}")
""",
        Step(say="a"),
        Step(say="b"),
    )
    assert logs(talk) == ["1 1", "2 1", "3 1", "4 1"]


@behaviour(97)
def test_the_data_knows_who_calls_whom(desk):
    keys = "[context.data[k] for k in ('callerPhone', 'calledPhone', 'callerCity', 'telephonyCallId', 'strategy')]"
    source = start(f"LogEvent(str({keys}))")
    assert "'+12025550142', '+12025550100', 'Washington', 'call-" in logs(desk.hold(source, channel="phone"))[0]
    assert logs(desk.hold(source)) == ["['', '', '', '', 'web']"]
    given = desk.hold(source, channel="phone", data={"callerPhone": "+4930123456"})
    assert logs(given)[0].startswith("['+4930123456', '+12025550100', ''")


@behaviour(98)
def test_variables_of_the_environment_win_over_those_of_the_organization(desk):
    talk = desk.hold(
        start("LogEvent(str(sorted(context.variables.items())))"),
        files={
            ".studio/settings.toml": '[organization.variables]\nA = "org"\nB = "org"\n\n[variables]\nB = "env"\nb = "x"\n'
        },
    )
    assert logs(talk) == ["[('A', 'org'), ('B', 'env'), ('b', 'x')]"]


@behaviour(99)
def test_input_data_is_a_copy_and_output_data_is_at_most_64_kib(desk):
    talk = desk.hold(
        start(
            "LogEvent(str(context.input_data))",
            then="""
        context.input_data["a"] = 2
        context.set_output({"ok": True})
        yield LogEvent(str([context.input_data, context.output_data]))
        for bad in ([1], {"x": "y" * 70000}, {"x": object()}):
            try:
                context.set_output(bad)
            except (TypeError, ValueError) as error:
                yield LogEvent(type(error).__name__)
""",
        ),
        input_data={"a": 1},
    )
    assert logs(talk) == ["{'a': 1}", "[{'a': 1}, {'ok': True}]", "TypeError", "ValueError", "ValueError"]
    assert talk.of("ContextPatchEvent")


@behaviour(100, 101)
def test_background_tasks(desk):
    talk = desk.hold(
        """
async def forever():
    await asyncio.sleep(100)
    yield LogEvent("never")

async def lines():
    await asyncio.sleep(1)
    yield LogEvent("background")
    yield TextToSpeechEvent("one")

async def broken():
    await asyncio.sleep(2)
    raise ValueError("broken in the background")

async def handler(event, context):
    if isinstance(event, StartEvent):
        context.create_task(lines(), name="lines")
        context.create_task(broken())
        context.create_task(forever(), name="same")
        context.create_task(forever(), name="same", timeout=3)
""",
        silence=1,
    )
    (log,) = talk.of("LogEvent")
    assert (log.data["background"], log.data["task"], log.publish_time) == (True, "lines", 10**9)
    assert said(talk) == ["one"]
    (error,) = talk.of("ErrorEvent")
    assert "broken in the background" in error.message
    assert error.data["background"]
    assert talk.of("tasks")[-1].data["unfinished"] == 0
    assert talk.of("session_ended")[0].publish_time / 1e9 == pytest.approx(4.0, abs=0.01)


@behaviour(102)
def test_an_exception_is_an_error_row_with_the_users_lines_and_the_session_goes_on(desk):
    talk = desk.hold(
        """
def deeper():
    return 1 / 0

async def handler(event, context):
    if isinstance(event, StartEvent):
        deeper()
    if isinstance(event, TextEvent):
        yield TextToSpeechEvent("still here")
""",
        Step(say="hi"),
    )
    error = talk.of("handler_ended")[0].data["error"]
    assert error["type"] == "ZeroDivisionError"
    assert [frame["function"] for frame in error["frames"]] == ["handler", "deeper"]
    assert said(talk) == ["still here"]
    assert talk.session.failed


@behaviour(103)
@pytest.mark.parametrize(
    ("settings", "reason", "heard"),
    [
        ({"error_fallback_type": "speech", "error_fallback_value": "sorry"}, "stop", ["sorry"]),
        ({"error_fallback_type": "end"}, "stop", []),
        ({"error_fallback_type": "phone", "error_fallback_value": "+12025550142"}, "transferred", []),
        ({}, "finished", []),
    ],
)
def test_five_errors_within_the_window_call_for_the_fallback(desk, settings, reason, heard):
    steps = [Step(say=str(n)) for n in range(6)]
    source = "async def handler(event, context):\n    if isinstance(event, TextEvent):\n        1 / 0\n    yield\n"
    talk = desk.hold(source.replace("    yield\n", ""), *steps, settings=settings, channel="phone")
    assert talk.outcome.reason == reason
    assert said(talk) == heard
    assert len(talk.of("error_fallback")) == bool(settings)
    if settings:
        assert len(talk.of("TextEvent")) == 5


@behaviour(103)
def test_errors_that_are_far_apart_do_not_add_up(desk):
    steps = [Step(say=str(n), after=100) for n in range(6)]
    source = "async def handler(event, context):\n    if isinstance(event, TextEvent):\n        1 / 0\n"
    talk = desk.hold(source, *steps, settings={"error_fallback_type": "end", "timeout": 1000})
    assert talk.outcome.reason == "finished"


@behaviour(104)
def test_experiments_are_chosen_once_by_weight(desk):
    choose = "context.experiment('greeting', {'a': 0, 'b': 1})"
    talk = desk.hold(
        f"async def handler(event, context):\n    yield LogEvent({choose} + str(context.get_experiment('none')))\n"
        "    context.add_outcome('done', 'boolean')\n    context.trigger_outcome('done')\n"
        "    yield LogEvent(str(context.get_outcome('done')))\n"
    )
    assert logs(talk)[0] == "Experiment 'greeting': variant 'b'."
    assert logs(talk)[1:3] == ["bNone", "True"]


@behaviour(105)
def test_metrics_are_checked_and_carry_the_experiments_variant(desk):
    talk = desk.hold(
        "from primfunctions.metrics import metrics\n"
        + start(
            "LogEvent(context.experiment('x', ['only']))",
            then="        metrics.counter('calls', tags={'a': 'b'})\n"
            "        for name, value in (('', 1), ('x' * 200, 1), ('x', float('nan'))):\n"
            "            try:\n                metrics.gauge(name, value=value)\n"
            "            except ValueError:\n                yield LogEvent('refused')\n",
        )
    )
    (metric,) = talk.of("MetricEvent")
    assert metric.data["data"]["tags"] == {"experiment.x": "only", "a": "b"}
    assert logs(talk).count("refused") == 3


@behaviour(106)
def test_logger_and_tracer_work(desk):
    talk = desk.hold(
        "from primfunctions.logger import logger\nfrom primfunctions.tracer import tracer\n\n\n"
        "@tracer.tool(name='look_up', description='x', parameters={})\nasync def look_up(n):\n    return n + 1\n\n\n"
        + start("LogEvent(str(await look_up(1)))", then="        logger.warn('careful', {'a': 1})\n")
    )
    first, second = logs(talk)
    assert first == "2"
    assert "careful" in second


@behaviour(113)
def test_shared_data_gives_the_default_on_a_miss(desk):
    talk = desk.hold(start("LogEvent(str(await context.shared_data.get('nothing', 'default')))"))
    assert logs(talk) == ["default"]


@behaviour(114)
def test_cachable_entities_come_back_as_they_were(desk):
    talk = desk.hold(
        "from primfunctions.cache import CachableEntity\n\n\nclass Cart(CachableEntity):\n"
        "    def __init__(self, items):\n        self.items = items\n"
        "    def to_cache(self):\n        return {'items': self.items}\n"
        "    @classmethod\n    def from_cache(cls, data):\n        return cls(data['items'])\n\n\n"
        + start(
            "LogEvent('begin')",
            then="        context.cache_set('cart', Cart([1, 2]))\n"
            "        yield LogEvent(str(context.cache_get('cart', Cart).items))\n"
            "        try:\n            context.cache_set('bad', {1, 2})\n"
            "        except TypeError:\n            yield LogEvent('refused')\n",
        )
    )
    assert logs(talk)[1:] == ["[1, 2]", "refused"]


@behaviour(115)
def test_the_older_history_still_works(desk):
    talk = desk.hold(
        start(
            "LogEvent('begin')",
            then="        context.add_system_message('s')\n        context.add_user_message('u')\n"
            "        context.add_assistant_message('a')\n"
            "        yield LogEvent(str([line['role'] for line in context.get_history()]))\n",
        )
    )
    assert logs(talk)[1] == "['system', 'user', 'assistant']"


@behaviour(126)
def test_modules_and_data_files_of_the_project_are_found(desk):
    talk = desk.hold(
        "import json\nimport os\nfrom helpers.words import WORD\nfrom near import NEAR\n"
        + start(
            "LogEvent(WORD + NEAR + open('data/a.txt').read())",
            "LogEvent(open(os.path.join(os.path.dirname(__file__), 'data', 'a.txt')).read())",
        ),
        files={"helpers/words.py": "WORD = 'w'\n", "near.py": "NEAR = 'n'\n", "data/a.txt": "a"},
    )
    assert logs(talk) == ["wna", "a"]


@behaviour(127)
def test_module_state_lives_for_a_session_and_no_longer(desk):
    source = "count = 0\n\n\nasync def handler(event, context):\n    global count\n    count += 1\n    yield LogEvent(str(count))\n"
    for _ in range(2):
        assert logs(desk.hold(source, Step(say="x"))) == ["1", "2", "3"]
