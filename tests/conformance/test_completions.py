"""Language models through the platform's protocol, with a scripted model behind it."""

import pytest

from studio.runtime.plan import Step
from tests.conformance.desk import behaviour, logs, said
from tests.conformance.test_speech import start

IMPORTS = """
from primfunctions.completions import *

REQUEST = {"provider": "openai", "model": "gpt", "messages": [{"role": "user", "content": "hello"}]}

"""
MODEL = {
    ".studio/settings.toml": '[completions]\nscript = "model.toml"\n',
    ".studio/model.toml": '[[rule]]\ntext = "Hello, Dr. Smith. It costs 3.50 dollars. **Yes!** Good bye then."\n',
}


def trying(call: str) -> str:
    """Code that tells what the call gives or raises."""
    return f"""
        try:
            yield LogEvent(str({call}))
        except Exception as error:
            yield LogEvent(type(error).__name__)
"""


@behaviour(107)
@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ("REQUEST", "CompletionsProviderNotConfiguredError"),
        ("{**REQUEST, 'api_key': 'k'}", "ValueError"),
        ("{**REQUEST, 'odd': 1}", "TypeError"),
    ],
)
def test_what_is_not_set_up_raises_before_anything_is_asked(desk, request_, error):
    source = IMPORTS + start("LogEvent('go')", then=trying(f"await generate_chat_completion({request_})"))
    talk = desk.hold(source, files=MODEL)
    assert logs(talk)[1] == error
    assert not talk.of("completion_requested")


@behaviour(107)
@pytest.mark.parametrize("arguments", ["", "voicerun_managed=True, api_key='k'"])
def test_a_provider_is_managed_or_has_a_key_of_its_own(desk, arguments):
    source = IMPORTS + start("LogEvent('go')", then=trying(f"configure_provider('openai', {arguments})"))
    assert logs(desk.hold(source, files=MODEL))[1] == "ValueError"


STREAM = """
        configure_provider("openai", voicerun_managed=True)
        stream = await generate_chat_completion_stream(REQUEST, {{"{option}": True}})
        async for chunk in stream:
            if chunk.type == "content_sentence":
                yield TextToSpeechEvent(chunk.sentence)
"""


@behaviour(108, 111)
@pytest.mark.parametrize("option", ["chunk_by_sentence", "stream_sentences"])
def test_sentences_come_whole_clean_and_not_too_short(desk, option):
    source = IMPORTS + start("LogEvent('go')", then=STREAM.format(option=option))
    talk = desk.hold(source, files=MODEL)
    assert said(talk) == ["Hello, Dr. Smith.", "It costs 3.50 dollars.", "Yes! Good bye then."]
    assert [talk.of(name) != [] for name in ("completion_requested", "completion_first_token", "completion_ended")] == [
        *(True, True, True)
    ]


@behaviour(109)
def test_a_provider_stays_registered_for_the_session(desk):
    source = (
        IMPORTS
        + start("LogEvent('go')", then="        configure_provider('openai', voicerun_managed=True)\n")
        + "    if isinstance(event, TextEvent):"
        + trying("(await generate_chat_completion(REQUEST)).message.content[:5]")
    )
    assert logs(desk.hold(source, Step(say="hi"), files=MODEL)) == ["go", "Hello"]


@behaviour(110)
def test_the_provider_of_a_fallback_must_be_registered(desk):
    request = "{**REQUEST, 'fallbacks': [{'provider': 'anthropic', 'model': 'x'}]}"
    source = IMPORTS + start(
        "LogEvent('go')",
        then="        configure_provider('openai', voicerun_managed=True)\n"
        + trying(f"await generate_chat_completion({request})"),
    )
    assert logs(desk.hold(source, files=MODEL))[1] == "CompletionsProviderNotConfiguredError"


@behaviour(112)
def test_the_older_package_takes_the_key_in_the_request(desk):
    source = IMPORTS.replace("primfunctions.completions", "voicerun_completions") + start(
        "LogEvent('go')",
        then=trying("(await generate_chat_completion({**REQUEST, 'api_key': 'k'})).message.content[:5]"),
    )
    talk = desk.hold(source, files=MODEL)
    assert logs(talk) == ["go", "Hello"]
    assert not [record for record in talk.records if "'k'" in str(record.data)]
