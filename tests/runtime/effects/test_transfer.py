"""TransferSessionEvent on both channels."""

import pytest

from studio.runtime.plan import Step
from tests.runtime.fakes import FakeChild, converse, tts


def transfer(**data):
    return {"name": "transfer_session", "data": {"data": {}, **data}}


def yielding(*outputs, name="start"):
    async def handler(event):
        if event["name"] == name:
            for output in outputs:
                yield output

    return handler


async def target(event):
    """The agent that a transfer leads to."""
    if event["name"] == "start":
        yield tts("sales here")
    elif event["name"] == "text":
        yield tts(f"you said {event['data']['text']}")


def test_a_transfer_to_a_number_happens_after_what_was_said_and_ends_the_session():
    outputs = (tts("one two"), transfer(phone_number="+12025550142", closing_speech="good bye"), tts("too late"))
    talk = converse(yielding(*outputs), channel="phone")
    assert talk.outcome.reason == "transferred"
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["one two", "good bye"]
    (effect,) = talk.of("transferred")
    assert (effect.data["to"], effect.data["target"]) == ("phone", "+12025550142")
    assert effect.publish_time // 1_000_000 == 800
    (ignored,) = talk.of("ignored_after_stop")
    assert ignored.message == "TextToSpeechEvent has no effect: the handler has already yielded a transfer."
    assert [cls for _, cls, _ in talk.inputs()] == ["StartEvent", "StopEvent"]


def test_the_caller_cuts_what_comes_before_a_transfer_but_not_the_transfer():
    outputs = (tts(" ".join(["word"] * 20)), transfer(phone_number="+12025550142"))
    talk = converse(yielding(*outputs), [Step(say="wait", after_speech_start=0.5)], channel="phone")
    assert talk.outcome.reason == "transferred"
    assert talk.of("after_the_end")


@pytest.mark.parametrize("number", ["5550100", "+0123456789", "+1-202-555", "+12", "+1234567890123456", "call me"])
def test_a_number_without_country_code_is_refused_and_the_session_goes_on(number):
    talk = converse(yielding(transfer(phone_number=number), tts("still here")), channel="phone")
    assert talk.of("transfer_refused")[0].level == "error"
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["still here"]
    assert talk.outcome.reason == "finished"


@pytest.mark.parametrize(
    "where", [{"phone_number": "+12025550142"}, {"destination": {"type": "sip", "uri": "sip:12@host"}, "mode": "refer"}]
)
def test_on_the_web_a_transfer_to_a_number_is_refused_with_how_to_try_it(where):
    talk = converse(yielding(transfer(**where), tts("still here")))
    assert "choose Phone" in talk.of("transfer_refused")[0].message
    assert talk.outcome.reason == "finished"


@pytest.mark.parametrize(
    ("where", "to", "name", "mode"),
    [
        ({"destination": {"type": "phone", "number": "911"}}, "phone", "911", "bridge"),
        ({"destination": {"type": "sip", "uri": "sip:12@host"}, "mode": "refer"}, "sip", "sip:12@host", "refer"),
        ({"phone_number": "+12025550142", "data": {"transfer_mode": "refer"}}, "phone", "+12025550142", "refer"),
    ],
)
def test_typed_destinations_and_modes_are_shown(where, to, name, mode):
    (effect,) = converse(yielding(transfer(**where)), channel="phone").of("transferred")
    assert (effect.data["to"], effect.data["target"], effect.data["mode"]) == (to, name, mode)


def test_a_transfer_to_an_agent_goes_on_with_it_in_the_same_session():
    talk = converse(
        yielding(tts("one moment"), transfer(agent_id="sales", environment="live", data={"order": 7})),
        [Step(say="hello")],
        others={"sales": target},
    )
    inputs = [(cls, record.turn) for record in talk.records if record.topic == "/event/in" for cls in [record.event]]
    assert inputs == [("StartEvent", 0), ("StopEvent", 1), ("StartEvent", 2), ("TextEvent", 3), ("StopEvent", 4)]
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["one moment", "sales here", "you said hello"]
    (seam,) = talk.of("agent_seam")
    assert (seam.data["agent"], seam.data["before"], seam.data["environment"]) == ("sales", "agent", "live")
    assert talk.outcome.reason == "finished"


def test_the_agent_that_takes_over_counts_its_own_turns_and_knows_nothing_of_the_talk_before():
    seen = []

    async def looking(event):
        seen.append((event["name"], event["turn"]))
        yield tts("hm")

    talk = converse(yielding(tts("one"), transfer(agent_id="sales")), [Step(say="hi")], others={"sales": looking})
    assert seen == [("start", 0), ("text", 1), ("stop", 2)]
    assert talk.of("transfer_same")[0].level == "info"


def test_an_environment_alone_keeps_the_agent():
    async def handler(event):
        if event["name"] == "start" and not seen:
            seen.append(event)
            yield transfer(environment="staging")
        elif event["name"] == "start":
            yield tts("again")

    seen = []
    talk = converse(handler)
    assert [r.data["agent"] for r in talk.of("agent_seam")] == ["agent"]
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["again"]


def test_an_agent_that_cannot_be_found_is_an_error_row_and_the_session_goes_on():
    talk = converse(yielding(transfer(agent_id="nobody"), tts("still here")))
    assert "nobody" in talk.of("transfer_refused")[0].message
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["still here"]


def test_an_agent_transfer_on_the_phone_works_with_a_warning():
    talk = converse(yielding(transfer(agent_id="sales")), channel="phone", others={"sales": target})
    assert talk.of("transfer_channel")[0].level == "warning"
    assert talk.of("agent_seam")


def test_a_caller_who_hangs_up_while_agents_change_ends_the_session():
    async def slow_to_leave(event):
        import asyncio

        if event["name"] == "start":
            yield transfer(agent_id="sales")
        elif event["name"] == "stop":
            await asyncio.sleep(5)

    async def hang_up(session):
        import asyncio

        await asyncio.sleep(1)
        session.hang_up()

    talk = converse(slow_to_leave, act=hang_up, others={"sales": target})
    assert talk.outcome.reason == "hang_up"
    assert not talk.of("agent_seam")


def test_what_the_caller_says_while_agents_change_is_recorded_and_not_delivered():
    async def slow_to_leave(event):
        import asyncio

        if event["name"] == "start":
            yield transfer(agent_id="sales")
        elif event["name"] == "stop":
            await asyncio.sleep(2)

    async def speak(session):
        import asyncio

        await asyncio.sleep(1)
        session.say("anybody there")

    talk = converse(slow_to_leave, act=speak, others={"sales": target})
    assert talk.of("after_the_end")
    assert not talk.of("TextEvent")


def test_agents_that_only_hand_the_caller_to_and_fro_are_stopped_with_a_sentence():
    def handing_to(name):
        return yielding(transfer(agent_id=name))

    talk = converse(handing_to("pong"), others={"ping": handing_to("pong"), "pong": handing_to("ping")})
    assert len(talk.of("agent_seam")) == 5
    assert "transfer to each other" in talk.of("transfer_refused")[0].message
    assert talk.outcome.reason == "finished"


def test_a_call_that_ends_while_the_next_agent_starts_waits_for_nobody():
    import asyncio

    async def end_early(session):
        await asyncio.sleep(1)
        session.stop()

    async def slow_start(initialize):
        await asyncio.sleep(3)
        return {"type": "ready", "sdk": "studio"}

    sales = FakeChild(target)
    sales.start = slow_start
    talk = converse(yielding(transfer(agent_id="sales")), act=end_early, others={"sales": sales})
    assert talk.outcome.reason == "closed"
    assert not talk.of("stop_grace")
    assert [cls for _, cls, _ in talk.inputs()] == ["StartEvent", "StopEvent"]


def test_an_agent_that_is_told_to_stop_while_it_is_let_go_is_told_once():
    async def slow_to_leave(event):
        import asyncio

        if event["name"] == "start":
            yield transfer(agent_id="sales")
        elif event["name"] == "stop":
            await asyncio.sleep(5)

    async def stop(session):
        import asyncio

        await asyncio.sleep(1)
        session.stop()

    talk = converse(slow_to_leave, act=stop, others={"sales": target})
    assert [cls for _, cls, _ in talk.inputs()] == ["StartEvent", "StopEvent"]
    assert talk.of("session_ended")[0].publish_time // 10**6 == 5000
