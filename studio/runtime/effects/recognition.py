"""STTUpdateSettingsEvent: how the caller is heard from now on.

Settings take effect between two utterances; a prewarmed model takes over at once. What recognises next is decided by
`studio.runtime.ears.Ears`; this module reads the event, says what came of it, and tells the handler of another model.
"""

import asyncio
import math
from collections.abc import Callable, Coroutine, Mapping
from contextlib import nullcontext
from typing import Any

from studio.agents.session_settings import EAGERNESS_CODES, EAGERNESS_MS, SessionSettings
from studio.providers.errors import ProviderError
from studio.runtime.ears import Ears
from studio.runtime.effects.effect import Emission, note, note_effect
from studio.runtime.journal import Journal
from studio.sessions.records import EFFECT, NOTICE, Level

_NAMES = {"language": "stt_language", "prompt": "stt_prompt", "model": "stt_model"}
_NOISE = ("near_field", "far_field", "telephony")
_SHORT_MS = 100
_LONG_MS = 60_000
_BY_STREAM = ("stt_language", "stt_prompt")
RECOGNITION_SETTINGS = frozenset(
    {
        *_NAMES.values(),
        "stt_endpointing",
        "stt_noise_reduction_type",
        "vad_mode",
        "vad_eagerness",
        "eot_threshold",
        "eager_eot_threshold",
        "eot_timeout_ms",
        "phrases",
    }
)
"""The session's settings that concern recognisers: they change between utterances."""


class Recognition:
    """Changes recognition while the call runs."""

    wires = ("stt_update_settings",)

    def __init__(
        self,
        journal: Journal,
        ears: Ears,
        settings: Callable[[], SessionSettings],
        take: Callable[[Mapping[str, Any]], None],
        switched: Callable[[dict[str, Any]], Coroutine[Any, Any, None]],
    ) -> None:
        """`take` changes settings of the session.

        `switched` tells the handler that another model hears the caller, after everything that was said before.
        """
        self._journal = journal
        self._ears = ears
        self._settings = settings
        self._take = take
        self._tell = switched
        self._order = asyncio.Lock()
        self._prewarm_order = asyncio.Lock()
        self._model_order = asyncio.Lock()
        """Held until a change of the model has taken effect: who asks for one more waits for it."""
        self._warming: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._standby_cause: Emission | None = None
        self.on_changed: Callable[[], None] = lambda: None
        ears.on_standby_lost = lambda ear, error: self._standby_failed(ear.model, error, self._standby_cause)

    @property
    def busy(self) -> bool:
        """Whether something that was asked for has not taken effect yet."""
        return bool(self._tasks)

    def happen(self, emission: Emission) -> None:
        """Change what is given; what is not stays as it is."""
        given = {name: value for name, value in emission.data.items() if value is not None}
        asked, prewarm = self._read(given, emission)
        if prewarm and prewarm != asked.get("stt_model"):
            task = self._spawn(self._prewarm(prewarm, emission))
            if not task.done():
                self._warming[prewarm] = task
        if asked:
            self._spawn(self._change(asked, emission))
        elif not given:
            note(
                self._journal,
                emission,
                "nothing_to_change",
                "STTUpdateSettingsEvent names no setting: nothing changes.",
            )

    def set(self, name: str, value: Any) -> None:
        """The person at the desk changes a setting of recognition; its value is good."""
        self._spawn(self._change({name: value}, None))

    def become(self, settings: SessionSettings) -> None:
        """Another agent goes on, with recognition of its own; it is not told of a switch."""
        now = self._settings()
        asked = {name: getattr(settings, name) for name in sorted(RECOGNITION_SETTINGS)}
        asked = {name: value for name, value in asked.items() if value != getattr(now, name)}
        if asked:
            self._spawn(self._change(asked, None, tell=False))

    async def stop(self) -> None:
        """Nothing more takes effect."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ---- what was asked for

    def _read(self, given: Mapping[str, Any], emission: Emission) -> tuple[dict[str, Any], str]:
        """The settings to change, and the model to warm up. What makes no sense is a row and is left out."""
        asked: dict[str, Any] = {}
        for name in ("language", "prompt", "model", "prewarm_model"):
            if name not in given:
                continue
            value = given[name]
            is_model = name in ("model", "prewarm_model") and isinstance(value, str) and value.strip()
            if is_model and (sentence := self._ears.unknown(value.strip())):
                self._refuse(name, value.strip(), sentence, emission)
            elif isinstance(value, str) and (value.strip() or name == "prompt"):
                asked[_NAMES.get(name, name)] = value.strip() if name != "prompt" else value
            else:
                sentence = f"{name} is a text, not {value!r}: it stays as it was."
                note(self._journal, emission, f"bad_{name}", sentence, level="error")
        if "endpointing" in given:
            asked.update(self._endpointing(given["endpointing"], emission))
        for name in ("noise_reduction", "noise_reduction_type"):
            if name not in given:
                continue
            if given[name] in _NOISE:
                asked["stt_noise_reduction_type"] = given[name]
            else:
                sentence = (
                    f"{name} is {', '.join(_NOISE[:-1])} or {_NOISE[-1]}, not {given[name]!r}: it stays as it was."
                )
                note(self._journal, emission, "bad_noise_reduction", sentence, level="error")
        return asked, asked.pop("prewarm_model", "")

    def _refuse(self, name: str, model: str, sentence: str, emission: Emission) -> None:
        """There is no such model: the old one stays."""
        stays = f"{sentence} {self._settings().stt_model} goes on."
        facts = {"model": model, "failure": "unknown_model"}
        if name == "model":
            self._note(emission, "recogniser_unavailable", stays, "warning", facts)
        else:
            self._effect(emission, "standby_failed", facts, stays, "error")

    def _endpointing(self, value: Any, emission: Emission) -> dict[str, Any]:
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not number or value < 0 or (value <= max(EAGERNESS_CODES) and value not in EAGERNESS_CODES):
            sentence = (
                "endpointing is a silence in milliseconds above 3, or 3, 2, 1, 0 for an eagerness that is high, medium, low, "
                f"auto; not {value!r}: it stays as it was."
            )
            note(self._journal, emission, "bad_endpointing", sentence, level="error")
            return {}
        if value > _LONG_MS:
            sentence = f"endpointing={value} would wait {value / 1000:g} s for the caller to go on: {_LONG_MS} is used."
            note(self._journal, emission, "endpointing_long", sentence)
            value = _LONG_MS
        asked = {"stt_endpointing": round(value)}
        if value > max(EAGERNESS_CODES):
            asked |= {"vad_mode": "server_vad"}  # a silence is asked for, whatever ended turns before
            if value < _SHORT_MS:
                sentence = f"endpointing={value} ends the caller's turn within a word: most people pause longer."
                note(self._journal, emission, "endpointing_short", sentence)
        return asked

    # ---- what comes of it

    async def _change(self, asked: Mapping[str, Any], emission: Emission | None, *, tell: bool = True) -> None:
        began = self._journal.now()
        model = asked.get("stt_model")
        async with self._model_order if model else nullcontext():
            if model and (warming := self._warming.get(model)):
                await asyncio.wait([warming])
            if await self._let_standby_hear(asked, emission, tell):
                return
            async with self._order:
                if not await self._let_standby_hear(asked, emission, tell):
                    await self._change_in_turn(asked, emission, began, tell)

    async def _change_in_turn(
        self, asked: Mapping[str, Any], emission: Emission | None, began: int, tell: bool
    ) -> None:
        """Change between utterances, when everything that was asked for before has taken effect."""
        model = asked.get("stt_model")
        if model and model != self._settings().stt_model:
            error = await self._but_for_the_language(
                asked, emission, lambda some: self._change_model(some, model, emission, began, tell)
            )
            if error is None:
                return
            sentence = f"{error} {self._settings().stt_model} goes on."
            facts = {"model": model, "failure": error.failure}
            self._note(emission, "recogniser_unavailable", sentence, "warning", facts)
            asked = _without(asked, "stt_model")
        if asked:
            await self._change_the_one_that_hears(asked, emission)

    async def _change_the_one_that_hears(self, asked: Mapping[str, Any], emission: Emission | None) -> None:
        error = await self._but_for_the_language(asked, emission, lambda some: self._update(some, emission))
        if error is None:
            return
        self._note_unchanged(emission, error, "It goes on as it was.")
        rest = _without(asked, *_BY_STREAM, "stt_model")
        if rest and rest != asked:
            await self._change_the_one_that_hears(rest, emission)

    async def _but_for_the_language(
        self,
        asked: Mapping[str, Any],
        emission: Emission | None,
        change: Callable[[Mapping[str, Any]], Coroutine[Any, Any, None]],
    ) -> ProviderError | None:
        """Change what is asked for; a language that is refused is left out, which is said. Why nothing is changed, else None."""
        try:
            await change(asked)
        except ProviderError as error:
            if error.failure != "refused" or "stt_language" not in asked:
                return error
            if rest := _without(asked, "stt_language"):
                try:
                    await change(rest)
                except ProviderError as another:
                    return another
            self._note_unchanged(emission, error, f"It goes on with '{self._settings().stt_language}'.")
        return None

    def _note_unchanged(self, emission: Emission | None, error: ProviderError, goes_on: str) -> None:
        self._note(emission, "recogniser_unchanged", f"{error} {goes_on}", "warning", {"failure": error.failure})

    async def _let_standby_hear(self, asked: Mapping[str, Any], emission: Emission | None, tell: bool) -> bool:
        """Change over to another model at once, where nothing else is asked for and it is kept warm."""
        standby, model = self._ears.standby, asked.get("stt_model")
        if len(asked) > 1 or standby is None or standby.model != model or model == self._settings().stt_model:
            return False
        seam, began = await self._ears.switch()
        if self._ears.current is not standby:
            return False
        self._take_over(asked, emission)
        self._switched(emission, standby.warmup_ms, began, seam, tell)
        return True

    async def _update(self, asked: Mapping[str, Any], emission: Emission | None) -> None:
        """Let the one that hears listen differently. Raises ProviderError: it goes on as it was."""
        await self._ears.between()
        self._mark(asked)
        await self._listen_differently(asked)
        self._take_over(asked, emission)

    async def _listen_differently(self, asked: Mapping[str, Any]) -> None:
        """Tell the one that hears, and a standby that takes over meanwhile. Raises ProviderError: it goes on as it was."""
        settings = None
        while settings != (wanted := self._with(asked)):
            settings = wanted
            try:
                await self._ears.update(settings)
            except ProviderError:
                if settings == self._with(asked):
                    raise

    async def _change_model(
        self, asked: Mapping[str, Any], model: str, emission: Emission | None, began: int, tell: bool
    ) -> None:
        """Open the other model, and let it hear from the next utterance on. Raises ProviderError: the old one goes on."""
        ears = self._ears
        if ears.same(model):
            await ears.between()
            began = self._journal.now()  # who hears already has been ready all the while
            self._mark(asked)
            if len(asked) > 1:
                await self._listen_differently(asked)
            ears.rename(model)
            warmup, seam = 0.0, ears.position
        else:
            self._mark(asked)
            seam = await ears.change(model, self._with(asked))
            warmup = ears.current.warmup_ms if ears.current else 0.0
        self._take_over(asked, emission)
        self._switched(emission, warmup, began, seam, tell)

    async def _prewarm(self, model: str, emission: Emission) -> None:
        note_effect(self._journal, emission, "standby_warming", {"model": model})
        try:
            warmup = 0.0
            async with self._prewarm_order:  # the one that was asked for last is kept, however long each takes
                if self._ears.same(model):
                    self._ears.explain(model)
                else:
                    warmup = (await self._ears.prewarm(model)).warmup_ms
                    self._standby_cause = emission
        except ProviderError as error:
            self._standby_failed(model, error, emission)
        else:
            note_effect(self._journal, emission, "standby_ready", {"model": model, "warmup_ms": warmup})
        finally:
            self._warming.pop(model, None)

    def _mark(self, asked: Mapping[str, Any]) -> None:
        """Somebody has asked: what a recogniser cannot do about it is the studio's to do."""
        self._ears.own_endpointing |= "stt_endpointing" in asked
        self._ears.own_noise_reduction |= "stt_noise_reduction_type" in asked

    def _with(self, asked: Mapping[str, Any]) -> SessionSettings:
        settings = self._settings()
        for name, value in asked.items():
            settings = settings.changed(name, value)
        return settings

    def _take_over(self, asked: Mapping[str, Any], emission: Emission | None) -> None:
        """It has taken effect: it is the session's, and it is said how."""
        self._from_model = self._settings().stt_model
        self._take(asked)
        changed = {_SHOWN.get(name, name): value for name, value in asked.items() if name != "vad_mode" or not emission}
        self._effect(emission, "recognition_changed", {"changed": changed})
        self._explain(asked, emission)

    def _explain(self, asked: Mapping[str, Any], emission: Emission | None) -> None:
        """Say what is done in another way than the reference has it."""
        hearer = self._ears.current.hearer if self._ears.current else None
        if hearer is None:
            return
        name = hearer.model
        if asked.get("stt_prompt") and not hearer.abilities.prompt:
            self._note(emission, "prompt_ignored", f"{name} takes no prompt: it is ignored.", "warning", {"by": name})
        elif asked.get("stt_prompt") and hearer.abilities.prompt == "terms":
            terms = list(self._ears.current.settings.key_terms) if self._ears.current else []
            sentence = f"{name} takes terms and no prompt: it is biased by {', '.join(terms) or 'none'}."
            self._note(emission, "prompt_as_terms", sentence, "info", {"terms": terms})
        eagerness = EAGERNESS_CODES.get(asked.get("stt_endpointing", -1))
        if eagerness and "semantic" not in hearer.abilities.ends_turns:
            sentence = (
                f"{name} does not judge what is said: for the eagerness “{eagerness}” the turn ends after "
                f"{EAGERNESS_MS[eagerness]} ms of silence."
            )
            facts = {"eagerness": eagerness, "silence_ms": EAGERNESS_MS[eagerness]}
            self._note(emission, "eagerness_by_silence", sentence, "info", facts)

    def _switched(self, emission: Emission | None, warmup_ms: float, began: int, seam: int, tell: bool) -> None:
        """Another model hears. `began` (ns): when it began to take over, or was asked for where it was not ready then."""
        facts = {
            "from_model": self._from_model,
            "to_model": self._settings().stt_model,
            "warmup_ms": warmup_ms,
            "switch_delay_ms": round((self._journal.now() - began) / 1e6, 3),
        }
        self._effect(emission, "recogniser_switched", {**facts, "caller_sample": seam})
        if tell:
            self._spawn(self._tell(facts))

    def _standby_failed(self, model: str, error: ProviderError, emission: Emission | None) -> None:
        sentence = f"{error} {model} cannot be kept warm; {self._settings().stt_model} goes on."
        facts = {"model": model, "failure": error.failure}
        self._effect(emission, "standby_failed", facts, sentence, "error")

    # ---- small things

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run it up to its first wait now: what needs no waiting has taken effect when the event has been emitted."""
        task = asyncio.Task(coroutine, loop=asyncio.get_running_loop(), eager_start=True)
        if not task.done():
            self._tasks.add(task)
            task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.on_changed()

    def _effect(
        self, emission: Emission | None, event: str, facts: Mapping[str, Any], message: str = "", level: Level = "info"
    ) -> None:
        if emission:
            note_effect(self._journal, emission, event, facts, message, level)
        else:
            self._journal.add(EFFECT, event, facts, level=level, message=message)

    def _note(
        self, emission: Emission | None, code: str, sentence: str, level: Level, facts: Mapping[str, Any]
    ) -> None:
        if emission:
            note(self._journal, emission, code, sentence, level, facts)
        else:
            self._journal.add(NOTICE, code, facts, level=level, message=sentence)


def _without(asked: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if name not in names}


_SHOWN = {**{setting: name for name, setting in _NAMES.items()}, "stt_endpointing": "endpointing"} | {
    "stt_noise_reduction_type": "noise_reduction"
}
"""The event's names of the settings."""
