"""Who hears the caller: the recogniser that listens, one that waits in its shadow, and the change between them.

Positions are samples of the caller line (16 kHz). Every recogniser is fed whole utterances, from before their first voiced
sample on. What was fed is kept until it was understood, so that another recogniser can be given it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from studio.agents.session_settings import SessionSettings
from studio.audio.streams import Samples
from studio.providers.ear_desk import Hearer
from studio.providers.errors import ProviderError
from studio.providers.recognition import Listener, RecogniserSettings, Transcript
from studio.runtime.ear import Ear, Opener, outside
from studio.runtime.ear_notices import EarNotices
from studio.runtime.journal import Journal
from studio.runtime.open_ears import OpenEars
from studio.runtime.open_utterance import OpenUtterance, Unheard
from studio.runtime.recogniser_settings import recogniser_settings
from studio.runtime.seam import joined
from studio.runtime.virtual_time import is_virtual
from studio.sessions.records import CALLER_RATE

_REMEMBERED = 10 * CALLER_RATE
"""What is kept of the line between utterances, for pre-roll and for a recogniser that comes later."""
_WORD_IS_OVER = 2 * CALLER_RATE
"""How long after a seam the old recogniser goes on to hear: what began before it is over by then."""


class Ears:
    """One session's hearing. Without a recogniser everything is understood as nothing."""

    def __init__(self, journal: Journal, settings: SessionSettings) -> None:
        self.settings = settings
        """The session's; what of them concerns recognisers takes effect by `update`, `prewarm` and `switch`."""
        self.own_endpointing = False
        """The agent has asked for a silence that ends turns: a recogniser that cannot be told leaves it to the studio."""
        self.own_noise_reduction = settings.stt_noise_reduction_type != SessionSettings().stt_noise_reduction_type
        """Somebody has asked for noise reduction: where the recogniser cannot do it, the studio does."""
        self.current: Ear | None = None
        self.standby: Ear | None = None
        self.unknown: Callable[[str], str] = lambda model: ""
        """That nobody has such a model, in a sentence; "" where somebody has."""
        self.foreign: Callable[[str, str], str] = lambda model, language: ""
        """That who would hear for a model does not know a language, in a sentence; "" where that is not known."""
        self.on_partial: Callable[[Transcript], None] = lambda transcript: None
        self.on_turn_ended: Callable[[Transcript], None] = lambda transcript: None
        """A recogniser that ends turns itself has ended one."""
        self.on_service: Callable[[str], None] = lambda title: None
        """A service is asked to hear."""
        self.on_standby_lost: Callable[[Ear, ProviderError], None] = lambda ear, error: None
        self._journal = journal
        self._opener: Opener | None = None
        self._remembered: deque[tuple[int, Samples]] = deque()
        self._next = 0
        self._taken = 0
        """What lies before this sample belongs to utterances that are over."""
        self._utterance: OpenUtterance | None = None
        self._unheard: list[Unheard] = []
        self._opening: asyncio.Task[None] | None = None
        """Opens a recogniser where none hears."""
        self._back: asyncio.Task[None] | None = None
        self._hopeless = False
        """No recogniser can hear as things are set: there is no use in trying again."""
        self._breaks: list[asyncio.Future[None]] = []
        self._notices = EarNotices(journal)
        self._open_ears = OpenEars()
        self._tasks: set[asyncio.Task[Any]] = set()

    # ---- what is set

    async def use(self, opener: Opener) -> None:
        """Begin to hear. A recogniser that cannot be had becomes a notice: typed input goes on.

        What the caller says meanwhile is understood once a recogniser is there.
        """
        self._opener, self.unknown = opener, opener.unknown
        self._open_one()
        if self._opening:
            await asyncio.shield(self._opening)

    @property
    def ends_turns(self) -> bool:
        """Whether the recogniser ends the caller's turn."""
        return self.current is not None and self.current.ends_turns

    @property
    def noise_reduction(self) -> str:
        """What the studio has to do about noise, because the recogniser does not."""
        kind = self.settings.stt_noise_reduction_type if self.own_noise_reduction else ""
        return "" if self.current and kind in self.current.hearer.abilities.noise_reduction else kind

    @property
    def position(self) -> int:
        """The caller sample that comes next."""
        return self._next

    def explain(self, model: str) -> None:
        """Say who stands in for that model, if anybody does and it was not said before."""
        if self._opener:
            self._opener.explain(model, self._notices.once)

    def same(self, model: str) -> bool:
        """Whether it would be heard by who hears already."""
        return self._opener is None or (
            self.current is not None and self._opener.hearer(model) == self.current.hearer and not self.current.dead
        )

    def rename(self, model: str) -> None:
        """Hear for another model with the recogniser that stands in for both."""
        self.explain(model)
        if self.current:
            self.current.model = model

    async def update(self, settings: SessionSettings) -> None:
        """Listen differently from the next utterance on. Raises ProviderError where no recogniser can: the old one goes on.

        Called between utterances. A recogniser that cannot be changed while it is open is replaced; what the caller says
        meanwhile is heard by the old one.
        """
        if self._opener is None:
            asked = settings.stt_language if settings.stt_language != self.settings.stt_language else ""
            if asked and (sentence := self.foreign(settings.stt_model, asked)):
                raise ProviderError("", "refused", sentence)
            self.settings = settings
            return
        before, self.settings = self.settings, settings
        self._hopeless = False
        now = self.current
        try:
            wanted = self._wanted(now.hearer, settings) if now else None
            if wanted and now and wanted == now.settings:
                return
            if wanted is None or now is None or not await now.update(wanted):
                await self.change(settings.stt_model, settings, now)
        except ProviderError:
            if self.settings is settings:  # nothing else has taken effect meanwhile
                self.settings = before
            raise
        if standby := self.standby:
            await self._keep_up(standby)

    async def change(self, model: str, settings: SessionSettings, instead_of: Ear | None = None) -> int:
        """Open another recogniser; it hears from the next utterance on, or an utterance that nobody hears.

        Returns the first sample that is its own. Raises ProviderError where it cannot be had: the old one goes on. Where
        yet another has taken the place of `instead_of` by then, that one stays.
        """
        fresh = await self._open(model, settings)
        while (utterance := self._utterance) and not utterance.unheard and not fresh.dead:
            await self._next_break()
        if instead_of and self.current and self.current is not instead_of:
            self._open_ears.let_go(fresh)
            return self._next
        if not fresh.dead:
            self._give_unheard(fresh)
        if fresh.error:  # it may have died of what it was given
            raise fresh.error
        return self._take(fresh)

    async def prewarm(self, model: str) -> Ear:
        """Open a recogniser that hears along in the shadow, as it is to listen by then. Raises ProviderError."""
        return self._stand_by(await self._open_up_to_date(model))

    async def switch(self) -> tuple[int, int]:
        """Let the standby hear from now on; the first sample that is the new one's, and when it began to take over (ns).

        In the middle of an utterance that is the next sample where both place their words: the old one hears on until
        what it has begun is over, and `joined` takes each word from one of them. Where they do not, it is the next pause.
        """
        began = self._journal.now()
        while (utterance := self._utterance) and (new := self.standby):
            old = utterance.ear
            if old is None or old.dead:  # it has heard along: nobody has to hear it anew
                if new.hears_since(utterance.first):
                    self.standby = None
                    return self._take(new), began
            elif utterance.before is None and old.hearer.abilities.word_times and new.hearer.abilities.word_times:
                return self._split(utterance, old, new, by_words=True), began
            await self._next_break()
            began = self._journal.now()
            same = self._utterance is utterance and utterance.ear is old and self.standby is new
            if same and old and not old.dead and utterance.before is None:
                self._spawn(self._pass_over(new, self._next))  # what it has heard so far is the old one's
                return self._split(utterance, old, new, by_words=False), began
        fresh, self.standby = self.standby, None
        return (self._take(fresh) if fresh else self._next), began

    async def between(self) -> None:
        """Wait until no utterance is under way."""
        while self._utterance:
            await self._next_break()

    # ---- what is heard

    def hear(self, block: Samples, first: int) -> None:
        """Take caller samples, in order."""
        if first != self._next:
            self._remembered.clear()
        self._next = first + len(block)
        self._remembered.append((first, block))
        while self._remembered[0][0] + len(self._remembered[0][1]) < self._next - _REMEMBERED:
            self._remembered.popleft()
        if self._utterance:
            self._utterance.pieces.append((first, block))
            self._feed(self._utterance, block, first)

    def begin(self, first: int) -> None:
        """An utterance is under way since that sample, or since the end of the last one where that is later."""
        first = max(first, self._taken)
        utterance = self._utterance = OpenUtterance(self.current)
        for at, block in self._remembered:
            if at + len(block) > first:
                utterance.pieces.append((max(at, first), block[max(0, first - at) :]))
        for at, block in utterance.pieces:
            self._feed(utterance, block, at)
        if self.current is None:
            self._open_one()

    def pause(self) -> None:
        """No voice just now."""
        if (utterance := self._utterance) and utterance.before is None:
            self._break()

    def finish(self, end: int, given: Transcript | None = None) -> asyncio.Task[Transcript]:
        """The utterance is over; what was said. `given` is what the recogniser that ended it has understood."""
        utterance, self._utterance = self._utterance, None
        self._taken = given.end if given else end
        understanding = self._spawn(self._understand(utterance, end, given))
        if self.standby:
            self._spawn(self._pass_over(self.standby, end))
        self._break()
        now, opener = self.current, self._opener
        if now and opener and (self._back is None or self._back.done()) and now.model == self.settings.stt_model:
            if given:
                opener.heard(now.hearer)
            if opener.may_go_back(now.model, self.settings.stt_failover, now.hearer):
                self._back = self._spawn(self._go_back(now))
        return understanding

    async def stop(self) -> None:
        """Hear nothing more."""
        self._opener = None
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.current = self.standby = None
        await self._open_ears.close()

    # ---- understanding

    def _feed(self, utterance: OpenUtterance, block: Samples, first: int) -> None:
        if utterance.ear:
            utterance.ear.feed(block, first)
        if self.standby:
            self.standby.feed(block, first)
        if utterance.before and utterance.before_final is None:
            utterance.before.feed(block, first)
            end = first + len(block)
            if end >= utterance.seam + _WORD_IS_OVER:
                utterance.before_final = self._spawn(self._final(utterance, utterance.before, end))

    def _split(self, utterance: OpenUtterance, old: Ear, new: Ear, *, by_words: bool) -> int:
        self.current, self.standby = new, None
        utterance.before, utterance.ear, utterance.seam, utterance.by_words = old, new, self._next, by_words
        if not by_words:
            utterance.before_final = self._spawn(self._final(utterance, old, self._next))
        return utterance.seam

    async def _understand(self, utterance: OpenUtterance | None, end: int, given: Transcript | None) -> Transcript:
        if utterance is None:
            return given or _nothing(end)
        if utterance.before is None:
            return given or await self._final(utterance, utterance.ear, end)
        old = utterance.before_final or self._spawn(self._final(utterance, utterance.before, end))
        new = given or await self._final(utterance, utterance.ear, end)
        transcript = joined(await old, new, utterance.seam if utterance.by_words else None)
        self._open_ears.let_go(utterance.before)
        return transcript

    async def _final(self, utterance: OpenUtterance, ear: Ear | None, end: int) -> Transcript:
        first = utterance.first if ear is utterance.ear else 0
        if ear and not ear.dead:
            try:
                transcript = await ear.finish(end)
            except ProviderError as error:
                self._failed(ear, error)
            else:
                if self._opener:
                    self._opener.heard(ear.hearer)
                return transcript
        unheard = Unheard(utterance.between(first, end), end, asyncio.get_running_loop().create_future())
        self._hear_later(unheard)
        return await unheard.transcript

    async def _pass_over(self, standby: Ear, end: int) -> None:
        """The standby has heard an utterance that another one understands."""
        try:
            await standby.finish(end)
        except ProviderError as error:
            self._failed(standby, error)

    # ---- recognisers

    def _wanted(self, hearer: Hearer, settings: SessionSettings) -> RecogniserSettings:
        return recogniser_settings(hearer, settings, own_endpointing=self.own_endpointing)

    async def _open(self, model: str, settings: SessionSettings, rather_than: Hearer | None = None) -> Ear:
        opener = self._opener
        assert opener is not None  # callers have looked
        began = self._journal.now()
        ear = Ear(model)

        def how(hearer: Hearer) -> RecogniserSettings:
            ear.settings = self._wanted(hearer, settings)
            return ear.settings

        async with outside(opener.hearer(model)):
            ear.stream, ear.hearer = await opener.open(
                model, how, self._listener(ear), self._notices.of_opening, settings.stt_failover, rather_than
            )
        self._open_ears.add(ear)
        if service := opener.service(ear.hearer):
            self.on_service(service)
        ear.warmup_ms = round((self._journal.now() - began) / 1e6, 3)
        return ear

    async def _open_up_to_date(self, model: str) -> Ear:
        """Open a recogniser that listens as is asked for when it is there. Raises ProviderError."""
        ear = await self._open(model, self.settings)
        try:
            while not ear.dead and (wanted := self._wanted(ear.hearer, self.settings)) != ear.settings:
                if not await ear.update(wanted):  # something was asked for while it was opened
                    self._open_ears.let_go(ear)
                    ear = await self._open(model, self.settings)
        except ProviderError:
            self._open_ears.let_go(ear)
            raise
        if ear.error:
            raise ear.error
        return ear

    def _stand_by(self, ear: Ear) -> Ear:
        if self.standby:
            self._open_ears.let_go(self.standby)
        self.standby = ear
        if self._utterance:
            for first, block in self._utterance.pieces:
                ear.feed(block, first)
        return ear

    async def _go_back(self, now: Ear) -> None:
        """Ask those again who come before the one that hears now: their provider may have recovered, or got a key."""
        try:
            fresh = await self._open(now.model, self.settings, now.hearer)
        except ProviderError:
            return  # it is left alone for longer
        await self.between()
        if self.current is now and now.model == self.settings.stt_model and not fresh.dead:
            self._take(fresh)
            sentence = f"{fresh.hearer.model} hears again: its provider answers."
            self._notices.note("recogniser_back", sentence, {"model": fresh.model}, "info")
        else:
            self._open_ears.let_go(fresh)

    def _listener(self, ear: Ear) -> Listener:
        def partial(transcript: Transcript) -> None:
            # guesses of what works in real time would come at another place in every virtual run
            if ear is self.current and not (is_virtual() and ear.hearer.abilities.external):
                self.on_partial(replace(transcript, provider=ear.hearer.provider))

        def turn_ended(transcript: Transcript) -> None:
            if ear is self.current and ear.ends_turns:
                self.on_turn_ended(ear.with_aside(transcript))
            else:
                ear.put_aside(transcript)

        return Listener(partial, turn_ended, lambda error: self._failed(ear, error))

    def _take(self, fresh: Ear) -> int:
        """Let it hear from now on, and an utterance that nobody hears; its first sample of the line."""
        if self.current:
            self._open_ears.let_go(self.current)
        self.current = fresh
        if (utterance := self._utterance) and utterance.unheard:
            utterance.give(fresh)
            return utterance.first
        return self._next

    async def _keep_up(self, standby: Ear) -> None:
        """Let the standby listen as it would if it were the one; where it cannot, another one takes its place."""
        try:
            if not await standby.update(self._wanted(standby.hearer, self.settings)):
                fresh = await self._open_up_to_date(standby.model)
                if self.standby is standby:
                    self._stand_by(fresh)
                else:  # it has taken over, or another one was asked for
                    self._open_ears.let_go(fresh)
        except ProviderError as error:
            if self.standby is standby:
                self._failed(standby, error)

    def _failed(self, ear: Ear, error: ProviderError) -> None:
        if ear.dead or self._opener is None:
            return
        ear.error = error
        self._opener.failed(ear.hearer, error)
        if ear is self.standby:
            self.standby = None
            self.on_standby_lost(ear, error)
        elif ear is self.current:
            sentence = f"{error} The recogniser is started again and hears once more what it has not given back."
            self._notices.note("recognition_failed", sentence, {"failure": error.failure}, "error")
            self.current = None
            self._open_one()
        self._open_ears.let_go(ear)
        self._break()

    def _open_one(self) -> None:
        if self._opener and not self._hopeless and self._opening is None:
            self._opening = asyncio.create_task(self._open_another())
            self._tasks.add(self._opening)
            self._opening.add_done_callback(self._tasks.discard)

    async def _open_another(self) -> None:
        """Open a recogniser where none hears, and give it everything that was not understood."""
        try:
            fresh = await self._open_as_set()
        except ProviderError as error:
            self._note_nobody(error)
            self._give_up()
            return
        finally:
            self._opening = None
        self._give_unheard(fresh)
        if self.current is None and not fresh.dead:
            self._take(fresh)
        else:  # another model hears by now, or it has died of what it was given
            self._open_ears.let_go(fresh)

    async def _open_as_set(self) -> Ear:
        """Open a recogniser as the session has it, which may change meanwhile. Raises ProviderError."""
        while True:
            settings = self.settings
            try:
                return await self._open(settings.stt_model, settings)
            except ProviderError:
                if settings == self.settings:
                    raise

    def _note_nobody(self, error: ProviderError) -> None:
        opener, ever = self._opener, self._open_ears.ever
        if ever or opener is None:
            self._notices.note("recognition_failed", str(error), {"failure": error.failure}, "error")
            return
        asked = opener.hearer(self.settings.stt_model).provider
        self._hopeless = error.failure == "refused" and error.provider == asked
        self._notices.once("no_recogniser", f"{error} Typed input goes on.")

    def _hear_later(self, unheard: Unheard) -> None:
        self._unheard.append(unheard)
        self._open_one()
        if self._opening is None:
            self._give_up()

    def _give_up(self) -> None:
        """Nobody can hear what was not understood."""
        unheard, self._unheard = self._unheard, []
        for lost in unheard:
            lost.transcript.set_result(_nothing(lost.end))

    def _give_unheard(self, fresh: Ear) -> None:
        """Let one that has heard nothing yet hear what was not understood."""
        unheard, self._unheard = self._unheard, []
        for lost in unheard:
            for first, block in lost.pieces:
                fresh.feed(block, first)
            self._spawn(self._hear_again(fresh, lost))

    async def _hear_again(self, fresh: Ear, lost: Unheard) -> None:
        lost.tries -= 1
        try:
            transcript = await fresh.finish(lost.end)
        except ProviderError as error:
            self._failed(fresh, error)
            if lost.tries:
                self._hear_later(lost)
                return
            self._notices.note("recognition_failed", str(error), {"failure": error.failure}, "error")
            transcript = _nothing(lost.end)
        if not lost.transcript.done():
            lost.transcript.set_result(transcript)

    # ---- small things

    async def _next_break(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._breaks.append(future)
        await future

    def _break(self) -> None:
        waiting, self._breaks = self._breaks, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def _spawn[T](self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run it up to its first wait now, so that what it tells a recogniser comes before what is fed next."""
        task = asyncio.Task(coroutine, loop=asyncio.get_running_loop(), eager_start=True)
        if not task.done():
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return task


def _nothing(end: int) -> Transcript:
    return Transcript("", True, end, end)
