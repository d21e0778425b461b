"""StartRecordingEvent and StopRecordingEvent: the call as a file, and word of it to a URL."""

from primfunctions.context import Context
from primfunctions.events import (
    Event,
    StartEvent,
    StartRecordingEvent,
    StopRecordingEvent,
    TextEvent,
    TextToSpeechEvent,
)


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield StartRecordingEvent(status_callback_url=context.variables["RECORDING_CALLBACK_URL"])
        yield TextToSpeechEvent("This call is recorded.", voice="nova")
    elif isinstance(event, TextEvent):
        yield StopRecordingEvent()
        yield TextToSpeechEvent("The recording has ended.", voice="nova")
