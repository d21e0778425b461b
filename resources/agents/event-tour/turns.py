"""Turns: who may speak when, and what goes on beside the conversation."""

import asyncio

from primfunctions.context import Context
from primfunctions.events import InputAllowedEvent, InterruptEvent

from guide import say


async def interrupt(context: Context):
    """InterruptEvent silences the agent at once, protected lines included. The handler goes on."""
    yield say("I could go on like this for a very long time, and nobody could ever make me stop.", interruptible=False)
    await asyncio.sleep(1.5)
    yield InterruptEvent()
    yield say("Except for myself.")


async def instead(context: Context):
    """`replace` takes back what has been sent and not yet been heard."""
    yield say("Your order will arrive on Monday, between nine and five, if the weather permits.")
    await asyncio.sleep(1)
    yield say("Good news: it will arrive today!", replace=True)


async def gate(context: Context):
    """While input is not allowed, what the caller says and types is refused."""
    yield InputAllowedEvent(False)
    yield say("For three seconds I do not listen.", interruptible=False)
    await asyncio.sleep(3)
    yield InputAllowedEvent(True)
    yield say("Now I do.")


async def background(context: Context):
    """A task goes on after the handler has returned, and may speak."""
    yield say("A task counts to three in the background.")
    context.create_task(_count(), name="count")


async def _count():
    for number in ("One.", "Two.", "Three."):
        await asyncio.sleep(2)
        yield say(number)


STOPS = {stop.__name__: stop for stop in (interrupt, instead, gate, background)}
