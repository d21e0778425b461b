"""Garbage collection at times when nobody listens: a full one takes tens of milliseconds."""

import gc


class Collector:
    """Freezes what was imported; during a call the oldest generation is collected between turns only."""

    _NEVER = 1_000_000

    def __init__(self) -> None:
        self._usual = gc.get_threshold()
        self._paused = False

    def freeze(self) -> None:
        """Everything is imported: it is never looked through again."""
        gc.collect()
        gc.freeze()

    def pause(self) -> None:
        """A call begins."""
        young, middle, _ = self._usual
        gc.set_threshold(young, middle, self._NEVER)
        self._paused = True

    def between_turns(self) -> None:
        """A good moment of a call: collect what would have been collected by now."""
        if self._paused and gc.get_count()[2] > self._usual[2]:
            gc.collect()

    def resume(self) -> None:
        """The call is over."""
        gc.set_threshold(*self._usual)
        self._paused = False
        gc.collect()
