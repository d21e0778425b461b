"""STTUpdateSettingsEvent, and what the handler is told of it."""

import pytest

from studio.runtime.plan import Step
from tests.conformance.desk import behaviour, logs, texts
from tests.conformance.test_speech import start
from tests.runtime.hearing import able, loud, recogniser, sentence
from tests.runtime.hearing import desk as ear_desk

TELL = """    if isinstance(event, STTModelSwitchedEvent):
        yield LogEvent(str(sorted(event.data.items())))
"""


def heard(desk, *events, then="", ears=None, gap=50, **more):
    """Two words are said a second after the start, while the agent changes how it listens."""
    sound, words = sentence([300, 300], [gap, 50], at_ms=1000)
    makers = ears or (lambda words: {"nova_3": recogniser(words)})
    step = Step(hear=sound, after_speech_start=1.0, line=0)
    return desk.hold(start(*events, then=then), step, ears=ear_desk(**makers(words)), **more)


@behaviour(74)
def test_only_given_fields_change(desk):
    talk = heard(desk, "STTUpdateSettingsEvent(endpointing=700)")
    before, after = talk.session.plan.settings, talk.session.settings
    assert (before.stt_endpointing, after.stt_endpointing) == (300, 700)
    assert (before.stt_language, before.stt_model) == (after.stt_language, after.stt_model)


@behaviour(75)
@pytest.mark.parametrize("language", ["es", "multi"])
def test_a_language_may_be_a_code_or_multi(desk, language):
    talk = heard(
        desk,
        f"STTUpdateSettingsEvent(language='{language}')",
        ears=lambda words: {"nova_3": recogniser(words, languages=("en", "es", "multi"))},
    )
    assert talk.session.settings.stt_language == language
    assert not [record for record in talk.records if record.level != "info"]


@behaviour(76, 82)
def test_another_model_hears_the_next_utterance_and_the_handler_is_told(desk):
    talk = heard(
        desk,
        "STTUpdateSettingsEvent(model='gpt-4o-transcribe')",
        then=TELL,
        ears=lambda words: {"nova_3": recogniser(words), "gpt_4o_transcribe": recogniser(loud(words))},
    )
    assert texts(talk) == ["W0 W1"]
    assert "('from_model', 'nova-3')" in logs(talk)[0]
    assert "('to_model', 'gpt-4o-transcribe')" in logs(talk)[0]


@behaviour(77)
@pytest.mark.parametrize(("endpointing", "silence"), [(450, 450), (3, 300), (2, 800), (1, 1500), (0, 800)])
def test_endpointing_is_a_silence_or_an_eagerness(desk, endpointing, silence):
    talk = heard(desk, f"STTUpdateSettingsEvent(endpointing={endpointing})", gap=0)
    assert talk.of("end_of_turn")[0].data["waited_ms"] == pytest.approx(silence, abs=64)


@behaviour(78)
def test_a_recogniser_with_an_end_of_turn_of_its_own_decides_itself(desk):
    talk = heard(
        desk,
        "LogEvent('no endpointing is asked for')",
        gap=500,
        ears=lambda words: {"nova_3": recogniser(words, turn_ms=900, abilities=able(ends_turns=frozenset({"model"})))},
    )
    assert texts(talk) == ["w0 w1"]


@behaviour(79, 80)
@pytest.mark.parametrize("kind", ["near_field", "far_field", "telephony"])
@pytest.mark.parametrize("spelling", ["noise_reduction", "noise_reduction_type"])
def test_noise_reduction_in_both_spellings(desk, spelling, kind):
    talk = heard(desk, f"STTUpdateSettingsEvent({spelling}='{kind}')")
    assert talk.session.settings.stt_noise_reduction_type == kind
    assert not [record for record in talk.records if record.level == "error"]


@behaviour(79)
def test_an_unknown_noise_reduction_is_an_error_row(desk):
    talk = heard(desk, "STTUpdateSettingsEvent(noise_reduction='loud')")
    assert [r.level for r in talk.records if r.topic == "/notice" and r.level != "info"] == ["error"]


@behaviour(81, 82)
def test_a_prewarmed_model_takes_over_at_once(desk):
    talk = heard(
        desk,
        "STTUpdateSettingsEvent(prewarm_model='cartesia')",
        then="        await asyncio.sleep(0.9)\n        yield STTUpdateSettingsEvent(model='cartesia')\n" + TELL,
        ears=lambda words: {"nova_3": recogniser(words), "cartesia": recogniser(loud(words))},
    )
    (switched,) = talk.of("recogniser_switched")
    assert switched.data["switch_delay_ms"] == 0
    assert "('switch_delay_ms', 0" in logs(talk)[0]
    assert "".join(texts(talk)).lower().split() == ["w0", "w1"]


@behaviour(83)
def test_settings_last_for_the_session_and_begin_with_the_next_utterance(desk):
    sound, words = sentence([300], [50], at_ms=1000)
    again = Step(hear=sound, after=0.5)
    source = "async def handler(event, context):\n    if isinstance(event, TextEvent):\n        yield STTUpdateSettingsEvent(endpointing=900)\n"
    talk = desk.hold(
        source,
        Step(hear=sound, after_speech_start=1.0, line=0),
        *(again, again),
        ears=ear_desk(nova_3=recogniser(words)),
    )
    waits = [record.data["waited_ms"] for record in talk.of("end_of_turn")]
    assert waits[0] == pytest.approx(300, abs=64)
    assert waits[1] == pytest.approx(900, abs=64)
