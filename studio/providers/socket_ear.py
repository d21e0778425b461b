"""What recognisers at a service's socket have in common: order, places, finals that are waited for, and a single failure."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from studio.providers.accounts import Account
from studio.providers.errors import Failure, ProviderError
from studio.providers.failures import failed, failure_of
from studio.providers.line_map import RATE, LineMap
from studio.providers.recognition import HeardWord, Listener, RecogniserSettings, Transcript

CONNECT_S = 5.0
"""How long a service may take to open a socket, and to answer what is asked of it while it is open."""
_CLOSE_S = 1.0
_BORDER_S = 0.03
"""What a service may leave of the sound and still have understood all of it."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a service has finally understood of a stretch of its stream. Times are seconds of the stream."""

    text: str
    start: float
    end: float
    words: Sequence[tuple[str, float, float]] = ()
    confidence: float | None = None
    language: str = ""


@dataclass(slots=True)
class _Asked:
    """A final that is waited for."""

    start: int
    end: int
    sent: int
    """Samples that had been sent when it was asked for."""
    answer: asyncio.Future[Transcript] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class SocketEar(ABC):
    """An open ear at a socket.

    An adapter says how its protocol sends, and calls `_understood`, `_guess`, `_turn_over` and `_final_given` for what it
    reads. `begin` is called once the socket is open.
    """

    idle_s = 4.0
    """After so long without sound the service is told that we are still there."""
    final_s = 2.0
    """How long a final may take; longer utterances are given a tenth of their length more."""

    def __init__(self, account: Account, settings: RecogniserSettings, listener: Listener) -> None:
        self.settings = settings
        self._account = account
        self._listener = listener
        self._line = LineMap()
        self._outbox: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._asked: deque[_Asked] = deque()
        self._parts: list[Understood] = []
        """What was understood and not given back."""
        self._interim = ""
        self._start: int | None = None
        """The first caller sample of the utterance under way."""
        self._given_s = 0.0
        """What lies before in the stream was given back."""
        self._signs = 0
        """Messages that have come."""
        self._error: ProviderError | None = None
        self._change: asyncio.Future[bool] | None = None
        """A change that the service has not confirmed yet."""

    # ---- what a protocol does

    @abstractmethod
    async def _send_sound(self, pcm: bytes) -> None:
        """Send int16 mono 16 kHz."""

    @abstractmethod
    async def _ask_final(self) -> None:
        """Ask for the final of what was sent."""

    @abstractmethod
    async def _keep_alive(self) -> None:
        """Tell the service that we are still there."""

    @abstractmethod
    def _messages(self) -> AsyncIterator[object]:
        """What the service says, until the socket is closed. May raise whatever its SDK raises."""
        ...

    @abstractmethod
    def _take(self, message: object) -> None:
        """Take a message. One that is not of the protocol may raise AttributeError, LookupError, TypeError, ValueError."""

    @abstractmethod
    async def _disconnect(self) -> None:
        """Close the socket."""

    async def _alive(self) -> bool:
        """Whether a service that has said nothing had nothing to say. Of one that always answers it need not be asked."""
        return False

    @abstractmethod
    async def update(self, settings: RecogniserSettings) -> bool:
        """See `RecognitionStream.update`."""

    # ---- RecognitionStream

    def begin(self) -> None:
        """Talk to the service; the socket is open."""
        self._tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._read())]

    def feed(self, pcm: bytes, first_sample: int) -> None:
        """Take caller audio."""
        if self._error:
            return
        if self._start is None:
            self._start = first_sample
        self._line.add(len(pcm) // 2, first_sample)
        self._outbox.put_nowait(lambda: self._send_sound(pcm))

    async def finish(self, end_sample: int) -> Transcript:
        """The final of what was fed since the last one."""
        if self._error:
            raise self._error
        start, self._start = self._start, None
        if start is None and not self._parts:
            return Transcript("", True, end_sample, end_sample, language=self.settings.language)
        asked = _Asked(end_sample if start is None else start, end_sample, self._line.sent)
        self._asked.append(asked)
        self._outbox.put_nowait(self._ask_final)
        signs = self._signs
        await asyncio.wait([asked.answer], timeout=self.final_s + (asked.end - asked.start) / RATE / 10)
        nothing = not asked.answer.done() and not self._parts and not self._interim and signs == self._signs
        if nothing and not await self._alive() and not asked.answer.done():
            self._asked.remove(asked)
            raise self._failed("stalled")
        while not asked.answer.done():
            self._final_given()
        return asked.answer.result()

    async def close(self) -> None:
        """Stop listening."""
        self._error = self._error or self._failed("dropped")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._fail_asked(self._error)
        with suppress(Exception):  # it may be broken already
            async with asyncio.timeout(_CLOSE_S):
                await self._disconnect()

    # ---- for protocols

    @property
    def _waited_for(self) -> bool:
        """Whether a final is waited for."""
        return bool(self._asked)

    def _covers(self, end_s: float) -> bool:
        """Whether what ends there is all that the final has to have."""
        return bool(self._asked) and end_s >= self._asked[0].sent / RATE - _BORDER_S

    def _late(self, end_s: float) -> bool:
        """Whether what ends there comes too late: its time was given back without it."""
        return end_s <= self._given_s + _BORDER_S

    def _send(self, send: Callable[[], Awaitable[None]]) -> None:
        """Send something else, after all sound that was fed before."""
        self._outbox.put_nowait(send)

    async def _confirmation(self) -> bool:
        """Whether the service has done what was asked of it last; False where it does not say."""
        self._change = asyncio.get_running_loop().create_future()
        await asyncio.wait([self._change], timeout=CONNECT_S)
        return self._change.done() and self._change.result()

    def _confirm(self, *, done: bool) -> None:
        """The service has done, or refused, what was asked of it last."""
        if self._change and not self._change.done():
            self._change.set_result(done)

    def _pad(self, count: int) -> None:
        """Silence of our own is sent."""
        self._line.pad(count)

    def _understood(self, part: Understood) -> None:
        """This will not change any more."""
        self._interim = ""
        if self._late(part.end) or not part.text.strip():
            return
        if (
            part.start < self._given_s and part.words
        ):  # a late final begins with what was given back without waiting for it
            words = [word for word in part.words if (word[1] + word[2]) / 2 >= self._given_s]
            if len(words) < len(part.words):
                part = Understood(
                    " ".join(word for word, _, _ in words),
                    self._given_s,
                    part.end,
                    words,
                    part.confidence,
                    part.language,
                )
        self._parts.append(part)

    def _guess(self, text: str, end_s: float) -> None:
        """This may be what is being said, beyond what was understood."""
        if not text.strip() or self._late(end_s):
            return
        self._interim = text.strip()
        if not self._asked and self._start is not None:
            said = self._said(self._start, self._line.end(end_s), final=False)
            self._listener.partial(said)

    def _turn_over(self, end_s: float) -> None:
        """The service has ended the caller's turn there. Where a final is waited for, that decides."""
        if self._asked or self.settings.ends_turns_by is None or not self._parts:
            return
        end = self._line.end(end_s)
        said = self._said(self._line.start(self._given_s) if self._start is None else self._start, end)
        self._give(end_s)
        self._start = end if self._line.sent / RATE > end_s else None
        self._listener.turn_ended(said)

    def _final_given(self) -> None:
        """The final that is waited for next is complete."""
        asked = self._asked.popleft()
        said = self._said(asked.start, asked.end)
        self._give(asked.sent / RATE)
        if not asked.answer.done():
            asked.answer.set_result(said)

    def _failed(self, failure: Failure, reason: str = "") -> ProviderError:
        account = self._account
        return failed(
            account.provider, account.title, failure, what=self.settings.model, reason=reason, secret=account.key
        )

    def _break(self, error: ProviderError) -> None:
        """The stream is dead."""
        if self._error:
            return
        self._error = error
        self._listener.failed(error)
        self._fail_asked(error)

    # ---- inside

    def _give(self, end_s: float) -> None:
        self._parts, self._interim = [], ""
        self._given_s = max(self._given_s, end_s)

    def _said(self, start: int, end: int, *, final: bool = True) -> Transcript:
        """All that is understood; an unfinished guess only where nothing better will come."""
        parts, interim = self._parts, self._interim
        placed = not interim and all(part.words for part in parts)
        sure = [part.confidence for part in parts if part.confidence is not None]
        languages = [part.language for part in parts if part.language]
        return Transcript(
            " ".join(filter(None, [*(part.text.strip() for part in parts), interim])),
            final,
            start,
            end,
            language=languages[0] if languages else self.settings.language,
            confidence=sum(sure) / len(sure) if sure else None,
            certain=not interim,
            words=[
                HeardWord(text, self._line.start(begin), self._line.end(over))
                for part in parts
                for text, begin, over in part.words
            ]
            if placed and final
            else (),
        )

    def _fail_asked(self, error: ProviderError) -> None:
        self._confirm(done=False)
        for asked in self._asked:
            if not asked.answer.done():
                asked.answer.set_exception(error)
        self._asked.clear()

    async def _write(self) -> None:
        try:
            while True:
                try:
                    async with asyncio.timeout(self.idle_s):
                        send = await self._outbox.get()
                except TimeoutError:
                    send = self._keep_alive
                await send()
        except Exception as error:
            self._break(self._translated(error))

    async def _read(self) -> None:
        try:
            async for message in self._messages():
                self._signs += 1
                with suppress(AttributeError, LookupError, TypeError, ValueError):  # what is missing will be missed
                    self._take(message)
            self._break(self._failed("dropped"))
        except Exception as error:
            self._break(self._translated(error))

    def _translated(self, error: Exception) -> ProviderError:
        failure = failure_of(error, begun=True)
        told = getattr(getattr(error, "rcvd", None), "reason", "")  # of the frame with which the socket was closed
        return self._failed(failure if failure in ("stalled", "garbage") else "dropped", str(told or ""))
