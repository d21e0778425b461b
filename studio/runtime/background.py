"""The background track: music or ambience under the agent's voice, mixed into what the sink takes.

`Playout.take` mixes, perhaps in a device's thread; the loop's side only leaves orders and collects marks. Nothing here is
an item of the queue: a background never counts as the agent speaking, and no cut touches it. All ramps are tables indexed
by counted samples, so what is heard does not depend on how many samples are taken at a time.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.audio.streams import Samples
from studio.sessions.records import AGENT_RATE

FADE_SAMPLES = AGENT_RATE // 5
"""How long a track takes to come and to go: 200 ms."""
DUCKED = 0.25
"""What is left of a track's volume while the agent speaks: 12 dB less."""
RELEASE_SAMPLES = AGENT_RATE // 4
"""How long a track takes to be loud again after speech: 250 ms."""
ATTACK = 10
"""So much faster it makes way for speech: in 25 ms."""
_SWELL = np.linspace(0.0, 1.0, FADE_SAMPLES + 1, dtype=np.float32)
_DUCK = np.linspace(1.0, DUCKED, RELEASE_SAMPLES + 1, dtype=np.float32)

Spoken = Sequence[tuple[int, int]]
"""Where in a block the agent speaks: [start, end), ascending."""


@dataclass(eq=False, slots=True)
class Track:
    """A sound in the background. Made by the loop's side, changed by the mixing side only."""

    sound: Samples
    volume: float
    """0 to 1."""
    loop: bool
    place: int = 0
    """The sample that comes next."""
    swell: int = 0
    """How far it has come: 0 silent, `FADE_SAMPLES` whole."""
    leaving: bool = False

    def add_to(self, line: NDArray[np.float32], ducking: NDArray[np.float32] | None) -> int | None:
        """Mix the next samples into a block; where it ends within the block: at which sample."""
        n = len(line)
        count, end = n, None
        if self.leaving and self.swell < n:
            count, end = self.swell, self.swell
        if not self.loop and len(self.sound) - self.place < count:
            count = end = len(self.sound) - self.place
        sound = self._next(count) * np.float32(self.volume)
        if self.leaving or self.swell < FADE_SAMPLES:
            step = -1 if self.leaving else 1
            swell = np.clip(self.swell + step * np.arange(1, count + 1), 0, FADE_SAMPLES)
            sound *= _SWELL[swell]
            self.swell = int(swell[-1]) if count else self.swell
        if ducking is not None:
            sound *= ducking[:count]
        line[:count] += sound
        return end

    def _next(self, count: int) -> NDArray[np.float32]:
        if self.place + count <= len(self.sound):
            part = self.sound[self.place : self.place + count]
        else:
            part = self.sound.take(np.arange(self.place, self.place + count), mode="wrap")
        self.place += count
        if self.loop:
            self.place %= len(self.sound)
        return part.astype(np.float32)


@dataclass(frozen=True, slots=True)
class BackgroundMark:
    """What happened to a track at a sample of the agent line. It ends where it begins to fade."""

    what: Literal["started", "ended"]
    track: Track
    sample: int
    reason: Literal["", "replaced", "stopped", "over"] = ""


@dataclass(slots=True)
class Background:
    """The tracks that sound: one, or two while one makes way for the other."""

    _orders: deque[Track | None] = field(default_factory=deque)
    _tracks: list[Track] = field(default_factory=list)
    _marks: deque[BackgroundMark] = field(default_factory=deque)
    _duck: int = 0

    # ---- the loop's side

    def play(self, track: Track) -> None:
        """Play this from the next sample on. The same sound as before keeps its place."""
        self._orders.append(track)

    def stop(self) -> None:
        """Let what plays fade away."""
        self._orders.append(None)

    def collect(self) -> list[BackgroundMark]:
        """Marks since the last call."""
        marks: list[BackgroundMark] = []
        while self._marks:
            marks.append(self._marks.popleft())
        return marks

    @property
    def playing(self) -> bool:
        """Whether anything is to be mixed."""
        return bool(self._tracks or self._orders)

    # ---- the mixing side

    def mix(self, out: Samples, at: int, spoken: Spoken) -> None:
        """Mix into a block of the line that begins at sample `at`."""
        if not self._tracks:
            self._duck = RELEASE_SAMPLES if spoken and spoken[0][0] == 0 else 0
        while self._orders:
            self._obey(self._orders.popleft(), at)
        if not self._tracks:
            return
        line = out.astype(np.float32)
        ducking = self._ducking(len(out), spoken)
        going_on: list[Track] = []
        for track in self._tracks:
            end = track.add_to(line, ducking)
            if end is None:
                going_on.append(track)
            elif not track.leaving:
                self._marks.append(BackgroundMark("ended", track, at + end, "over"))
        self._tracks = going_on
        np.rint(line, out=line)
        np.clip(line, -32768, 32767, out=line)
        out[:] = line

    def _obey(self, track: Track | None, at: int) -> None:
        for old in self._tracks:
            if old.leaving:
                continue
            old.leaving = True
            self._marks.append(BackgroundMark("ended", old, at, "replaced" if track else "stopped"))
            if track and track.sound is old.sound:
                track.place = old.place
        if track:
            self._tracks.append(track)
            self._marks.append(BackgroundMark("started", track, at))

    def _ducking(self, n: int, spoken: Spoken) -> NDArray[np.float32] | None:
        if not (spoken or self._duck):
            return None
        duck = np.empty(n, np.int32)
        at = 0
        for start, end in (*spoken, (n, n)):
            for first, last, step in ((at, start, -1), (start, end, ATTACK)):
                if last > first:
                    places = self._duck + step * np.arange(1, last - first + 1)
                    np.clip(places, 0, RELEASE_SAMPLES, out=places)
                    duck[first:last] = places
                    self._duck = int(places[-1])
            at = end
        return _DUCK[duck]
