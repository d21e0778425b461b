"""STTUpdateSettingsEvent: the caller's language, and what is likely to be said."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, STTUpdateSettingsEvent, TextEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield STTUpdateSettingsEvent(
            language="en", prompt="The caller orders pizza: Margherita, Funghi, Quattro Stagioni."
        )
        yield TextToSpeechEvent("Which pizza would you like?", voice="nova")
    elif isinstance(event, TextEvent):
        yield STTUpdateSettingsEvent(language="es")
        yield TextToSpeechEvent("Muy bien.", voice="nova", language="es")
