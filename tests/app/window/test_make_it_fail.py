"""Faults by name: one command each, in a call only."""

import pytest

from studio.app.commands import Commands
from studio.app.status.model import StatusModel
from studio.app.window.make_it_fail import add_fault_commands
from studio.providers.faults import FAULTS
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
