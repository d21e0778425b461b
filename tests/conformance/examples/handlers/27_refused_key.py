"""A service refuses its key: a local voice says the line in its place, and a notice tells why."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("Good morning, this is the front desk.", voice="nova")
