"""SilenceEvent: a pause in milliseconds."""

from primfunctions.context import Context
from primfunctions.events import Event, SilenceEvent, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("Let me think.", voice="nova")
        yield SilenceEvent(1500)
        yield TextToSpeechEvent("I have it.", voice="nova")
