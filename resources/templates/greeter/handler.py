"""Greets callers, learns their name, notices silence and says goodbye."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, StopEvent, TextEvent, TextToSpeechEvent, TimeoutEvent

VOICE = "nova"


async def handler(event: Event, context: Context):
    """Runs once for everything that happens in the call; what it yields is spoken in order."""
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("Hello, and welcome! What is your name?", voice=VOICE)

    elif isinstance(event, TextEvent):
        text = event.data["text"]
        if "bye" in text.lower():
            yield StopEvent(closing_speech="Goodbye!", voice=VOICE)
        elif not context.get_data("name"):
            context.set_data("name", text.lower().removeprefix("my name is ").strip(" .!").title())
            yield TextToSpeechEvent(f"Nice to meet you, {context.get_data('name')}.", voice=VOICE)
        else:
            yield TextToSpeechEvent(f"You said: {text}", voice=VOICE)

    elif isinstance(event, TimeoutEvent):
        if event.data["count"] < 3:
            yield TextToSpeechEvent("Are you still there?", voice=VOICE)
        else:
            yield StopEvent(closing_speech="Goodbye for now.", voice=VOICE)
