"""How every plugin that speaks behaves: by the services' protocols against stand-ins, or with `--live` against the services."""

import asyncio
from contextlib import aclosing

import numpy as np
import pytest

from studio.providers.errors import Failure, ProviderError
from tests.plugins.kit.speaker import PATIENCE_S, Speaker, left, samples
from tests.plugins.kit.speech_cases import SpeechCase
from tests.stand_ins.stand_in import KEY, Asked, Fault, Said, SpeechStandIn, Step

TEXT = "Good morning, this is the front desk."
SHORT_S = 0.3
"""How long the watchdog waits for what stalls."""


def expected(stand_in: SpeechStandIn, case: SpeechCase) -> np.ndarray:
    """The sound of everything that a stand-in was asked, one after another."""
    return np.concatenate([stand_in.voicebox(asked, case.rate).pcm for asked in stand_in.asked])


async def failing(
    speaker: Speaker, stand_in: SpeechStandIn, step: Step, *, patience_s: float = PATIENCE_S
) -> ProviderError:
    """What a line fails with. Whatever it was, it names the provider and no key, and the next line is spoken."""
    if step.fault in speaker.case.unknown:
        pytest.skip("the protocol does not know it")
    stand_in.plan.steps.append(step)
    _, error = await speaker.speak(TEXT, patience_s=patience_s)
    assert error is not None, "nothing was said about it"
    sentence = str(error)
    assert (error.provider, sentence[-1]) == (speaker.case.plugin, ".")
    assert speaker.provider.title in sentence
    assert KEY not in sentence
    assert "Traceback" not in sentence
    assert len(sentence) < 400
    pcm, _ = await speaker.say("Again.")
    assert pcm.size
    return error


async def test_sound_arrives_bit_exact_at_its_rate(speaker: Speaker, stand_in: SpeechStandIn, case: SpeechCase):
    chunks, error = await speaker.speak(TEXT)
    assert error is None, error
    assert {chunk.rate for chunk in chunks} == {case.rate}
    assert np.array_equal(samples(chunks), expected(stand_in, case))
    assert [(asked.text, asked.voice) for asked in stand_in.asked] == [(TEXT, case.voice)]


async def test_speech_is_sound(speaker: Speaker):
    pcm, _ = await speaker.say(TEXT)
    assert pcm.size > 8000
    assert np.abs(pcm).max() > 1000


async def test_the_first_sound_comes_before_the_answer_is_whole(speaker: Speaker, stand_in: SpeechStandIn):
    if not speaker.case.streams:
        pytest.skip("the service does not stream")
    stand_in.plan.steps.append(Step("stall_mid"))
    async with aclosing(speaker.begin(TEXT)) as chunks:
        assert (await anext(chunks)).pcm


async def test_chunks_keep_whole_samples_wherever_the_service_cuts(
    speaker: Speaker, stand_in: SpeechStandIn, case: SpeechCase
):
    stand_in.plan.steps.append(Step("odd"))
    chunks, error = await speaker.speak(TEXT)
    assert error is None, error
    assert all(len(chunk.pcm) % 2 == 0 for chunk in chunks)
    assert np.array_equal(samples(chunks), expected(stand_in, case))


async def test_words_lie_in_the_text_and_in_order(speaker: Speaker):
    if not speaker.provider.speech.word_times:
        pytest.skip("the service gives no word times")
    pcm, words = await speaker.say(TEXT)
    assert [word.text.strip(".,") for word in words] == TEXT.replace(",", "").replace(".", "").split()
    assert all(TEXT[word.text_start : word.text_end] == word.text for word in words)
    edges = [edge for word in words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert edges[-1] <= pcm.size


async def test_words_lie_where_they_sound(speaker: Speaker, stand_in: SpeechStandIn, case: SpeechCase):
    if not speaker.provider.speech.word_times:
        pytest.skip("the service gives no word times")
    _, words = await speaker.say(TEXT)
    for word, (_, start, end) in zip(words, stand_in.voicebox(stand_in.asked[0], case.rate).words, strict=True):
        assert abs(word.start - start) <= case.rate // 100
        assert abs(word.end - end) <= case.rate // 100


@pytest.mark.parametrize("field", ["speed", "language", "model", "instructions"])
async def test_what_a_request_says_arrives(speaker: Speaker, stand_in: SpeechStandIn, case: SpeechCase, field: str):
    if field not in case.carries:
        pytest.skip("the protocol does not carry it")
    value = case.carries[field]
    await speaker.say(TEXT, **{field: value})
    (asked,) = stand_in.asked
    arrived = getattr(asked, field)
    if field == "instructions":
        assert value in arrived
        assert asked.text == TEXT
    else:
        assert arrived == pytest.approx(value) if field == "speed" else arrived == value


async def test_speed_changes_the_length(speaker: Speaker, case: SpeechCase):
    if "speed" not in case.carries:
        pytest.skip("the voices have no speed")
    usual, _ = await speaker.say(TEXT)
    fast, _ = await speaker.say(TEXT, speed=case.carries["speed"])
    assert usual.size / fast.size == pytest.approx(case.carries["speed"], rel=0.2)


async def test_closing_a_line_ends_the_request(speaker: Speaker, stand_in: SpeechStandIn):
    if not speaker.case.streams:
        pytest.skip("the service does not stream")
    stand_in.plan.steps.append(Step("stall_mid"))
    chunks = speaker.begin(TEXT)
    await anext(chunks)
    await chunks.aclose()
    await left(stand_in)
    pcm, _ = await speaker.say("Again.")
    assert pcm.size


async def test_cancelling_the_one_who_waits_ends_the_request(speaker: Speaker, stand_in: SpeechStandIn):
    stand_in.plan.steps.append(Step("stall"))
    waiting = asyncio.create_task(speaker.speak(TEXT))
    while not stand_in.asked and not waiting.done():  # noqa: ASYNC110 - over a real connection
        await asyncio.sleep(0.005)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await left(stand_in)


@pytest.mark.parametrize("text", ["", "  \n "])
async def test_an_empty_text_is_no_sound_and_no_request(speaker: Speaker, stand_in: SpeechStandIn, text: str):
    assert await speaker.speak(text) == ([], None)
    assert not stand_in.asked


async def test_a_very_long_text_is_spoken_whole(speaker: Speaker, stand_in: SpeechStandIn, case: SpeechCase):
    stand_in.voicebox = clicks
    text = " ".join(f"This is sentence number {number} of a very long story." for number in range(200))
    pcm, words = await speaker.say(text)
    assert " ".join(asked.text for asked in stand_in.asked) == text
    assert all(asked.text.endswith(".") and len(asked.text) <= (case.longest or len(text)) for asked in stand_in.asked)
    assert np.array_equal(pcm, expected(stand_in, case))
    if speaker.provider.speech.word_times:
        assert [text[word.text_start : word.text_end].strip(".") for word in words] == text.replace(".", "").split()
        edges = [edge for word in words for edge in (word.start, word.end)]
        assert edges == sorted(edges)


def clicks(asked: Asked, rate: int) -> Said:
    """A few samples for each word: what is long in words is short in time."""
    n, words = rate // 100, asked.text.split()
    rng = np.random.default_rng(len(words))
    pcm = rng.integers(-9000, 9000, n * len(words), np.int16)
    return Said(pcm, [(word, at * n, (at + 1) * n) for at, word in enumerate(words)])


async def test_signs_of_markup_are_spoken_as_they_stand(speaker: Speaker, stand_in: SpeechStandIn):
    text = 'Is 5 < 6 & 7 > 6? "Yes", she said: it\'s <b>so</b> &amp; [laughs].'
    await speaker.say(text)
    assert [asked.text for asked in stand_in.asked] == [text]


async def test_lines_at_the_same_time_do_not_mix(speaker: Speaker, stand_in: SpeechStandIn, case: SpeechCase):
    texts = ["One.", "Twenty two.", "Three hundred thirty three.", "Four thousand."]
    spoken = await asyncio.gather(*(speaker.say(text) for text in texts))
    by_text = {asked.text: stand_in.voicebox(asked, case.rate).pcm for asked in stand_in.asked}
    for text, (pcm, _) in zip(texts, spoken, strict=True):
        assert np.array_equal(pcm, by_text[text])


async def test_the_key_goes_with_every_request(speaker: Speaker, stand_in: SpeechStandIn):
    await speaker.say(TEXT)
    assert {asked.key for asked in stand_in.asked} == {KEY}


async def test_no_proxy_is_asked_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, stand_in: SpeechStandIn, case: SpeechCase
):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    speaker = Speaker(case, KEY, stand_in.settings)
    pcm, _ = await speaker.say(TEXT)
    assert pcm.size
    await speaker.close()


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (400, "refused"),
        (401, "bad_key"),
        (403, "bad_key"),
        (404, "not_found"),
        (429, "limit"),
        (500, "unreachable"),
        (503, "unreachable"),
    ],
)
async def test_a_refusal_is_named(
    speaker: Speaker, stand_in: SpeechStandIn, case: SpeechCase, status: int, failure: str
):
    step = Step("status", status, retry_after="7", message=f"It is {status} with {KEY}.")
    error = await failing(speaker, stand_in, step)
    assert error.failure == (case.not_found if failure == "not_found" else failure)
    assert len(stand_in.asked) <= 2  # asked once: whether to try again is the studio's business
    if status == 429 and case.retry_after:
        assert error.retry_after_s == 7.0


async def test_a_wrong_key_is_refused(speaker: Speaker):
    other = speaker.with_key("sk-wrong-0123456789")
    _, error = await other.speak(TEXT)
    await other.close()
    assert error
    assert (error.failure, "sk-wrong" in str(error)) == ("bad_key", False)


async def test_nobody_is_there(case: SpeechCase, live: bool):
    if live:
        pytest.skip("a stand-in is needed")
    async with case.stand_in() as gone:
        speaker = Speaker(case, KEY, gone.settings)
    _, error = await speaker.speak(TEXT)
    await speaker.close()
    assert error
    assert (error.failure, speaker.provider.title in str(error)) == ("unreachable", True)


@pytest.mark.parametrize(
    ("fault", "failures"),
    [
        ("drop", {"dropped", "unreachable"}),
        ("drop_mid", {"dropped"}),
        ("garbage", {"garbage"}),
        ("empty", {"garbage"}),
    ],
)
async def test_an_answer_that_is_none_is_named(
    speaker: Speaker, stand_in: SpeechStandIn, fault: Fault, failures: set[Failure]
):
    error = await failing(speaker, stand_in, Step(fault))
    assert error.failure in failures


async def test_what_came_before_a_break_is_played(speaker: Speaker, stand_in: SpeechStandIn, case: SpeechCase):
    if not speaker.case.streams:
        pytest.skip("the service does not stream")
    stand_in.plan.steps.append(Step("drop_mid"))
    chunks, error = await speaker.speak(TEXT)
    assert error
    got = samples(chunks)
    assert got.size
    assert np.array_equal(got, expected(stand_in, case)[: got.size])


@pytest.mark.parametrize("fault", ["stall", "stall_mid"])
async def test_a_service_that_stalls_is_left(speaker: Speaker, stand_in: SpeechStandIn, fault: Fault):
    error = await failing(speaker, stand_in, Step(fault), patience_s=SHORT_S)
    assert error.failure == "stalled"
    await left(stand_in)


async def test_sound_of_another_rate_is_known_as_such(speaker: Speaker, stand_in: SpeechStandIn, case: SpeechCase):
    if "wrong_rate" in case.unknown:
        pytest.skip("the protocol names no rate")
    stand_in.plan.steps.append(Step("wrong_rate"))
    chunks, error = await speaker.speak(TEXT)
    if error:
        assert error.failure == "garbage"
    else:
        assert {chunk.rate for chunk in chunks} == {case.rate // 2}


async def test_an_account_is_tried(speaker: Speaker):
    await speaker.service.check()
    wrong = speaker.with_key("sk-wrong-0123456789")
    with pytest.raises(ProviderError) as error:
        await wrong.service.check()
    await wrong.close()
    assert error.value.failure == "bad_key"


async def test_trying_an_account_where_nobody_is_there(case: SpeechCase, live: bool):
    if live:
        pytest.skip("a stand-in is needed")
    async with case.stand_in() as gone:
        speaker = Speaker(case, KEY, gone.settings)
    with pytest.raises(ProviderError) as error:
        await speaker.service.check()
    await speaker.close()
    assert error.value.failure == "unreachable"


async def test_closing_leaves_nothing_running(case: SpeechCase, stand_in: SpeechStandIn):
    before = asyncio.all_tasks()
    speaker = Speaker(case, KEY, stand_in.settings)
    await speaker.say(TEXT)
    await speaker.close()
    async with asyncio.timeout(30):
        while any(not _serves(task) for task in asyncio.all_tasks() - before):  # noqa: ASYNC110 - sockets close in their time
            await asyncio.sleep(0.005)


def _serves(task: asyncio.Task[object]) -> bool:
    """Whether it is the stand-in's."""
    coroutine = task.get_coro()
    code = getattr(coroutine, "cr_code", None)
    grpc = getattr(coroutine, "__qualname__", "").startswith("AioServer.")
    return grpc or (code is not None and "aiohttp" in code.co_filename)
