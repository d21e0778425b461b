"""TextToSpeechEvent: a text is enough; the voice is then nova."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("Hello.")
