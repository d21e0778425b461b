"""Elsewhere: other sessions, payments and supervisors.

The studio has this one session on its desk. What would happen elsewhere it says; what would come back you can give to the
agent yourself: the command palette has an entry for each of these events, and so have scripts.
"""

from primfunctions.context import Context
from primfunctions.events import (
    CollectPaymentEvent,
    CollectPaymentSuccessEvent,
    ExternalEvent,
    MergeSessionEvent,
    StartSessionEvent,
    SupervisorRequestEvent,
    SupervisorResponseEvent,
)

from guide import say


async def note(context: Context):
    """A message to a session: here to this very one, so it comes back."""
    yield say("I am sending a note to myself.")
    yield ExternalEvent(context.agent_id, context.session_id, "note", {"text": "buy milk"}, after_speech=True)


async def note_received(event: ExternalEvent, context: Context):
    """Messages arrive as events of the same class."""
    yield say(f"A note has come: {event.data['data'].get('text', 'an empty one')}.")


async def session(context: Context):
    """Another session is started, and then bridged with this one: a warm transfer."""
    yield StartSessionEvent(
        agent_id="appointment-desk",
        environment="production",
        input_type="phone",
        input_parameters={"phone_number": "+12025550123"},
    )
    yield MergeSessionEvent(session_id="session-of-the-colleague")
    yield say("On the platform a colleague would be called now, and join us.")


async def payment(context: Context):
    """The caller is asked to pay; the answer comes as an event."""
    yield say("The tour costs nothing, but let us pretend that it is five dollars.")
    yield CollectPaymentEvent(5)


async def paid(event: CollectPaymentSuccessEvent, context: Context):
    """The money is there."""
    yield say("Thank you, the five dollars have come.")


async def supervisor(context: Context):
    """A supervisor may ask the agent something while it is on the line."""
    yield say("If a supervisor asks how it goes, I will answer.")


async def supervisor_asks(event: SupervisorRequestEvent, context: Context):
    """Answer without a sound."""
    yield SupervisorResponseEvent({"visited": context.get_data("visited"), "asked": event.data["content"]})


STOPS = {stop.__name__: stop for stop in (note, session, payment, supervisor)}
ANSWERS = {ExternalEvent: note_received, CollectPaymentSuccessEvent: paid, SupervisorRequestEvent: supervisor_asks}
