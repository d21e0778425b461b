"""Speech: who speaks, how fast, in which manner, and whether you may interrupt."""

from primfunctions.context import Context
from primfunctions.events import TextToSpeechEvent

from guide import say


async def voices(context: Context):
    """Every line names its voice. Without a key for a voice's service, a local voice stands in for it."""
    yield TextToSpeechEvent("This is Nova.", voice="nova")
    yield TextToSpeechEvent("Onyx speaks lower.", voice="onyx")
    yield TextToSpeechEvent("And this is Zephyr.", voice={"provider": "google_chirp", "identifier": "zephyr"})


async def speeds(context: Context):
    """From a quarter of the usual speed to four times of it; OpenAI's and Azure's voices can."""
    yield say("Half as fast, for every word to sink in.", speed=0.5)
    yield say("The usual speed.")
    yield say("Twice as fast, for those in a hurry.", speed=2.0)


async def style(context: Context):
    """`instructions` say how a line is to be spoken. Voices that take none ignore them, with a notice."""
    yield say("I am so glad that you are here.", instructions="Speak warmly, like an old friend.")


async def protected(context: Context):
    """Speak while this plays: what you say waits until the protected line has been heard."""
    yield say("You cannot interrupt this line. It is a legal notice, and is heard to its end.", interruptible=False)
    yield say("This one you can interrupt at any word, so please feel free to try it now.")


STOPS = {stop.__name__: stop for stop in (voices, speeds, style, protected)}
