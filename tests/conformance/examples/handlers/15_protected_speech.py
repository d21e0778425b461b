"""`interruptible=False`: what the caller says meanwhile waits until the line has been heard."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent(
            "This call may be recorded for quality and training, and you may object to that at any time.",
            voice="nova",
            interruptible=False,
        )
    elif isinstance(event, TextEvent):
        yield TextToSpeechEvent(f"I heard: {event.data['text']}.", voice="nova")
