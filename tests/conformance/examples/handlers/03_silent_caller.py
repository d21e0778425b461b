"""TimeoutEvent: the caller has been silent for five seconds; ask again, then give up."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, StopEvent, TextToSpeechEvent, TimeoutEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("What can I do for you?", voice="nova")
    elif isinstance(event, TimeoutEvent):
        if event.data["count"] < 3:
            yield TextToSpeechEvent("Are you still there?", voice="nova")
        else:
            yield TextToSpeechEvent("I will hang up now.", voice="nova")
            yield StopEvent()
