"""One open recogniser, and who opens it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import replace
from typing import Protocol

from studio.audio.streams import Samples
from studio.providers.ear_desk import Hearer, Notice
from studio.providers.errors import ProviderError
from studio.providers.recognition import Listener, RecogniserSettings, RecognitionStream, Transcript
from studio.runtime.seam import joined
from studio.runtime.virtual_time import external, is_virtual


class Opener(Protocol):
    """Opens recognisers (`studio.providers.ear_desk.EarDesk`)."""

    def hearer(self, model: str) -> Hearer:
        """Who would hear for that model."""
        ...

    def unknown(self, model: str) -> str:
        """That nobody has such a model, in a sentence; "" where somebody has."""
        ...

    def explain(self, model: str, notice: Notice) -> None:
        """Say who stands in for that model, if anybody does."""
        ...

    async def open(
        self,
        model: str,
        how: Callable[[Hearer], RecogniserSettings],
        listener: Listener,
        notice: Notice,
        failover: Sequence[str] = (),
        rather_than: Hearer | None = None,
    ) -> tuple[RecognitionStream, Hearer]:
        """Open one for that model; `how` says how each who may be asked is to listen. Raises ProviderError."""
        ...

    def failed(self, hearer: Hearer, error: ProviderError) -> None:
        """One of that hearer has died."""
        ...

    def heard(self, hearer: Hearer) -> None:
        """One of that hearer has understood something."""
        ...

    def service(self, hearer: Hearer) -> str:
        """The title of the service that is asked for it to hear; "" for none."""
        ...

    def may_go_back(self, model: str, failover: Sequence[str], now: Hearer) -> bool:
        """Whether somebody could be asked who comes before the one that hears now."""
        ...


class Ear:
    """An open recogniser."""

    def __init__(self, model: str) -> None:
        self.model = model
        """The name that was asked for."""
        self.settings: RecogniserSettings
        self.hearer: Hearer
        self.stream: RecognitionStream
        self.error: ProviderError | None = None
        """What it has died of."""
        self.warmup_ms = 0.0
        """How long it took to open."""
        self._fed = 0
        self._finished = 0
        self._aside: list[Transcript] = []
        self._finals: set[asyncio.Future[None]] = set()

    @property
    def dead(self) -> bool:
        """Whether it hears nothing more."""
        return self.error is not None

    @property
    def ends_turns(self) -> bool:
        """Whether it ends the caller's turn itself."""
        return self.settings.ends_turns_by in self.hearer.abilities.ends_turns

    def hears_since(self, first: int) -> bool:
        """Whether its next final has everything from that sample on, as far as it was given to it."""
        return not self.dead and self._finished <= first

    def feed(self, block: Samples, first: int) -> None:
        """Give it samples; what it was given before is left out."""
        if first < self._fed:
            block, first = block[self._fed - first :], self._fed
        if len(block) and not self.dead:
            self._fed = first + len(block)
            self.stream.feed(block.tobytes(), first)

    def put_aside(self, transcript: Transcript) -> None:
        """It has ended a turn that was not its to end: what it has understood belongs to what it gives next."""
        self._aside.append(transcript)

    def with_aside(self, transcript: Transcript) -> Transcript:
        """What it gives, and before it what was put aside."""
        aside, self._aside = self._aside, []
        return self._all(aside, transcript)

    async def finish(self, end: int) -> Transcript:
        """Its final. Raises ProviderError."""
        self._finished = end
        aside, self._aside = self._aside, []
        given = asyncio.get_running_loop().create_future()
        self._finals.add(given)
        try:
            async with self.outside():
                transcript = await self.stream.finish(end)
        finally:
            self._finals.discard(given)
            given.set_result(None)
        if is_virtual() and self.hearer.abilities.virtual_delay_s:
            await asyncio.sleep(self.hearer.abilities.virtual_delay_s)
        return self._all(aside, transcript)

    async def update(self, settings: RecogniserSettings) -> bool:
        """Listen differently from now on, if it can. Raises ProviderError."""
        async with self.outside():
            done = await self.stream.update(settings)
        if done:
            self.settings = settings
        return done

    async def close(self) -> None:
        """Free it, once it has given every final that is waited for."""
        if self._finals and not self.dead:
            await asyncio.wait(self._finals)
        with suppress(ProviderError):  # nobody waits for it
            await self.stream.close()

    def _all(self, parts: Sequence[Transcript], last: Transcript) -> Transcript:
        for part in reversed(parts):
            last = joined(part, last, None)
        return replace(last, provider=self.hearer.provider)

    def outside(self) -> AbstractAsyncContextManager[None]:
        """Holds a virtual clock for what happens in real time."""
        return outside(self.hearer)


def outside(hearer: Hearer) -> AbstractAsyncContextManager[None]:
    """Holds a virtual clock while that hearer works, if it works in real time."""
    return external() if hearer.abilities.external else nullcontext()
