import asyncio
import contextlib
import os
import select
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from studio.agents.supervision import ChildLink
from tests.agents.conftest import event


async def test_outputs_come_in_order_with_the_line_of_their_yield(live):
    talk = live(
        "async def handler(event, context):\n"
        "    yield TextToSpeechEvent('hi')\n"
        "    print('between')\n"
        "    yield SilenceEvent(5)\n"
    )
    ready = await talk.start()
    end = await talk.run()
    assert (ready["type"], ready["sdk"], end["status"], end["outputs"]) == ("ready", "studio", "ok", 2)
    kept = [f for f in talk.frames if f["type"] in ("output", "log")]
    assert [(f["file"], f["line"]) for f in kept] == [("handler.py", n) for n in (4, 5, 6)]
    assert [f["event"]["name"] for f in talk.outputs()] == ["text_to_speech", "silence"]


async def test_plain_coroutine_is_awaited(live):
    talk = live("async def handler(event, context):\n    context.set_data('seen', event.name)\n")
    await talk.start()
    assert (await talk.run())["status"] == "ok"
    await talk.until(lambda: talk.of("context"))
    assert talk.of("context")[0]["context"]["data"]["seen"] == "start"


async def test_outputs_carry_the_turn_of_their_run(live):
    talk = live("async def handler(event, context):\n    yield SilenceEvent(event.data['n'])\n")
    await talk.start()
    talk.link.send(event("run-4", "text", turn=4, n=2))
    await talk.until(lambda: talk.of("run_end"))
    assert talk.outputs("run-4")[0]["event"]["turn"] == 4


async def test_exception_ends_the_run_with_the_users_frames_and_the_session_goes_on(live):
    talk = live(
        "def divide(n):\n    return 1 / n\n"
        "async def handler(event, context):\n"
        "    if event.name == 'start':\n        divide(0)\n"
        "    yield SilenceEvent(1)\n"
    )
    await talk.start()
    error = (await talk.run())["error"]
    assert [(f["file"], f["line"], f["function"]) for f in error["frames"]] == [
        ("handler.py", 7, "handler"),
        ("handler.py", 4, "divide"),
    ]
    assert error["sentence"] == "handler.py line 4: ZeroDivisionError: division by zero"
    assert (await talk.run("run-2", "text"))["status"] == "ok"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("next(iter([]))", "line 4: RuntimeError: coroutine raised StopIteration (from StopIteration)"),
        ("raise ExceptionGroup('g', [ValueError('a'), KeyError('b')])", "line 4: ValueError: a (and KeyError: 'b')"),
        ("raise ValueError('a') from KeyError('b')", "line 4: ValueError: a (from KeyError: 'b')"),
        ("context.variables['key']", "The variable 'key' is not set"),
        ("os.environ['KEY_X']", "The environment variable 'KEY_X' is not set"),
        ("context.state", "context.state does not exist, here or on VoiceRun"),
        ("event.text", "What an event carries is in event.data['text']"),
        ("sys.exit(3)", "sys.exit(3)"),
        ("TextToSpeechEvent('', interruptable=True)", "Write 'interruptible'"),
        ("AudioEvent(url='x.wav')", "AudioEvent has no 'url'. Write 'path'."),
        ("SilenceEvent(seconds=2)", "Write 'duration'"),
        ("LogEvent('x', colour='red')", "LogEvent has no 'colour'. It takes message, location, attributes."),
        ("import primfunctions.completions as c; await c.generate_chat_completion({})", "needs provider, model"),
        (
            "import primfunctions.completions as c; "
            "await c.generate_chat_completion(dict(provider='groq', model='m', messages=[]))",
            'line 4: Call configure_provider("groq", voicerun_managed=True) before',
        ),
        ("from primfunctions.context import context as c", "has no 'context', here or on VoiceRun"),
        ("from primfunctions.events import TransferCallEvent", "It is called TransferSessionEvent now"),
    ],
)
async def test_mistakes_are_explained_in_a_sentence(live, line, sentence):
    talk = live(f"async def handler(event, context):\n    {line}\n")
    await talk.start()
    assert sentence in (await talk.run())["error"]["sentence"]


@pytest.mark.parametrize("setting_up", ["", "logging.basicConfig(level=logging.DEBUG, format='%(message)s')"])
async def test_what_logging_prints_keeps_its_level(live, setting_up):
    talk = live(
        f"import logging\n{setting_up}\nasync def handler(event, context):\n"
        "    for level in ('debug', 'info', 'warning', 'error', 'critical'):\n"
        "        getattr(logging.getLogger('desk'), level)(level)\n"
        "    print('printed')\n"
    )
    await talk.start()
    await talk.run()
    logged = [(frame["text"], frame["level"], frame["line"]) for frame in talk.of("log") if frame["file"]]
    low = [("debug", "debug", 7), ("info", "info", 7)] if setting_up else []
    high = [("warning", "warning", 7), ("error", "error", 7), ("critical", "error", 7), ("printed", "info", 8)]
    assert logged == low + high


async def test_a_warning_stays_one_where_what_it_tells_of_logs_something_itself(live):
    talk = live(
        "import logging\nlogging.basicConfig(level=logging.INFO, format='%(message)s')\n"
        "class Order:\n    def __str__(self):\n        logging.info('looked at')\n        return 'late'\n"
        "async def handler(event, context):\n    logging.warning('%s', Order())\n"
    )
    await talk.start()
    await talk.run()
    logged = [(frame["text"], frame["level"]) for frame in talk.of("log") if frame["file"]]
    assert logged == [("looked at", "info"), ("late", "warning")]


async def test_an_exception_that_only_wraps_another_is_told_once(live):
    talk = live("async def handler(event, context):\n    raise ValueError('no model') from OSError('no model')\n")
    await talk.start()
    assert (await talk.run())["error"]["sentence"] == "handler.py line 4: ValueError: no model"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def broken(:\n", "handler.py line 3: The code cannot be read"),
        ("import not_there_at_all\n", "The module 'not_there_at_all' is not installed"),
        ("import primfunctions.actions\n", "no module 'primfunctions.actions', here or on VoiceRun"),
        ("x = 1\n", "handler.py has no handler"),
        ("def handler(event, context):\n    pass\n", "the handler is not async"),
        ("1 / 0\n", "handler.py line 3: ZeroDivisionError"),
        ("os._exit(3)\n", "ended by itself with code 3"),
    ],
)
async def test_agents_that_cannot_start_say_why(live, source, sentence):
    talk = live(source)
    failed = await talk.start()
    assert failed["type"] == "failed"
    assert sentence in failed["error"]["sentence"]


async def test_missing_module_is_named(live):
    assert (await live("import not_there.inside\n").start())["error"]["missing_module"] == "not_there"


async def test_siblings_and_data_files_are_found_from_the_projects_folder(live):
    talk = live(
        "import helper\nfrom pathlib import Path\n"
        "async def handler(event, context):\n"
        "    yield TextToSpeechEvent(helper.NAME + Path('data.txt').read_text())\n",
        helper__py="NAME = 'a'\n",
        data__txt="b",
        wire__py="raise SystemExit\n",
    )
    await talk.start()
    await talk.run()
    assert talk.outputs()[0]["event"]["data"]["text"] == "ab"


async def test_module_of_the_repository_around_the_project_is_not_taken_for_a_package(live, tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "rules.py").touch()
    (tmp_path / ".git").mkdir()
    project = tmp_path / "agent"
    project.mkdir()
    (project / "handler.py").write_text("import shared.rules\n")
    talk = live("")
    talk._initialize["project"] = str(project)
    error = (await talk.start())["error"]
    assert error["sentence"] == (
        f"handler.py line 1: The module 'shared' lies in {tmp_path.resolve()}, outside the project, "
        "and VoiceRun packs the project's folder only. Put it into the project."
    )
    assert "requirement" not in error


async def test_web_client_that_reaches_nobody_says_whom(live):
    talk = live(
        "from types import SimpleNamespace\n"
        "class ConnectError(Exception):\n"
        "    request = SimpleNamespace(url='http://me:secret@127.0.0.1:9/answer?key=secret')\n"
        "class ReadTimeout(ConnectError): pass\n"
        "async def handler(event, context):\n    raise ConnectError('no') if event.name == 'start' else ReadTimeout('')\n"
    )
    await talk.start()
    assert (await talk.run())["error"]["sentence"] == (
        "handler.py line 8: ConnectError: http://127.0.0.1:9/answer cannot be reached. "
        "See that its server runs and that this machine reaches it."
    )
    late = (await talk.run("run-2", "text"))["error"]["sentence"]
    assert late == "handler.py line 8: ReadTimeout: http://127.0.0.1:9/answer did not answer in time."


async def test_our_layer_stands_for_an_installed_older_completions_package(live, tmp_path):
    installed = tmp_path / "elsewhere" / "voicerun_completions"
    installed.mkdir(parents=True)
    (installed / "__init__.py").write_text("raise RuntimeError('asks providers itself')\n")
    source = (
        f"import sys\nsys.path.insert(0, {str(installed.parent)!r})\n"
        "from voicerun_completions import CompletionsClient, UserMessage, deserialize_conversation\n"
        "from voicerun_completions.types.request import ToolDefinitionDict\n"
        "async def handler(event, context): pass\n"
    )
    assert (await live(source).start())["type"] == "ready"
    own = tmp_path / "voicerun_completions"
    own.mkdir()
    (own / "__init__.py").write_text("raise RuntimeError('of the project')\n")
    assert "of the project" in (await live(source.split("\n", 2)[2]).start())["error"]["sentence"]


async def test_interpreter_that_is_not_there_is_a_sentence(tmp_path):
    failed = await ChildLink(str(tmp_path / "python")).start({})
    assert "cannot be started" in failed["error"]["sentence"]


async def test_environment_of_the_studio_does_not_reach_the_agent(live, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    talk = live("async def handler(event, context):\n    yield LogEvent(repr(sorted(os.environ)))\n")
    await talk.start()
    await talk.run()
    assert "OPENAI_API_KEY" not in talk.outputs()[0]["event"]["data"]["message"]


async def test_cancelled_run_is_silent_and_answers(live):
    talk = live(
        "async def handler(event, context):\n"
        "    yield SilenceEvent(1)\n"
        "    try:\n        await asyncio.sleep(60)\n"
        "    finally:\n        yield SilenceEvent(2)\n"
    )
    await talk.start()
    talk.link.send({"type": "event", "run": "r", "now": 0, "event": {"name": "start", "data": {}}})
    await talk.until(talk.outputs)
    talk.link.send({"type": "cancel", "run": "r", "now": 0})
    await talk.until(lambda: talk.of("run_end"))
    assert talk.of("run_end")[0]["status"] == "cancelled"
    assert [f["event"]["data"]["duration"] for f in talk.outputs()] == [1]


async def test_background_task_outlives_its_run(live):
    talk = live(
        "async def work():\n    await asyncio.sleep(0.01)\n    yield SilenceEvent(7)\n"
        "async def handler(event, context):\n    context.create_task(work(), name='w')\n"
    )
    await talk.start()
    await talk.run()
    await talk.until(lambda: talk.of("tasks", unfinished=0))
    output = talk.outputs("")[0]
    assert (output["event"]["background"], output["event"]["background_task_name"], output["line"]) == (True, "w", 5)
    assert [(f["unfinished"], len(f["names"])) for f in talk.of("tasks")] == [(1, 1), (0, 0)]


async def test_background_failure_names_the_line(live):
    talk = live(
        "async def work():\n    raise ValueError('no')\n"
        "async def handler(event, context):\n    context.create_task(work())\n"
    )
    await talk.start()
    await talk.run()
    await talk.until(talk.outputs)
    assert (talk.outputs()[0]["event"]["name"], talk.outputs()[0]["line"]) == ("error", 4)


async def test_flood_of_prints_is_counted_not_sent(live):
    talk = live("async def handler(event, context):\n    for _ in range(100_000):\n        print('x' * 100)\n")
    await talk.start()
    await talk.run()
    await talk.until(lambda: any("lines dropped" in text for text in talk.texts()))
    assert len(talk.texts()) < 1500


async def test_flood_of_native_output_is_drained(live):
    talk = live(
        "async def handler(event, context):\n"
        "    for _ in range(2000):\n        os.write(1, b'y' * 99 + b'\\n' + b'z' * 50_000)\n"
    )
    await talk.start()
    assert (await talk.run())["status"] == "ok"
    assert len(talk.texts()) < 700


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("'hello'", "The handler yielded a str; only events can be yielded."),
        ("5", "The handler yielded an int; only events can be yielded."),
        ("StopEvent", "The handler yielded the class StopEvent; write StopEvent(...)."),
        ("CustomEvent(None)", "CustomEvent takes a name (text), not None."),
        ("CustomEvent(5, {})", "CustomEvent takes a name (text), not an int."),
        ("MetricEvent(5, 5, 5)", "MetricEvent takes data (an object), not an int."),
        ("Event(None)", "Event takes a name (text), not None."),
        ("Event('x', 5)", "Event takes data (an object), not an int."),
        ("CustomEvent('x', {'odd': Odd()})", "The CustomEvent was not sent: it cannot be sent as JSON: no."),
    ],
)
async def test_what_is_yielded_but_cannot_be_sent_is_a_fault_with_its_line_and_the_run_goes_on(live, value, sentence):
    talk = live(
        f"class Odd:\n    def __str__(self): raise RuntimeError('no')\n"
        f"async def handler(event, context):\n    yield {value}\n    yield SilenceEvent(1)\n"
    )
    await talk.start()
    end = await talk.run()
    assert (end["status"], [f["event"]["name"] for f in talk.outputs()]) == ("ok", ["silence"])
    (log,) = talk.of("log")
    assert (log["text"], log["level"], log["fault"]) == (f"handler.py line 6: {sentence}", "error", True)
    assert (log["file"], log["line"]) == ("handler.py", 6)


async def test_what_a_background_task_yields_but_cannot_be_sent_is_a_fault_with_its_line(live):
    talk = live(
        "async def work():\n    yield CustomEvent(None)\n    yield SilenceEvent\n    yield SilenceEvent(1)\n"
        "async def handler(event, context):\n    context.create_task(work(), name='w')\n"
    )
    await talk.start()
    await talk.run()
    await talk.until(lambda: len(talk.outputs()) == 2)
    (log,) = talk.of("log")
    assert (log["text"], log["fault"]) == ("handler.py line 4: CustomEvent takes a name (text), not None.", True)
    error, silence = talk.outputs()
    told = "The background task 'w' yielded the class SilenceEvent; write SilenceEvent(...)."
    assert (error["line"], error["event"]["name"], error["event"]["data"]) == (5, "error", {"message": told})
    assert silence["event"]["name"] == "silence"


async def test_a_bare_yield_is_a_warning_only(live):
    talk = live("async def handler(event, context):\n    yield\n")
    await talk.start()
    await talk.run()
    (log,) = talk.of("log")
    assert (log["level"], "fault" in log) == ("warning", False)


async def test_a_fault_is_told_in_a_second_that_is_full_of_lines(live):
    talk = live("async def handler(event, context):\n    for n in range(300): print(n)\n    yield 5\n")
    await talk.start()
    await talk.run()
    assert [f["line"] for f in talk.of("log") if f.get("fault")] == [5]


@pytest.mark.parametrize(
    ("body", "line", "sentence"),
    [
        ("    print(1)\n    return SilenceEvent(1)\n", 5, "a SilenceEvent; write `yield` instead of `return`."),
        ("    if event: return 5\n    return 6\n", 3, "an int, which nobody hears: events are yielded"),
    ],
)
async def test_a_handler_that_returns_its_event_is_told_to_yield(live, body, line, sentence):
    talk = live(f"async def handler(event, context):\n{body}")
    await talk.start()
    end = await talk.run()
    assert end["status"] == "error"
    assert end["error"]["sentence"].startswith(f"handler.py line {line}: the handler returns {sentence}")
    assert (end["error"]["frames"][0]["file"], end["error"]["frames"][0]["line"]) == ("handler.py", line)


@pytest.mark.parametrize("place", ["handler", "task"])
async def test_an_exception_that_cannot_be_shown_is_shown_all_the_same(live, place):
    source = (
        "class Bad(Exception):\n"
        "    def __str__(self): raise ValueError('never')\n"
        "    __repr__ = __str__\n"
        "async def work():\n    raise Bad\n"
    )
    runs = {"handler": "    await work()\n", "task": "    context.create_task(work(), name='w')\n"}
    talk = live(source + "async def handler(event, context):\n" + runs[place])
    await talk.start()
    end = await talk.run()
    said = "Bad: (no text: its __str__ raises ValueError)"
    if place == "handler":
        assert (end["status"], end["error"]["sentence"]) == ("error", f"handler.py line 7: {said}")
    else:
        await talk.until(talk.outputs)
        assert talk.outputs()[0]["event"]["data"]["message"] == f"The background task 'w' failed: {said}"


@pytest.mark.parametrize(
    "error", ["SystemExit(Bad())", "KeyError(Bad())", "ImportError(name=5)", "ModuleNotFoundError(name=5)", "Bad()"]
)
async def test_no_exception_keeps_its_run_from_ending(live, error):
    talk = live(
        "class Bad(Exception):\n"
        "    def __str__(self): raise SystemExit\n"
        "    __repr__ = __str__\n"
        f"async def handler(event, context):\n    raise {error}\n"
    )
    await talk.start()
    end = await talk.run()
    assert end["status"] == "error"
    assert end["error"]["sentence"].startswith("handler.py line 7: ")


async def test_what_close_cancels_was_not_cancelled_by_the_agent(live):
    talk = live("async def handler(event, context):\n    await asyncio.sleep(60)\n")
    await talk.start()
    talk.link.send(event("r", "stop"))
    await talk.link.close(5)
    (end,) = talk.of("run_end")
    assert (end["status"], end["error"]) == ("cancelled", None)


async def test_a_provider_can_be_configured_while_the_agent_is_imported(live):
    talk = live(
        "from primfunctions.completions import *\n"
        "configure_provider('openai', voicerun_managed=True)\n"
        "async def handler(event, context):\n"
        "    await generate_chat_completion({'provider': 'openai', 'model': 'm', 'messages': []})\n"
    )
    assert (await talk.start())["type"] == "ready"
    talk.link.send(event("r"))
    await talk.until(lambda: len(talk.of("request")) == 2)
    assert [f["service"] for f in talk.of("request")] == ["warm", "completions"]


async def test_values_that_are_no_json_go_as_text_and_are_reported(live):
    talk = live("async def handler(event, context):\n    yield CustomEvent('c', {'at': os.PathLike, 's': {1}})\n")
    await talk.start()
    await talk.run()
    assert talk.outputs()[0]["event"]["data"]["s"] == ["1"]
    assert "holds values that are not JSON (ABCMeta, set)" in talk.texts()[0]


async def test_process_that_ends_itself_is_explained_and_nothing_is_lost(live):
    talk = live("async def handler(event, context):\n    yield SilenceEvent(1)\n    print('last')\n    os._exit(3)\n")
    await talk.start()
    await talk.run()
    assert "ended by itself with code 3" in talk.gone[0]
    assert (len(talk.outputs()), talk.texts()) == (1, ["last"])


@pytest.mark.skipif(os.name != "posix", reason="signals")
async def test_crash_in_native_code_names_the_line(live):
    talk = live("import ctypes\nasync def handler(event, context):\n    ctypes.string_at(0)\n")
    await talk.start()
    await talk.run()
    assert "SIGSEGV" in talk.gone[0]
    assert "handler.py line 5" in talk.gone[0]


@pytest.mark.skipif(os.name != "posix", reason="process groups")
async def test_endless_loop_is_noticed_with_its_line_and_killed_with_what_it_started(live):
    talk = live(
        "import subprocess\n"
        "async def handler(event, context):\n"
        "    if event.name == 'start':\n"
        "        child = subprocess.Popen(['sleep', '600'])\n"
        "        yield LogEvent(str(child.pid))\n"
        "    else:\n"
        "        while True: pass\n"
    )
    await talk.start()
    await talk.run()
    pid = int(talk.outputs()[0]["event"]["data"]["message"])
    talk.link.send(event("spin", "text"))
    spinning = ("handler.py", 9)
    await talk.until(lambda: any((file, line) == spinning for file, line, _ in talk.blocked))
    assert all(blocked_ms >= 2000 for _, _, blocked_ms in talk.blocked)
    talk.link.kill()
    _wait_for_end(talk.link._process.pid)  # without its loop: no timer had to help
    await talk.until(lambda: talk.gone)
    async with asyncio.timeout(60):
        while _runs(pid):  # noqa: ASYNC110 - the system tells nobody
            await asyncio.sleep(0.01)


async def test_a_block_that_was_told_without_its_place_is_told_again_with_it(monkeypatch):
    monkeypatch.setattr("studio.agents.supervision._SILENT_S", -1)  # as where no beat comes through for a while
    told = []
    link = ChildLink(sys.executable)
    link.on_blocked = lambda file, line, ms: told.append((file, line))
    for _ in range(2):  # the child is asked where it is, and has nothing to say
        link._watch()
        link._look.cancel()
    for beat in [("", 0, 2100), ("handler.py", 3, 2600), ("handler.py", 4, 3100)]:
        link._on_beat(*beat)
    assert told == [("", 0), ("handler.py", 3)]
    link._on_beat("", 0, 0)
    link._on_beat("handler.py", 5, 2000)
    assert told[2:] == [("handler.py", 5)]


@pytest.mark.skipif(os.name != "posix", reason="a signal asks")
async def test_native_code_that_lets_nothing_else_run_is_told_with_the_line_that_called_it(live):
    talk = live(
        "import re\nasync def handler(event, context):\n"
        "    yield LogEvent('now')\n    re.match('(a+)+$', 'a' * 40 + 'b')\n"
    )
    await talk.start()
    talk.link.send(event("run-1"))
    await talk.until(lambda: talk.blocked)
    assert talk.blocked[0][:2] == ("handler.py", 6)
    talk.link.kill()
    await talk.until(lambda: talk.gone)


async def test_garbage_on_the_wire_ends_the_child(live):
    talk = live(
        "import glob\nasync def handler(event, context):\n"
        "    for fd in range(3, 20):\n"
        '        try: os.write(fd, b\'{"type": "output"}\\n\')\n'
        "        except OSError: pass\n"
        "    await asyncio.sleep(60)\n"
    )
    await talk.start()
    await talk.run()
    assert "cannot be understood" in talk.gone[0]


async def test_close_is_clean(live):
    talk = live("async def handler(event, context):\n    await asyncio.sleep(60)\n")
    await talk.start()
    talk.link.send({"type": "event", "run": "r", "now": 0, "event": {"name": "start", "data": {}}})
    await talk.link.close(5.0)
    assert talk.gone == [""]


async def test_changed_source_is_taken_within_the_same_second(write, live):
    first = live("import part\nasync def handler(event, context):\n    yield LogEvent(part.X)\n", part__py="X = '1'\n")
    await first.start()
    await first.run()
    again = live("import part\nasync def handler(event, context):\n    yield LogEvent(part.X)\n", part__py="X = '2'\n")
    await again.start()
    await again.run()
    assert again.outputs()[0]["event"]["data"]["message"] == "2"


def _wait_for_end(pid: int) -> None:
    def wait() -> None:
        with contextlib.suppress(ChildProcessError):  # somebody else has waited for it
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    waiting.join(60)
    assert not waiting.is_alive()


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs the parent-death signal")
def test_child_dies_with_its_engine_even_when_native_code_hangs(write):
    hangs = "    yield LogEvent('now')\n    re.match('(a+)+$', 'a' * 40 + 'b')\n"
    project = write(f"import re\nasync def handler(event, context):\n{hangs}")
    engine = (
        "import asyncio, os, sys\nfrom pathlib import Path\n"
        "from tests.agents.conftest import Talk, event\nfrom studio.agents.supervision import ChildLink\n"
        "async def main():\n"
        "    talk = Talk(ChildLink(sys.executable), Path(sys.argv[1]))\n    await talk.start()\n"
        "    talk.link.send(event('r'))\n    await talk.until(talk.outputs)\n"
        "    print(talk.link._process.pid, flush=True)\n    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", engine, str(project)], cwd=Path(__file__).parents[2], capture_output=True, check=False
    )
    with contextlib.suppress(ProcessLookupError):
        assert select.select([os.pidfd_open(int(done.stdout))], [], [], 60)[0]


async def test_a_handler_of_another_shape_is_explained(live):
    talk = live("async def handler():\n    yield\n")
    answer = await talk.start()
    assert "async def handler(event, context)" in answer["error"]["sentence"]
