"""Reports: what an agent tells its developers and its client. None of these makes a sound; all take effect at once."""

from primfunctions.context import Context
from primfunctions.events import CustomEvent, DebugEvent, ErrorEvent, LogEvent, MetricEvent

from guide import say


async def log(context: Context):
    """Lines for the log, with attributes to look at."""
    yield LogEvent("The tour wrote this line", attributes={"stop": "log", "mood": "cheerful"})
    yield LogEvent("This one is a warning", attributes={"level": "warning"})
    yield say("Look at the log: there are two new lines.")


async def screen(context: Context):
    """Events of the agent's own: one for the client's screen, one for the debugger."""
    yield CustomEvent("show_card", {"title": "Event tour", "lines": ["custom events", "have any name"]})
    yield DebugEvent("tour_position", {"stop": "screen"}, "output", {})
    yield say("Your client could show a card now.")


async def metric(context: Context):
    """A measured value."""
    yield MetricEvent("gauge", "listeners", {"value": 1})
    yield say("One listener has been counted.")


async def error(context: Context):
    """Something went wrong, and is said so. The conversation goes on."""
    yield ErrorEvent("The tour pretends that something went wrong")
    yield say("That was an error, on purpose. Nothing is broken.")


async def result(context: Context):
    """What the session gives back to whoever started it."""
    context.set_output({"visited": context.get_data("visited")})
    yield say("The result of this call has been written down.")


STOPS = {stop.__name__: stop for stop in (log, screen, metric, error, result)}
