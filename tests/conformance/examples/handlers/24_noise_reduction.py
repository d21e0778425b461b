"""STTUpdateSettingsEvent: what the microphone is like."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, STTUpdateSettingsEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield STTUpdateSettingsEvent(noise_reduction="far_field")
        yield TextToSpeechEvent("You may walk about the room.", voice="nova")
