"""Random conversations: whatever agent and caller do, the session ends and its records add up."""

import asyncio
import random
from itertools import pairwise

import pytest

from studio.agents.session_settings import SessionSettings
from studio.runtime.plan import Step
from tests.runtime.fakes import Conversation, converse, spoken, tts

ODD = (None, True, -1, 0, 3.5, 10**9, "", "x", [], {"a": 1})


def outputs(dice: random.Random) -> list[object]:
    """What a run of the handler yields; numbers are waits in seconds."""
    words = " ".join(["word"] * dice.randrange(1, 15))
    choices = [
        tts(words),
        tts(words, interruptible=False),
        tts(words, replace=True),
        {"name": "silence", "data": {"duration": dice.choice([500, 2000, *ODD])}},
        {"name": "log", "data": {"message": "x"}},
        {"name": "interrupt", "data": {}},
        {"name": "input_allowed", "data": {"allowed": dice.choice([True, False])}},
        {"name": "stt_update_settings", "data": {"endpointing": dice.choice([300, 800, *ODD])}},
        {"name": "external_event", "data": {"session_id": "test", "name": "x", "after_speech": dice.random() < 0.5}},
        {"name": "transfer_session", "data": {"agent_id": dice.choice(["sales", "nobody"]), "data": {}}},
        {"name": "transfer_session", "data": {"phone_number": dice.choice(["+12025550142", "5"]), "data": {}}},
        {"name": "audio", "data": {"path": dice.choice(ODD)}},
        {"name": dice.choice(["collect_payment", "custom_thing", "start"]), "data": {"amount": dice.choice(ODD)}},
        *(dice.uniform(0, 3) for _ in range(3)),
    ]
    if dice.random() < 0.1:
        choices.append({"name": "stop", "data": {"closing_speech": dice.choice([None, "bye bye"])}})
    return dice.sample(choices, dice.randrange(0, 6))


def agent(seed: int):
    async def handler(event):
        dice = random.Random(f"{seed} {event['name']} {event['turn']}")
        for output in outputs(dice):
            if isinstance(output, float):
                await asyncio.sleep(output)
            else:
                yield output
        if dice.random() < 0.05:
            raise ValueError("the agent's own")

    return handler


def caller(dice: random.Random) -> list[Step]:
    def when() -> dict[str, float]:
        return {"after": dice.uniform(0, 3)} if dice.random() < 0.5 else {"after_speech_start": dice.uniform(0, 2)}

    steps = [
        dice.choice(
            [
                Step(say="hello", **when()),
                Step(hear=spoken(dice.choice([-1, 0, 1]), dice.uniform(0.1, 1.0)), **when()),
                Step(dtmf=dice.choice(["1", "12#"]), **when()),
                Step(event="voicemail_detection", **when()),
                Step(after=dice.uniform(0, 7)),
            ]
        )
        for _ in range(dice.randrange(1, 7))
    ]
    return [*steps, Step(hang_up=True)] if dice.random() < 0.2 else steps


def talk_of(seed: int) -> Conversation:
    dice = random.Random(seed)
    settings = SessionSettings(
        resume_false_interruption=dice.random() < 0.5,
        interrupt_min_words=dice.choice([0, 0, 2]),
        backchannel_words=dice.choice([(), ("mhm",)]),
        held_speech=dice.choice(["deliver", "drop"]),
        error_fallback_type=dice.choice(["", "speech", "phone", "agent"]),
        error_fallback_value=dice.choice(["sorry", "+12025550142", "sales"]),
        error_fallback_occurrence_threshold=2,
    )
    return converse(
        agent(seed),
        caller(dice),
        phrases=["stop it now", "mhm"],
        settings=settings,
        others={"sales": agent(seed + 10_000)},
        channel=dice.choice(["web", "phone"]),
        user_silence_s=dice.choice([0.0, 6.0]),
        limit_s=300,
        grace_s=5.0,
    )


@pytest.mark.parametrize("seed", range(40))
def test_a_random_conversation_ends_and_its_records_add_up(seed):
    talk = talk_of(seed)
    assert len(talk.of("session_ended")) == 1
    assert not talk.of("event_failed")
    assert not talk.of("transfer_failed")
    queued = [r.id for r in talk.of("play_queued") if r.data["item"] in ("speech", "audio", "silence")]
    over = [r.id for name in ("play_ended", "play_cut", "play_dropped") for r in talk.of(name)]
    over = [id for id in over if id in set(queued)]
    assert len(over) == len(set(over))
    assert set(queued) == set(over)
    turns = [r.event for r in talk.records if r.event in ("turn_opened", "turn_closed")]
    assert all(first != second for first, second in pairwise(turns))
    stops = sum(cls == "StopEvent" for _, cls, _ in talk.inputs())
    assert stops <= 1 + len([r for r in talk.of("transferred") if r.data["to"] == "agent"])
    started, ended = (len(talk.of(f"handler_{what}")) for what in ("started", "ended"))
    assert ended <= started
    again = talk_of(seed)
    assert [(r.log_time, r.topic, r.event, str(r.data)) for r in again.records] == [
        (r.log_time, r.topic, r.event, str(r.data)) for r in talk.records
    ]
