"""AudioEvent: a sound from a URL in its place between two lines."""

from primfunctions.context import Context
from primfunctions.events import AudioEvent, Event, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("Please hold.", voice="nova")
        yield AudioEvent(context.variables["HOLD_MUSIC_URL"], interruptible=False)
        yield TextToSpeechEvent("Thank you for holding.", voice="nova")
