"""TransferSessionEvent: the caller goes on to a telephone number."""

from primfunctions.context import Context
from primfunctions.events import Event, TextEvent, TextToSpeechEvent, TransferSessionEvent


async def handler(event: Event, context: Context):
    if isinstance(event, TextEvent):
        yield TextToSpeechEvent("I will connect you with a colleague.", voice="nova")
        yield TransferSessionEvent(phone_number="+12025550123", data={"reason": event.data["text"]})
