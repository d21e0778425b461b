"""`studio run` as scripts call it: its lines, its exit code. All in virtual time.

A few runs are processes, as scripts start them; the rest begin at the same `main` in this one, for speed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from studio.sessions.locks import is_locked, try_lock
from studio.sessions.records import AUDIO_AGENT, AUDIO_CALLER
from studio.sessions.stored import StoredSession
from tests import command_line
from tests.command_line import Ran
from tests.speech_fixture import speech_file

ROOT = Path(__file__).resolve().parents[2]

DESK = """
import asyncio
from primfunctions.events import (
    AudioEvent, DTMFEvent, LogEvent, StartEvent, StopEvent, TextEvent, TextToSpeechEvent, TimeoutEvent
)


async def handler(event, context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent(text="one two three four five six seven eight nine ten", voice="nova")
    elif isinstance(event, TimeoutEvent):
        yield LogEvent(f"silent {event.data['count']}")
    elif isinstance(event, DTMFEvent):
        yield LogEvent(f"keys {event.data['digits']}")
    elif isinstance(event, TextEvent):
        said = event.data["text"]
        yield LogEvent(f"{context.variables.get('CITY')} {context.data.get('customer')} {said}")
        if "odd" in said:
            yield TextToSpeechEvent(text="hello", voice="no such voice")
        if "bye" in said:
            yield StopEvent()
            yield LogEvent("after stop")
"""
TOLD = """
from primfunctions.events import DTMFEvent, LogEvent, StartEvent, TextToSpeechEvent
async def handler(event, context):
    if isinstance(event, StartEvent):
        data = context.data
        yield LogEvent(f"{context.configuration.origin} {data['callerPhone']} {data['customer']}")
        yield TextToSpeechEvent("hello", voice="English female (local)")
    elif isinstance(event, DTMFEvent):
        yield LogEvent(f"keys {event.data['digits']}")
"""
ENDLESS = """
def count(n):
    return count(n + 1)
async def handler(event, context):
    if event.name == "text":
        yield count(1)
"""
STUCK = """
import asyncio
from primfunctions.events import LogEvent, TextEvent, TextToSpeechEvent
async def handler(event, context):
    if isinstance(event, TextEvent) and event.data["text"] == "a":
        yield TextToSpeechEvent("one moment", voice="English female (local)")
        await asyncio.Event().wait()
    elif isinstance(event, TextEvent):
        yield LogEvent(f"told {event.data['text']}")
"""
RAISES = """
async def handler(event, context):
    if event.name == "text":
        {}["missing"]
    yield
"""
REPORTS = """
from primfunctions.events import CustomEvent, DebugEvent, ErrorEvent, MetricEvent, StartEvent


async def handler(event, context):
    if isinstance(event, StartEvent):
        yield CustomEvent("order", {"number": 7})
        yield MetricEvent("count", "orders", {"value": 1})
        yield DebugEvent("asked", {"slot": 2}, "output", {})
        yield ErrorEvent("no rates")
"""
FAILS_BEHIND = """
import asyncio
from primfunctions.events import StartEvent


async def fail():
    await asyncio.sleep(1)
    raise RuntimeError("no such table")


async def handler(event, context):
    if isinstance(event, StartEvent):
        context.create_task(fail())
    return
    yield
"""
SLEEPS = """
import asyncio


async def handler(event, context):
    if event.name == "text":
        await asyncio.sleep(60)
    return
    yield
"""

ENVIRONMENT = """
from primfunctions.events import LogEvent, StartEvent


async def handler(event, context):
    if isinstance(event, StartEvent):
        configuration = context.configuration
        yield LogEvent(f"{context.environment} {configuration.stt_model} {configuration.recording_enabled}")
        yield LogEvent(f"{sorted(context.variables.items())} {context.agent_id} {context.data['tracingEnabled']}")
"""


def agent_in(tmp_path: Path, source: str) -> Path:
    """The agent in `tmp_path / "agent"`, now of this source."""
    folder = tmp_path / "agent"
    (folder / ".studio").mkdir(parents=True, exist_ok=True)
    (folder / "handler.py").write_text(source)
    (folder / ".studio" / "settings.toml").write_text('phrases = ["half past ten please"]\n')
    return folder


@pytest.fixture
def process(tmp_path: Path):
    """`process(arguments...)` runs the agent in `tmp_path / "agent"` in a process of its own."""

    def go(*arguments: object, **env: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "studio", "run", str(agent_in(tmp_path, DESK)), *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "STUDIO_HOME": str(tmp_path / "home"), **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return go


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`run(arguments...)` does the same in this process."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))

    def go(*arguments: object, agent: str = DESK) -> Ran:
        return command_line.studio("run", agent_in(tmp_path, agent), *arguments)

    return go


def test_readable_lines_are_the_conversation_and_warnings_go_to_standard_error(process):
    ran = process("--say", "good bye", "--virtual-time")
    lines = ran.out.splitlines()
    assert ran.code == 0
    words = "one two three four five six seven eight nine ten"
    assert lines[0] == f'00:00.0 agent  "{words}" (English female (local) for nova)'
    assert lines[1].endswith('caller "good bye"')
    assert "log    None None good bye (handler.py:17)" in lines[2]
    assert "log    after stop" in lines[3]
    assert "warning: nova is a voice of OpenAI" in ran.err


def test_readable_lines_come_in_the_order_of_the_clock(run, tmp_path):
    script = tmp_path / "script.json"
    script.write_text('[{"say": "odd", "after_speech_start": 0.5}, {"say": "bye", "after_speech_start": 0.3}]')
    lines = run("--script", script, "--virtual-time").out.splitlines()
    assert [line[:7] for line in lines] == sorted(line[:7] for line in lines)
    assert [line.split()[1] for line in lines] == [
        "agent",
        "agent",
        "caller",
        "log",
        "agent",
        "agent",
        "caller",
        *["log"] * 2,
        "end",
    ]
    assert lines[1].startswith('00:00.5 agent  cut by the caller after "one two"')


def test_a_run_whose_reader_leaves_ends_without_a_word(tmp_path):
    """As `studio run ... | head -1`."""
    (tmp_path / "handler.py").write_text(DESK)
    with (
        (tmp_path / "errors").open("w+") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "studio", "run", str(tmp_path), "--virtual-time", "--json", "--say", "hello"],
            cwd=ROOT,
            env={**os.environ, "STUDIO_HOME": str(tmp_path / "home")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        assert process.stdout
        assert '"session_started"' in process.stdout.readline()
        process.stdout.close()
        try:
            assert process.wait(30) == 0
        finally:
            process.kill()
        errors.seek(0)
        assert errors.read() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full is at hand on Linux only")
@pytest.mark.parametrize("read", [True, False])
def test_output_that_cannot_be_written_ends_the_call_with_a_sentence(tmp_path, read):
    (tmp_path / "handler.py").write_text(DESK)
    reader, writer = os.pipe()
    if not read:  # nobody reads the sentence either
        os.close(reader)
    with open("/dev/full", "w") as full:  # noqa: PTH123 - pathlib would close it with an error of its own
        ran = subprocess.run(
            [sys.executable, "-m", "studio", "run", str(tmp_path), "--virtual-time", "--json", "--say", "hello"],
            cwd=ROOT,
            env={**os.environ, "STUDIO_HOME": str(tmp_path / "home")},
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=writer,
            text=True,
            timeout=60,
            check=False,
        )
    os.close(writer)
    assert ran.returncode == 2
    if read:
        with os.fdopen(reader) as sentences:
            assert sentences.read() == "The output cannot be written (No space left on device): the call ends.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
def test_sigterm_ends_the_session_and_completes_its_file_even_when_it_comes_twice(tmp_path):
    (tmp_path / "handler.py").write_text(DESK)
    kept = tmp_path / "kept"
    kept.mkdir()
    options = ["--say", "hello", "--user-silence", "60", "--json", "--record", str(kept / "call.mcap")]
    with subprocess.Popen(
        [sys.executable, "-m", "studio", "run", str(tmp_path), *options],
        cwd=ROOT,
        env={**os.environ, "STUDIO_HOME": str(tmp_path / "home")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            assert '"session_started"' in process.stdout.readline()
            process.terminate()
            process.terminate()
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 143
    assert errors == ""
    assert {file.name for file in kept.iterdir()} == {"call.mcap", "call.index"}
    session = StoredSession(kept / "call.mcap")
    assert any(record.event == "session_started" for record in session.records())


def test_what_an_agent_reports_of_its_own_is_a_line_each(run):
    ran = run("--say", "hello", "--virtual-time", agent=REPORTS)
    lines = ran.out.splitlines()
    assert "00:00.0 error: no rates (handler.py:10)" in ran.err.splitlines()
    assert "00:00.0 event  Custom order number 7" in lines
    assert "00:00.0 event  Metric count orders value 1" in lines
    assert "00:00.0 event  Debug asked slot 2" in lines


def test_json_rows_have_the_documented_keys_and_two_runs_are_the_same_bytes(process, run):
    arguments = ("--say", "hello", "--virtual-time", "--json", "--set", "CITY=Graz", "--data", '{"customer": 7}')
    ran = process(*arguments, PYTHONHASHSEED="1")
    assert {frozenset(row) for row in ran.rows} == {
        frozenset({"t", "turn", "kind", "event", "name", "data", "level", "message"})
    }
    assert {row["kind"] for row in ran.rows} == {"input", "output", "engine"}
    (text,) = ran.of("TextEvent")
    assert (text["name"], text["kind"], text["turn"]) == ("text", "input", 1)
    assert text["data"] == {"source": "text", "text": "hello", "language": None}
    assert ran.logged() == ["Graz 7 hello"]
    assert process(*arguments, PYTHONHASHSEED="2").out == ran.out
    assert run(*arguments).out == ran.out  # whatever else this process has done


@pytest.mark.parametrize(
    ("agent", "says"),
    [
        (RAISES, 'handler.py:4 in handler: {}["missing"]'),
        (FAILS_BEHIND, "RuntimeError: no such table"),
        ("import nosuchmodule", "The module 'nosuchmodule' is not installed"),
        ("async def handler(event, context)", "handler.py line 1: The code cannot be read"),
        ("import os\nasync def handler(event, context):\n    os._exit(3)\n    yield", "ended by itself with code 3"),
        ("async def handler(event, context):\n    yield 5", "handler.py line 2: The handler yielded an int"),
        ("async def handler(event, context):\n    return event", "handler.py line 2: the handler returns a"),
    ],
    ids=["exception", "background task", "import", "syntax", "os._exit", "no event", "return"],
)
def test_an_agent_that_fails_gives_1_and_says_why(run, agent, says):
    ran = run("--say", "hello", "--virtual-time", agent=agent)
    assert ran.code == 1
    assert says in ran.err


def test_every_run_that_fails_says_why_the_last_one_too(run):
    ran = run("--say", "a", "--user-silence", "6", "--virtual-time", agent="async def handler(e, c): return 5\n")
    failed = [line for line in ran.err.splitlines() if "the handler returns an int" in line]
    assert len(failed) == 4  # StartEvent, TextEvent, TimeoutEvent, StopEvent
    assert ran.err.count("handler.py:1 in handler: async def handler(e, c): return 5") == 4


def test_what_calls_itself_without_end_is_told_in_a_few_lines(run):
    ran = run("--say", "a", "--virtual-time", agent=ENDLESS)
    assert "A function calls itself without end." in ran.err
    assert "        [Previous line repeated 9" in ran.err
    assert ran.err.count("return count(n + 1)") == 3


def test_a_log_line_says_once_where_it_is_from(run):
    ran = run("--say", "bye", "--virtual-time", agent="async def handler(event, context):\n    print('x')\n    yield 5")
    assert "log    x (handler.py:2)\n" in ran.out


def test_a_mistake_that_the_run_survives_is_told_as_an_error_once_each_time(run):
    agent = "async def handler(event, context):\n    if event.name == 'start':\n        yield 5\n"
    ran = run("--say", "bye", "--virtual-time", "--json", agent=agent)
    (mistake,) = ran.of("agent_mistake")
    sentence = "handler.py line 3: The handler yielded an int; only events can be yielded."
    assert (mistake["level"], mistake["name"], mistake["message"]) == ("error", "notice", sentence)
    assert mistake["data"] == {"file": "handler.py", "line": 3}
    assert not ran.of("log")
    told = run("--say", "bye", "--virtual-time", agent=agent)
    assert told.err.count("yielded an int") == 1
    assert f"error: {sentence}\n" in told.err


def test_the_limit_reached_in_a_run_gives_1_and_between_runs_0(run):
    inside = run("--say", "hello", "--virtual-time", "--limit", "10", "--json", agent=SLEEPS)
    assert inside.code == 1
    assert inside.of("limit")[0]["t"] == 10.0
    between = run("--virtual-time", "--say", "hello", "--user-silence", "100", "--limit", "7.5", "--json")
    assert between.code == 0
    assert between.of("session_ended")[0]["data"] == {"reason": "limit"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--data", "{"], "--data is not valid JSON"),
        (["--data", "[1]"], "--data takes a JSON object"),
        (["--data", '{"a": NaN}'], "--data is not valid JSON: NaN is no number of JSON"),
        (["--set", "CITY"], "--set takes NAME=VALUE, not 'CITY'"),
        (["--agent", "clerk"], "--agent takes ID=PATH, not 'clerk'"),
        (["--limit", "0"], "--limit is a number of seconds above 0, a million at most, not 0"),
        (["--limit", "nan"], "--limit is a number of seconds above 0, a million at most, not nan"),
        (["--limit", "1e300"], "--limit is a number of seconds above 0, a million at most, not 1e+300"),
        (["--user-silence", "-1"], "--user-silence is a number of seconds from 0 to a million, not -1"),
        (["--user-silence", "1e300"], "--user-silence is a number of seconds from 0 to a million, not 1e+300"),
        (["--channel", "fax"], "--channel is web or phone, not fax"),
        (["--hear", "missing.wav"], "There is no sound file missing.wav"),
        (["--hear", "pyproject.toml"], "pyproject.toml is of no kind that can be read here"),
        (["--again", "missing.mcap"], "There is no session 'missing.mcap'. Give the id or the path that"),
        (["--again", "4f1c22aa09de"], "There is no session '4f1c22aa09de'. Give the id or the path that"),
        (["--again", "pyproject.toml"], "The session pyproject.toml cannot be run again: "),
        (["--agent", "clerk=/nope"], "--agent clerk: There is nothing at "),
        (["--say", " "], "--say needs something to say"),
        (["--play"], "--play needs real time"),
        (["--out", "tests"], "--out tests is a folder"),
        (["--out", "both.mp3"], "--out takes a file whose name ends in .wav, not both.mp3"),
        (["--call-recording", "pyproject.toml"], "--call-recording pyproject.toml is a file: give a folder"),
        (["--call-recording", "nowhere"], "--call-recording nowhere cannot be written: there is no such folder."),
        (["--out", "nowhere/x.wav"], "--out nowhere/x.wav cannot be written: there is no folder nowhere."),
        (["--record", "nowhere/x.mcap"], "--record nowhere/x.mcap cannot be written: there is no folder nowhere."),
        (["--record", "session.rec"], "--record takes a file whose name ends in .mcap"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_gives_2_and_one_sentence(arguments, says, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    (tmp_path / "handler.py").write_text(DESK)
    assert_refused(command_line.studio("run", tmp_path, "--say", "x", "--virtual-time", *arguments), says)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("{", "is not valid JSON"),
        ('[{"event": "external_event", "data": {"a": Infinity}}]', "is not valid JSON: Infinity is no number of JSON"),
        ("[" * 100_000, "is not valid JSON: it is nested too deeply."),
        ('{"say": "x"}', "must be a JSON array"),
        ("[1]", "item 1 of"),
        ('["x", {"wait": -1}]', "wait is a number of seconds from 0 to 1,000,000, not -1"),
        (
            '[{"say": "x", "hear": "y"}]',
            "give exactly one of wait, say, hear, dtmf, event, fail, hangup (found: say, hear)",
        ),
        ('[{"shout": "x"}]', "(found: shout)"),
        ('[{"hear": "missing.wav"}]', "missing.wav"),
        ('[{"dtmf": "z!"}]', "dtmf is a text of keys (0-9 * # A-D), not 'z!'"),
        ('[{"say": 5}]', "say is a text that is not empty, not 5"),
        ('[{"hangup": false}]', "hangup is true, not False"),
        ('[{"hangup": true}, "x"]', "item 2 of"),
        ('[{"hangup": true}, "x"]', "the caller has hung up before it. Leave it out"),
    ],
)
def test_a_bad_script_gives_2_and_says_which_item(script, says, tmp_path):
    (tmp_path / "handler.py").write_text(DESK)
    file = tmp_path / "script.json"
    file.write_text(script)
    assert_refused(command_line.studio("run", tmp_path, "--script", file, "--virtual-time"), says)


def test_a_script_that_is_no_text_gives_2(tmp_path):
    (tmp_path / "handler.py").write_text(DESK)
    file = tmp_path / "script.json"
    file.write_bytes(b"\xff\xfe[]")
    says = "script.json cannot be read: it is no text in UTF-8."
    assert_refused(command_line.studio("run", tmp_path, "--script", file, "--virtual-time"), says)


@pytest.mark.parametrize("project", ["missing", "."])
def test_what_is_no_project_gives_2(project, tmp_path):
    assert_refused(command_line.studio("run", tmp_path / project, "--say", "x", "--virtual-time"), str(tmp_path))


def assert_refused(ran: command_line.Ran, says: str) -> None:
    """Code 2, one line on standard error that says this, and nothing else."""
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("studio run: ")
    assert ran.err.count("\n") == 1
    assert says in ran.err


def test_an_unknown_voice_is_a_warning_and_with_strict_a_failure(run):
    ran = run("--say", "odd", "--virtual-time", "--json")
    assert ran.code == 0
    assert ran.of("unknown_voice")[0]["level"] == "warning"
    assert run("--say", "odd", "--virtual-time", "--strict").code == 1


def test_an_environment_of_the_project_is_played(run, tmp_path):
    files = tmp_path / "agent" / ".voicerun"
    files.mkdir(parents=True)
    (files / "agent.lock").write_text('{"id": "agent-1"}')
    (files / "values.yaml").write_text(
        'variables: {CITY: Rome, KEY: "{{ Secrets.organization.DESK }}"}\ntracing: false\nredaction: true\n'
    )
    (files / "values.production.yaml").write_text(
        "variables: {CITY: Milan}\nstt: {model: whisper-1}\nrecording: true\n"
    )
    arguments = ("--say", "hello", "--virtual-time", "--json", "--environment", "production")
    ran = run(*arguments, agent=ENVIRONMENT)
    assert ran.logged() == [
        "production|desk whisper-1 True",
        "[('CITY', 'Milan')] agent-1 False",
    ]
    (missing,) = ran.of("variable_missing")
    assert "take the secret 'DESK'" in missing["message"]
    assert [row["data"]["setting"] for row in ran.of("not_simulated")] == ["redaction_enabled"]
    given = run(*arguments, "--set", "DESK=s3", agent=ENVIRONMENT)
    assert "('KEY', 's3')" in given.logged()[1]
    assert given.of("variable_missing") == []
    unknown = run("--say", "x", "--virtual-time", "--environment", "live", agent=ENVIRONMENT)
    assert (unknown.code, unknown.err) == (2, "studio run: agent has no environment 'live'. It has production.\n")


def test_a_script_of_the_platforms_debugger_runs_at_its_pace(run, tmp_path):
    script = tmp_path / "script.json"
    script.write_text('["hello", "bye"]')
    ran = run("--script", script, "--virtual-time", "--json")
    (first, _) = ran.of("TextEvent")
    assert first["t"] == pytest.approx(ran.of("turn_closed")[0]["t"] + 0.3)


def test_a_script_types_over_the_agent_waits_speaks_and_hangs_up(run, tmp_path):
    script = tmp_path / "script.json"
    spoken = speech_file("half past ten please")
    items = [
        {"say": "first", "after_speech_start": 0.5},
        {"wait": 2},
        {"hear": str(spoken)},
        {"hangup": True},
    ]
    script.write_text(json.dumps(items))
    ran = run("--script", script, "--virtual-time", "--json")
    assert ran.code == 0
    first, second = ran.of("TextEvent")
    assert first["t"] == pytest.approx(0.5, abs=0.02)
    assert first["data"]["previous_turn_interrupted"] is True
    assert ran.of("voice_started")[0]["t"] - first["t"] == pytest.approx(2.0, abs=0.1)
    assert (second["data"]["source"], second["data"]["text"]) == ("speech", "half past ten please")
    assert ran.of("session_ended")[0]["data"] == {"reason": "hang_up"}


def test_the_caller_s_silence_brings_timeouts_and_the_last_turn_ends_the_session(run):
    ran = run("--say", "hello", "--user-silence", "11", "--virtual-time", "--json")
    assert ran.logged()[1:] == ["silent 1", "silent 2"]
    answered = ran.of("TextEvent")[0]["t"]
    assert [row["t"] - answered for row in ran.of("TimeoutEvent")] == pytest.approx([5.0, 10.0], abs=0.01)
    assert ran.of("session_ended")[0]["t"] - answered == pytest.approx(11.0, abs=0.1)


@pytest.mark.parametrize("option", ["--user-silence", "--limit"])
def test_a_caller_who_says_nothing_is_a_script_in_virtual_time(run, option):
    ran = run(option, "12", "--virtual-time", "--json")
    assert ran.logged()[0] == "silent 1"
    assert ran.code == 0
    assert ran.of("session_ended")[0]["t"] == pytest.approx(12, abs=5)


def test_lines_that_are_said_go_on_over_an_agent_that_never_answers_as_those_of_a_script_do(run, tmp_path):
    (tmp_path / "lines.json").write_text('["a", "b"]')
    ran = run("--say", "a", "--say", "b", "--virtual-time", "--json", agent=STUCK)
    assert ran.logged() == ["told b"]
    assert ran.of("script_went_on")
    script = run("--script", tmp_path / "lines.json", "--virtual-time", "--json", agent=STUCK)
    assert script.out == ran.out


def test_a_run_that_the_limit_ends_is_told_with_the_line_at_which_it_waits(run):
    ran = run("--say", "a", "--virtual-time", "--limit", "60", agent=STUCK)
    assert ran.code == 1
    assert "The limit of 60 s was reached: run-2 of TextEvent had not ended." in ran.err
    assert "run-2 of TextEvent waited at handler.py:7." in ran.err


def test_keys_are_given_on_the_phone_channel_and_refused_with_a_sentence_on_the_web(run, tmp_path):
    script = tmp_path / "script.json"
    script.write_text('[{"dtmf": "42#"}]')
    assert run("--script", script, "--virtual-time", "--json", "--channel", "phone").logged() == ["keys 42#"]
    refused = run("--script", script, "--virtual-time")
    assert refused.code == 0
    assert "Keys exist on the phone channel only" in refused.err


def test_a_recorded_session_reopens_and_its_inputs_can_be_run_again(run, tmp_path):
    file, wav = tmp_path / "first.mcap", tmp_path / "both.wav"
    spoken = speech_file("half past ten please")
    ran = run("--say", "typed", "--hear", spoken, "--virtual-time", "--json", "--record", file, "--out", wav)
    assert ran.code == 0

    session = StoredSession(file)
    recorded = [record.event for record in session.records() if not record.host]
    assert recorded == [row["event"] for row in ran.rows]
    caller, agent = session.track(AUDIO_CALLER), session.track(AUDIO_AGENT)
    assert caller is not None
    assert agent is not None
    sound, rate = soundfile.read(str(wav), dtype="int16")
    assert (rate, sound.shape[1]) == (24_000, 2)
    assert (sound[: agent.frames, 1] == agent.samples(0, agent.frames)).all()
    heard = ran.of("voice_started")[0]["t"]
    left = abs(sound[:, 0].astype(int))
    assert left[: int((heard - 0.1) * rate)].max() < 200
    assert left[int(heard * rate) :].max() > 5000

    again = run("--again", file, "--virtual-time", "--json")
    assert [row["data"]["text"] for row in again.of("TextEvent")] == ["typed", "half past ten please"]
    assert [row["data"]["source"] for row in again.of("TextEvent")] == ["text", "speech"]


@pytest.mark.parametrize("since", ["before", "just now"])
@pytest.mark.parametrize(("option", "name", "written"), [("--record", "call.mcap", ".part"), ("--out", "both.wav", "")])
def test_a_file_that_another_run_writes_is_refused_at_once(run, tmp_path, monkeypatch, option, name, written, since):
    file = tmp_path / name
    if since == "just now":  # it was free when the options were looked at
        monkeypatch.setattr("studio.cli.run.is_locked", lambda file: False)
    with tmp_path.joinpath(f"{name}{written}").open("wb") as other:
        assert try_lock(other)
        other.write(b"what the other has written")
        other.flush()
        ran = run("--say", "hello", "--virtual-time", option, file)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == (
            f"studio run: {option} {file} is being written by another run: give another name, or wait until that one has "
            "ended.\n"
        )
        assert tmp_path.joinpath(f"{name}{written}").read_bytes() == b"what the other has written"


def test_both_files_of_a_run_are_held_while_it_runs(run, tmp_path):
    recorded, both = tmp_path / "call.mcap", tmp_path / "both.wav"
    looks = f"""
import pathlib
from studio.sessions.locks import is_locked
async def handler(event, context):
    if event.name == "text":
        print([is_locked(pathlib.Path(file)) for file in ({str(recorded) + ".part"!r}, {str(both)!r})])
    for nothing in ():
        yield
"""
    ran = run("--say", "hello", "--virtual-time", "--json", "--record", recorded, "--out", both, agent=looks)
    assert ran.logged() == ["[True, True]"]
    assert not is_locked(both)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="a folder that nobody can write is at hand on Linux only")
def test_a_file_that_cannot_be_made_leaves_no_other_half_made(run, tmp_path):
    ran = run("--say", "hello", "--virtual-time", "--record", tmp_path / "call.mcap", "--out", "/proc/both.wav")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "studio run: --out /proc/both.wav cannot be written: No such file or directory.\n"
    assert list(tmp_path.glob("call.*")) == []


def test_what_failed_in_a_recorded_session_fails_again(run, tmp_path):
    script, file = tmp_path / "script.json", tmp_path / "call.mcap"
    script.write_text(json.dumps([{"fail": "speech_slow"}, "one", {"fail": "speech_refused"}, "bye"]))
    first = run("--script", script, "--virtual-time", "--record", file)
    again = run("--again", file, "--virtual-time")
    assert (first.code, again.code) == (0, 0)
    calls_again, *lines = again.out.splitlines()
    assert "calls again" in calls_again
    assert lines == first.out.splitlines()
    assert again.err == first.err


def test_a_recording_is_the_same_bytes_whatever_else_is_written(run, tmp_path):
    script = tmp_path / "script.json"
    spoken = {"hear": str(speech_file("half past ten please")), "after_speech_start": 0.3}
    script.write_text(json.dumps(["one", {"wait": 23.4}, spoken, "two"]))
    alone, beside, wav, other = (tmp_path / name for name in ("1.mcap", "2.mcap", "2.wav", "3.wav"))
    call = ("--script", script, "--virtual-time", "--json")
    rows = [
        run(*call, *files).out
        for files in ([], ["--record", alone], ["--record", beside, "--out", wav], ["--out", other])
    ]
    assert alone.read_bytes() == beside.read_bytes()
    assert wav.read_bytes() == other.read_bytes()
    assert len(set(rows)) == 1


def test_a_caller_who_is_run_again_calls_on_the_same_channel_with_the_same_number_unless_told_otherwise(run, tmp_path):
    (tmp_path / "keys.json").write_text('[{"dtmf": "1#"}, {"wait": 2}]')
    file = tmp_path / "call.mcap"
    first = run(
        *("--channel", "phone", "--caller", "+12025550199", "--data", '{"customer": 7}'),
        *("--script", tmp_path / "keys.json", "--virtual-time", "--record", file),
        agent=TOLD,
    )
    told = [line for line in first.out.splitlines() if " log " in line]
    assert told == ["00:00.0 log    phone +12025550199 7 (handler.py:6)", "00:00.5 log    keys 1# (handler.py:9)"]

    again = run("--again", file, "--virtual-time", agent=TOLD)
    assert [line for line in again.out.splitlines() if " log " in line] == told
    assert "calls again, by phone." in again.out

    web = run("--again", file, "--channel", "web", "--data", '{"customer": 8}', "--virtual-time", agent=TOLD)
    assert "web +12025550199 8" in web.out
    assert "calls again, on the web." in web.out
    assert "Keys exist on the phone channel only" in web.err


@pytest.mark.parametrize(
    ("agent", "line"),
    [
        ("async def handler(event, context):\n    if event.name == 'text':\n        while True: pass\n    yield\n", 3),
        ("while True: pass\n", 1),
    ],
    ids=["handler", "import"],
)
def test_an_agent_that_hangs_is_ended_and_gives_1(tmp_path, monkeypatch, agent, line):
    """With less patience than people get."""
    monkeypatch.setattr("studio.agents.exchanges.HUNG_AFTER_S", 2.0)
    (tmp_path / "handler.py").write_text(agent)
    ran = command_line.studio("run", tmp_path, "--say", "x", "--virtual-time")
    assert ran.code == 1
    assert "gave no sign" in ran.err
    assert f"at handler.py line {line}" in ran.err


def test_a_script_makes_lines_fail_and_the_call_goes_on(run, tmp_path):
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"fail": "speech_dropped"}, "good bye"]))
    ran = run("--script", script, "--virtual-time", "--json")
    assert ran.code == 0
    assert [row["data"]["failure"] for row in ran.of("speech_failed")] == ["dropped"]
    assert ran.of("play_cut")[0]["data"]["heard"].startswith("one two three")
    assert ran.of("session_ended")[0]["data"]["reason"] == "stop"


def test_virtual_runs_have_a_cache_of_their_own_unless_told_otherwise(run):
    def cached(*arguments):
        ran = run("--say", "hello", "--virtual-time", "--json", *arguments)
        return [row["data"]["cache"] for row in ran.of("speech_ready")], bool(ran.of("not_reproducible"))

    assert cached("--cache") == (["written"], True)
    assert cached() == (["written"], False)
    assert cached("--cache") == (["hit"], True)


def test_numbers_that_json_does_not_have_are_told_by_name(run):
    agent = """
from primfunctions.events import CustomEvent, LogEvent, MetricEvent
async def handler(event, context):
    yield CustomEvent("x", {"a": float("nan")})
    yield MetricEvent("gauge", "y", {"value": float("inf")})
    yield LogEvent("z", attributes={"b": [float("-inf")]})
"""
    rows = run("--say", "hi", "--virtual-time", "--json", agent=agent).out.splitlines()
    read = [json.loads(row, parse_constant=lambda name: pytest.fail(f"{name} is no JSON")) for row in rows]
    data = {row["event"]: row["data"] for row in read}
    assert data["CustomEvent"]["a"] == "NaN"
    assert data["MetricEvent"]["value"] == "Infinity"
    assert data["LogEvent"]["attributes"] == {"b": ["-Infinity"]}


def test_a_run_that_the_caller_cancels_has_a_line(run, tmp_path):
    script = tmp_path / "script.json"
    script.write_text('["a", {"say": "b", "after_speech_start": 0.2}]')
    lines = run("--script", script, "--virtual-time", agent=STUCK).out.splitlines()
    (line,) = [line for line in lines if "cancelled" in line]
    assert line.split(" ", 1)[1] == "effect run 2 was cancelled by what the caller said, at handler.py:7"


def test_what_a_recording_left_that_was_broken_off_is_set_aside(run, tmp_path):
    part = tmp_path / "call.mcap.part"
    part.write_bytes(b"left")
    ran = run("--say", "hi", "--virtual-time", "--record", tmp_path / "call.mcap")
    aside = tmp_path / "call.mcap.part.broken"
    assert (ran.code, aside.read_bytes()) == (0, b"left")
    assert f"studio run: {part} is left of a recording that was broken off: it is kept as {aside}." in ran.err
    assert not part.exists()


def test_the_line_of_a_call_recording_says_where_it_lies(run, tmp_path):
    agent = "from primfunctions.events import *\nasync def handler(event, context):\n    yield StartRecordingEvent()\n"
    folder = tmp_path / "calls"
    folder.mkdir()
    ran = run("--say", "hi", "--virtual-time", "--channel", "phone", "--call-recording", folder, agent=agent)
    (file,) = folder.iterdir()
    assert f"effect The recording lies in {file}." in ran.out


def test_a_callers_number_on_the_web_is_said_to_be_the_phones(run):
    sentence = "studio run: --caller and --called are numbers of the phone channel"
    assert sentence in run("--say", "hi", "--virtual-time", "--caller", "+12025550199").err
    assert sentence not in run("--say", "hi", "--virtual-time", "--channel", "phone", "--caller", "+12025550199").err


def test_a_voice_that_is_an_empty_dict_and_an_event_without_a_name_are_told(run):
    agent = """
from primfunctions.events import CustomEvent, StartEvent, TextToSpeechEvent
async def handler(event, context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("hello", voice={})
        yield TextToSpeechEvent("hello", voice="")
        yield CustomEvent("")
"""
    ran = run("--say", "hi", "--virtual-time", "--json", agent=agent)
    (voice,) = ran.of("bad_voice")
    assert (voice["level"], "not {}: nova speaks" in voice["message"]) == ("warning", True)
    (unnamed,) = ran.of("unnamed_event")
    assert unnamed["message"] == "CustomEvent has no name: a client cannot tell what it is. Give it one."
