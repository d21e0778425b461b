"""StopEvent: the end of the session, committed when it is emitted, reached when everything before it was heard."""

from collections.abc import Callable

from studio.runtime.effects.effect import Emission
from studio.runtime.effects.speech import Speech
from studio.runtime.speaking import Speaking


class Stop:
    """Ends the session. What the caller does meanwhile cuts what may be cut, and changes nothing about the end."""

    wires = ("stop",)

    def __init__(self, speaking: Speaking, speech: Speech, on_stop: Callable[[], None]) -> None:
        self._speaking = speaking
        self._speech = speech
        self._on_stop = on_stop

    def happen(self, emission: Emission) -> None:
        """Queue the closing speech and then the end."""
        if emission.data.get("clear_speech"):
            self._speaking.clear("cleared")
        self._speech.close(emission)
        record = emission.record
        self._speaking.enqueue_place("stop", self._on_stop, out=record.id, run=record.run, turn=record.turn)
        if emission.run:
            emission.run.stopped = record.event
