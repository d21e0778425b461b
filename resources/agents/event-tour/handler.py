"""A tour of the events an agent can send. Each stop is a function that returns events, in the order they happen.

Type or say the name of a stop, or "next".
"""

from primfunctions.context import Context
from primfunctions.events import (
    AudioEvent,
    Event,
    LogEvent,
    SilenceEvent,
    StartEvent,
    StopEvent,
    TextEvent,
    TextToSpeechEvent,
    TimeoutEvent,
)

GUIDE = "nova"


def voices() -> list[Event]:
    """Every speech names its voice. Without a key for a voice's provider, a local voice stands in for it."""
    return [
        TextToSpeechEvent("This is Nova.", voice="nova"),
        TextToSpeechEvent("Onyx speaks lower.", voice="onyx"),
        TextToSpeechEvent("And this is Zephyr.", voice="zephyr"),
    ]


def speeds() -> list[Event]:
    """From a quarter of the usual speed to four times of it."""
    return [
        TextToSpeechEvent("Half as fast, for every word to sink in.", voice=GUIDE, speed=0.5),
        TextToSpeechEvent("The usual speed.", voice=GUIDE),
        TextToSpeechEvent("Twice as fast, for those in a hurry.", voice=GUIDE, speed=2.0),
    ]


def protected() -> list[Event]:
    """Speak while this plays: what you say waits until the protected sentence has been heard."""
    return [
        TextToSpeechEvent(
            "You cannot interrupt this sentence. It is a legal notice, and it will be heard to its end.",
            voice=GUIDE,
            interruptible=False,
        ),
        TextToSpeechEvent("This one you can interrupt at any word, so please feel free to try it now.", voice=GUIDE),
    ]


def sound() -> list[Event]:
    """A file of the project. On VoiceRun the path must be the URL of a sound."""
    return [TextToSpeechEvent("Here is a chime.", voice=GUIDE), AudioEvent("chime.wav")]


def silence() -> list[Event]:
    """A pause is a part of the agent's turn: speech, silence and sounds happen in the order they are sent."""
    return [
        TextToSpeechEvent("One and a half seconds of silence", voice=GUIDE),
        SilenceEvent(1500),
        TextToSpeechEvent("have passed.", voice=GUIDE),
    ]


def log() -> list[Event]:
    """A line for the log, with attributes to look at. It makes no sound and takes effect at once."""
    return [
        LogEvent("The tour wrote this line", attributes={"stop": "log", "mood": "cheerful"}),
        TextToSpeechEvent("Look at the log: there is a new line with two attributes.", voice=GUIDE),
    ]


def stop() -> list[Event]:
    """Ends the call once everything before it, and its closing speech, has been heard."""
    return [StopEvent(closing_speech="That was the tour. Thank you for listening!", voice=GUIDE)]


STOPS = {stop.__name__: stop for stop in (voices, speeds, protected, sound, silence, log, stop)}


async def handler(event: Event, context: Context):
    """Runs once for everything that happens in the call."""
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("Welcome to the tour of events. Say next, or name a stop.", voice=GUIDE)
        yield TextToSpeechEvent(f"The stops are: {', '.join(STOPS)}.", voice=GUIDE)

    elif isinstance(event, TextEvent):
        name = stop_named_in(event.data["text"], context)
        if name:
            context.set_data("visited", name)
            yield LogEvent(f"Stop: {name}")
            for output in STOPS[name]():
                yield output
        else:
            yield TextToSpeechEvent(f"There is no such stop. Say next, or one of: {', '.join(STOPS)}.", voice=GUIDE)

    elif isinstance(event, TimeoutEvent) and event.data["count"] == 1:
        yield TextToSpeechEvent("Say next to go on.", voice=GUIDE)


def stop_named_in(text: str, context: Context) -> str:
    """The stop that a caller asks for; "" if there is none of that name."""
    words = text.lower().split()
    if "next" in words:
        names = list(STOPS)
        visited = context.get_data("visited")
        return names[names.index(visited) + 1] if visited else names[0]
    return next((name for name in STOPS if name in words), "")
