"""Telephone: what there is in telephone calls only."""

import asyncio

from primfunctions.context import Context
from primfunctions.events import (
    DTMFEvent,
    LogEvent,
    StartRecordingEvent,
    StopRecordingEvent,
    UpdateCallEvent,
    VoicemailDetectionEvent,
)

from guide import needs_the_phone, on_the_phone, say


async def keys(context: Context):
    """What the caller types on the telephone comes in groups: until the hash key, or two seconds without a key."""
    if on_the_phone(context):
        yield say("Press some keys, then the hash key.")
    else:
        yield needs_the_phone("The keypad")


async def keys_pressed(event: DTMFEvent, context: Context):
    """Say them one by one."""
    digits = event.data["digits"].rstrip("#")
    yield say(f"You pressed {', '.join(digits)}." if digits else "You pressed the hash key.")


async def recording(context: Context):
    """The call as a sound file: the caller on the left, the agent on the right."""
    if on_the_phone(context):
        yield StartRecordingEvent()
        yield say("This line is recorded, and nothing else.")
        await asyncio.sleep(3)
        yield StopRecordingEvent()
    else:
        yield needs_the_phone("Recording")


async def machine(context: Context):
    """Who answers a call that you make may be a machine."""
    yield say("If a machine takes a call, I am told, and leave a message.")


async def machine_answered(event: VoicemailDetectionEvent, context: Context):
    """Leave a message."""
    yield LogEvent("A machine has answered", attributes={"transcript": event.data["transcript"]})
    yield say("You have missed the tour of events. Please call again.")


async def call(context: Context):
    """Changes of the telephone call itself; what can be changed is the carrier's affair."""
    if on_the_phone(context):
        yield UpdateCallEvent({"timeLimit": 600})
        yield say("This call may now last ten minutes.")
    else:
        yield needs_the_phone("Changing the call")


STOPS = {stop.__name__: stop for stop in (keys, recording, machine, call)}
ANSWERS = {DTMFEvent: keys_pressed, VoicemailDetectionEvent: machine_answered}
