"""A tour of the events that an agent can send. Each stop is a function of a few lines in the module of its topic.

Say or type the name of a stop and "please", or "next please".
"""

import re

from primfunctions.context import Context
from primfunctions.events import Event, LogEvent, StartEvent, StopEvent, TextEvent, TimeoutEvent

import elsewhere
import endings
import hearing
import models
import reports
import sounds
import speech
import telephone
import turns
from guide import say

TOPICS = (speech, sounds, turns, reports, hearing, telephone, elsewhere, models, endings)
STOPS = {name: stop for topic in TOPICS for name, stop in topic.STOPS.items()}
ANSWERS = {**hearing.ANSWERS, **telephone.ANSWERS, **elsewhere.ANSWERS}


async def handler(event: Event, context: Context):
    """Runs once for everything that happens in the call."""
    if isinstance(event, StartEvent):
        for output in greeting(context):
            yield output

    elif isinstance(event, TextEvent):
        name = stop_named_in(event.data["text"], context)
        if name:
            context.set_data("visited", name)
            yield LogEvent(f"Stop: {name}")
            async for output in STOPS[name](context):
                yield output
        else:
            yield say("The stops of this tour are:")
            for topic in TOPICS:
                yield say(f"{', '.join(topic.STOPS)};")
            yield say("Say the name of one and please, or next please.")

    elif isinstance(event, TimeoutEvent):
        if event.data["count"] == 1:
            yield say("Say next please to go on.")

    elif isinstance(event, StopEvent):
        yield LogEvent("The tour ends here", attributes={"last_stop": context.get_data("visited")})

    elif type(event) in ANSWERS:
        async for output in ANSWERS[type(event)](event, context):
            yield output


def greeting(context: Context) -> list[Event]:
    """A welcome; another one for callers whom the colleague sends back."""
    came_with = context.get_data("transfer")
    if came_with:
        context.set_data("visited", came_with["visited"])
        return [say("Welcome back to the tour. Say next please.")]
    return [say("Welcome to the tour of events."), say("Say next please, or ask which stops there are.")]


def stop_named_in(text: str, context: Context) -> str:
    """The stop that a caller asks for; "" if there is none of that name."""
    words = re.findall(r"[a-z]+", text.lower())
    if "next" in words:
        names = list(STOPS)
        visited = context.get_data("visited")
        return names[(names.index(visited) + 1) % len(names)] if visited else names[0]
    return next((word for word in words if word in STOPS), "")
