import asyncio
import os
import time

import pytest

from tests.agents.conftest import HEAD, NS, event


def test_an_hour_of_waiting_takes_no_time(virtual):
    began = time.perf_counter()
    talk = virtual("async def handler(event, context):\n    await asyncio.sleep(3600)\n    yield SilenceEvent(1)\n")
    assert talk.outputs()[0]["at"] == 3600 * NS
    assert time.perf_counter() - began < 45


def test_clocks_agree_with_the_session(virtual):
    talk = virtual(
        "import datetime\nfrom time import time as now\n"
        "async def handler(event, context):\n"
        "    began = time.monotonic(), time.perf_counter_ns()\n"
        "    await asyncio.sleep(90)\n"
        "    yield CustomEvent('c', {'wall': now(), 'date': datetime.datetime.now(datetime.UTC).isoformat(),\n"
        "        'today': str(datetime.date.today()), 'text': time.strftime('%M:%S'),\n"
        "        'passed': [time.monotonic() - began[0], time.perf_counter_ns() - began[1]]})\n"
    )
    data = talk.outputs()[0]["event"]["data"]
    assert data["wall"] == 946_684_890.0
    assert data["date"] == "2000-01-01T00:01:30+00:00"
    assert (data["today"], data["text"]) == ("2000-01-01", "01:30")
    assert data["passed"] == [90.0, 90 * NS]


def test_the_line_of_an_event_is_that_of_the_generator_that_makes_it_not_of_one_that_passes_it_on(virtual):
    talk = virtual(
        "def said(text):\n"
        "    return TextToSpeechEvent(text)\n"
        "async def stop():\n"
        "    yield said('from the stop')\n"
        "async def handler(event, context):\n"
        "    kept = said('kept')\n"
        "    async for output in stop():\n"
        "        yield output\n"
        "    yield kept\n"
    )
    above = HEAD.count("\n")
    assert [(o["event"]["data"]["text"], o["line"] - above) for o in talk.outputs()] == [
        ("from the stop", 4),
        ("kept", 9),
    ]


def test_dates_stay_dates_for_code_that_asks(virtual):
    talk = virtual(
        "import datetime\n"
        "async def handler(event, context):\n"
        "    made = datetime.datetime.strptime('2020-01-02', '%Y-%m-%d')\n"
        "    assert isinstance(made, datetime.date) and isinstance(made.date(), datetime.date)\n"
        "    assert not isinstance(made.date(), datetime.datetime)\n"
        "    assert made + datetime.timedelta(1) > made\n"
    )
    assert talk.of("run_end")[0]["error"] is None


def test_native_modules_find_the_real_classes_of_dates_and_the_agent_those_of_virtual_time(virtual):
    talk = virtual(
        "import datetime, sys\n"
        "virtual, native = datetime.datetime, []\n"
        "def heard(name, what):\n"
        "    if name == 'import' and what[1]:  # with a file: a native module is loaded\n"
        "        native.append(datetime.datetime)\n"
        "sys.addaudithook(heard)\n"
        "import numpy\n"
        "async def handler(event, context):\n"
        "    assert native and all(seen is virtual.__mro__[1] for seen in native), native\n"
        "    assert datetime.datetime is virtual\n"
    )
    assert talk.of("run_end")[0]["error"] is None


def test_blocking_sleep_passes_virtual_time_and_is_noticed(virtual):
    began = time.perf_counter()
    talk = virtual("async def handler(event, context):\n    time.sleep(50)\n    yield SilenceEvent(1)\n")
    assert talk.outputs()[0]["at"] == 50 * NS
    assert talk.blocked == [("handler.py", 4, 2000)]
    assert time.perf_counter() - began < 45


def test_what_arrives_while_the_loop_is_blocked_waits(virtual):
    async def converse(talk):
        talk.link.send(event("run-1"))
        await asyncio.sleep(1)
        talk.link.send(event("run-2", "text", now=1 * NS))
        await talk.until(lambda: len(talk.of("run_end")) == 2)

    talk = virtual(
        "async def handler(event, context):\n"
        "    if event.name == 'start':\n        time.sleep(3)\n"
        "    yield LogEvent(event.name)\n",
        converse,
    )
    assert [(f["event"]["data"]["message"], f["at"]) for f in talk.outputs()] == [("start", 3 * NS), ("text", 3 * NS)]


def test_timers_of_one_instant_fire_as_they_were_set(virtual):
    talk = virtual(
        "async def handler(event, context):\n"
        "    seen, loop = [], asyncio.get_running_loop()\n"
        "    for n in range(20):\n        loop.call_at(loop.time() + 1, seen.append, n)\n"
        "    await asyncio.sleep(2)\n    assert seen == list(range(20)), seen\n"
    )
    assert talk.of("run_end")[0]["error"] is None


CHANCE = """
import random, secrets, uuid
IMPORTED = random.random()
async def handler(event, context):
    print(hash('text'), list({'a', 'b', 'c'}), id.__name__)
    await asyncio.sleep(random.random())
    os.system('echo from the shell')
    yield LogEvent(str([IMPORTED, random.random(), random.Random().random(), secrets.token_hex(4)]))
    yield LogEvent(str([uuid.uuid4(), uuid.uuid1(), os.urandom(4).hex(), time.time()]))
"""


def test_chance_repeats(virtual):
    first, second = ([{**f, "wall_ms": 0} for f in virtual(CHANCE).frames] for _ in range(2))
    assert first == second


def test_threads_work_and_are_told(virtual):
    talk = virtual(
        "async def handler(event, context):\n    await asyncio.to_thread(time.sleep, 0.01)\n    yield SilenceEvent(1)\n"
    )
    assert talk.outputs()[0]["at"] == 0
    assert "a call in an executor" in talk.real


def test_connections_work_and_are_told(virtual):
    talk = virtual(
        "async def handler(event, context):\n"
        "    async def serve(reader, writer):\n"
        "        writer.write(await reader.readline())\n        writer.close()\n"
        "    server = await asyncio.start_server(serve, '127.0.0.1', 0)\n"
        "    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())\n"
        "    writer.write(b'ping\\n')\n"
        "    yield LogEvent((await reader.readline()).decode())\n"
        "    writer.close()\n    server.close()\n"
    )
    assert talk.outputs()[0]["event"]["data"]["message"] == "ping\n"
    assert "a connection" in talk.real


def test_a_socket_that_takes_datagrams_is_told(virtual):
    talk = virtual(
        "async def handler(event, context):\n"
        "    loop = asyncio.get_running_loop()\n"
        "    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, ('127.0.0.1', 0))\n"
        "    await asyncio.sleep(1)\n"
        "    transport.close()\n"
    )
    assert "a connection" in talk.real


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("socket.create_connection(('127.0.0.1', 9))", "a connection"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'ping', ('127.0.0.1', 9))", "a connection"),
        ("subprocess.run([sys.executable, '-V'])", "a subprocess"),
    ],
)
def test_blocking_calls_to_the_outside_are_told(virtual, line, reason):
    talk = virtual(
        f"import socket, subprocess\nasync def handler(event, context):\n    try: {line}\n    except OSError: pass\n"
    )
    assert reason in talk.real


def test_what_needs_no_real_thing_is_reproducible(virtual):
    assert virtual("async def handler(event, context):\n    await asyncio.sleep(1)\n").real == []


def test_background_tasks_keep_session_time(virtual):
    async def converse(talk):
        await talk.run()
        await talk.until(lambda: talk.of("tasks", unfinished=0))

    talk = virtual(
        "async def work():\n    for n in range(3):\n        await asyncio.sleep(10)\n        yield SilenceEvent(n)\n"
        "async def handler(event, context):\n    context.create_task(work(), timeout=None)\n",
        converse,
    )
    assert [f["at"] for f in talk.outputs()] == [10 * NS, 20 * NS, 30 * NS]


def test_cancel_takes_effect_at_its_instant(virtual):
    async def converse(talk):
        talk.link.send(event("run-1"))
        await asyncio.sleep(5)
        talk.link.send({"type": "cancel", "run": "run-1", "now": 5 * NS})
        await talk.until(lambda: talk.of("run_end"))

    talk = virtual("async def handler(event, context):\n    await asyncio.sleep(60)\n", converse)
    assert [(f["at"], f["status"]) for f in talk.of("run_end")] == [(5 * NS, "cancelled")]


def test_floods_are_cut_the_same_way_every_time(virtual):
    source = "async def handler(event, context):\n    for n in range(1000):\n        print(n)\n"
    texts = virtual(source).texts()
    assert len(texts) == 201
    assert texts[-1] == "800 lines dropped: at most 200 lines a second are logged."


def test_endless_yields_are_ended_with_a_sentence(virtual):
    talk = virtual("async def handler(event, context):\n    while True:\n        yield SilenceEvent(1)\n")
    assert "without waiting for anything" in talk.gone[0]


@pytest.mark.parametrize(
    "hangs",
    [
        "    while True: pass\n",
        "    lock = threading.Lock(); lock.acquire(); lock.acquire()\n",
        "    while True: await asyncio.sleep(0)\n",
        "    await asyncio.to_thread(threading.Event().wait)\n",
        pytest.param(
            "    re.match('(a+)+$', 'a' * 40 + 'b')\n",
            marks=pytest.mark.skipif(os.name != "posix", reason="a signal asks"),
        ),
    ],
)
def test_what_hangs_is_ended_with_a_sentence_that_names_its_line(virtual, monkeypatch, hangs):
    monkeypatch.setattr("studio.agents.exchanges.HUNG_AFTER_S", 2.5)  # it is looked at every half second
    talk = virtual(f"import re, threading\nasync def handler(event, context):\n{hangs}    yield\n")
    assert talk.gone == [
        "The agent gave no sign for 2.5 s at handler.py line 5, so it was ended. "
        "Look for a loop that never ends or a call that never returns."
    ]


@pytest.mark.parametrize(("calls", "lines"), [("f(n + 1)", 1), ("g(n)", 2)])
def test_functions_that_call_each_other_without_end_are_told_in_a_few_frames(virtual, calls, lines):
    talk = virtual(
        f"def f(n):\n    return {calls}\ndef g(n):\n    return f(n + 1)\nasync def handler(event, context):\n    f(1)\n"
    )
    frames = talk.of("run_end")[0]["error"]["frames"]
    assert len(frames) <= 1 + 3 * lines + lines
    (repeated,) = [frame["repeated"] for frame in frames if "repeated" in frame]
    assert repeated["lines"] == lines
    assert repeated["times"] * lines > 900


def test_many_short_sleeps_block_the_loop_as_a_long_one_does(virtual):
    talk = virtual(
        "async def handler(event, context):\n"
        "    for _ in range(25):\n        time.sleep(0.1)\n"
        "    await asyncio.sleep(3)\n"
        "    for _ in range(4):\n        time.sleep(0.4)\n"
    )
    assert talk.blocked == [("handler.py", 5, 2000)]


def test_process_that_ends_itself_in_virtual_time(virtual):
    talk = virtual("async def handler(event, context):\n    yield SilenceEvent(1)\n    os._exit(3)\n")
    assert "code 3" in talk.gone[0]


def test_agent_that_sleeps_while_it_is_imported(virtual):
    talk = virtual("time.sleep(3)\nasync def handler(event, context):\n    yield SilenceEvent(1)\n")
    assert talk.outputs()[0]["at"] == 3 * NS


@pytest.mark.parametrize("exit_code", [0, 4])
def test_exit_from_a_task_is_explained(virtual, exit_code):
    talk = virtual(
        f"async def handler(event, context):\n    asyncio.get_running_loop().call_soon(sys.exit, {exit_code})\n"
        "    await asyncio.sleep(1)\n"
    )
    assert any(f"sys.exit({exit_code})" in text for text in talk.texts())


def test_head_of_the_sources_has_two_lines():
    assert HEAD.count("\n") == 2
