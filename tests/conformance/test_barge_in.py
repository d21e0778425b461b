"""The caller talks over the agent."""

import asyncio

from studio.runtime.plan import Step
from tests.conformance.desk import behaviour, logs, said, texts
from tests.runtime.fakes import spoken

LONG = "one two three four five six seven eight nine ten"


def speak_first(*events: str, rest: str = "") -> str:
    lines = "\n".join(f"        yield {event}" for event in events)
    return f"async def handler(event, context):\n    if isinstance(event, StartEvent):\n{lines}\n{rest}"


@behaviour(48, 55)
def test_a_barge_in_clears_sound_drops_later_lines_and_cancels_the_run(desk):
    source = speak_first(
        f'TextToSpeechEvent("{LONG}")',
        'TextToSpeechEvent("never")',
        rest='        await asyncio.sleep(9)\n        yield TextToSpeechEvent("nor this")\n',
    )
    talk = desk.hold(source, Step(hear=spoken(0, 0.6), after_speech_start=0.5), phrases=["stop"])
    assert talk.of("cut")[0].data["by"] == "voice"
    assert [record.data["text"] for record in talk.of("play_dropped")] == ["never"]
    assert talk.of("handler_ended")[0].data["status"] == "cancelled"
    assert said(talk) == []
    assert texts(talk) == ["stop"]


@behaviour(49)
def test_only_interruptible_background_tasks_end_at_a_barge_in(desk):
    source = """
async def work(name):
    await asyncio.sleep(2)
    yield LogEvent(name)

async def handler(event, context):
    if isinstance(event, StartEvent):
        context.create_task(work("goes on"), name="a")
        context.create_task(work("ends"), name="b", interruptible=True)
        yield TextToSpeechEvent("one two three four five six")
"""
    talk = desk.hold(source, Step(say="stop", after_speech_start=0.5), silence=3)
    assert logs(talk) == ["goes on"]


@behaviour(50, 51)
def test_the_next_text_event_and_the_transcript_know_what_was_heard(desk):
    source = speak_first(
        f'TextToSpeechEvent("{LONG}")',
        rest="    if isinstance(event, TextEvent):\n"
        "        yield LogEvent(str([event.data.get('previous_turn_interrupted'), "
        "event.data.get('previous_turn_agent_transcript')]))\n"
        "        yield LogEvent(str(context.get_transcript()))\n",
    )
    talk = desk.hold(source, Step(say="wait", after_speech_start=0.65))
    assert logs(talk)[0] == "[True, 'one two three']"
    assert logs(talk)[1] == str(
        [
            {"role": "assistant", "content": "one two three", "interrupted": True},
            {"role": "user", "content": "wait", "interrupted": False},
        ]
    )


@behaviour(51)
def test_a_line_of_which_nothing_was_heard_is_not_in_the_transcript(desk):
    source = speak_first(
        f'TextToSpeechEvent("{LONG}")',
        rest="    if isinstance(event, TextEvent):\n        yield LogEvent(str(len(context.get_transcript())))\n",
    )
    talk = desk.hold(source, Step(say="wait", after_speech_start=0.1))
    assert logs(talk) == ["1"]


@behaviour(52)
def test_completion_messages_are_not_rewritten(desk):
    source = """
async def handler(event, context):
    if isinstance(event, StartEvent):
        context.set_completion_messages([{"role": "assistant", "content": "one two three four five"}])
        yield TextToSpeechEvent("one two three four five")
    if isinstance(event, TextEvent):
        yield LogEvent(context.get_completion_messages()[0]["content"])
"""
    talk = desk.hold(source, Step(say="wait", after_speech_start=0.3))
    assert logs(talk) == ["one two three four five"]


@behaviour(53)
def test_voice_threshold_duration_words_and_back_channel_words_decide_who_cuts(desk):
    source = speak_first(f'TextToSpeechEvent("{LONG} {LONG}")')

    def cuts(**settings):
        step = Step(hear=spoken(0, 0.5), after_speech_start=0.5)
        return len(desk.hold(source, step, phrases=["yes right"], settings=settings).of("cut"))

    assert cuts() == 1
    assert cuts(vad_threshold=0.6) == 1
    assert cuts(interrupt_min_words=3) == 0
    assert cuts(backchannel_words=["yes", "right"]) == 0
    assert cuts(voice_ms=1000, interrupt_min_words=0) == 1  # by its words, when they are understood


@behaviour(56)
def test_of_a_mixed_queue_the_protected_part_is_heard_whole(desk):
    source = speak_first(
        f'TextToSpeechEvent("{LONG}")',
        'TextToSpeechEvent("dropped")',
        'TextToSpeechEvent("a legal notice", interruptible=False)',
        'TextToSpeechEvent("dropped too")',
    )
    talk = desk.hold(source, Step(say="wait", after_speech_start=0.3))
    assert said(talk) == ["a legal notice"]
    assert [record.data["text"] for record in talk.of("play_dropped")] == ["dropped", "dropped too"]


def test_a_cough_while_a_completion_runs_cancels_nothing(desk):
    async def cough(session):
        from studio.runtime.scenario import ScriptedCaller

        await asyncio.sleep(0.5)
        await ScriptedCaller(session, session.clock, [], 0)._speak(spoken(-1, 0.6))

    source = speak_first(
        rest="        await asyncio.sleep(3)\n        yield TextToSpeechEvent('the answer')\n"
    ).replace("StartEvent):\n\n", "StartEvent):\n")
    talk = desk.hold(source, phrases=["x"], act=cough, silence=1)
    assert said(talk) == ["the answer"]
    assert talk.of("handler_ended")[0].data["status"] == "ok"


def test_speech_in_a_silence_stops_what_follows(desk):
    source = speak_first("SilenceEvent(3000)", 'TextToSpeechEvent("never")')
    talk = desk.hold(source, Step(say="hey", after=0), act=lambda session: say_at(session, 1.0), silence=1)
    assert said(talk) == []


async def say_at(session, seconds):
    await asyncio.sleep(seconds)
    session.say("hello")


def test_logs_and_settings_of_a_cancelled_run_took_effect(desk):
    source = speak_first(
        'LogEvent("before")',
        "STTUpdateSettingsEvent(endpointing=900)",
        f'TextToSpeechEvent("{LONG}")',
        rest="        await asyncio.sleep(9)\n",
    )
    talk = desk.hold(source, Step(say="stop", after_speech_start=0.5), phrases=["x"])
    assert talk.of("handler_ended")[0].data["status"] == "cancelled"
    assert logs(talk) == ["before"]
    assert talk.session.settings.stt_endpointing == 900
