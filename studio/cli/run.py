"""`studio run`: one session without a window."""

import asyncio
import contextlib
import gc
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, TextIO

from studio.agents.link import HUNG_AFTER_S
from studio.agents.project import Project, ProjectError, open_project
from studio.audio.streams import Sink, Source
from studio.cli.installing import install_packages
from studio.cli.lines import ReadableLines
from studio.cli.output import discard, reader_left
from studio.files import set_aside, why_unread
from studio.runtime.assembly import Parts, assemble, environment_of, give_ear, read_project, settings_of, warm_voice
from studio.runtime.plan import Channel, Outcome, PlanError, SessionPlan, Step
from studio.runtime.scenario import ScriptedCaller, hear_file, load_script, strict_json
from studio.runtime.session import Session
from studio.runtime.telephony import is_phone_number
from studio.runtime.virtual_time import VirtualLoop
from studio.sessions.locks import is_locked, try_lock
from studio.sessions.profile import part_of
from studio.sessions.records import DENSE, SESSION, Record, as_json

_LONGEST_S = 1_000_000
_VOICE_NOTICES = frozenset(
    {
        "unknown_voice",
        "bad_voice",
        "unknown_model",
        "voice_case",
        "voice_ambiguous",
        "voice_stand_in",
        "voice_ended",
        "voice_not_in_model",
        "bad_failover",
        "own_voices_unread",
        "model_ended",
        "bad_speed",
        "speed_clamped",
        "speed_unsupported",
    }
)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of `studio run`, as given."""

    project: Path
    inputs: list[tuple[str, str]]
    script: Path | None
    again: str
    channel: str
    environment: str
    virtual: bool
    play: bool
    limit_s: float | None
    user_silence_s: float
    variables: list[str]
    data: str
    agents: list[str]
    caller: str
    called: str
    record: Path | None
    out: Path | None
    call_recordings: Path | None
    strict: bool
    allow_network: bool
    as_json: bool
    install: bool = True
    cache: bool = False


def run_session(options: RunOptions) -> int:
    """Run it. Returns the exit code: 0 ended well, 1 the agent failed, 2 wrong usage or project.

    Ctrl+C and SIGTERM end the session and complete its files; then it is 130 or 143.
    """
    try:
        plan, project = plan_of(options)
        with _interrupts() as terminated:
            return _run_interruptibly(options, plan, project, terminated)
    except PlanError as error:
        print(f"studio run: {error}", file=sys.stderr)
        return 2


@contextlib.contextmanager
def _interrupts() -> Generator[Callable[[], bool]]:
    """Ctrl+C ends the loop that runs within as asyncio does it, and SIGTERM does so too; gives what says whether that came."""
    came = False

    def terminate(number: int, frame: object) -> None:
        nonlocal came
        if not came:  # `timeout` sends it to the process and to its group; a second Ctrl+C would break off the end
            came = True
            signal.raise_signal(signal.SIGINT)

    if threading.current_thread() is not threading.main_thread():  # signals are not for others
        yield lambda: False
        return
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    if before[0] is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # which asyncio takes over
    signal.signal(signal.SIGTERM, terminate)
    try:
        yield lambda: came
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])


def _run_interruptibly(options: RunOptions, plan: SessionPlan, project: Project, terminated: Callable[[], bool]) -> int:
    try:
        for agent in (project, *_others(plan)):
            install_packages(agent, allowed=options.install)
        gc.freeze()  # what was imported stays: collections need not look at it
        runner = asyncio.Runner(loop_factory=VirtualLoop if plan.virtual else None)
        with runner:
            return runner.run(_run(options, plan, project))
    except KeyboardInterrupt:
        return 128 + (signal.SIGTERM if terminated() else signal.SIGINT)


def plan_of(options: RunOptions) -> tuple[SessionPlan, Project]:
    """What to run. Raises PlanError with one plain sentence."""
    if options.channel not in ("", "web", "phone"):
        raise PlanError(f"--channel is web or phone, not {options.channel}.")
    if options.limit_s is not None and not 0 < options.limit_s <= _LONGEST_S:
        raise PlanError(f"--limit is a number of seconds above 0, a million at most, not {options.limit_s:g}.")
    if not 0 <= options.user_silence_s <= _LONGEST_S:
        raise PlanError(f"--user-silence is a number of seconds from 0 to a million, not {options.user_silence_s:g}.")
    agents = {id: Path(path) for id, path in (_pair(text, "--agent", "ID=PATH") for text in options.agents)}
    for id, path in agents.items():
        try:
            open_project(path)
        except ProjectError as error:
            raise PlanError(f"--agent {id}: {error}") from None
    data = _json_object(options.data) | _numbers(options)
    channel: Channel | None = options.channel or None  # type: ignore[assignment]
    plan = SessionPlan(
        project=options.project,
        channel=channel or "web",
        variables=dict(_pair(text, "--set") for text in options.variables),
        data=data,
        agents=agents,
        script=_steps(options),
        virtual=options.virtual,
        limit_s=options.limit_s,
        user_silence_s=options.user_silence_s,
        kill_hung_s=HUNG_AFTER_S,
        allow_network=options.allow_network,
        call_recordings=options.call_recordings,
    )
    if options.again:
        from studio.runtime.replay import caller_of_file

        plan = caller_of_file(_recorded(options.again)).calls(plan, channel)
    if plan.virtual and plan.script is None:
        silence = options.user_silence_s or options.limit_s
        if not silence:
            raise PlanError(
                "--virtual-time needs a scripted caller: add --say, --hear, --script or --again; "
                "or --user-silence or --limit for one who says nothing."
            )
        plan = replace(plan, script=[], user_silence_s=silence)
    if plan.channel != "phone" and (options.caller or options.called):
        sentence = (
            "--caller and --called are numbers of the phone channel, and this call is on the web: add --channel phone."
        )
        print(f"studio run: {sentence}", file=sys.stderr)
    project = read_project(plan)
    for file, option in ((options.record, "--record"), (options.out, "--out")):
        if file:
            _check_room(file, option)
    if (folder := options.call_recordings) and not folder.is_dir():
        if folder.exists():
            raise PlanError(f"--call-recording {folder} is a file: give a folder.")
        raise PlanError(f"--call-recording {folder} cannot be written: there is no such folder.")
    environment = environment_of(project, options.environment or None)
    return replace(plan, environment=environment, settings=settings_of(project, plan.given, environment)), project


def _numbers(options: RunOptions) -> dict[str, str]:
    """Who calls whom, under the platform's names. Raises PlanError for what is no telephone number."""
    numbers = {"callerPhone": options.caller, "calledPhone": options.called}
    for number in filter(None, numbers.values()):
        if not is_phone_number(number):
            raise PlanError(f"{number} is no telephone number with country code, such as +12025550142.")
    return {name: number for name, number in numbers.items() if number}


def _others(plan: SessionPlan) -> Iterator[Project]:
    """The agents that a transfer may go to, as far as they were named; one that is none is said when it is called."""
    for path in plan.agents.values():
        with contextlib.suppress(ProjectError):
            yield open_project(path)


def _steps(options: RunOptions) -> list[Step] | None:
    steps: list[Step] = []
    for kind, value in options.inputs:
        if kind == "say" and not value.strip():
            raise PlanError("--say needs something to say.")
        what = Step(say=value) if kind == "say" else Step(hear=hear_file(Path(value)))
        steps.append(replace(what, paced=True))  # as the lines of a script
    if options.script:
        steps.extend(load_script(options.script))
    return steps if options.inputs or options.script else None


def _recorded(session: str) -> Path:
    """The file of a session that is given by its path or its id. Raises PlanError."""
    from studio import paths
    from studio.sessions.library import Library

    path = Path(session)
    found = path if path.is_file() else Library(paths.sessions_dir()).find(session)
    if found is None:
        raise PlanError(
            f"There is no session '{session}'. Give the id or the path that `studio sessions --json` lists."
        )
    return found


def _check_room(file: Path, option: str) -> None:
    """Whether a file can be written there, as far as can be told before it is. Raises PlanError."""
    if not file.parent.is_dir():
        raise PlanError(f"{option} {file} cannot be written: there is no folder {file.parent}.")
    if option == "--out" and file.is_dir():
        raise PlanError(f"--out {file} is a folder: give the name of a WAV file.")
    if option == "--out" and file.suffix.lower() not in (".wav", ".wave"):
        raise PlanError(f"--out takes a file whose name ends in .wav, not {file}.")
    if option == "--record" and file.suffix != ".mcap" and not file.is_dir():
        raise PlanError(f"--record takes a file whose name ends in .mcap, or a folder, not {file}.")
    if is_locked(part_of(file) if option == "--record" else file):
        raise PlanError(_in_use(option, file))


def _in_use(option: str, file: Path | None) -> str:
    return f"{option} {file} is being written by another run: give another name, or wait until that one has ended."


def _keep_unfinished(file: Path, complain: Callable[[str], None]) -> None:
    """Set aside what a recording into this file left that was broken off. Raises PlanError."""
    part = part_of(file)
    if file.suffix != ".mcap" or not part.is_file() or not part.stat().st_size:
        return
    try:
        with part.open("r+b") as left:
            if not try_lock(left):  # the recorder refuses it
                return
        aside = set_aside(part)
    except OSError as error:
        raise PlanError(f"--record {file} cannot be written: {part} is in its way ({why_unread(error)}).") from None
    complain(f"{part} is left of a recording that was broken off: it is kept as {aside}.")


def _held(file: Path) -> IO[bytes]:
    """The file, new or as it is, locked for whoever else might want to write it. Raises PlanError."""
    try:
        held = file.open("ab")
    except OSError as error:
        raise PlanError(f"--out {file} cannot be written: {why_unread(error)}.") from None
    if not try_lock(held):
        held.close()
        raise PlanError(_in_use("--out", file))
    return held


def _pair(text: str, option: str, shape: str = "NAME=VALUE") -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise PlanError(f"{option} takes {shape}, not {text!r}.")
    return name, value


def _json_object(text: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        value = strict_json(text)
    except ValueError as error:
        raise PlanError(f"--data is not valid JSON: {error}.") from None
    if not isinstance(value, dict):
        raise PlanError("--data takes a JSON object, such as '{\"customer\": 7}'.")
    return value


async def _run(options: RunOptions, plan: SessionPlan, project: Project) -> int:
    from studio.audio.devices import DeviceError
    from studio.runtime.household import household

    loop = asyncio.get_running_loop()
    async with household(loop, own_cache=not options.cache, network=options.allow_network) as parts:
        sink, source = _sound(options, plan)
        session = assemble(plan, project, parts, sink)
        printer = _Printer(options.as_json, on_unread=lambda: loop.call_soon(session.stop))
        session.journal.subscribe(on_record=printer.record)
        if options.cache and plan.virtual:
            session.journal.add(
                SESSION,
                "not_reproducible",
                {"reasons": ["the user's speech cache"]},
                level="warning",
                message="This session is not reproducible: it is spoken from this user's speech cache.",
            )
        finish = _files(options, session, project)
        reason = "closed"
        try:
            outcome = await _converse(session, plan, parts, project, source)
            reason = outcome.reason
        except DeviceError as error:
            raise PlanError(str(error)) from None
        finally:
            written = finish(reason)
        whole = written and not printer.unwritten
        return _exit_code(outcome, printer, session, options.strict) if whole else 2


async def _converse(
    session: Session, plan: SessionPlan, parts: Parts, project: Project, source: Source | None
) -> Outcome:
    spoken = plan.script is None or any(step.hear is not None for step in plan.script)
    if spoken:
        await give_ear(session, parts.ears)
    if source:
        session.use_source(source)
    warming = None if plan.virtual else asyncio.create_task(warm_voice(session, project, parts.speech))
    try:
        if plan.script is None:
            return await session.run()
        return await _scripted(session, plan, plan.script)
    finally:
        if warming:
            warming.cancel()
            await asyncio.gather(warming, return_exceptions=True)  # what fails there, the first line finds out


async def _scripted(session: Session, plan: SessionPlan, script: Sequence[Step]) -> Outcome:
    caller = asyncio.create_task(ScriptedCaller(session, session.clock, script, plan.user_silence_s).run())
    try:
        return await session.run()
    finally:
        caller.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await caller


def _sound(options: RunOptions, plan: SessionPlan) -> tuple[Sink, Source | None]:
    from studio.audio.sinks import NullSink

    if plan.script is not None and not options.play:
        return NullSink(), None
    if plan.virtual:
        raise PlanError("--play needs real time: leave out --virtual-time.")
    from studio.audio.devices import list_devices
    from studio.audio.echo import EchoCanceller
    from studio.audio.microphone import Microphone
    from studio.audio.speaker import Speaker

    devices = list_devices()
    if plan.script is None and not (devices.inputs and devices.outputs):
        raise PlanError(
            f"There is no microphone and speaker to talk with ({devices.problem or 'none found'}). "
            "Give the caller something to do: --say, --hear or --script."
        )
    if plan.script is not None:
        return Speaker(), None
    settings = plan.settings
    echo = EchoCanceller(echo=settings.echo_cancellation, noise=settings.noise_suppression, gain=settings.auto_gain)
    return Speaker(echo=echo), Microphone(echo=echo)


class _Printer:
    """Prints records as they come, and remembers what decides the exit code."""

    def __init__(self, json_lines: bool, on_unread: Callable[[], object]) -> None:
        """`on_unread` is called when whoever read the output has left (`studio run ... | head`)."""
        self._lines = None if json_lines else ReadableLines()
        self._on_unread = on_unread
        self.voice_warnings = False
        self.unwritten = False
        """Whether something could not be written, though somebody would have read it."""

    def record(self, record: Record) -> None:
        if record.topic == "/notice" and record.level != "info" and record.event in _VOICE_NOTICES:
            self.voice_warnings = True
        if self._lines:
            for line, warning in self._lines.of(record):
                self._print(line, sys.stderr if warning else sys.stdout)
        elif not record.host and record.topic not in DENSE:
            self._print(as_json(record), sys.stdout)

    def _print(self, line: str, stream: TextIO) -> None:
        """At once, so that both streams stay in order and a pipe has each line when it happens."""
        try:
            print(line, file=stream, flush=True)
        except UnicodeEncodeError:  # a terminal of another encoding, a half of a surrogate pair
            self._print(line.encode(stream.encoding, "backslashreplace").decode(stream.encoding), stream)
        except OSError as error:
            discard(stream)
            full = not reader_left(error)
            self.unwritten |= full
            if full and stream is not sys.stderr:
                self._print(f"The output cannot be written ({error.strerror}): the call ends.", sys.stderr)
            self._on_unread()


def _files(options: RunOptions, session: Session, project: Project) -> Callable[[str], bool]:
    """Start what writes files; returns what finishes them, given the reason of the end, and says whether they are whole."""
    if not (options.record or options.out):
        return lambda reason: True
    from studio.audio.files import AudioFileError
    from studio.runtime.recording import record_session
    from studio.runtime.stereo import LineRecorder
    from studio.sessions.writer import SessionInUseError

    told: set[str] = set()

    def complain(sentence: str) -> None:
        if sentence not in told:
            told.add(sentence)
            print(f"studio run: {sentence}", file=sys.stderr)

    journal, lines = session.journal, session.hand_over
    try:
        held = _held(options.out) if options.out else None
        stereo = LineRecorder(journal, session.speaking, lines, options.out) if options.out else None
        if options.record:
            _keep_unfinished(options.record, complain)
        recorder = record_session(session, project, options.record, complain) if options.record else None
    except AudioFileError as error:
        raise PlanError(str(error)) from None
    except SessionInUseError:
        raise PlanError(_in_use("--record", options.record)) from None

    if stereo:

        def end_with_session() -> None:
            if session.state == "ended":
                stereo.end_at(journal.now())

        session.on_state = end_with_session

    def finish(reason: str) -> bool:
        problem = recorder.finish(reason).problem if recorder else ""
        if stereo:
            stereo.finish(journal.now()).result()
            problem = stereo.problem or problem
        if held:
            held.close()
        if problem:
            complain(problem)
        return not problem

    return finish


def _exit_code(outcome: Outcome, printer: _Printer, session: Session, strict: bool) -> int:
    if outcome.exit_code or session.failed:
        return 1
    return 1 if strict and printer.voice_warnings else 0
