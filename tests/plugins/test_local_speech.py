"""The local engines: espeak-ng speaks, pocketsphinx understands it."""

import asyncio
import os
import signal
from dataclasses import replace

import numpy as np
import pytest

from studio.agents.session_settings import SessionSettings
from studio.audio.resample import convert
from studio.audio.telephone import TelephoneLine
from studio.providers.accounts import LOCAL
from studio.providers.desk import Line, SpeechDesk
from studio.providers.ear_desk import EarDesk
from studio.providers.errors import ProviderError
from studio.providers.manifests import load_providers
from studio.providers.plugin_modules import load_adapter
from studio.providers.recognition import Listener, RecogniserSettings
from studio.providers.worker import Worker
from studio.runtime.plan import Step
from tests.runtime.fakes import converse

TEXT = "Good morning, this is the front desk. How can I help you?"


@pytest.fixture
async def desk():
    desk = SpeechDesk(cache=None)
    yield desk
    await desk.close()


async def spoken(desk, text, voice="English (local)", speed=1.0):
    notices = []
    _, chunks = await desk.speak(Line(text, voice, speed), lambda *notice: notices.append(notice))
    got = [chunk async for chunk in chunks]
    pcm = np.frombuffer(b"".join(chunk.pcm for chunk in got), "<i2")
    return pcm, [word for chunk in got for word in chunk.words], notices


async def test_a_line_is_speech_with_every_word_placed_in_order(desk):
    pcm, words, notices = await spoken(desk, TEXT)
    assert not notices
    assert 2.0 < len(pcm) / 24000 < 6.0
    assert np.abs(pcm).max() > 3000
    assert [word.text for word in words] == TEXT.replace(",", "").replace(".", "").replace("?", "").split()
    assert all(TEXT[word.text_start : word.text_end] == word.text for word in words)
    edges = [edge for word in words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert edges[-1] <= len(pcm) + 1


async def test_word_places_of_other_scripts_fit_the_text(desk):
    text = "你好，我可以帮你吗？"
    _, words, _ = await spoken(desk, text, "普通话 (local)")
    assert words
    assert all(text[word.text_start : word.text_end] == word.text for word in words)


async def test_the_words_of_a_line_that_is_too_long_to_be_spoken_at_once_are_placed_in_all_of_it(desk):
    text = " ".join([TEXT] * 40)
    pcm, words, _ = await spoken(desk, text, speed=2.0)
    assert [word.text for word in words] == text.replace(",", "").replace(".", "").replace("?", "").split()
    assert all(text[word.text_start : word.text_end] == word.text for word in words)
    edges = [edge for word in words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    mornings = [word.start for word in words if word.text == "morning"]
    gaps = np.diff(mornings) / (mornings[-1] - mornings[0]) * 39
    assert gaps == pytest.approx([1] * 39, abs=0.15), "each comes as long after the one before as the others do"
    assert 0.97 * len(pcm) < edges[-1] <= len(pcm) + 1


@pytest.mark.parametrize(("speed", "tolerance"), [(0.25, 0.12), (0.5, 0.12), (2.0, 0.12), (4.0, 0.15)])
async def test_speed_changes_the_length(desk, speed, tolerance):
    normal, _, _ = await spoken(desk, TEXT)
    changed, words, _ = await spoken(desk, TEXT, speed=speed)
    assert len(changed) == pytest.approx(len(normal) / speed, rel=tolerance)
    assert words[-1].end <= len(changed) + 1


async def test_the_same_line_from_fresh_workers_is_the_same_to_the_sample():
    lines = []
    for _ in range(2):
        desk = SpeechDesk(cache=None)
        lines.append((await spoken(desk, TEXT))[0])
        await desk.close()
    assert np.array_equal(*lines)


async def test_a_worker_that_dies_is_started_again(desk):
    await desk.warm_up()
    worker = (await desk._engine("local"))._worker
    os.kill(worker._process.pid, signal.SIGKILL)
    await worker._process.wait()
    await worker._reader
    pcm, _, _ = await spoken(desk, "hello")
    assert len(pcm)


async def test_a_voice_that_the_engine_does_not_have_is_a_sentence(desk):
    engine = await desk._engine("local")
    from studio.providers.speech import SpeechRequest

    with pytest.raises(ProviderError, match="no voice 'nobody'"):
        async for _ in engine.speak(SpeechRequest("hello", "nobody")):
            pass


PHRASES = ["I need an appointment on Tuesday", "half past ten please", "yes", "no thank you", "cancel my appointment"]


async def understood(text, voice, phrases):
    (transcript,), notices = await all_understood([text], voice, phrases)
    return transcript, notices


async def all_understood(texts, voice, phrases, treat=lambda sound: sound):
    desk, ears = SpeechDesk(cache=None), EarDesk()
    notices, transcripts = [], []
    settings = RecogniserSettings(model="pocketsphinx", phrases=phrases, live=False)
    ear, _ = await ears.open(
        settings.model,
        lambda hearer: settings,
        Listener(),
        lambda *notice: notices.append(notice),
    )
    for text in texts:
        pcm, _, _ = await spoken(desk, text, voice)
        sound = treat(np.concatenate([np.zeros(4800, np.int16), convert(pcm, 24000, 16000), np.zeros(4800, np.int16)]))
        for at in range(0, len(sound), 1600):
            ear.feed(sound[at : at + 1600].tobytes(), at)
        transcripts.append(await ear.finish(len(sound)))
    await ear.close()
    await desk.close()
    return transcripts, notices


@pytest.fixture(scope="module")
def transcripts():
    """What is understood of the phrases, by a recogniser that hears them one after another."""
    return asyncio.run(all_understood(PHRASES, "English (local)", PHRASES))[0]


@pytest.mark.parametrize("text", PHRASES)
def test_a_phrase_of_the_project_is_understood(text, transcripts):
    transcript = transcripts[PHRASES.index(text)]
    assert (transcript.text, transcript.certain) == (text, True)


async def test_other_settings_than_phrases_leave_the_decoder_as_it_is():
    desk, ears = SpeechDesk(cache=None), EarDesk()
    settings = RecogniserSettings(model="pocketsphinx", phrases=PHRASES)
    ear, _ = await ears.open(settings.model, lambda hearer: settings, Listener(), lambda *notice: None)
    pcm, _, _ = await spoken(desk, PHRASES[0], "English (local)")
    sound = np.concatenate([np.zeros(4800, np.int16), convert(pcm, 24000, 16000), np.zeros(4800, np.int16)])
    half = len(sound) // 2
    ear.feed(sound[:half].tobytes(), 0)
    assert await ear.update(replace(settings, prompt="A call about pizza.", endpointing_ms=900))
    ear.feed(sound[half:].tobytes(), half)
    assert (await ear.finish(len(sound))).text == PHRASES[0]
    await ear.close()
    await desk.close()


@pytest.mark.parametrize("live", [True, False])
async def test_dictation_is_made_ready_beside_phrases_only_where_somebody_waits_for_it(monkeypatch, live):
    asked, request = [], Worker.request

    def noted(self, header, blob=b""):
        asked.append(header)
        return request(self, header, blob)

    monkeypatch.setattr(Worker, "request", noted)
    settings = RecogniserSettings(model="pocketsphinx", phrases=PHRASES, live=live)
    ear, _ = await EarDesk().open(settings.model, lambda hearer: settings, Listener(), lambda *notice: None)
    await ear.close()
    assert [header["warm"] for header in asked if header["do"] == "open"] == [live]


async def test_phrases_are_understood_through_a_telephone():
    heard, _ = await all_understood(PHRASES, "English (local)", PHRASES, TelephoneLine(16000).process)
    assert [transcript.text for transcript in heard] == PHRASES


async def test_phrases_that_are_spoken_softly_are_understood():
    heard, _ = await all_understood(PHRASES, "English (local)", PHRASES, lambda sound: (sound * 0.15).astype(np.int16))
    assert [transcript.text for transcript in heard] == PHRASES


def test_every_word_of_a_phrase_is_placed(transcripts):
    transcript = transcripts[0]
    assert [word.text for word in transcript.words] == PHRASES[0].split()
    edges = [edge for word in transcript.words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert 4000 <= edges[0] < edges[-1] <= transcript.end


def test_a_recogniser_whose_process_dies_within_an_utterance_has_understood_it_all_the_same():
    sound = convert(np.frombuffer(asyncio.run(line_of(PHRASES[0])), "<i2"), 24000, 16000)
    ears = EarDesk()

    async def handler(event):
        if event["name"] == "start":
            await asyncio.sleep(1.5)
            (worker,) = [ear.stream._worker for ear in [talking[0].ears.current]]
            os.kill(worker._process.pid, signal.SIGKILL)
            await worker._reader
            yield {"name": "log", "data": {"message": "killed"}}

    talking = []

    async def remember(session):
        talking.append(session)

    talk = converse(
        handler,
        [Step(hear=sound, after_speech_start=1.0, line=0)],
        desk=ears,
        act=remember,
        settings=SessionSettings(stt_model="pocketsphinx", phrases=tuple(PHRASES), stt_endpointing=500),
    )
    assert [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"] == [PHRASES[0]]
    assert "is started again" in talk.of("recognition_failed")[0].message


async def line_of(text):
    desk = SpeechDesk(cache=None)
    pcm, _, _ = await spoken(desk, text)
    await desk.close()
    return pcm.tobytes()


async def test_what_is_no_phrase_is_dictated_and_marked_as_uncertain():
    transcript, _ = await understood("elephants sleep standing", "English (local)", PHRASES)
    assert transcript.text not in PHRASES
    assert transcript.certain is False


async def test_a_word_that_is_in_no_dictionary_is_named():
    _, notices = await understood("yes", "English (local)", ["yes", "call Xqwzt now"])
    assert any("xqwzt" in sentence for _, sentence, _ in notices)


async def test_models_are_loaded_anew_for_other_phrases_and_for_nothing_else(monkeypatch):
    loaded = []

    async def begin(ear, header):
        loaded.append(header["phrases"])
        return {"unknown": {}}

    provider = load_providers()["local"]
    engine = load_adapter(provider, provider.recognition.adapter)(LOCAL)
    monkeypatch.setattr(load_adapter(provider, "worker_ear:WorkerEar"), "begin", begin)
    settings = RecogniserSettings(model="pocketsphinx", phrases=("yes",))
    ear = await engine.open(settings, Listener())
    assert await ear.update(replace(settings, prompt="A call about pizza.", endpointing_ms=700))
    assert loaded == [["yes"]]
    assert await ear.update(replace(settings, phrases=("yes", "no thank you")))
    assert loaded == [["yes"], ["yes", "no thank you"]]
    await ear.close()


async def test_other_languages_are_refused_with_a_sentence():
    with pytest.raises(ProviderError, match="English only"):
        await EarDesk().open(
            "pocketsphinx", lambda hearer: RecogniserSettings(language="de"), Listener(), lambda *n: None
        )


async def test_another_model_is_listened_to_locally_with_one_notice():
    notices = []
    ear, _ = await EarDesk().open(
        "nova-3", lambda hearer: RecogniserSettings(), Listener(), lambda *n: notices.append(n[0])
    )
    await ear.close()
    assert notices == ["recogniser_stand_in"]


async def test_every_local_voice_speaks(desk):
    for voice in desk.catalogue.providers["local"].voices:
        pcm, _, _ = await spoken(desk, "1 2 3", voice.name)
        assert np.abs(pcm).max() > 1000, voice.name


async def test_a_phrase_with_more_around_it_is_not_taken_for_certain():
    transcript, _ = await understood("elephants say yes to the zebra and its friends", "English (local)", PHRASES)
    assert transcript.certain is False
