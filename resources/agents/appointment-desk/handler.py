"""An appointment desk: one step at a time from a day to an hour to a yes.

The conversation is a small state machine. Each step has a question and a function that takes the caller's answer; the
answer decides which step comes next. All that the desk knows is in `context`, so that every turn starts afresh.

    day  --a free day-->  hour  --a free hour-->  confirm  --yes-->  done
     ^                                               |
     +----------------------no-----------------------+
"""

import re

from primfunctions.context import Context
from primfunctions.events import Event, LogEvent, StartEvent, StopEvent, TextEvent, TextToSpeechEvent, TimeoutEvent

from slots import FREE, day_in, hour_in, spoken

VOICE = "nova"
PATIENCE = 2
"""How often a silent caller is asked again."""


async def handler(event: Event, context: Context):
    """Runs once for everything that happens in the call."""
    if isinstance(event, StartEvent):
        yield say("Welcome to the appointment desk.")
        yield ask("day", context)

    elif isinstance(event, TextEvent):
        for output in answer(event.data["text"], context):
            yield output

    elif isinstance(event, TimeoutEvent):
        if event.data["count"] <= PATIENCE:
            yield say("Are you still there?")
            yield ask(context.get_data("step"), context)
        else:
            yield goodbye("I cannot hear you, so I will hang up. Please call again.")

    elif isinstance(event, StopEvent):
        yield LogEvent("Call ended", attributes={"step": context.get_data("step"), "booked": booking(context)})


def answer(text: str, context: Context) -> list[Event]:
    """What the desk does with an answer. Some words work at every step."""
    words = text.lower()
    if re.search(r"\b(cancel|never mind)\b", words):
        return [goodbye("All right, nothing is booked. Goodbye.")]
    if "bye" in words:
        return [goodbye("Thank you for calling. Goodbye.")]
    return STEPS[context.get_data("step")](text, context)


# the steps


def take_day(text: str, context: Context) -> list[Event]:
    day = day_in(text)
    if not day:
        return [say("I did not catch a day."), ask("day", context)]
    if day not in FREE:
        return [say(f"I am sorry, {day} is full."), ask("day", context)]
    context.set_data("day", day)
    hour = hour_in(text)
    if hour in FREE[day]:  # "Tuesday at ten" answers two questions at once
        return take_hour(hour, context)
    return [ask("hour", context)]


def take_hour(text: str, context: Context) -> list[Event]:
    if day_in(text) and day_in(text) != context.get_data("day"):  # the caller changes the day
        return take_day(text, context)
    hour = hour_in(text)
    if not hour:
        return [say("I did not catch a time."), ask("hour", context)]
    if hour not in FREE[context.get_data("day")]:
        return [say(f"I am sorry, {hour} o'clock is taken."), ask("hour", context)]
    context.set_data("hour", hour)
    return [ask("confirm", context)]


def take_confirmation(text: str, context: Context) -> list[Event]:
    words = text.lower()
    if re.search(r"\b(yes|yeah|correct|right|sure)\b", words):
        context.set_data("step", "done")
        return [
            LogEvent("Booked", attributes=booking(context)),
            say("Wonderful, your appointment is booked. Is there anything else?"),
        ]
    if re.search(r"\b(no|wrong)\b", words):
        return [say("No problem, let us start again."), ask("day", context)]
    return [say("Please say yes or no."), ask("confirm", context)]


def after_booking(text: str, context: Context) -> list[Event]:
    if re.search(r"\b(yes|another|appointment|book)\b", text.lower()):
        return [ask("day", context)]
    return [goodbye(f"We look forward to seeing you on {context.get_data('day')}. Goodbye.")]


STEPS = {"day": take_day, "hour": take_hour, "confirm": take_confirmation, "done": after_booking}


# words


def ask(step: str, context: Context) -> TextToSpeechEvent:
    """Go to a step and ask its question."""
    context.set_data("step", step)
    day, hour = context.get_data("day"), context.get_data("hour")
    if step == "day":
        return say(f"Which day suits you? I have {spoken(list(FREE))}.")
    if step == "hour":
        return say(f"On {day} I have {spoken(FREE[day])} o'clock. Which one?")
    if step == "confirm":
        return say(f"That is {day} at {hour} o'clock. Is that right?")
    return say("Is there anything else?")


def booking(context: Context) -> dict[str, str] | None:
    """What was booked in this call."""
    if context.get_data("step") != "done":
        return None
    return {"day": context.get_data("day"), "hour": context.get_data("hour")}


def goodbye(text: str) -> StopEvent:
    return StopEvent(closing_speech=text, voice=VOICE)


def say(text: str) -> TextToSpeechEvent:
    return TextToSpeechEvent(text, voice=VOICE)
