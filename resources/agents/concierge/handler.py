"""A hotel's concierge: a language model with tools, spoken sentence by sentence."""

from primfunctions.completions import (
    AssistantMessage,
    CompletionsProxyError,
    ToolResultMessage,
    UserMessage,
    configure_provider,
    deserialize_conversation,
    generate_chat_completion_stream,
)
from primfunctions.context import Context
from primfunctions.events import Event, LogEvent, StartEvent, StopEvent, TextEvent, TextToSpeechEvent, TimeoutEvent

from tools import TOOLS, call

VOICE = "nova"
INSTRUCTIONS = (
    "You are the concierge of a small hotel, on the telephone. Answer in one or two short sentences. "
    "Breakfast is from seven to ten on the first floor. Use the tools for the weather and for wake-up calls, "
    "and end the call when the guest says goodbye."
)
MOST_STEPS = 4  # how often the model may call tools before it has to answer


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        configure_provider("openai", voicerun_managed=True)
        context.set_completion_messages([{"role": "system", "content": INSTRUCTIONS}])
        yield say("Good evening, this is the concierge. What can I do for you?")

    elif isinstance(event, TextEvent):
        context.add_completion_message(UserMessage(event.data["text"]))
        try:
            async for output in answer(context):
                yield output
        except CompletionsProxyError as error:
            yield LogEvent(f"The model did not answer: {error}")
            yield say("I am sorry, I cannot think right now. Please call the reception.")

    elif isinstance(event, TimeoutEvent) and event.data.get("count") == 2:
        yield StopEvent(closing_speech="I will let you go. Good night.", voice=VOICE)


async def answer(context: Context):
    """Ask the model, call the tools that it wants called, until it has nothing more to ask for."""
    for _ in range(MOST_STEPS):
        stream = await generate_chat_completion_stream(
            {
                "provider": "openai",
                "model": "gpt-5-mini",
                "messages": deserialize_conversation(context.get_completion_messages()),
                "tools": TOOLS,
                "timeout": 20,
                "retry": {"max_retries": 1, "retry_delay": 0.5},
            },
            {"chunk_by_sentence": True},
        )
        message = AssistantMessage("")
        async for chunk in stream:
            if chunk.type == "content_sentence":
                yield say(chunk.sentence)
            elif chunk.type == "response":
                message = chunk.response.message
        context.add_completion_message(message)
        for wanted in message.tool_calls or []:
            if wanted.function.name == "end_call":
                yield StopEvent(closing_speech="Good night.", voice=VOICE)
                return
            result = call(wanted.function.name, wanted.function.arguments)
            context.add_completion_message(ToolResultMessage(wanted.id, result, name=wanted.function.name))
        if not message.tool_calls:
            return


def say(text: str) -> TextToSpeechEvent:
    return TextToSpeechEvent(text, voice=VOICE)
