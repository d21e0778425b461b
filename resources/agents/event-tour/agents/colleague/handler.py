"""The colleague to whom the tour transfers its caller."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextEvent, TextToSpeechEvent, TransferSessionEvent

VOICE = "onyx"


async def handler(event: Event, context: Context):
    came_with = context.get_data("transfer") or {}
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("This is the colleague, another agent in the same call.", voice=VOICE)
        yield TextToSpeechEvent("Say back please to return to the tour.", voice=VOICE)

    elif isinstance(event, TextEvent) and "back" in event.data["text"].lower() and came_with:
        yield TransferSessionEvent(
            agent_id=came_with["back"],
            environment=context.environment.split("|")[0],
            data={"visited": came_with["visited"]},
        )

    elif isinstance(event, TextEvent):
        yield TextToSpeechEvent("I only know the way back.", voice=VOICE)
