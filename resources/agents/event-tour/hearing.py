"""Hearing: how the caller is heard, and by which model."""

import asyncio

from primfunctions.context import Context
from primfunctions.events import STTModelSwitchedEvent, STTUpdateSettingsEvent

from guide import say

OTHER_MODEL = "gpt-4o-mini-transcribe"


async def hearing(context: Context):
    """What changes is named; all else stays. It holds from the caller's next words on."""
    yield STTUpdateSettingsEvent(
        language="en",
        prompt="The caller names the stops of a tour: voices, speeds, chime, pause, music.",
        endpointing=500,
        noise_reduction_type="far_field",
    )
    yield say("You may now pause for half a second before I answer, and stand further away.")


async def model(context: Context):
    """A model that is kept warm takes over without a gap. Only the studio knows `prewarm_model`."""
    yield STTUpdateSettingsEvent(prewarm_model=OTHER_MODEL)
    yield say("Another model is getting ready to listen.")
    await asyncio.sleep(1)
    yield STTUpdateSettingsEvent(model=OTHER_MODEL)


async def model_switched(event: STTModelSwitchedEvent, context: Context):
    """The agent is told when another model hears the caller."""
    yield say("It has taken over.")


STOPS = {stop.__name__: stop for stop in (hearing, model)}
ANSWERS = {STTModelSwitchedEvent: model_switched}
