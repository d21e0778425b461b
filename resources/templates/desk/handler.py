"""Asks a list of questions one by one and confirms the answers."""

from primfunctions.context import Context
from primfunctions.events import Event, LogEvent, StartEvent, StopEvent, TextEvent, TextToSpeechEvent, TimeoutEvent

VOICE = "nova"

#: What to find out, and how to ask for it, in order.
QUESTIONS = {
    "name": "What is your name?",
    "reason": "What can we do for you?",
    "day": "Which day suits you?",
}


async def handler(event: Event, context: Context):
    """Runs once for everything that happens in the call; what it yields is spoken in order."""
    if isinstance(event, StartEvent):
        yield say("Welcome to the desk.")
        yield say(question(context))

    elif isinstance(event, TextEvent):
        text = event.data["text"]
        if "cancel" in text.lower() or "bye" in text.lower():
            yield StopEvent(closing_speech="All right. Goodbye.", voice=VOICE)
        elif open_question(context):
            context.set_data(open_question(context), text)
            yield say(question(context))
        elif "yes" in text.lower():
            yield LogEvent("Confirmed", attributes={key: context.get_data(key) for key in QUESTIONS})
            yield StopEvent(closing_speech="Thank you, we have noted it. Goodbye.", voice=VOICE)
        else:
            for key in QUESTIONS:
                context.set_data(key, None)
            yield say(f"Let us start again. {question(context)}")

    elif isinstance(event, TimeoutEvent):
        if event.data["count"] < 3:
            yield say(f"Are you still there? {question(context)}")
        else:
            yield StopEvent(closing_speech="I cannot hear you. Please call again.", voice=VOICE)


def open_question(context: Context) -> str:
    """What is still to be found out; "" when everything is known."""
    return next((key for key in QUESTIONS if not context.get_data(key)), "")


def question(context: Context) -> str:
    """What to ask now."""
    key = open_question(context)
    if key:
        return QUESTIONS[key]
    answers = ", ".join(f"{key}: {context.get_data(key)}" for key in QUESTIONS)
    return f"I have noted {answers}. Is that right?"


def say(text: str) -> TextToSpeechEvent:
    """Speech in this agent's voice."""
    return TextToSpeechEvent(text, voice=VOICE)
