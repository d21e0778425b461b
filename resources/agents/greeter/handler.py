"""A warm welcome: learns the caller's name, chats a little, and knows when to say goodbye."""

import re

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, StopEvent, TextEvent, TextToSpeechEvent, TimeoutEvent

VOICE = "nova"

JOKES = [
    "Why did the microphone blush? It heard everything you said.",
    "I would tell you a joke about silence, but you would have to wait for it.",
    "My favourite exercise is a running commentary.",
]


async def handler(event: Event, context: Context):
    """Runs once for everything that happens in the call; what it yields is spoken in order."""
    if isinstance(event, StartEvent):
        yield say("Hello, and welcome! It is lovely to hear from you. What is your name?")

    elif isinstance(event, TextEvent):
        yield reply(event.data["text"], context)

    elif isinstance(event, TimeoutEvent):
        if event.data["count"] < 3:
            yield say("Take your time. You can ask me for a joke, or just say goodbye.")
        else:
            yield StopEvent(closing_speech="I think you have stepped away. Come back any time!", voice=VOICE)


def reply(text: str, context: Context) -> Event:
    """The answer to what the caller said."""
    words = text.lower()
    name = context.get_data("name")

    if "bye" in words:
        return StopEvent(closing_speech=f"Goodbye{f', {name}' if name else ''}! Have a wonderful day.", voice=VOICE)

    introduced = name_in(text)
    if introduced:
        context.set_data("name", introduced)
        return say(f"What a nice name! I am very pleased to meet you, {introduced}. Shall I tell you a joke?")
    if "joke" in words or re.search(r"\b(yes|sure|please|another)\b", words):
        told = context.get_data("jokes told", 0)
        context.set_data("jokes told", told + 1)
        return say(JOKES[told % len(JOKES)])
    if "how are you" in words:
        return say("I am very well, thank you for asking. And all the better for talking to you.")
    if "what can you do" in words or "help" in words:
        return say("I greet people, I remember their names, and I know a joke or two.")
    if not name:
        return say("Hello there! Tell me your name: say, my name is, and then your name.")
    return say(f"That is good to know, {name}. Ask me for a joke, or how I am.")


def name_in(text: str) -> str:
    """The name a caller introduces themselves by, such as "Maria" in "hi, my name is maria"."""
    found = re.search(r"\b(?:my name is|call me|i am called) ([\w'-]+)", text, re.IGNORECASE)
    return found.group(1).capitalize() if found else ""


def say(text: str) -> TextToSpeechEvent:
    """Speech in this agent's voice. The caller may interrupt it."""
    return TextToSpeechEvent(text, voice=VOICE)
