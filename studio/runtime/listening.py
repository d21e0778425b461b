"""The caller's side of a conversation: voice, turns, and the ear.

Everything hangs on the blocks that a source pushes. Positions are samples of the caller line (16 kHz); the end of speech
is dated from the signal's level, not from the end of a voice-activity window.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.agents.session_settings import SessionSettings
from studio.audio.noise import NoiseReduction
from studio.audio.streams import Samples
from studio.providers.recognition import Transcript
from studio.runtime.clock import time_of
from studio.runtime.ears import Ears
from studio.runtime.journal import Journal
from studio.sessions.records import AUDIO_CALLER, CALLER_RATE, NOTICE, STT_FINAL, STT_PARTIAL, TURN

_BLOCK = CALLER_RATE // 10
_WINDOW = 512
_HYSTERESIS = 0.15
_GAP = 4
"""Windows without voice within which it is still the same stretch of voice: a closed stop lasts about 100 ms."""
_MS = CALLER_RATE // 1000
_EDGE = 8 * _MS
"""What the level may lag behind: it dates by frames of 4 ms, and takes the last one only once the next is there."""


class VoiceActivity(Protocol):
    """Probabilities of voice (`studio.audio.vad.VoiceActivity`)."""

    def process(self, samples: Samples) -> NDArray[np.float32]:
        """The probability of each 512-sample window that these samples complete."""
        ...

    def reset(self) -> None:
        """Forget what was heard."""
        ...


class Level(Protocol):
    """Dates voice by the signal's level (`studio.audio.level.LevelTracker`)."""

    def process(self, block: Samples, first_sample: int) -> None:
        """Take the next samples."""
        ...

    def last_voiced(self, before_sample: int) -> int:
        """The last voiced sample before that one; the one just before it where none is near."""
        ...

    def first_voiced(self, after_sample: int) -> int:
        """The first voiced sample from that one on; that one itself where none is near."""
        ...


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the caller said in one turn, as it was understood."""

    transcript: Transcript
    voice_start: int
    """First voiced sample."""
    voice_end: int
    """Last voiced sample."""


class Listening:
    """Turns caller samples into utterances, and tells when voice begins, lasts and ends."""

    def __init__(
        self,
        journal: Journal,
        activity: VoiceActivity,
        level: Level,
        ears: Ears,
        settings: SessionSettings,
    ) -> None:
        self._journal = journal
        self._activity = activity
        self._level = level
        self._ears = ears
        self._noise = NoiseReduction()
        self.settings = settings
        self._end_of_turn_ms = settings.end_of_turn_ms
        """The silence that ends the utterance under way: as it was set when that began."""
        self._next = 0
        """The sample that is expected next."""
        self._window = 0
        """The first sample of the window that voice activity is filling."""
        self._stretch: int | None = None
        """Where the present stretch of voice began, put off by what was silent within it."""
        self._gap = 0
        """Windows without voice since the last with it."""
        self._told_lasting = False
        self._voice_start = 0
        self._voice_end = 0
        self._voiced_from = 0
        """Where voice began last."""
        self._talk = False
        self._gathered: list[Samples] = []
        self._gathered_from = 0
        self._finishing: set[asyncio.Task[None]] = set()
        self._in_order = asyncio.Lock()
        self._deaf_until = 0
        self.speaking = False
        """Whether the caller is in the middle of an utterance (voice, or the wait for its end)."""
        self.voiced = False
        """Whether the last window was voice."""
        self.on_voice: Callable[[bool, int], None] = lambda speaking, sample: None
        """Voice began or ended, at a caller sample."""
        self.on_lasting: Callable[[int], None] = lambda sample: None
        """Voice has lasted for `voice_ms`; `sample` is where it began."""
        self.on_words: Callable[[str], None] = lambda text: None
        """What was understood of the utterance so far."""
        self.on_utterance: Callable[[Utterance], None] = lambda utterance: None
        """The caller's turn has ended and was understood (text "" when it was not)."""
        ears.on_partial = self._partial
        ears.on_turn_ended = self._turn_ended

    @property
    def busy(self) -> bool:
        """Whether an utterance is under way or being understood."""
        return self.speaking or bool(self._finishing)

    @property
    def waiting_ms(self) -> float | None:
        """Milliseconds until the caller's turn ends if the silence lasts; None while there is voice or no utterance."""
        if not self.speaking or self.voiced:
            return None
        return max(0.0, self._end_of_turn_ms - (self._next - self._voice_end) / _MS)

    @property
    def end_of_turn_ms(self) -> int:
        """The silence that ends the caller's turn."""
        return self._end_of_turn_ms if self.speaking else self._silence_ms()

    @property
    def lasting(self) -> bool:
        """Whether voice goes on that has lasted long enough to cut."""
        return self._told_lasting and self.voiced

    @property
    def voice_start(self) -> int:
        """The first voiced sample of the utterance that is under way, or of the last one."""
        return self._voice_start

    def push(self, block: Samples, first_sample: int) -> None:
        """Take caller samples. A gap before them is silence; what was already taken is not taken twice."""
        block, first_sample = self._reduce_noise(block, first_sample)
        if first_sample > self._next:
            self._skip_to(first_sample)
        elif first_sample < self._next:
            block = block[self._next - first_sample :]
        if not len(block):
            return
        first = self._next
        self._next += len(block)
        self._record(block, first)
        self._level.process(block, first)
        self._ears.hear(block, first)
        probabilities = self._activity.process(block)
        if len(probabilities):
            self._journal.vad(self._window, probabilities)
        for probability in probabilities:
            self._window += _WINDOW
            self._hear(float(probability), self._window)
        self._tell_if_lasting(self._next)
        if self.speaking and not self.voiced and not self._talk:
            self._end_if_silent(self._next)

    def talk(self, on: bool) -> None:
        """Push-to-talk: the turn lasts as long as the key is held."""
        self._talk = on
        if on and not self.speaking:
            self._begin(self._next)
        elif not on and self.speaking:
            self._end(self._next)

    def be_deaf(self, seconds: float) -> None:
        """Understand nothing of what the caller begins to say within that time, or is saying."""
        self._deaf_until = self._next + round(seconds * CALLER_RATE)

    async def stop(self) -> None:
        """Hear nothing more; what is being understood is dropped."""
        for task in self._finishing:
            task.cancel()
        await asyncio.gather(*self._finishing, return_exceptions=True)
        self._write_gathered(whole_blocks=False)

    async def understood(self) -> None:
        """Wait until every utterance that is over by now was given to `on_utterance`."""
        if self._finishing:
            await asyncio.wait(list(self._finishing))

    def hand_over(self) -> None:
        """Give whoever records the line everything heard by now, to the last sample."""
        self._write_gathered(whole_blocks=False)

    # ---- voice

    def _hear(self, probability: float, window_end: int) -> None:
        threshold = self.settings.vad_threshold
        voiced = probability >= (threshold - _HYSTERESIS if self.voiced else threshold)
        if self.settings.push_to_talk and not self._talk:
            voiced = False
        if self._gap > _GAP:
            self._stretch, self._told_lasting = None, False
        if voiced and not self.voiced:
            start = min(self._level.first_voiced(max(0, window_end - 2 * _WINDOW)), window_end)
            # a stretch of voice begins where its sound does; what is silent within it does not count
            self._stretch = start if self._stretch is None else self._stretch + max(0, start - self._voice_end)
            self._voiced_from = start
            if not self.speaking:
                self._begin(start)
            self._journal.add(TURN, "voice_started", {"caller_sample": start}, at=time_of(start, CALLER_RATE))
            self.on_voice(True, start)
        elif self.voiced and not voiced:
            self._date_end()
            self._journal.add(
                TURN, "voice_stopped", {"caller_sample": self._voice_end}, at=time_of(self._voice_end, CALLER_RATE)
            )
            self.on_voice(False, self._voice_end)
            self._ears.pause()
        self.voiced = voiced
        self._gap = 0 if voiced else self._gap + 1
        self._tell_if_lasting(window_end)

    def _tell_if_lasting(self, now: int) -> None:
        """Say once that there has been voice for long enough at `now`: at the end of a window, or within one whose sound goes on."""
        if self._told_lasting or not self.voiced or self._stretch is None:
            return
        if now - self._stretch < self.settings.voice_ms * _MS:
            return
        if now == self._window or self._level.last_voiced(now) >= now - _EDGE:
            self._told_lasting = True
            self.on_lasting(self._stretch)

    def _date_end(self) -> None:
        """Date the end of voice once, when voice activity says that it is over."""
        self._voice_end = max(self._voice_start, self._level.last_voiced(self._next))

    def _begin(self, start: int) -> None:
        self.speaking = True
        self._voice_start = self._voice_end = start
        self._end_of_turn_ms = self._silence_ms()
        self._ears.begin(min(start, self._next - self.settings.pre_roll_ms * _MS))

    def _silence_ms(self) -> int:
        return self.settings.eot_timeout_ms if self._ears.ends_turns else self.settings.end_of_turn_ms

    def _end_if_silent(self, now: int) -> None:
        if now - self._voice_end >= self._end_of_turn_ms * _MS:
            self._end(now)

    def _turn_ended(self, transcript: Transcript) -> None:
        """The recogniser says that the caller's turn is over. Who has spoken on by then has begun another one.

        A recogniser that hears a stretch late, and finds several turns in it, ends those that are long over too.
        """
        if not self.speaking:
            self._understand_later(self._ears.finish(self._next, transcript), transcript.start, transcript.end)
            return
        goes_on, voice_end = self.voiced or self._voiced_from >= transcript.end, self._voice_end
        self._end(self._next, transcript)
        if goes_on:
            self._begin(transcript.end)
            self._voice_end = max(self._voice_end, voice_end)

    def _end(self, now: int, understood: Transcript | None = None) -> None:
        if self.voiced:
            self._date_end()
        self.speaking = False
        self._journal.add(
            TURN,
            "end_of_turn",
            {"caller_sample": self._voice_end, "waited_ms": round((now - self._voice_end) / _MS, 3)},
            at=time_of(now, CALLER_RATE),
        )
        self._understand_later(self._ears.finish(now, understood), self._voice_start, self._voice_end)

    def _understand_later(self, final: asyncio.Task[Transcript], voice_start: int, voice_end: int) -> None:
        task = asyncio.create_task(self._understand(final, voice_start, voice_end))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    async def _understand(self, final: asyncio.Task[Transcript], voice_start: int, voice_end: int) -> None:
        async with self._in_order:
            transcript = await final
            if not transcript.text:
                transcript = replace(transcript, start=voice_start, end=voice_end)
            if voice_start < self._deaf_until:
                transcript = Transcript("", True, voice_start, voice_end)
                sentence = "What the caller said was not understood: the recogniser was made to be deaf."
                self._journal.add(NOTICE, "recogniser_deaf", {}, level="warning", message=sentence)
            self._journal.add(STT_FINAL, "transcript", _facts(transcript))
            self._finishing.discard(asyncio.current_task())  # type: ignore[arg-type]
            self.on_utterance(Utterance(transcript, voice_start, voice_end))

    def _partial(self, transcript: Transcript) -> None:
        if transcript.start < self._deaf_until:
            return
        self._journal.add(STT_PARTIAL, "transcript", _facts(transcript))
        self.on_words(transcript.text)

    # ---- samples

    def _skip_to(self, sample: int) -> None:
        """Nothing was pushed for a while: that is silence, and voice activity starts afresh."""
        if self.speaking:
            self._end(self._next)
        if self.voiced:
            self.voiced = False
            self.on_voice(False, self._voice_end)
        self._write_gathered(whole_blocks=False)
        self._activity.reset()
        self._stretch = None
        self._told_lasting = False
        self._next = self._window = sample

    def _reduce_noise(self, block: Samples, first: int) -> tuple[Samples, int]:
        """Take the noise away that the recogniser does not; changed between utterances."""
        if not self.speaking and (kind := self._ears.noise_reduction) != self._noise.kind:
            known = self._noise.problem
            self._noise.use(kind)
            if self._noise.problem != known:
                self._journal.add(NOTICE, "no_noise_reduction", {}, level="warning", message=self._noise.problem)
        return self._noise.process(block, first)

    def _record(self, block: Samples, first: int) -> None:
        if not self._journal.wants_audio:
            return
        if not self._gathered:
            self._gathered_from = first
        self._gathered.append(block)
        if sum(map(len, self._gathered)) >= _BLOCK:
            self._write_gathered(whole_blocks=True)

    def _write_gathered(self, whole_blocks: bool) -> None:
        if not self._gathered:
            return
        line = np.concatenate(self._gathered)
        first = self._gathered_from
        keep = len(line) % _BLOCK if whole_blocks else 0
        if len(line) > keep:
            self._journal.audio(AUDIO_CALLER, first, CALLER_RATE, line[: len(line) - keep], time_of(first, CALLER_RATE))
        self._gathered = [line[len(line) - keep :]] if keep else []
        self._gathered_from = first + len(line) - keep


def _facts(transcript: Transcript) -> dict[str, object]:
    return {
        "text": transcript.text,
        "start": transcript.start,
        "end": transcript.end,
        "language": transcript.language,
        "confidence": transcript.confidence,
        "certain": transcript.certain,
        "alternative": transcript.alternative,
        "provider": transcript.provider,
        "words": [[word.text, word.start, word.end] for word in transcript.words],
    }
