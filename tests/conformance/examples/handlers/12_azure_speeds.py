"""Azure's voices speak at 0.5 to 3.0; what lies outside is brought to the nearest."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        for speed in (0.25, 0.5, 1.0, 2.0, 4.0):
            yield TextToSpeechEvent("How can I help you today?", voice="aria", speed=speed)
