"""The agent line against a slow and obvious model of it."""

from dataclasses import dataclass, field

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.runtime.playout import FADE_SAMPLES, Clip, Playout

lengths = st.integers(0, 2 * FADE_SAMPLES)
steps = st.one_of(
    st.tuples(st.just("clip"), lengths, st.booleans(), st.booleans()),  # sound, protected, looped
    st.tuples(st.just("more"), st.integers(0, 5), lengths),
    st.tuples(st.just("finish"), st.integers(0, 5)),
    st.tuples(st.just("cut")),
    st.tuples(st.just("withdraw"), st.integers(0, 5)),
    st.tuples(st.just("hold back"), st.booleans()),
    st.tuples(st.just("take"), st.integers(0, 3 * FADE_SAMPLES)),
)


@dataclass
class ModelClip:
    """A clip, sample by sample."""

    id: str
    protected: bool
    loop: bool
    sound: list[int] = field(default_factory=list)
    place: int = 0
    read: int = 0
    begun: bool = False
    finished: bool = False
    gone: bool = False


class Model:
    """One sample at a time."""

    def __init__(self) -> None:
        self.queue: list[ModelClip] = []
        self.fade: list[int] = []
        self.marks: list[tuple[str, str, int, int]] = []
        self.line: list[int] = []
        self.hold_back = False

    def take(self, n: int) -> None:
        for _ in range(n):
            self.line.append(self._sample())
        if n:
            self._settle(only_ends=True)

    def _sample(self) -> int:
        while True:
            if self.fade:
                return self.fade.pop(0)
            self._settle()
            if self.fade:
                continue
            if not self.queue or not self.queue[0].begun or self.queue[0].place == len(self.queue[0].sound):
                return 0
            head = self.queue[0]
            head.place += 1
            head.read += 1
            return head.sound[head.place - 1]

    def _settle(self, only_ends: bool = False) -> None:
        """Begin, end, cut and drop at the head until there is a sample or nothing to be had."""
        at = len(self.line)
        while self.queue and not self.fade:
            head = self.queue[0]
            if only_ends and (head.gone or not head.begun):
                return  # noticed when the next sample is wanted
            if head.gone:
                self.queue.pop(0)
                if not head.begun:
                    self.marks.append(("dropped", head.id, at, 0))
                    continue
                self.marks.append(("cut", head.id, at, head.read))
                rest = head.sound[head.place : head.place + FADE_SAMPLES]
                self.fade = [int(np.float32(s) * np.float32(1 - i / FADE_SAMPLES)) for i, s in enumerate(rest)]
                continue
            if not head.begun:
                if not head.sound and not head.finished:
                    return
                if self.hold_back and not head.protected:
                    return
                head.begun = True
                self.marks.append(("started", head.id, at, 0))
            if head.place < len(head.sound) or not head.finished:
                return
            if head.loop and head.sound and len(self.queue) == 1:
                self.marks.append(("passed", head.id, at, head.read))
                head.place = 0
                return
            self.marks.append(("ended", head.id, at, head.read))
            self.queue.pop(0)


def sound(number: int, count: int) -> np.ndarray:
    """Samples that tell which clip they are of and which place they have."""
    return (1000 * (number % 30 + 1) + np.arange(count) % 900).astype(np.int16)


@given(st.lists(steps, max_size=30))
def test_the_line_and_its_marks_are_those_of_the_model(script):
    playout, model = Playout(), Model()
    playout.keep_taken = True
    clips: list[tuple[Clip, ModelClip]] = []
    line: list[np.ndarray] = []
    for step in script:
        match step:
            case ("clip", count, protected, loop):
                clip = Clip(f"say-{len(clips)}", protected=protected, loop=loop)
                other = ModelClip(clip.id, protected, loop)
                clips.append((clip, other))
                playout.enqueue(clip)
                model.queue.append(other)
                clip.append(sound(len(clips), count))
                other.sound += sound(len(clips), count).tolist()
            case ("more", number, count) if number < len(clips) and not clips[number][1].finished:
                clips[number][0].append(sound(number, count))
                clips[number][1].sound += sound(number, count).tolist()
            case ("finish", number) if number < len(clips):
                clips[number][0].finish()
                clips[number][1].finished = True
            case ("cut",):
                playout.cut()
                for other in model.queue:
                    other.gone = other.gone or not other.protected
            case ("withdraw", number) if number < len(clips):
                playout.withdraw(clips[number][0])
                clips[number][1].gone = True
            case ("hold back", on):
                playout.hold_back = model.hold_back = on
            case ("take", count):
                line.append(playout.take(count))
                model.take(count)
            case _:
                pass
    taken: list[tuple[int, np.ndarray]] = []
    marks = playout.collect(lambda first, samples: taken.append((first, samples)))
    assert np.concatenate([*line, np.zeros(0, np.int16)]).tolist() == model.line
    assert [(mark.what, mark.clip.id, mark.sample, mark.read) for mark in marks] == model.marks
    assert [first for first, _ in taken] == np.cumsum([0, *map(len, line)])[:-1].tolist()
    assert playout.position == len(model.line)


def test_of_a_cut_clip_nothing_is_handed_over_after_its_fade():
    playout, clip = Playout(), Clip("say-1")
    playout.enqueue(clip)
    clip.append(np.full(4800, 10_000, np.int16))
    playout.take(1000)
    playout.cut()
    rest = playout.take(1000)
    assert rest[0] == 10_000
    assert (np.diff(rest[:FADE_SAMPLES].astype(int)) < 0).all()
    assert not rest[FADE_SAMPLES:].any()


def test_a_protected_clip_behind_a_cut_one_is_heard_whole():
    playout, first, second = Playout(), Clip("say-1"), Clip("say-2", protected=True)
    for clip, value in ((first, 1000), (second, 2000)):
        playout.enqueue(clip)
        clip.append(np.full(480, value, np.int16))
        clip.finish()
    playout.take(100)
    playout.cut()
    assert (playout.take(2000) == 2000).sum() == 480


def test_a_looped_clip_goes_on_until_something_stands_behind_it():
    playout, music, line = Playout(), Clip("snd-1", loop=True), Clip("say-1")
    playout.enqueue(music)
    music.append(np.arange(1, 101, dtype=np.int16))
    music.finish()
    assert playout.take(250).tolist() == [*range(1, 101), *range(1, 101), *range(1, 51)]
    playout.enqueue(line)
    line.append(np.full(10, 7, np.int16))
    line.finish()
    assert playout.take(60).tolist() == [*range(51, 101), *[7] * 10]


def test_a_clip_that_is_read_once_lets_go_of_what_was_read():
    playout, clip = Playout(), Clip("say-1", once=True)
    for number in range(3):
        clip.append(np.full(100, number, np.int16))
    playout.enqueue(clip)
    taken = playout.take(150)
    assert taken.tolist() == [0] * 100 + [1] * 50
    assert [len(chunk) for chunk in clip.chunks] == [0, 100, 100]
    assert playout.take(150).tolist() == [1] * 50 + [2] * 100
