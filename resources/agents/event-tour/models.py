"""Models: a language model answers a question; a speech-to-speech model takes the conversation over.

Out of the box the script in `.studio/model.toml` answers for the language model.
"""

from primfunctions.completions import CompletionsProxyError, configure_provider, generate_chat_completion_stream
from primfunctions.context import Context
from primfunctions.events import ConnectSTSEvent, DisconnectSTSEvent, LogEvent

from guide import say


async def question(context: Context):
    """Each sentence is spoken as soon as the model has finished it."""
    configure_provider("openai", voicerun_managed=True)
    request = {
        "provider": "openai",
        "model": "gpt-5-mini",
        "messages": [{"role": "user", "content": "What is an event? Answer in two short sentences."}],
    }
    try:
        async for chunk in await generate_chat_completion_stream(request, {"chunk_by_sentence": True}):
            if chunk.type == "content_sentence":
                yield say(chunk.sentence)
    except CompletionsProxyError as error:
        yield LogEvent(f"The model did not answer: {error}", attributes={"level": "warning"})
        yield say("The model does not answer just now.")


async def robot(context: Context):
    """On the platform the model hears and speaks by itself until it is disconnected."""
    yield ConnectSTSEvent({"provider": "openai", "model": "gpt-realtime"})
    yield DisconnectSTSEvent()
    yield say("A robot could have spoken in my place.")


STOPS = {stop.__name__: stop for stop in (question, robot)}
