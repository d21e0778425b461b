"""STTUpdateSettingsEvent: a model that is kept warm takes over at once; the agent is told."""

from primfunctions.context import Context
from primfunctions.events import (
    Event,
    StartEvent,
    STTModelSwitchedEvent,
    STTUpdateSettingsEvent,
    TextEvent,
    TextToSpeechEvent,
)


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield STTUpdateSettingsEvent(prewarm_model="gpt-4o-transcribe")
        yield TextToSpeechEvent("Say anything.", voice="nova")
    elif isinstance(event, TextEvent):
        yield STTUpdateSettingsEvent(model="gpt-4o-transcribe")
    elif isinstance(event, STTModelSwitchedEvent):
        yield TextToSpeechEvent(f"{event.data['to_model']} hears you now.", voice="nova")
