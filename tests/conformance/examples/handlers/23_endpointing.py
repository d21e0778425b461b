"""STTUpdateSettingsEvent: the silence that ends the caller's turn, in milliseconds or by an eagerness."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, STTUpdateSettingsEvent, TextEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield STTUpdateSettingsEvent(endpointing=1000)
        yield TextToSpeechEvent("Take your time with the number.", voice="nova")
    elif isinstance(event, TextEvent):
        yield STTUpdateSettingsEvent(endpointing=3)
        yield TextToSpeechEvent("And now be quick.", voice="nova")
