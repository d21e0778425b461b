"""StopEvent: the end of the session, committed when it is emitted, reached when everything before it was heard."""

from studio.runtime.effects.effect import Emission
from studio.runtime.effects.queued import enqueue
from studio.runtime.effects.speech import Speech
from studio.runtime.journal import Journal
from studio.runtime.speaking import Speaking


class Stop:
    """Ends the session."""

    wires = ("stop",)

    def __init__(self, journal: Journal, speaking: Speaking, speech: Speech) -> None:
        self._journal = journal
        self._speaking = speaking
        self._speech = speech

    def happen(self, emission: Emission) -> None:
        """Queue the closing speech and then the end."""
        if emission.data.get("clear_speech"):
            self._speaking.clear()
        self._speech.close(emission)
        item = enqueue(self._journal, self._speaking, emission, "stop", protected=True)
        if item:
            self._speaking.finish(item)
        if emission.run:
            emission.run.stopped = True
