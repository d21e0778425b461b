"""Chirp voices of Google; the reference spells one of them sulafar."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("Zephyr speaks.", voice="zephyr")
        yield TextToSpeechEvent("Sulafat speaks.", voice="sulafar")
