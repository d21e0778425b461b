"""The agent that a call is transferred to."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        invoice = context.data["transfer"]["invoice"]
        yield TextToSpeechEvent(f"Billing here. You call about invoice {invoice}.", voice="onyx")
