"""StopEvent: the session ends when everything before it has been heard."""

from primfunctions.context import Context
from primfunctions.events import Event, LogEvent, StopEvent, TextEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, TextEvent):
        yield TextToSpeechEvent("Thank you for calling. Goodbye!", voice="nova")
        yield StopEvent()
    elif isinstance(event, StopEvent):
        yield LogEvent("The call is over")
