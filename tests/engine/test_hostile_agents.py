"""Agents that hang, crash or flood: said plainly, ended at once, harmless to the engine."""

import asyncio
from pathlib import Path

import pytest

from studio.engine.client import EngineClient
from tests.engine.conftest import Seen
from tests.engine.real import HEAD, start_engine, write_agent

pytestmark = pytest.mark.end_to_end

GREETING = '    yield TextToSpeechEvent(text="hello", voice="nova")\n'
SLEEP = GREETING + "    time.sleep(5)\n"
SPIN = GREETING + "    while True: pass\n"
PRINTS = GREETING + "    for n in range(1_000_000): print('x' * 1000)\n"
FLOOD = "    while True: yield LogEvent('x' * 1000)\n"
LARGE = "    yield LogEvent('x' * 12_000_000)\n    yield CustomEvent('odd', {'n': 10**40, 's': '\\ud800'})\n" + GREETING


async def start(tmp_path: Path, source: str, head: str = HEAD) -> tuple[EngineClient, Seen]:
    client, seen = await start_engine()
    await client.call("devices")
    await client.call("start_session", project=str(write_agent(tmp_path / "agent", source, head)))
    return client, seen


async def next_call_works(tmp_path: Path, client: EngineClient, seen: Seen) -> None:
    write_agent(tmp_path / "agent", GREETING)
    before = len(seen.of("play_ended"))
    await client.call("start_session", project=str(tmp_path / "agent"))
    await seen.until(lambda: len(seen.of("play_ended")) > before)
    await client.close()


@pytest.mark.parametrize("source", [SLEEP, SPIN, PRINTS, FLOOD], ids=["sleeps", "spins", "prints", "floods"])
async def test_the_engine_answers_while_an_agent_blocks_and_stop_ends_it(tmp_path: Path, source: str) -> None:
    loop = asyncio.get_running_loop()
    client, seen = await start(tmp_path, source)
    await seen.until(lambda: seen.of("handler_started"))
    slowest = 0.0
    for _ in range(20):
        began = loop.time()
        await client.call("devices")
        slowest = max(slowest, loop.time() - began)
        await asyncio.sleep(0.02)
    assert slowest < 0.5  # 0.03 on an idle machine
    began = loop.time()
    await client.call("stop_session")
    await seen.until(lambda: seen.phases[-1] == "idle")
    assert loop.time() - began < 1.5  # 0.4 on an idle machine; a handler that answers would have 30
    assert [record.data["reason"] for record in seen.of("session_ended")] == ["closed"]
    assert seen.of("stop_blocked")
    await next_call_works(tmp_path, client, seen)


async def test_a_blocked_loop_is_a_record_with_its_line(tmp_path: Path) -> None:
    client, seen = await start(tmp_path, SPIN)
    await seen.until(lambda: seen.of("agent_blocked"))
    (record,) = seen.of("agent_blocked")
    assert (record.data["file"], record.data["line"]) == ("handler.py", 5)
    await client.close()


@pytest.mark.parametrize(
    ("head", "source", "sentence"),
    [
        (HEAD, GREETING + "    os._exit(3)\n", "ended by itself with code 3"),
        (HEAD, "    if:\n", "handler.py line 4"),
        ("import nonesuch\n" + HEAD, GREETING, "'nonesuch' is not installed"),
        (HEAD, "    os.kill(os.getpid(), 11)\n    yield\n", "crashed (SIGSEGV)"),
    ],
    ids=["exits", "syntax error", "missing module", "crashes"],
)
async def test_an_agent_that_cannot_go_on_says_why(tmp_path: Path, head: str, source: str, sentence: str) -> None:
    client, seen = await start(tmp_path, source, head)
    await seen.until(lambda: seen.phases[-1] == "idle" and len(seen.phases) > 1)
    assert any(sentence in record.message and record.level == "error" for record in seen.records)
    assert seen.of("session_ended")[0].data["reason"] == "agent_failed"
    await next_call_works(tmp_path, client, seen)


async def test_an_import_that_hangs_can_be_stopped(tmp_path: Path) -> None:
    client, seen = await start(tmp_path, GREETING, "import time\ntime.sleep(60)\n" + HEAD)
    await client.call("stop_session")
    await seen.until(lambda: seen.phases[-1] == "idle" and len(seen.phases) > 1)
    assert seen.of("session_ended")[0].data["reason"] == "closed"
    await client.close()


async def test_large_and_odd_data_are_shown_shortened_and_the_call_goes_on(tmp_path: Path) -> None:
    client, seen = await start(tmp_path, LARGE)
    await seen.until(lambda: seen.of("play_ended"))
    assert [record.seq for record in seen.records] == list(range(1, len(seen.records) + 1))
    assert any("omitted" in record.data for record in seen.records)
    await client.close()
