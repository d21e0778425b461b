"""`instructions` say how OpenAI's voices speak; other voices ignore them."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        manner = "Speak warmly, like an old friend."
        yield TextToSpeechEvent("Welcome back.", voice="nova", instructions=manner)
        yield TextToSpeechEvent("Welcome back.", voice="zephyr", instructions=manner)
