"""UpdateAudioSettingsEvent: the background track."""

import asyncio
import math
from dataclasses import dataclass
from typing import Any

from studio.audio.streams import Samples
from studio.runtime.background import BackgroundMark, Track
from studio.runtime.effects.effect import Emission, note
from studio.runtime.journal import Journal
from studio.runtime.sounds import SoundError, SoundFiles
from studio.runtime.speaking import Speaking
from studio.sessions.records import EFFECT


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What an event asks for. Without a URL: no track."""

    url: str
    volume: float
    loop: bool


class Ambience:
    """Plays one track in the background: the one whose event took effect last."""

    wires = ("update_audio_settings",)

    def __init__(self, journal: Journal, speaking: Speaking, files: SoundFiles) -> None:
        self._journal = journal
        self._speaking = speaking
        self._files = files
        self._newest: Emission | None = None
        self._playing: dict[Track, tuple[Emission, _Wanted, str]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        speaking.on_background = self._on_mark

    def happen(self, emission: Emission) -> None:
        """Change the track now, or after the speech before it."""
        wanted = self._wanted(emission)
        if wanted is None:
            return
        fetched = self._task(self._fetch(wanted.url)) if wanted.url else None
        record, run = emission.record, emission.run

        def change() -> None:
            self._newest = emission
            if fetched is None:
                self._speaking.play_background(None)
            else:
                self._task(self._play(emission, wanted, fetched))

        if not emission.data.get("after_speech"):
            change()
        elif run is not None and run.interrupted:
            sentence = "UpdateAudioSettingsEvent was dropped: the caller had cut the speech before it."
            note(self._journal, emission, "caller_speaks", sentence, level="info")
        else:
            self._speaking.enqueue_place("action", change, out=record.id, run=record.run, turn=record.turn)

    def end(self) -> None:
        """The call is over."""
        self._newest = None
        self._speaking.play_background(None)

    async def stop(self) -> None:
        """Drop what is still being fetched."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _wanted(self, emission: Emission) -> _Wanted | None:
        data = emission.data
        url, volume = data.get("background_track_url"), data.get("background_track_volume", 1.0)
        if not (url is None or isinstance(url, str)):
            self._refuse(
                emission, f"background_track_url is a URL or None, not {url!r}: the background stays as it is."
            )
            return None
        if isinstance(volume, bool) or not isinstance(volume, int | float) or not math.isfinite(volume):
            self._refuse(
                emission,
                f"background_track_volume is a number from 0 to 1, not {volume!r}: the background stays as it is.",
            )
            return None
        if not 0 <= volume <= 1:
            clamped = min(1.0, max(0.0, volume))
            sentence = f"background_track_volume lies between 0 and 1: {clamped:g} is used in place of {volume:g}."
            note(self._journal, emission, "volume_clamped", sentence, facts={"requested": volume, "actual": clamped})
            volume = clamped
        return _Wanted((url or "").strip(), float(volume), data.get("background_track_loop") is not False)

    def _refuse(self, emission: Emission, sentence: str) -> None:
        note(self._journal, emission, "bad_background", sentence, level="error")

    async def _fetch(self, url: str) -> Samples | SoundError:
        try:
            return await self._files.fetch(url)
        except SoundError as error:
            return error

    async def _play(self, emission: Emission, wanted: _Wanted, fetched: asyncio.Task[Samples | SoundError]) -> None:
        sound = await fetched
        if self._newest is not emission:
            return  # another one has taken its place
        if isinstance(sound, SoundError):
            note(self._journal, emission, "no_background", f"{sound} The background stays as it is.", level="error")
            return
        track = Track(sound, wanted.volume, wanted.loop)
        self._playing[track] = (emission, wanted, self._journal.new_id("bg"))
        self._speaking.play_background(track)

    def _on_mark(self, mark: BackgroundMark, at: int) -> None:
        emission, wanted, id = self._playing[mark.track]
        facts: dict[str, Any] = {"url": wanted.url, "sample": mark.sample}
        if mark.what == "started":
            facts |= {"volume": wanted.volume, "loop": wanted.loop}
        else:
            facts["reason"] = mark.reason
            del self._playing[mark.track]
        record = emission.record
        self._journal.add(
            EFFECT,
            f"background_{mark.what}",
            facts,
            at=at,
            id=id,
            cause=record.id,
            turn=record.turn,
            run=record.run,
        )

    def _task[T](self, work: Any) -> asyncio.Task[T]:
        task: asyncio.Task[T] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
