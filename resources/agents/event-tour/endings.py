"""Endings: the caller goes on to a colleague or to a number, or the call ends."""

from primfunctions.context import Context
from primfunctions.events import StopEvent, TransferSessionEvent

from guide import VOICE, needs_the_phone, on_the_phone, say


async def colleague(context: Context):
    """Another agent goes on with the caller. This one lies in the folder `agents`; it can send the caller back."""
    yield say("My colleague will take over for a moment.")
    yield TransferSessionEvent(
        agent_id="event-tour-colleague",
        environment=context.environment.split("|")[0],
        data={"back": context.agent_id, "visited": "colleague"},
    )


async def transfer(context: Context):
    """A telephone number: the session ends here, and the call goes on there."""
    if on_the_phone(context):
        yield TransferSessionEvent(
            phone_number="+12025550123",
            data={"reason": "wants to hear a human being"},
            closing_speech="I connect you with a human being. Goodbye!",
            voice=VOICE,
        )
    else:
        yield needs_the_phone("A transfer to a number")


async def goodbye(context: Context):
    """The call ends once everything before it, and its closing speech, has been heard."""
    yield StopEvent(closing_speech="That was the tour. Thank you for listening!", voice=VOICE)


STOPS = {stop.__name__: stop for stop in (colleague, transfer, goodbye)}
