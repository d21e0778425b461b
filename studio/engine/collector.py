"""Garbage collection at times when nobody listens: a full one takes tens of milliseconds."""

import gc


class Collector:
    """Freezes what was imported; the oldest generation is collected between calls only."""

    _NEVER = 1_000_000

    def __init__(self) -> None:
        self._usual = gc.get_threshold()

    def freeze(self) -> None:
        """Everything is imported: it is never looked through again."""
        gc.collect()
        gc.freeze()

    def pause(self) -> None:
        """A call begins."""
        young, middle, _ = self._usual
        gc.set_threshold(young, middle, self._NEVER)

    def resume(self) -> None:
        """The call is over."""
        gc.set_threshold(*self._usual)
        gc.collect()
