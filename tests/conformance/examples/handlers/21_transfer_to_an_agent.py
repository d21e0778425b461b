"""TransferSessionEvent: another agent goes on with the caller, in an environment of its own."""

from primfunctions.context import Context
from primfunctions.events import Event, TextEvent, TextToSpeechEvent, TransferSessionEvent


async def handler(event: Event, context: Context):
    if isinstance(event, TextEvent):
        yield TextToSpeechEvent("Billing will help you.", voice="nova")
        yield TransferSessionEvent(
            agent_id="billing-desk",
            environment="production",
            data={"invoice": "A 17"},
        )
