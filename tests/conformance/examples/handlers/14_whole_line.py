"""`stream=False`: nothing is heard before the whole line has been made."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("This line came in pieces.", voice="nova", stream=True)
        yield TextToSpeechEvent("This line came whole.", voice="nova", stream=False)
