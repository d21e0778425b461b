"""What the runtime may rely on, of whichever recogniser listens: by the services' protocols, or with `--live` by the services.

A recogniser that asks no service, and every one with `--live`, is spoken to in words; stand-ins take tones for voice.
"""

import asyncio
import gc
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from studio.providers.accounts import LOCAL
from studio.providers.errors import ProviderError
from studio.providers.recognition import Listener, RecogniserSettings, Transcript
from studio.providers.socket_ear import SocketEar
from tests.plugins.kit.caller import RATE, SOON_S, Caller, Told, until
from tests.plugins.kit.conftest import real_account
from tests.plugins.kit.recognition_cases import CASES, Case
from tests.stand_ins.stand_in import KEY, Step, Utterance

pytestmark = pytest.mark.asyncio(loop_scope="module")

Calling = Callable[..., AbstractAsyncContextManager[Caller]]
"""`calling(*texts, at=SAMPLE, **settings)`: a caller who is going to say these texts to an open ear."""
_OWN_PLACE = 0.05 * RATE
"""How far from its sound a word may be placed."""


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request):
    return request.param


@pytest.fixture(autouse=True)
def hurry(monkeypatch, live):
    """What takes seconds at a real service takes none here."""
    if not live:
        monkeypatch.setattr(SocketEar, "final_s", 0.4)


class Shared:
    """An open ear that many tests use one after the other: who opens a worker for each waits for its models."""

    def __init__(self):
        self.told = Told()
        self.stream = None

    async def ear(self, case: Case, told: Told):
        """The ear, and from now on what it tells is told to that one."""
        self.told = told
        if self.stream is None:
            listener = Listener(
                lambda partial: self.told.partials.append(partial),
                lambda turn: self.told.turns.append(turn),
                lambda error: self.told.failures.append(error),
            )
            self.stream = await case.engine_of(LOCAL).open(case.how(), listener)
        return self.stream


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared():
    shared = Shared()
    yield shared
    if shared.stream:
        await shared.stream.close()


@pytest.fixture
def calling(case, live, shared) -> Calling:
    """Opens an ear of the service or of its stand-in."""

    @asynccontextmanager
    async def calling(*texts: str, at: int = RATE, patience_s: float | None = None, **settings: Any):
        told = Told()
        if case.stand_in is None:
            caller = Caller(await shared.ear(case, told), told, texts, at=at)
            try:
                yield caller
            finally:
                await caller.final()  # the next one begins with nothing heard
        elif live and case.network:
            engine = case.engine_of(real_account(case.provider))
            stream = await engine.open(case.how(**settings), told.listener())
            try:
                yield Caller(stream, told, texts, exact=False, at=at)
            finally:
                await stream.close()
                await engine.close()
        else:
            async with service_of(case, *texts) as service, ear_of(case, service, told, **settings) as stream:
                if patience_s:
                    service.patience_s = patience_s
                yield Caller(stream, told, at=at)

    return calling


@pytest.fixture
def stands_in(case, live):
    """For behaviours that a service shows to nobody, and a recogniser without a service does not have."""
    if not case.network:
        pytest.skip("it asks no service")
    if live:
        pytest.skip("a stand-in is needed")


@asynccontextmanager
async def service_of(case: Case, *texts: str, steps: list[Step] | None = None):
    """The stand-in, which is going to hear these texts."""
    assert case.stand_in  # `stands_in` has skipped the others
    service = case.stand_in()
    service.utterances.extend(Utterance(text) for text in texts)
    service.plan.steps.extend(steps or [])
    async with service:
        yield service


@asynccontextmanager
async def ear_of(case: Case, service, told: Told, **settings):
    """An open ear at a stand-in."""
    engine = case.engine(service)
    stream = await engine.open(case.how(**settings), told.listener())
    try:
        yield stream
    finally:
        await stream.close()
        await engine.close()


def only(*what):
    """Skips the rows of which one of these does not hold."""
    if not all(what):
        pytest.skip("its protocol has no such thing")


# ---- understanding


async def test_the_final_is_what_was_said(calling):
    async with calling("I would like to order a pizza.") as caller:
        await caller.voice(1.5)
        await caller.silence(0.1)
        final = await caller.final()
    assert caller.understood(final, "I would like to order a pizza.")
    assert final.final
    assert final.start <= caller.spoken[0][0] < caller.spoken[0][1] <= final.end
    assert not caller.told.failures


async def test_words_come_in_order_and_where_they_were_said(case, calling):
    only(case.abilities.word_times)
    async with calling("one two three four", at=7 * RATE) as caller:
        await caller.silence(0.3)
        await caller.voice(2.0)
        final = await caller.final()
    ((start, end),) = caller.spoken
    assert [word.text for word in final.words] == final.text.split()
    assert caller.understood(final, "one two three four")
    share = (end - start) / 4
    for number, word in enumerate(final.words):
        assert start - _OWN_PLACE <= word.start < word.end <= end + _OWN_PLACE
        if not caller.in_words:
            assert word.start == pytest.approx(start + number * share, abs=_OWN_PLACE)
            assert word.end == pytest.approx(start + (number + 1) * share, abs=_OWN_PLACE)
    edges = [edge for word in final.words for edge in (word.start, word.end)]
    assert edges == sorted(edges)


async def test_partials_come_while_the_caller_speaks(case, calling):
    only(case.partials)
    async with calling("one two three four five six") as caller:
        await caller.voice(1.5)
        await until(lambda: caller.told.partials)
        assert not caller.told.partials[-1].final
        assert caller.told.partials[-1].text
        assert caller.in_words or caller.told.partials[-1].text.startswith("one")
        assert caller.told.partials[-1].start == caller.spoken[0][0]
        assert caller.understood(await caller.final(), "one two three four five six")


async def test_of_two_utterances_each_has_its_own_words_at_its_own_place(calling):
    async with calling("first words", "second words here") as caller:
        finals = []
        for _ in range(2):
            await caller.voice()
            finals.append(await caller.final())
            caller.skip(30)  # what lies between two utterances is not fed
    for final, text, (start, end) in zip(finals, ("first words", "second words here"), caller.spoken, strict=True):
        assert caller.understood(final, text)
        assert final.start == start
        for word in final.words:
            assert start - _OWN_PLACE <= word.start < word.end <= end + _OWN_PLACE


async def test_what_is_fed_while_a_final_is_waited_for_belongs_to_the_next(calling):
    async with calling("first words", "second words here") as caller:
        await caller.voice()
        first = caller.final_asked_now()
        border = caller.at
        await caller.voice()
        await caller.silence(0.1)
        second = caller.final_asked_now()
        assert caller.understood(await first, "first words")
        assert caller.understood(await second, "second words here")
        assert (await second).start == border


async def test_nothing_fed_is_nothing_said(calling):
    async with calling() as caller:
        assert await caller.stream.finish(500) == Transcript("", True, 500, 500)


async def test_a_cough_is_nothing_said(calling):
    async with calling("") as caller:
        await caller.voice(0.2)
        await caller.silence(0.5)
        assert (await caller.final()).text == ""
        await caller.voice(0.5)
    assert not caller.told.turns
    assert not caller.told.failures


async def test_a_warm_standby_that_has_heard_nothing_yet_is_there_when_it_is_needed(calling, monkeypatch):
    monkeypatch.setattr(SocketEar, "idle_s", 0.02)
    async with calling("here I am", at=100 * RATE, patience_s=0.1) as caller:
        await asyncio.sleep(0.3)
        await caller.voice()
        assert caller.understood(await caller.final(), "here I am")
    assert not caller.told.failures


async def test_a_long_silence_between_utterances_is_survived_without_a_word(calling, monkeypatch):
    monkeypatch.setattr(SocketEar, "idle_s", 0.02)
    async with calling("first words", "later words", patience_s=0.1) as caller:
        await caller.voice()
        assert caller.understood(await caller.final(), "first words")
        caller.skip(60)
        await asyncio.sleep(0.3)
        await caller.voice()
        final = await caller.final()
    assert caller.understood(final, "later words")
    for word in final.words:
        assert caller.spoken[1][0] - _OWN_PLACE <= word.start < word.end <= caller.spoken[1][1] + _OWN_PLACE
    assert not caller.told.failures
    assert not caller.told.turns


# ---- the end of a turn


async def test_the_service_ends_the_turn_in_each_way_that_the_manifest_names(case, calling):
    only(case.abilities.ends_turns)
    texts = ("I would like to order a pizza.", "one two three four five six")
    for way in sorted(case.abilities.ends_turns):
        async with calling(*texts, ends_turns_by=way) as caller:
            for number, text in enumerate(texts):
                await caller.voice()
                await caller.silence(1.5)
                await caller.told.turn(number)
                turn = caller.told.turns[number]
                assert caller.understood(turn, text)
                assert caller.spoken[number][1] <= turn.end <= caller.at
                assert turn.start <= caller.spoken[number][0]
                caller.skip(5)
            assert (await caller.final()).text == ""


async def test_a_turn_that_the_service_has_not_ended_yet_can_be_ended(case, calling):
    only(case.abilities.ends_turns)
    for way in sorted(case.abilities.ends_turns):
        async with calling("I would like to order a pizza.", ends_turns_by=way, endpointing_ms=2000) as caller:
            await caller.voice()
            assert caller.understood(await caller.final(), "I would like to order a pizza.")
            await asyncio.sleep(0.05)
        assert not caller.told.turns


async def test_a_service_that_is_not_to_end_turns_ends_none(case, calling):
    only(case.stand_in)
    async with calling("first words", "second words here") as caller:
        for _ in range(2):
            await caller.voice()
            await caller.silence(2)
        final = await caller.final()
        assert any(caller.understood(final, text) for text in ("first words second words here", "first words"))
    assert not caller.told.turns


# ---- settings


@pytest.mark.usefixtures("stands_in")
async def test_settings_arrive_as_the_protocol_carries_them(case):
    only(case.carried)
    for name, (settings, expected) in case.carried.items():
        told = Told()
        async with service_of(case, "words") as service, ear_of(case, service, told, **settings) as stream:
            caller = Caller(stream, told)
            await caller.voice()
            await caller.final()
            opened = service.opened[0]
            assert {key: opened.get(key) for key in expected} == dict(expected), name


async def test_what_is_changed_while_it_is_open_counts_and_what_cannot_be_is_refused(case, calling):
    async with calling("first words", "second words here") as caller:
        before = case.how()
        await caller.voice()
        assert caller.understood(await caller.final(), "first words")
        for name, value in case.live.items():
            before = replace(before, **{name: value})
            assert await caller.stream.update(before), name
        for name, value in case.fresh.items():
            assert not await caller.stream.update(replace(before, **{name: value})), name
        await caller.voice()
        heard = await caller.final()
        # a real service takes another language at its word
        assert caller.understood(heard, "second words here") or ("language" in case.live and caller.in_words)
    assert not caller.told.failures


# ---- failures


@pytest.mark.usefixtures("stands_in")
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


async def test_a_wrong_key_is_told_as_such(case, live):
    if not case.network:
        pytest.skip("it asks no service")
    if live:
        await _refuses_a_wrong_key(case.engine_of(replace(real_account(case.provider), key="sk-wrong-987654")), case)
    else:
        async with service_of(case) as service:
            await _refuses_a_wrong_key(case.engine(service, key="sk-wrong-987654"), case)


async def _refuses_a_wrong_key(engine, case):
    with pytest.raises(ProviderError) as raised:
        await _heard(case, engine)
    assert raised.value.failure == "bad_key"
    assert "sk-wrong-987654" not in str(raised.value)
    await engine.close()


@pytest.mark.usefixtures("stands_in")
async def test_a_service_that_is_not_there_is_unreachable(case):
    async with service_of(case) as service:
        pass
    engine = case.engine(service)
    with pytest.raises(ProviderError) as raised:
        await _heard(case, engine)
    assert raised.value.failure == "unreachable"
    await engine.close()


@pytest.mark.usefixtures("stands_in")
async def test_a_socket_that_drops_within_an_utterance_is_told_once_and_another_hears_it_whole(case):
    only(case.socket)
    told = Told()
    async with service_of(case, "lost", "the whole of it", steps=[Step("drop_mid")]) as service:
        async with ear_of(case, service, told) as stream:
            caller = Caller(stream, told)
            await caller.voice(1.5)
            await until(lambda: told.failures)
            await caller.voice(0.5)
            with pytest.raises(ProviderError) as raised:
                await caller.final()
            assert raised.value.failure == "dropped"
        async with ear_of(case, service, told) as stream:
            await caller.again(stream)
            final = await stream.finish(caller.at)
    assert final.text == "the whole of it"
    assert final.start == caller.spoken[0][0]
    assert [error.failure for error in told.failures] == ["dropped"]


@pytest.mark.usefixtures("stands_in")
async def test_a_socket_that_drops_while_a_final_is_waited_for_fails_it(case):
    only(case.socket)
    told = Told()
    async with service_of(case, "lost", steps=[Step("stall")]) as service:
        stream = await case.engine(service).open(case.how(), told.listener())
        caller = Caller(stream, told)
        await caller.voice()
        final = caller.final_asked_now()
        await asyncio.sleep(0.05)
    with pytest.raises(ProviderError):
        await final
    await until(lambda: told.failures)
    await stream.close()
    assert len(told.failures) == 1


@pytest.mark.usefixtures("stands_in")
async def test_a_service_that_falls_silent_is_not_waited_for_without_end(case):
    only(case.socket)
    told = Told()
    steps = [Step("stall")]
    async with service_of(case, "never told", steps=steps) as service, ear_of(case, service, told) as stream:
        caller = Caller(stream, told)
        await caller.voice()
        with pytest.raises(ProviderError) as raised:
            async with asyncio.timeout(SOON_S):
                await caller.final()
        assert raised.value.failure == "stalled"


@pytest.mark.usefixtures("stands_in")
async def test_of_a_service_that_falls_silent_the_last_guess_is_taken(case):
    only(case.socket, case.partials)
    told = Told()
    steps = [Step("stall_mid")]
    async with service_of(case, "one two three", steps=steps) as service, ear_of(case, service, told) as stream:
        caller = Caller(stream, told)
        await caller.voice(2.0)
        await until(lambda: told.partials)
        async with asyncio.timeout(SOON_S):
            final = await caller.final()
    assert final.text
    assert "one two three".startswith(final.text)
    assert not final.certain


@pytest.mark.usefixtures("stands_in")
async def test_messages_that_are_not_of_the_protocol_are_passed_over(case):
    only(case.socket)
    told = Told()
    steps = [Step("garbage")]
    async with service_of(case, "all the same", steps=steps) as service, ear_of(case, service, told) as stream:
        caller = Caller(stream, told)
        await caller.voice()
        assert (await caller.final()).text == "all the same"
    assert not told.failures


# ---- closing


async def test_a_closed_ear_leaves_no_task_and_no_socket(case, live):
    told = Told()
    if case.stand_in is None:
        await _closes(case.engine_of(LOCAL), case.model, told)
    elif live and case.network:
        await _closes(case.engine_of(real_account(case.provider)), case.model, told)
    else:
        async with service_of(case, "words") as service:
            await _closes(case.engine(service), case.model, told)
            if case.socket:
                await until(lambda: service.sockets == 0)
    gc.collect()
    assert not told.failures


async def _closes(engine, model, told):
    before = asyncio.all_tasks()
    stream = await engine.open(RecogniserSettings(model=model), told.listener())
    caller = Caller(stream, told)
    await caller.voice()
    await stream.close()
    await stream.close()
    await engine.close()
    await until(lambda: all(_of_a_stand_in(task) for task in asyncio.all_tasks() - before))


def _of_a_stand_in(task):
    return "aiohttp" in repr(task.get_coro())


async def _heard(case, engine):
    """What a fresh ear understands of a second of voice."""
    told = Told()
    stream = await engine.open(case.how(), told.listener())
    try:
        caller = Caller(stream, told)
        await caller.voice()
        return (await caller.final()).text
    finally:
        await stream.close()
