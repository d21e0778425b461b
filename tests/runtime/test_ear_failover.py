"""A recogniser fails in the middle of a call, and no word of the caller is lost."""

import pytest

from studio.agents.session_settings import SessionSettings
from studio.providers.breaker import FIRST_S
from studio.providers.ear_desk import EarDesk, Engine
from studio.providers.errors import ProviderError
from studio.providers.scripted_recognition import Script, ScriptedRecognition
from studio.runtime.plan import Step
from tests.runtime.fakes import converse
from tests.runtime.hearing import able, desk, loud, recogniser, sentence

SETTINGS = SessionSettings(stt_failover=("flux-general-en",), timeout=60.0)


async def silent(event):
    for output in ():
        yield output


class Mending(ScriptedRecognition):
    """Refuses until something is changed about it; then it opens ears that live."""

    def __init__(self, script, mended_after):
        super().__init__(script)
        self.tries = 0
        self.mended_after = mended_after

    async def open(self, settings, listener):
        self.tries += 1
        if self.tries <= self.mended_after:
            raise ProviderError("scripted", "unreachable", "Nobody answers.")
        return await super().open(settings, listener)


def texts(talk):
    return [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"]


def said(sound, line=0):
    return Step(hear=sound, after=1.0, line=line)


def spoken(*at_ms):
    """Sound and words of three words at each of these moments of the session."""
    return [sentence([300] * 3, [50] * 3, at_ms=at) for at in at_ms]


@pytest.mark.parametrize("failure", ["unreachable", "bad_key", "limit", "dropped", "stalled", "garbage"])
def test_a_recogniser_that_cannot_be_opened_is_followed_by_the_next_one(failure):
    ((sound, words),) = spoken(1000)
    broken = ScriptedRecognition(Script(refuses=ProviderError("scripted", failure, "Nobody answers.")))
    talk = converse(
        silent, [said(sound)], desk=desk(nova_3=broken, flux_general_en=recogniser(loud(words))), settings=SETTINGS
    )
    assert texts(talk) == ["W0 W1 W2"]
    note = talk.of("failed_over")[0]
    assert note.message == "Nobody answers. flux-general-en (flux-general-en) hears in the place of nova-3."
    assert (note.data["model"], note.data["to"]) == ("nova-3", "flux-general-en:flux-general-en")
    refused = ("scripted", "replace key") if failure == "bad_key" else (None, None)
    assert (note.data.get("provider"), note.data.get("action")) == refused


def test_a_recogniser_that_dies_and_cannot_be_opened_again_is_followed_within_the_utterance():
    ((sound, words),) = spoken(1000)
    dying = ScriptedRecognition(Script(words, dies_at=words[1].start + 100))

    class Once(Mending):
        async def open(self, settings, listener):
            if self.streams:
                raise ProviderError("scripted", "unreachable", "Nobody answers.")
            return await super().open(settings, listener)

    dying = Once(dying.script, 0)
    talk = converse(
        silent, [said(sound)], desk=desk(nova_3=dying, flux_general_en=recogniser(loud(words))), settings=SETTINGS
    )
    assert texts(talk) == ["W0 W1 W2"], "what the dead one had heard is heard once more"
    (failed,) = talk.of("recognition_failed")
    (note,) = talk.of("failed_over")
    assert failed.seq < note.seq


def test_a_recogniser_that_dies_once_is_only_started_again():
    ((sound, words),) = spoken(1000)
    dying = recogniser(words, dies_at=words[1].start + 100)
    other = recogniser(loud(words))
    talk = converse(silent, [said(sound)], desk=desk(nova_3=dying, flux_general_en=other), settings=SETTINGS)
    assert texts(talk) == ["w0 w1 w2"]
    assert (len(dying.streams), len(other.streams)) == (2, 0)


def test_a_recogniser_that_answers_again_hears_again_after_its_time():
    (first, words), (second, more), (third, rest) = spoken(1000, 4000, 4000 + round(FIRST_S * 1000) * 3)
    everything = [*words, *more, *rest]
    mending = Mending(Script(everything), mended_after=2)
    talk = converse(
        silent,
        [Step(hear=first, after=1.0), Step(hear=second, after=1.0), Step(hear=third, after=3 * FIRST_S)],
        desk=desk(nova_3=mending, flux_general_en=recogniser(loud(everything))),
        settings=SETTINGS,
    )
    back = talk.of("recogniser_back")
    assert [record.message for record in back] == ["nova-3 hears again: its provider answers."]
    assert mending.streams


def test_a_list_of_providers_means_their_first_models_and_the_local_one_is_last():
    ears = EarDesk(engines={"nova-3": Engine(recogniser([]), able())})
    assert [hearer.model for hearer in ears.hearers("no-such", ["deepgram"])] == ["nova-3", "pocketsphinx"]
    assert [hearer.model for hearer in ears.hearers("pocketsphinx", [])] == ["pocketsphinx"]
