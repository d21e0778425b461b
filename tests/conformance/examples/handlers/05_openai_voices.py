"""Voices of OpenAI by their names."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("Nova speaks.", voice="nova")
        yield TextToSpeechEvent("Onyx speaks.", voice="onyx")
        yield TextToSpeechEvent("Shimmer speaks.", voice={"provider": "openai", "identifier": "shimmer"})
