"""InputAllowedEvent and InterruptEvent: what the agent decides about its caller and its own voice."""

from studio.runtime.effects.effect import Emission, note, note_effect
from studio.runtime.inputs import Inputs
from studio.runtime.journal import Journal
from studio.runtime.runs import Run, Runs
from studio.runtime.speaking import Speaking
from studio.sessions.records import EFFECT


class InputGate:
    """Closes the caller's input until the agent opens it again, or the handler that closed it ends."""

    wires = ("input_allowed",)

    def __init__(self, journal: Journal, inputs: Inputs, runs: Runs) -> None:
        self._journal = journal
        self._inputs = inputs
        self._runs = runs
        self._closed_by = ""

    def happen(self, emission: Emission) -> None:
        """Open or close it."""
        allowed = emission.data.get("allowed")
        if not isinstance(allowed, bool):
            sentence = f"InputAllowedEvent takes True or False, not {allowed!r}: nothing changes."
            note(self._journal, emission, "bad_input_allowed", sentence, level="error")
        elif allowed:
            self._open("agent", emission)
        elif not self._inputs.refused:
            self._inputs.refused = True
            # what a background task closes is open again when the next handler run ends
            self._closed_by = emission.run.id if emission.run else ""
            note_effect(self._journal, emission, "input_blocked", {})

    def run_ended(self, run: Run) -> None:
        """A gate stays closed no longer than the handler that closed it."""
        if self._closed_by in ("", run.id):
            self._open("handler_end")

    def _open(self, by: str, emission: Emission | None = None) -> None:
        if not self._inputs.refused:
            return
        self._inputs.refused = False
        if emission:
            note_effect(self._journal, emission, "input_allowed", {"by": by})
        else:
            self._journal.add(
                EFFECT,
                "input_allowed",
                {"by": by},
                turn=self._runs.turn,
                run=self._closed_by,
                message="The caller's input is allowed again: the handler that blocked it has ended.",
            )


class Interrupt:
    """Silences the agent at once, lines that the caller may not cut included."""

    wires = ("interrupt",)

    def __init__(self, journal: Journal, speaking: Speaking) -> None:
        self._journal = journal
        self._speaking = speaking

    def happen(self, emission: Emission) -> None:
        """Take all sound out of the queue. The handler, a background track and a committed end go on."""
        gone = self._speaking.clear("interrupt")
        note_effect(self._journal, emission, "interrupted", {"items": [item.id for item in gone]})
