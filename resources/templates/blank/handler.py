"""What this agent does, in one sentence."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    """Runs once for everything that happens in the call; what it yields is spoken in order."""
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("Hello!", voice="nova")

    elif isinstance(event, TextEvent):
        yield TextToSpeechEvent(f"You said: {event.data['text']}", voice="nova")
