"""How an output event gets a place in the one queue of the agent's turn."""

from studio.runtime.effects.effect import Emission, note
from studio.runtime.items import Item, ItemKind
from studio.runtime.journal import Journal
from studio.runtime.speaking import Speaking


def enqueue(
    journal: Journal,
    speaking: Speaking,
    emission: Emission,
    kind: ItemKind,
    *,
    protected: bool,
    text: str = "",
    loop: bool = False,
) -> Item | None:
    """The event's item at the end of the queue; None where the caller has cut the run that emitted it."""
    run, record = emission.run, emission.record
    if run is not None and run.interrupted and not protected:
        sentence = f"{record.event} was dropped: the caller had cut this run."
        note(journal, emission, "caller_speaks", sentence, level="info")
        return None
    return speaking.enqueue(
        kind, out=record.id, run=record.run, turn=record.turn, protected=protected, text=text, loop=loop
    )
