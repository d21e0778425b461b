"""What every stop of the tour uses: the guide's voice, and the channel of the call."""

from primfunctions.context import Context
from primfunctions.events import TextToSpeechEvent

VOICE = "nova"


def say(text: str, **options) -> TextToSpeechEvent:
    """A line of the guide. The options are those of TextToSpeechEvent."""
    return TextToSpeechEvent(text, voice=VOICE, **options)


def on_the_phone(context: Context) -> bool:
    """Whether this is a telephone call."""
    return context.configuration.origin == "phone"


def needs_the_phone(what: str) -> TextToSpeechEvent:
    """What the guide says at a stop that there is on the phone only."""
    return say(f"{what} needs a telephone call: choose Phone and run again.")
