"""The agent's side with a sink that takes in blocks, as a device does."""

import asyncio

import numpy as np
import pytest

from studio.audio.streams import Take
from studio.runtime.clock import SessionClock
from studio.runtime.journal import Journal
from studio.runtime.speaking import Speaking
from studio.runtime.virtual_time import VirtualLoop
from studio.sessions.placement import Placement
from studio.sessions.records import AGENT_RATE, NS, AudioBlock, Record

BLOCK = AGENT_RATE // 100
LATE_S = 0.004
"""How much later than it says the device takes its blocks."""


class Device:
    """Takes 10 ms every 10 ms, a little later than `due` promises."""

    queue_ns = 0

    def __init__(self, known_late_s: float = LATE_S) -> None:
        """`known_late_s` is how much of its lateness it tells afterwards."""
        self._taken = 0
        self._known_late_s = known_late_s

    def start(self, take: Take) -> None:
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._zero = self._loop.time()
        self._loop.call_at(self._zero + 0.01 + LATE_S, self._block)

    def _block(self) -> None:
        self._take(BLOCK)
        self._taken += BLOCK
        self._loop.call_at(self._zero + (self._taken + BLOCK) / AGENT_RATE + LATE_S, self._block)

    def settle(self) -> int:
        return self._taken

    def due(self, sample: int) -> float:
        return self._zero + -(-sample // BLOCK) * BLOCK / AGENT_RATE

    def taken_at(self, sample: int) -> float:
        late = self._known_late_s if sample < self._taken else 0.0
        return self.due(sample + 1) + late

    def flush(self) -> int:
        return 0

    def stop(self) -> None: ...


@pytest.fixture
def say():
    """`say(act)` runs `act(speaking, item)` on a line that stands in the queue, for two seconds; the records.

    `audio` gets the blocks of the line.
    """

    def run(act, audio: list[AudioBlock] | None = None, known_late_s: float = LATE_S) -> list[Record]:
        async def go() -> list[Record]:
            clock = SessionClock(virtual=True)
            journal = Journal(clock.now)
            records: list[Record] = []
            journal.subscribe(records.append, audio.append if audio is not None else None)
            speaking = Speaking(journal, clock, Device(known_late_s))
            speaking.start()
            item = speaking.enqueue("speech", out="out-1", run="run-1", turn=0, protected=False, text="hello")
            await act(speaking, item)
            await asyncio.sleep(2)
            return records

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(go())

    return run


def seen(records: list[Record], event: str) -> float:
    """When a thing was known, in seconds."""
    (record,) = [record for record in records if record.event == event]
    return record.log_time / NS


def test_a_line_is_known_to_sound_at_once_however_late_the_loop_was_when_its_sound_came(say):
    async def cached(speaking, item):
        loop = asyncio.get_running_loop()
        speaking.append(item, np.ones(AGENT_RATE, np.int16))
        loop.advance(0.02)  # the loop was busy: the look that was asked for is overdue
        speaking.finish(item)

    records = say(cached)
    assert seen(records, "play_started") <= 0.05
    assert seen(records, "play_ended") == pytest.approx(1.02, abs=0.02)


def test_a_line_whose_sound_is_not_complete_is_known_to_sound(say):
    async def slow(speaking, item):
        speaking.append(item, np.ones(BLOCK, np.int16))
        await asyncio.sleep(0.5)
        speaking.append(item, np.ones(BLOCK, np.int16))
        speaking.finish(item)

    records = say(slow)
    assert seen(records, "play_started") <= 0.03
    assert seen(records, "play_ended") == pytest.approx(0.52, abs=0.02)


def test_nothing_sounds_before_its_sound_has_come_and_the_line_lies_where_the_record_says(say):
    came = 0.502  # the block that is due at 0.50 is asked for at 0.504

    async def late(speaking, item):
        await asyncio.sleep(came)
        speaking.append(item, np.ones(AGENT_RATE // 2, np.int16))
        speaking.finish(item)

    audio: list[AudioBlock] = []
    (started,) = [record for record in say(late, audio) if record.event == "play_started"]
    assert started.publish_time / NS == pytest.approx(0.504)
    line = Placement(AGENT_RATE)
    for block in audio:
        line.add(block.first_sample, block.publish_time)
    assert line.time_of(started.data["sample"]) == started.publish_time
    samples = np.concatenate([np.frombuffer(block.pcm, "<i2") for block in audio])
    assert np.flatnonzero(samples)[0] == started.data["sample"]


def test_a_line_cut_at_a_device_is_known_to_be_cut_within_a_block(say):
    async def cut(speaking, item):
        speaking.append(item, np.ones(AGENT_RATE, np.int16))
        speaking.finish(item)
        await asyncio.sleep(0.5)
        speaking.cut("voice")

    assert 0.5 < seen(say(cut), "play_cut") < 0.52


@pytest.mark.parametrize("cuts", [True, False])
def test_at_a_device_nothing_that_may_be_cut_begins_before_held_input_has_been_delivered(say, cuts):
    line: list[AudioBlock] = []

    async def held(speaking, item):
        def delivered(item, heard):
            if speaking.playout.hold_back:
                if cuts:
                    speaking.cut("text")
                speaking.hold_back(False)

        speaking.on_played = delivered
        speaking.withdraw(item, "end")
        for tag, protected in ((1000, True), (2000, False), (3000, True)):
            item = speaking.enqueue("speech", out="out-2", run="run-1", turn=0, protected=protected, text="hello")
            speaking.append(item, np.full(AGENT_RATE // 2 + 7, tag, np.int16))
            speaking.finish(item)
        await asyncio.sleep(0.1)
        speaking.hold_back(True)

    records = say(held, line)
    sound = np.concatenate([np.frombuffer(block.pcm, "<i2") for block in line])
    assert [int((sound == tag).sum()) for tag in (1000, 2000, 3000)] == [12007, 0 if cuts else 12007, 12007]
    first, second, *_ = [record.data["sample"] for record in records if record.event == "play_started"]
    assert second - (first + 12007) <= 2 * BLOCK


def test_a_line_that_was_held_back_is_known_to_sound_as_soon_as_it_may(say):
    async def held_for_a_while(speaking, item):
        speaking.hold_back(True)
        speaking.append(item, np.ones(AGENT_RATE, np.int16))
        await asyncio.sleep(0.5)
        speaking.hold_back(False)

    assert 0.5 < seen(say(held_for_a_while), "play_started") <= 0.53


@pytest.mark.parametrize("act", [lambda speaking, _: speaking.cut("voice"), lambda speaking, _: speaking.clear("end")])
def test_a_cut_is_never_dated_before_it_was_decided_whatever_the_device_says(say, act):
    decided = 0.502

    async def cut(speaking, item):
        speaking.append(item, np.ones(AGENT_RATE, np.int16))
        speaking.finish(item)
        await asyncio.sleep(decided)
        act(speaking, item)

    records = [record for record in say(cut, known_late_s=0.0) if record.event in ("play_cut", "cut")]
    assert [record.event for record in records] == ["play_cut", "cut"]
    assert all(record.publish_time >= round(decided * NS) for record in records)
