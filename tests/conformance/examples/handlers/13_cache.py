"""`cache=False`: made anew each time. Otherwise the same line by the same voice is made once."""

from primfunctions.context import Context
from primfunctions.events import Event, TextEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, TextEvent):
        yield TextToSpeechEvent("One moment please.", voice="nova")
        yield TextToSpeechEvent("It is your turn.", voice="nova", cache=False)
