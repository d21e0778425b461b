"""The agent's side of a conversation: items in order, cut by the caller, heard or not.

Everything that is said here about what was heard comes from the playout's marks, that is, from counted samples.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from studio.audio.streams import Samples, Sink
from studio.runtime.background import BackgroundMark, Track
from studio.runtime.clock import SessionClock
from studio.runtime.heard import Heard, heard_of_broken, heard_part
from studio.runtime.items import Item, ItemKind, prefix_of
from studio.runtime.journal import Journal
from studio.runtime.playout import FADE_SAMPLES, Clip, Mark, Playout
from studio.runtime.virtual_time import is_virtual
from studio.sessions.records import AGENT_RATE, AUDIO_AGENT, NS, PLAY, TURN

_BLOCK = AGENT_RATE // 10
_FARTHEST = AGENT_RATE * 60
"""What is handed over in longer stretches than that would all be held at a time."""
_EXACT_NS = 50_000
"""Below that nothing is late: sessions place sounds no better."""
_EARLIEST_S = 0.001
_TICK_S = 0.1
LINE_TICK_S = 10.0
"""How often in virtual time the line goes to whoever records it, besides whenever something happens on it."""
_SILENT_WITHIN_S = 0.3
_WHY = {
    "voice": "the caller spoke",
    "text": "the caller typed",
    "keys": "the caller pressed keys",
    "replace": "a newer line replaces it",
    "interrupt": "the agent interrupted itself",
    "cleared": "the agent cleared its speech",
    "end": "the call ended",
    "failed": "its speech failed",
}


class Speaking:
    """The queue of items, and the sink that pulls it."""

    def __init__(self, journal: Journal, clock: SessionClock, sink: Sink) -> None:
        self._journal = journal
        self._clock = clock
        self._sink = sink
        self._base = 0
        self._loop = asyncio.get_running_loop()
        self._wake: asyncio.TimerHandle | None = None
        self._wake_at = 0.0
        self._ticking: asyncio.TimerHandle | None = None
        self._gathered: list[Samples] = []
        self._gathered_from = 0
        self._not_before: tuple[int, int] | None = None
        """First sample of the item that sounds, and when it was handed over, where that was later than `time_of` says."""
        self._items: deque[Item] = deque()
        self._by_clip: dict[Clip, Item] = {}
        self.playout = Playout()
        self.sounded = False
        """Whether anything of the open turn has sounded."""
        self.on_started: Callable[[Item], None] = lambda item: None
        """The first sample of an item was handed over."""
        self.on_played: Callable[[Item, Heard], None] = lambda item, heard: None
        """An item has ended, whole or not."""
        self.on_withdrawn: Callable[[Item], None] = lambda item: None
        """An item was cut or dropped: nobody needs the rest of its sound."""
        self.on_background: Callable[[BackgroundMark, int], None] = lambda mark, at: None
        """A background track began or ended, at a session time."""

    # ---- the sink

    def start(self) -> None:
        """Begin to hand out samples. Raises DeviceError when the sink cannot."""
        self.playout.keep_taken = self._journal.wants_audio
        self._sink.start(self.playout.take)
        if self.playout.keep_taken:
            self._tick()

    def watch(self) -> None:
        """Keep what is handed over from now on: somebody records the line."""
        if self.playout.keep_taken:
            return
        self.settle()
        self.playout.keep_taken = True
        self._tick()

    def use_sink(self, sink: Sink) -> None:
        """Go on in another sink; positions of the line go on where they are."""
        self.settle()
        self._sink.stop()
        self.playout_settled()
        self._base = self.playout.position
        self._sink = sink
        if self._wake:
            self._wake.cancel()  # it was dated by the old sink
            self._wake = None
        sink.start(self.playout.take)
        self._arm()

    def stop(self) -> None:
        """Stop handing out samples, and give the recorder the rest."""
        self.settle()
        self._sink.stop()
        self.playout_settled()
        self._write_gathered()
        for timer in (self._wake, self._ticking):
            if timer:
                timer.cancel()

    def time_of(self, sample: int) -> int:
        """Session time at which a sample of the agent line is (or will be) handed over, in ns."""
        after = self._sink.due(sample + 1 - self._base)  # sinks take in blocks: only then is it certainly gone
        return max(0, round((after - self._clock.zero) * NS - NS / AGENT_RATE))

    def taken_at(self, sample: int) -> int:
        """Session time at which a sample of the agent line was really handed over, in ns: never before it was.

        `time_of` is smoother, and early by what a device asks late; before the sample was handed over both are the same.
        """
        at = self._sink.taken_at(sample - self._base) if sample >= self._base else 0.0
        return max(self.time_of(sample), round((at - self._clock.zero) * NS))

    # ---- what the session asks

    @property
    def unplayed(self) -> bool:
        """Whether anything emitted has not ended yet. A looped sound counts until its first pass is over."""
        return any(item.unplayed for item in self._items)

    @property
    def playing(self) -> Item | None:
        """The item that plays, or the one that is next."""
        return self._items[0] if self._items else None

    @property
    def protected(self) -> bool:
        """Whether what plays (or waits at the head) must be heard whole, so that input waits for it."""
        head = self.playing
        return head is not None and head.protected and head.sounds and head.unplayed

    @property
    def interruptible(self) -> bool:
        """Whether voice would cut something: an interruptible item is audible, silences between items included."""
        head = self.playing
        return head is not None and not head.protected and (head.state != "waiting" or self.sounded)

    @property
    def committed(self) -> bool:
        """Whether a stop or a transfer stands in the queue."""
        return any(item.barrier for item in self._items)

    def enqueue(
        self,
        kind: ItemKind,
        *,
        out: str,
        run: str,
        turn: int,
        protected: bool,
        text: str = "",
        loop: bool = False,
        data: dict[str, Any] | None = None,
    ) -> Item:
        """Put an item at the end of the queue. Its sound is appended to `item.clip` by whoever makes it."""
        self._sink.settle()  # so that it does not begin in the past
        clip = Clip(
            self._journal.new_id(prefix_of(kind)),
            protected=protected,
            loop=loop,
            quiet=kind == "silence",
            once=kind == "speech",  # a line that goes on after a cough is spoken anew
        )
        item = Item(kind, clip, out, run, turn, protected, text, data or {}, queued=self._journal.now())
        self._items.append(item)
        self._by_clip[clip] = item
        self.playout.enqueue(clip)
        self._journal.add(
            PLAY,
            "play_queued",
            {"item": kind, "out": out, "interruptible": not protected, "text": text},
            id=item.id,
            cause=out,
            turn=turn,
            run=run,
        )
        return item

    def enqueue_place(
        self,
        kind: Literal["action", "stop", "transfer"],
        on_reached: Callable[[], None],
        *,
        out: str,
        run: str,
        turn: int,
    ) -> None:
        """Queue something that happens when everything before it has been heard.

        A stop or a transfer happens whatever the caller does; an action shares the fate of what stands right before it,
        and happens at once where nothing does.
        """
        before = self._items[-1] if self._items else None
        if kind == "action" and (before is None or not before.unplayed):
            on_reached()
            return
        protected = kind != "action" or (before is not None and before.protected)
        item = self.enqueue(kind, out=out, run=run, turn=turn, protected=protected)
        item.on_reached = on_reached
        self.finish(item)

    def append(self, item: Item, samples: Samples) -> None:
        """Add sound to an item."""
        self._sink.settle()
        item.clip.append(samples)
        self._arm()

    def finish(self, item: Item) -> None:
        """The item's sound is complete."""
        self._sink.settle()
        item.clip.finish()
        self._arm()

    def fail(self, item: Item, sentence: str) -> None:
        """The item's sound breaks off: what came of it plays, and the queue goes on. An item without any is dropped."""
        if item.gone_by:
            return  # it was cut meanwhile
        item.failure, item.gone_by = sentence, "failed"
        if not item.clip.written:
            self.playout.withdraw(item.clip)
        self.finish(item)

    def cut(self, by: str) -> list[Item]:
        """Cut the interruptible item that plays and drop those behind it; protected ones stay. Returns what goes."""
        self.settle()
        gone = [item for item in self._items if not item.protected]
        if not gone:
            return gone
        now = self._journal.now()
        self.playout.cut()
        for item in gone:
            item.gone_by, item.gone_at = by, item.gone_at or now
            self.on_withdrawn(item)
        self._arm(FADE_SAMPLES)
        return gone

    def hold_back(self, on: bool) -> None:
        """Let nothing that may be cut begin, or let it. Where nothing stands before it, it begins at once."""
        if on != self.playout.hold_back:
            self._sink.settle()  # what is due by now was not held back, or was
            self.playout.hold_back = on

    def clear(self, by: str) -> list[Item]:
        """Take all sound out, protected or not; what plays ends with a fade. A stop or a transfer stays."""
        self.settle()
        gone = [item for item in self._items if not item.barrier]
        for item in gone:
            self.withdraw(item, by)
        return gone

    def close(self) -> None:
        """Take everything out: the conversation is over."""
        self.settle()
        for item in list(self._items):
            self.withdraw(item, "end")

    def withdraw(self, item: Item, reason: str) -> None:
        """Take one item out, playing or not; `reason` as in `Item.gone_by`."""
        item.gone_by = item.gone_by or reason
        item.gone_at = item.gone_at or self._journal.now()
        self.playout.withdraw(item.clip)
        self.on_withdrawn(item)
        self._arm(FADE_SAMPLES)

    def play_background(self, track: Track | None) -> None:
        """Play another track under all this from now on; None lets the present one fade away."""
        self.settle()  # so that it does not begin in the past
        background = self.playout.background
        if track:
            background.play(track)
        elif background.playing:
            background.stop()

    async def fall_silent(self) -> None:
        """Wait until what was cut has faded out, so that it is known how much was heard; not long where the sink stands."""
        deadline = self._loop.time() + _SILENT_WITHIN_S
        while (self._items or self.playout.background.playing) and self._loop.time() < deadline:
            await asyncio.sleep(FADE_SAMPLES / AGENT_RATE)
            self.settle()

    # ---- marks

    def settle(self) -> None:
        """Take notice of everything handed over by now."""
        self._sink.settle()
        self.playout_settled()
        self._arm()

    def hand_over(self) -> None:
        """Give whoever records the line everything handed over by now, to the last sample."""
        self.settle()
        self._write_gathered()

    def playout_settled(self) -> None:
        """Turn the playout's marks into records."""
        for mark in self.playout.collect(self._gather):
            self._on_mark(mark, self._by_clip[mark.clip])
        for mark in self.playout.background.collect():
            self.on_background(mark, self.taken_at(mark.sample))
        self._write_whole_blocks()

    def _on_mark(self, mark: Mark, item: Item) -> None:
        self._place_line(mark)
        if mark.what == "started":
            item.state = "playing"
            item.started = mark.sample
            self.sounded = self.sounded or item.sounds
            if item.sounds:
                self._note("play_started", mark, item, {"item": item.kind, "sample": mark.sample})
                self.on_started(item)
            return
        if mark.what == "passed":
            if item.state == "playing":
                item.state = "done"
                self._note("play_passed", mark, item, {"item": item.kind, "sample": mark.sample})
                self.on_played(item, Heard("", 0, 0, False))
            return
        broke = mark.what == "ended" and item.gone_by == "failed"
        heard = (
            heard_of_broken(item.text, item.words, mark.read)
            if broke or (item.kind == "speech" and mark.what == "cut" and not item.whole)
            else heard_part(item.text, item.words, mark.read, item.clip.written, mark.what == "ended")
        )
        self._items.remove(item)
        del self._by_clip[item.clip]
        if mark.what == "ended" and item.on_reached:
            item.state = "done"
            item.on_reached()
            if not item.barrier:
                self.on_played(item, heard)
            return
        if broke:
            item.state = "cut"
            self._note("play_cut", mark, item, _cut_facts(mark, item, heard), f"Heard in part. {item.failure}")
        elif mark.what == "ended":
            item.state = "done"
            facts: dict[str, Any] = {"item": item.kind, "sample": mark.sample, "heard": heard.text, "complete": True}
            self._note("play_ended", mark, item, facts)
        elif mark.what == "cut":
            item.state = "cut"
            item.handed, item.heard = mark.read, heard.text
            self._note_cut(mark, item, heard)
        else:
            item.state = "dropped"
            facts = {"item": item.kind, "reason": item.gone_by, "text": item.text}
            why = _WHY.get(item.gone_by, item.gone_by)
            self._note("play_dropped", mark, item, facts, f"Never heard: {why}. {item.failure}".strip())
        self.on_played(item, heard)

    def _note_cut(self, mark: Mark, item: Item, heard: Heard) -> None:
        silent = self.taken_at(mark.sample + FADE_SAMPLES)
        self._note("play_cut", mark, item, _cut_facts(mark, item, heard))
        self._journal.add(
            TURN,
            "cut",
            {
                "out": item.out,
                "item": item.id,
                "by": item.gone_by,
                "sample": mark.sample,
                "fade_samples": FADE_SAMPLES,
                "silent_after_ms": round(max(0, silent - item.gone_at) / 1e6, 3),
            },
            at=self._date(mark, item),
            cause=item.out,
            turn=item.turn,
            run=item.run,
        )

    def _note(self, event: str, mark: Mark, item: Item, data: dict[str, Any], message: str = "") -> None:
        self._journal.add(
            PLAY,
            event,
            {"out": item.out, **data},
            at=self._date(mark, item),
            id=item.id,
            cause=item.out,
            turn=item.turn,
            run=item.run,
            message=message,
        )

    def _date(self, mark: Mark, item: Item) -> int:
        """When it happened, never before what caused it: a device's times are smoothed, and early by fractions of a ms."""
        return max(self.taken_at(mark.sample), item.queued, item.gone_at if mark.what in ("cut", "dropped") else 0)

    # ---- when to look again

    def _arm(self, samples: int | None = None) -> None:
        """Look again when the item at the head has begun or ends, or in `samples` samples."""
        head = self.playing
        begins = 1 if head and head.state == "waiting" and head.clip.written else None
        times = [count for count in (self.playout.ahead, samples, begins) if count is not None]
        if not times:
            return
        soonest = min(*times, _FARTHEST)
        when = self._sink.due(self.playout.position - self._base + soonest + 1)
        if self._wake and self._wake_at <= when:
            return  # a look that is overdue is still to come
        if self._wake:
            self._wake.cancel()
        now = self._loop.time()
        self._wake_at = when if when > now else now + _EARLIEST_S  # a device that is later than expected
        self._wake = self._loop.call_at(self._wake_at, self._look)

    def _look(self) -> None:
        self._wake = None
        self.settle()

    def _tick(self) -> None:
        """Whoever records or watches a call wants the line as it goes, not only when something happens on it."""
        self._ticking = self._loop.call_later(LINE_TICK_S if is_virtual() else _TICK_S, self._tick)
        self._sink.settle()
        if is_virtual():  # what happens on the line is looked at when it happens, recorded or not
            self.playout.give_taken(self._gather)
            self._write_whole_blocks()
        else:
            self.playout_settled()

    # ---- the recorder's copy of the line

    def _gather(self, first: int, samples: Samples) -> None:
        if not self._gathered:
            self._gathered_from = first
        self._gathered.append(samples)

    @property
    def _gathered_to(self) -> int:
        return self._gathered_from + sum(map(len, self._gathered))

    def _place_line(self, mark: Mark) -> None:
        """From the mark on the line lies where an item that begins there was handed over, not before it."""
        at = self.taken_at(mark.sample) if mark.what == "started" else 0
        begins = (mark.sample, at) if at - self.time_of(mark.sample) > _EXACT_NS else None
        if begins != self._not_before:
            self._write_gathered(mark.sample)
            self._not_before = begins

    def _write_whole_blocks(self) -> None:
        self._write_gathered(self._gathered_to - (self._gathered_to - self._gathered_from) % _BLOCK)

    def _write_gathered(self, end: int | None = None) -> None:
        """Hand the line on as far as the sample `end`, or all of it."""
        first = self._gathered_from
        count = (self._gathered_to if end is None else end) - first
        if count <= 0 or not self._gathered:
            return
        line = np.concatenate(self._gathered)
        for start in range(0, count, _BLOCK):
            part = line[start : min(start + _BLOCK, count)]
            at = self.time_of(first + start)
            if self._not_before:
                sample, began = self._not_before
                at = max(at, began + (first + start - sample) * NS // AGENT_RATE)
            self._journal.audio(AUDIO_AGENT, first + start, AGENT_RATE, part, at)
        self._gathered = [line[count:]] if count < len(line) else []
        self._gathered_from = first + count


def _cut_facts(mark: Mark, item: Item, heard: Heard) -> dict[str, Any]:
    return {
        "item": item.kind,
        "by": item.gone_by,
        "sample": mark.sample,
        "started": item.started,
        "samples": item.clip.written,
        "heard": heard.text,
        "heard_words": heard.words,
        "words": heard.of,
        "estimated": heard.estimated,
    }
