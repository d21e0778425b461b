"""The installation of an agent's packages before a call, as the window follows it."""

import asyncio
from pathlib import Path

from tests.app.fake_engine import FakeEngine, InstallingEngine, connected, settled

AGENT = Path("/agents/desk")


def asked(engine: FakeEngine) -> list[str]:
    return [name for name, _ in engine.asked if name in ("prepare_environment", "start_session")]


async def test_the_call_starts_once_everything_is_installed():
    engine = InstallingEngine()
    call = connected(engine)
    call.run(AGENT, variables={"CITY": "Rome"})
    await settled()
    assert asked(engine) == ["prepare_environment"]
    engine.on_items([["progress", 0, 1, 0.4, "Downloading numpy"], ["state", 0, {"session": "idle"}]])
    assert (call.installation.sentence, call.installation.done, call.phase) == ("Downloading numpy", 0.4, "starting")
    engine.installed.set_result({"kind": "ready", "problem": ""})
    await settled()
    assert asked(engine) == ["prepare_environment", "start_session"]
    assert engine.params("start_session")["variables"] == {"CITY": "Rome"}
    assert call.installation.sentence == ""


async def test_stop_gives_the_installation_up():
    engine = InstallingEngine()
    call = connected(engine)
    call.run(AGENT)
    await settled()
    call.stop()
    await settled()
    assert engine.gave_up
    assert asked(engine) == ["prepare_environment"]
    assert (call.phase, call.installation.problem) == ("idle", "")


async def test_a_failure_keeps_the_call_from_starting_and_is_told():
    engine = InstallingEngine()
    call = connected(engine)
    call.run(AGENT)
    engine.installed.set_result({"kind": "missing", "problem": "It failed.", "details": "all", "log": "/log"})
    await settled()
    assert asked(engine) == ["prepare_environment"]
    assert call.phase == "idle"
    assert (call.installation.problem, call.installation.details, call.installation.log) == (
        "It failed.",
        "all",
        "/log",
    )


async def test_an_engine_that_goes_away_meanwhile_is_a_failure():
    engine = InstallingEngine()
    call = connected(engine)
    call.run(AGENT)
    await settled()
    call.engine_gone()
    engine.installed.set_exception(RuntimeError("The engine is gone."))
    await settled()
    assert (call.phase, call.installation.problem) == ("off", "The engine is gone.")


async def test_without_installing_it_runs_with_what_is_there():
    engine = InstallingEngine()
    call = connected(engine)
    call.run(AGENT, install=False)
    await settled()
    assert asked(engine) == ["start_session"]


async def test_a_package_that_a_run_lacks_is_told():
    engine = FakeEngine()
    call = connected(engine)
    told: list[tuple[str, str]] = []
    call.requirement_missing.connect(lambda *what: told.append(what))
    engine.start()
    error = {"type": "ModuleNotFoundError", "requirement": "PyYAML", "sentence": "No yaml."}
    engine.record("/handler", "agent_failed", 0.1, data={"error": error})
    assert told == [("PyYAML", "No yaml.")]


async def test_packages_added_during_a_call_do_not_hold_it():
    engine = InstallingEngine()
    call = connected(engine)
    engine.start()
    adding = asyncio.ensure_future(call.installation.prepare(AGENT))
    await settled()
    call.stop()
    await settled()
    assert not engine.gave_up
    assert engine.params("stop_session") == {"force": False}
    engine.state(session="idle")
    assert call.phase == "idle"
    engine.installed.set_result({"problem": ""})
    assert await adding
