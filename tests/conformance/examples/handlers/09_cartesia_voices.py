"""Voices of Cartesia. Azure has a luke too: the name alone is Azure's, the provider makes it exact."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("Which luke is this?", voice="luke")
        yield TextToSpeechEvent("This one is Cartesia's.", voice={"provider": "cartesia", "identifier": "luke"})
