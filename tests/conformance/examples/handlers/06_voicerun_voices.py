"""Voices of VoiceRun by their names."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("Lyric speaks.", voice="lyric")
        yield TextToSpeechEvent("Atlas speaks.", voice={"provider": "prim_voices", "identifier": "atlas"})
