"""The eight speeds, from a quarter of the usual to four times of it."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        for speed in (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0):
            yield TextToSpeechEvent("How can I help you today?", voice="nova", speed=speed)
