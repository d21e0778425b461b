"""The caller's sound on its way from a source to the session's ear."""

from collections.abc import Callable

from studio.audio.streams import Samples, Source
from studio.providers.faults import Faults
from studio.runtime.clock import samples_at
from studio.runtime.journal import Journal
from studio.sessions.records import CALLER_RATE, NOTICE

_AUDIBLE = 1000
"""The least peak of a block, of 32,768, that is somebody who speaks and no noise of a room."""


class CallerLine:
    """Places a source's samples on the caller line, silenced or treated where that is wanted."""

    def __init__(self, journal: Journal, faults: Faults, on_samples: Callable[[Samples, int], None]) -> None:
        """`on_samples(block, first_sample)` gets them."""
        self._journal = journal
        self._faults = faults
        self._on_samples = on_samples
        self._source: Source | None = None
        self._source_from = 0
        self._told_silenced = False
        self.muted = False
        self.treat: Callable[[Samples], Samples] = lambda block: block
        """What everything passes through (the telephone band)."""

    def use(self, source: Source | None) -> None:
        """Take another source. Raises DeviceError; then the old one is gone too."""
        self.stop()
        self._source = source
        self._source_from = samples_at(self._journal.now(), CALLER_RATE)
        if source:
            source.start(self._from_source)

    def stop(self) -> None:
        """Hear the source no more."""
        if self._source:
            self._source.stop()

    def push(self, block: Samples, first_sample: int) -> None:
        """Caller samples at their place on the line."""
        silenced = self._faults.lasts("microphone_silent")
        if not silenced:
            self._told_silenced = False
        elif not self._told_silenced and block.size and int(abs(block.astype(int)).max()) >= _AUDIBLE:
            self._told_silenced = True
            sentence = "What the caller says is not heard: the microphone was made to be silent."
            self._journal.add(NOTICE, "microphone_silent", {}, level="warning", message=sentence)
        self._on_samples(self.treat(block * 0 if silenced else block), first_sample)

    def _from_source(self, block: Samples, first_sample: int) -> None:
        self.push(block * 0 if self.muted else block, self._source_from + first_sample)
