import pytest
from primfunctions import shared_data
from primfunctions._redaction import redact
from primfunctions.configuration import Configuration
from primfunctions.logger import logger
from primfunctions.metrics import metrics
from primfunctions.tracer import tracer
from primfunctions.transcript import truncate_to_heard_prefix
from primfunctions.utils.streaming import stream_sentences


def test_logger_prints_where_no_host_is(capsys):
    logger.info("hello", {"a": 1})
    assert capsys.readouterr().out == "[info] hello {'a': 1}\n"


def test_logger_metrics_and_tracer_are_objects_of_their_modules():
    from primfunctions import logger as logger_module
    from primfunctions import metrics as metrics_module
    from primfunctions import tracer as tracer_module

    assert not any(
        hasattr(module, name)
        for module, name in ((logger_module, "info"), (metrics_module, "counter"), (tracer_module, "tool"))
    )


@pytest.mark.parametrize(("name", "value"), [("", 1), ("x" * 129, 1), ("x", float("nan")), ("x", True), ("x", "1")])
def test_metrics_refuse_bad_names_and_values(name, value):
    with pytest.raises(ValueError, match="metric"):
        metrics.gauge(name, value=value)


async def test_tool_mark_keeps_sync_and_async():
    @tracer.tool(name="t", description="d")
    def add(a, b):
        return a + b

    @tracer.tool
    async def later():
        return 3

    assert (add(1, 2), await later()) == (3, 3)


@pytest.mark.parametrize(
    ("heard", "prefix"),
    [
        ("hello", "Hello,"),
        ("hello there my", "Hello, there my"),
        ("", ""),
        ("bye", ""),
        ("hello there bob", "Hello, there"),
    ],
)
def test_heard_prefix_keeps_the_spelling(heard, prefix):
    assert truncate_to_heard_prefix("Hello, there my friend.", heard) == prefix


def test_configuration_keeps_unknown_names():
    assert Configuration._deserialize({"timeout": 3, "new": 1})._serialize()["new"] == 1


async def test_shared_data_gives_the_default():
    assert (shared_data.is_configured(), await shared_data.get("k", 5)) == (False, 5)


@pytest.mark.parametrize("secret", ["sk-abcdefghijklmnop", "Bearer abcdefghij", "a@b.com", "4111 1111 1111 1111"])
def test_secrets_are_redacted(secret):
    assert secret not in redact(f"failed with {secret} here")


async def sentences(*pieces, **options):
    return [s async for s in stream_sentences(list(pieces), **options)]


async def test_sentences_come_as_they_are_whole():
    assert await sentences("Hello the", "re. How are", " you? Fine") == ["Hello there.", "How are you?", "Fine"]


async def test_short_sentences_join_the_next():
    assert await sentences("Ok. That is fine. ") == ["Ok. That is fine."]


async def test_abbreviations_decimals_and_money_end_nothing():
    text = "Dr. Smith owes $3.50 at 2.5 percent. Right away."
    assert await sentences(text) == ["Dr. Smith owes $3.50 at 2.5 percent.", "Right away."]


async def test_markdown_is_not_spoken():
    assert await sentences("**Bold** and [a link](http://x) here.") == ["Bold and a link here."]


async def test_chinese_sentences():
    assert await sentences("你好今天天气好。再见我的朋友。", language="zh") == [
        "你好今天天气好。",
        "再见我的朋友。",
    ]
