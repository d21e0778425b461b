"""Sounds: files, pauses, and a track in the background.

The files lie beside this module. On VoiceRun their paths must be URLs.
"""

from primfunctions.context import Context
from primfunctions.events import AudioEvent, SilenceEvent, UpdateAudioSettingsEvent

from guide import say


async def chime(context: Context):
    """A sound has its place in the queue, like a line."""
    yield say("Here is a chime.")
    yield AudioEvent("chime.wav")


async def pause(context: Context):
    """A pause is a part of the agent's turn: lines, pauses and sounds happen in the order they are sent."""
    yield say("One and a half seconds")
    yield SilenceEvent(1500)
    yield say("have passed.")


async def music(context: Context):
    """A track plays under everything else until it is taken away: here, when the lines before have been heard."""
    yield UpdateAudioSettingsEvent(background_track_url="waves.wav", background_track_volume=0.5)
    yield say("You hear the sea while I am speaking. Nothing that is said or cut changes it.")
    yield SilenceEvent(1000)
    yield say("Now we leave the beach.")
    yield UpdateAudioSettingsEvent(background_track_url=None, after_speech=True)


STOPS = {stop.__name__: stop for stop in (chime, pause, music)}
