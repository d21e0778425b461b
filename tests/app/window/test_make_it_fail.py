"""Faults by name: one command each, in a call only."""

import pytest

from studio.app.commands import Commands
from studio.app.status.model import StatusModel
from studio.app.window.make_it_fail import add_fault_commands
from studio.providers.faults import FAULTS
from studio.sessions.records import LLM, SESSION, SPEECH
from tests.app.fake_engine import FakeEngine, connected, settled


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_set_in_the_call_that_runs_and_said(fault: str) -> None:
    engine, commands, status = FakeEngine(), Commands(), StatusModel()
    add_fault_commands(commands, connected(engine), status)
    command = commands[f"call.{fault}"]
    assert not command.enabled()
    engine.start()
    assert command.enabled()
    command.run()
    await settled()
    assert engine.params("fail") == {"fault": fault}
    assert [item.text for _, item in status.items(status.LEFT)] == [FAULTS[fault].sentence]


def announced(fault: str) -> tuple[FakeEngine, StatusModel]:
    """A call in which a fault was set."""
    engine, commands, status = FakeEngine(), Commands(), StatusModel()
    add_fault_commands(commands, connected(engine), status)
    engine.start()
    commands[f"call.{fault}"].run()
    return engine, status


def said(status: StatusModel) -> list[str]:
    return [item.text for _, item in status.items(status.LEFT)]


@pytest.mark.parametrize(
    ("fault", "topic", "before", "event", "data"),
    [
        ("speech_stalled", SPEECH, {}, "speech_requested", {"fault": "speech_stalled"}),
        ("completion_slow", LLM, {"failure": "refused"}, "completion_first_token", {}),
        ("completion_refused", LLM, {"failure": "stalled"}, "completion_failed", {"failure": "refused"}),
    ],
)
async def test_what_has_happened_is_not_announced_any_more(
    fault: str, topic: str, before: dict[str, str], event: str, data: dict[str, str]
) -> None:
    engine, status = announced(fault)
    engine.record(topic, "speech_requested" if topic == SPEECH else "completion_failed", 1, data=before)
    assert said(status) == [FAULTS[fault].sentence]
    engine.record(topic, event, 2, data=data)
    assert said(status) == []


async def test_a_fault_that_lasts_is_announced_as_long() -> None:
    engine, status = announced("recogniser_deaf")
    engine.record(SESSION, "fault_set", 1, data={"fault": "recogniser_deaf", "seconds": 5.0})
    engine.record(SPEECH, "speech_requested", 5, data={})
    assert said(status) == [FAULTS["recogniser_deaf"].sentence]
    engine.record(SPEECH, "speech_requested", 6, data={})
    assert said(status) == []


@pytest.mark.parametrize("fault", FAULTS)
async def test_after_the_call_no_fault_is_announced(fault: str) -> None:
    engine, status = announced(fault)
    engine.record(SESSION, "session_ended", 9, data={"reason": "stop"})
    assert said(status) == []
