"""What the runtime may rely on, of whichever recogniser listens."""

import asyncio
import gc
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from studio.providers.errors import ProviderError
from studio.providers.recognition import Listener, RecogniserSettings, Transcript
from studio.providers.socket_ear import SocketEar
from tests.plugins.kit.recognition_cases import CASES, Case
from tests.stand_ins.stand_in import KEY, Step, Utterance

RATE = 16_000
_BLOCK = RATE // 50
SOON_S = 3.0


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request):
    return request.param


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    """What takes seconds at a real service takes none here."""
    monkeypatch.setattr(SocketEar, "final_s", 0.4)


@dataclass
class Told:
    """What a stream has told by itself."""

    partials: list[Transcript] = field(default_factory=list)
    turns: list[Transcript] = field(default_factory=list)
    failures: list[ProviderError] = field(default_factory=list)

    async def turn(self, number):
        """Wait for that turn's end."""
        await until(lambda: len(self.turns) > number)

    def listener(self):
        return Listener(self.partials.append, self.turns.append, self.failures.append)


class Caller:
    """Speaks into a stream, quicker than a person can; keeps count of the line."""

    def __init__(self, at=RATE):
        self.at = at
        self.spoken = []
        """(first sample, sample after the last) of every stretch of voice."""
        self.fed = []

    async def voice(self, stream, seconds=1.0):
        n = round(seconds * RATE) // _BLOCK * _BLOCK
        tone = (8000 * np.sin(np.arange(n) * 2 * np.pi * 220 / RATE)).astype("<i2")
        self.spoken.append((self.at, self.at + n))
        await self._feed(stream, tone)

    async def silence(self, stream, seconds=1.0):
        await self._feed(stream, np.zeros(round(seconds * RATE) // _BLOCK * _BLOCK, "<i2"))

    def skip(self, seconds):
        """Silence that is not fed."""
        self.at += round(seconds * RATE)

    async def again(self, stream):
        """What was fed is fed to another stream."""
        for first, block in self.fed:
            stream.feed(block.tobytes(), first)
            await asyncio.sleep(0)

    async def _feed(self, stream, sound):
        for block in sound.reshape(-1, _BLOCK):
            self.fed.append((self.at, block))
            stream.feed(block.tobytes(), self.at)
            self.at += _BLOCK
            await asyncio.sleep(0)


@asynccontextmanager
async def service_of(case: Case, *texts: str, steps: list[Step] | None = None):
    """The stand-in, which is going to hear these texts."""
    service = case.stand_in()
    service.utterances.extend(Utterance(text) for text in texts)
    service.plan.steps.extend(steps or [])
    async with service:
        yield service


@asynccontextmanager
async def ear_of(case: Case, service, told: Told | None = None, **settings):
    """An open ear."""
    engine = case.engine(service)
    stream = await engine.open(RecogniserSettings(model=case.model, **settings), (told or Told()).listener())
    try:
        yield stream
    finally:
        await stream.close()
        await engine.close()


def asked_now(stream, end):
    """A final that is asked for at once, as the runtime does it."""
    return asyncio.Task(stream.finish(end), loop=asyncio.get_running_loop(), eager_start=True)


async def until(condition):
    async with asyncio.timeout(SOON_S):
        while not condition():  # noqa: ASYNC110 - what a stream tells comes by more than one way
            await asyncio.sleep(0.005)


def only(*what):
    """Skips the rows of which one of these does not hold."""
    if not all(what):
        pytest.skip("its protocol has no such thing")


# ---- understanding


async def test_the_final_is_what_was_said(case):
    caller, told = Caller(), Told()
    async with service_of(case, "I would like to order a pizza.") as service, ear_of(case, service, told) as stream:
        await caller.voice(stream, 1.5)
        await caller.silence(stream, 0.1)
        final = await stream.finish(caller.at)
    assert final.text == "I would like to order a pizza."
    assert final.final
    assert final.start <= caller.spoken[0][0] < caller.spoken[0][1] <= final.end
    assert not told.failures


async def test_words_come_in_order_and_where_they_were_said(case):
    only(case.abilities.word_times)
    caller = Caller(at=7 * RATE)
    async with service_of(case, "one two three four") as service, ear_of(case, service) as stream:
        await caller.silence(stream, 0.3)
        await caller.voice(stream, 2.0)
        await caller.silence(stream, 0.1)
        final = await stream.finish(caller.at)
    ((start, end),) = caller.spoken
    assert [word.text for word in final.words] == ["one", "two", "three", "four"]
    share = (end - start) / 4
    for number, word in enumerate(final.words):
        assert word.start == pytest.approx(start + number * share, abs=0.05 * RATE)
        assert word.end == pytest.approx(start + (number + 1) * share, abs=0.05 * RATE)


async def test_partials_come_while_the_caller_speaks(case):
    only(case.partials)
    caller, told = Caller(), Told()
    async with service_of(case, "one two three four five six") as service, ear_of(case, service, told) as stream:
        await caller.voice(stream, 1.5)
        await until(lambda: told.partials)
        assert not told.partials[-1].final
        assert told.partials[-1].text.startswith("one")
        assert told.partials[-1].start == caller.spoken[0][0]
        assert (await stream.finish(caller.at)).text == "one two three four five six"


async def test_of_two_utterances_each_has_its_own_words_at_its_own_place(case):
    caller = Caller()
    async with service_of(case, "first words", "second words here") as service, ear_of(case, service) as stream:
        finals = []
        for _ in range(2):
            await caller.voice(stream)
            await caller.silence(stream, 0.1)
            finals.append(await stream.finish(caller.at))
            caller.skip(30)  # what lies between two utterances is not fed
    assert [final.text for final in finals] == ["first words", "second words here"]
    for final, (start, end) in zip(finals, caller.spoken, strict=True):
        assert final.start == start
        for word in final.words:
            assert start - 0.05 * RATE <= word.start < word.end <= end + 0.05 * RATE


async def test_what_is_fed_while_a_final_is_waited_for_belongs_to_the_next(case):
    caller = Caller()
    async with service_of(case, "before it", "after it") as service, ear_of(case, service) as stream:
        await caller.voice(stream)
        first = asked_now(stream, caller.at)
        border = caller.at
        await caller.voice(stream)
        await caller.silence(stream, 0.1)
        second = asked_now(stream, caller.at)
        assert (await first).text == "before it"
        assert (await second).text == "after it"
        assert (await second).start == border


async def test_nothing_fed_is_nothing_said(case):
    async with service_of(case) as service, ear_of(case, service) as stream:
        assert await stream.finish(500) == Transcript("", True, 500, 500)


async def test_a_cough_is_nothing_said(case):
    caller, told = Caller(), Told()
    async with service_of(case, "") as service, ear_of(case, service, told) as stream:
        await caller.voice(stream, 0.2)
        await caller.silence(stream, 0.5)
        assert (await stream.finish(caller.at)).text == ""
        await caller.voice(stream, 0.5)
    assert not told.turns
    assert not told.failures


async def test_a_warm_standby_that_has_heard_nothing_yet_is_there_when_it_is_needed(case, monkeypatch):
    monkeypatch.setattr(SocketEar, "idle_s", 0.02)
    caller, told = Caller(at=100 * RATE), Told()
    async with service_of(case, "here I am") as service:
        service.patience_s = 0.1
        async with ear_of(case, service, told) as stream:
            await asyncio.sleep(0.3)
            await caller.voice(stream)
            assert (await stream.finish(caller.at)).text == "here I am"
    assert not told.failures


async def test_a_long_silence_between_utterances_is_survived_without_a_word(case, monkeypatch):
    monkeypatch.setattr(SocketEar, "idle_s", 0.02)
    caller, told = Caller(), Told()
    async with service_of(case, "before", "later words") as service:
        service.patience_s = 0.1
        async with ear_of(case, service, told) as stream:
            await caller.voice(stream)
            assert (await stream.finish(caller.at)).text == "before"
            caller.skip(60)
            await asyncio.sleep(0.3)
            await caller.voice(stream)
            final = await stream.finish(caller.at)
    assert final.text == "later words"
    for word in final.words:
        assert caller.spoken[1][0] - 0.05 * RATE <= word.start < word.end <= caller.spoken[1][1] + 0.05 * RATE
    assert not told.failures
    assert not told.turns


# ---- the end of a turn


async def test_the_service_ends_the_turn_in_each_way_that_the_manifest_names(case):
    only(case.abilities.ends_turns)
    for way in sorted(case.abilities.ends_turns):
        caller, told = Caller(), Told()
        async with (
            service_of(case, "that is all", "one thing more") as service,
            ear_of(case, service, told, ends_turns_by=way) as stream,
        ):
            for number, text in enumerate(("that is all", "one thing more")):
                await caller.voice(stream)
                await caller.silence(stream, 1.5)
                await told.turn(number)
                assert told.turns[number].text == text
                assert caller.spoken[number][1] <= told.turns[number].end <= caller.at
                assert told.turns[number].start <= caller.spoken[number][0]
                caller.skip(5)
            assert (await stream.finish(caller.at)).text == ""


async def test_a_turn_that_the_service_has_not_ended_yet_can_be_ended(case):
    only(case.abilities.ends_turns)
    for way in sorted(case.abilities.ends_turns):
        caller, told = Caller(), Told()
        async with (
            service_of(case, "that is all") as service,
            ear_of(case, service, told, ends_turns_by=way, endpointing_ms=2000) as stream,
        ):
            await caller.voice(stream)
            assert (await stream.finish(caller.at)).text == "that is all"
            await asyncio.sleep(0.05)
        assert not told.turns


async def test_a_service_that_is_not_to_end_turns_ends_none(case):
    caller, told = Caller(), Told()
    async with service_of(case, "one", "two") as service, ear_of(case, service, told) as stream:
        await caller.voice(stream)
        await caller.silence(stream, 2)
        await caller.voice(stream)
        await caller.silence(stream, 2)
        assert (await stream.finish(caller.at)).text in ("one two", "one")
    assert not told.turns


# ---- settings


async def test_settings_arrive_as_the_protocol_carries_them(case):
    only(case.carried)
    for name, (settings, expected) in case.carried.items():
        async with service_of(case, "words") as service, ear_of(case, service, **settings) as stream:
            caller = Caller()
            await caller.voice(stream)
            await stream.finish(caller.at)
            opened = service.opened[0]
            assert {key: opened.get(key) for key in expected} == dict(expected), name


async def test_what_is_changed_while_it_is_open_counts_and_what_cannot_be_is_refused(case):
    caller, told = Caller(), Told()
    async with service_of(case, "first", "second") as service, ear_of(case, service, told) as stream:
        before = RecogniserSettings(model=case.model)
        await caller.voice(stream)
        assert (await stream.finish(caller.at)).text == "first"
        for name, value in case.live.items():
            before = replace(before, **{name: value})
            assert await stream.update(before), name
        for name, value in case.fresh.items():
            assert not await stream.update(replace(before, **{name: value})), name
        await caller.voice(stream)
        assert (await stream.finish(caller.at)).text == "second"
    assert not told.failures


# ---- failures


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (401, "bad_key"),
        (403, "bad_key"),
        (404, "unknown_model"),
        (429, "limit"),
        (500, "unreachable"),
        (503, "unreachable"),
        (400, "refused"),
    ],
)
async def test_a_refusal_is_a_named_error_without_the_key_and_the_engine_can_be_used_again(case, status, failure):
    steps = [Step("status", status=status, retry_after="7", message=f"no, {KEY}")]
    async with service_of(case, "now it works", steps=steps) as service:
        engine = case.engine(service)
        with pytest.raises(ProviderError) as raised:
            await _heard(case, engine)
        assert raised.value.failure == failure
        assert raised.value.provider == case.provider
        assert KEY not in str(raised.value)
        assert raised.value.__cause__ is None
        if status in (429, 503):
            assert raised.value.retry_after_s == 7
        assert await _heard(case, engine) == "now it works"
        await engine.close()


async def test_a_wrong_key_is_told_as_such(case):
    async with service_of(case) as service:
        engine = case.engine(service, key="sk-wrong-987654")
        with pytest.raises(ProviderError) as raised:
            await _heard(case, engine)
        assert raised.value.failure == "bad_key"
        assert "sk-wrong-987654" not in str(raised.value)
        await engine.close()


async def test_a_service_that_is_not_there_is_unreachable(case):
    async with service_of(case) as service:
        pass
    engine = case.engine(service)
    with pytest.raises(ProviderError) as raised:
        await _heard(case, engine)
    assert raised.value.failure == "unreachable"
    await engine.close()


async def test_a_socket_that_drops_within_an_utterance_is_told_once_and_another_hears_it_whole(case):
    only(case.socket)
    caller, told = Caller(), Told()
    async with service_of(case, "lost", "the whole of it", steps=[Step("drop_mid")]) as service:
        async with ear_of(case, service, told) as stream:
            await caller.voice(stream, 1.5)
            await until(lambda: told.failures)
            await caller.voice(stream, 0.5)
            with pytest.raises(ProviderError) as raised:
                await stream.finish(caller.at)
            assert raised.value.failure == "dropped"
        async with ear_of(case, service, told) as stream:
            await caller.again(stream)
            final = await stream.finish(caller.at)
    assert final.text == "the whole of it"
    assert final.start == caller.spoken[0][0]
    assert [error.failure for error in told.failures] == ["dropped"]


async def test_a_socket_that_drops_while_a_final_is_waited_for_fails_it(case):
    only(case.socket)
    caller, told = Caller(), Told()
    async with service_of(case, "lost", steps=[Step("stall")]) as service:
        stream = await case.engine(service).open(RecogniserSettings(model=case.model), told.listener())
        await caller.voice(stream)
        final = asked_now(stream, caller.at)
        await asyncio.sleep(0.05)
    with pytest.raises(ProviderError):
        await final
    await until(lambda: told.failures)
    await stream.close()
    assert len(told.failures) == 1


async def test_a_service_that_falls_silent_is_not_waited_for_without_end(case):
    only(case.socket)
    caller = Caller()
    async with service_of(case, "never told", steps=[Step("stall")]) as service, ear_of(case, service) as stream:
        await caller.voice(stream)
        with pytest.raises(ProviderError) as raised:
            async with asyncio.timeout(SOON_S):
                await stream.finish(caller.at)
        assert raised.value.failure == "stalled"


async def test_of_a_service_that_falls_silent_the_last_guess_is_taken(case):
    only(case.socket, case.partials)
    caller, told = Caller(), Told()
    steps = [Step("stall_mid")]
    async with service_of(case, "one two three", steps=steps) as service, ear_of(case, service, told) as stream:
        await caller.voice(stream, 2.0)
        await until(lambda: told.partials)
        async with asyncio.timeout(SOON_S):
            final = await stream.finish(caller.at)
    assert final.text
    assert "one two three".startswith(final.text)
    assert not final.certain


async def test_messages_that_are_not_of_the_protocol_are_passed_over(case):
    only(case.socket)
    caller, told = Caller(), Told()
    steps = [Step("garbage")]
    async with service_of(case, "all the same", steps=steps) as service, ear_of(case, service, told) as stream:
        await caller.voice(stream)
        assert (await stream.finish(caller.at)).text == "all the same"
    assert not told.failures


# ---- closing


async def test_a_closed_ear_leaves_no_task_and_no_socket(case):
    caller, told = Caller(), Told()
    async with service_of(case, "words") as service:
        before = asyncio.all_tasks()
        engine = case.engine(service)
        stream = await engine.open(RecogniserSettings(model=case.model), told.listener())
        await caller.voice(stream)
        await stream.close()
        await stream.close()
        await engine.close()
        if case.socket:
            await until(lambda: service.sockets == 0)
        await until(
            lambda: asyncio.all_tasks() - before <= {task for task in asyncio.all_tasks() if _of(service, task)}
        )
    gc.collect()
    assert not told.failures


def _of(service, task):
    """Whether a task is the stand-in's own."""
    return "aiohttp" in repr(task.get_coro())


async def _heard(case, engine):
    """What a fresh ear understands of a second of voice."""
    stream = await engine.open(RecogniserSettings(model=case.model), Listener())
    try:
        caller = Caller()
        await caller.voice(stream)
        return (await stream.finish(caller.at)).text
    finally:
        await stream.close()
