import asyncio
import sys

import pytest

from studio.agents.spares import SpareKeeper
from studio.agents.supervision import ChildLink
from tests.agents.conftest import Talk

HANDLER = "async def handler(event, context):\n    yield SilenceEvent(1)\n"


@pytest.fixture
async def spares():
    keeper = SpareKeeper()
    yield keeper
    await keeper.close()


async def test_session_gets_the_warm_child(spares, write):
    spares.keep(sys.executable)
    assert await spares.ready(sys.executable)
    warm = spares._idle[sys.executable].pid
    talk = Talk(ChildLink(sys.executable, spares=spares), write("PID = os.getpid()\n" + HANDLER))
    assert (await talk.start())["type"] == "ready"
    assert talk.link._process.pid == warm
    assert (await talk.run())["status"] == "ok"
    await talk.link.close(2.0)


async def test_spare_that_was_killed_is_not_handed_over(spares):
    spares.keep(sys.executable)
    await spares.ready(sys.executable)
    gone = asyncio.Event()
    child = spares._idle[sys.executable]
    forget = child.on_exit
    child.on_exit = lambda sentence: (forget(sentence), gone.set())
    child.kill()
    await gone.wait()
    assert spares.take(sys.executable) is None


async def test_another_spare_follows(spares, monkeypatch):
    monkeypatch.setattr("studio.agents.spares.REFILL_AFTER_S", 0.0)
    spares.keep(sys.executable)
    await spares.ready(sys.executable)
    first = spares.take(sys.executable)
    assert await spares.ready(sys.executable)
    assert spares._idle[sys.executable] is not first
    gone = asyncio.Event()
    first.on_exit = lambda _: gone.set()
    first.kill()
    await gone.wait()


async def test_broken_interpreter_leaves_no_spare(spares, tmp_path):
    spares.keep(str(tmp_path / "python"))
    assert not await spares.ready(str(tmp_path / "python"))
