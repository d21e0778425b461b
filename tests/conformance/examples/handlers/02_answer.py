"""TextEvent: the caller has spoken or typed; `data` holds `source`, `text` and `language`."""

from primfunctions.context import Context
from primfunctions.events import Event, TextEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, TextEvent):
        how = "said" if event.data["source"] == "speech" else "typed"
        yield TextToSpeechEvent(f"You {how}: {event.data['text']}.", voice="nova")
