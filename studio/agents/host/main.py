"""The life of a child: ready its pipes, wait for a session, run it, leave."""

# pyright: reportPrivateUsage=false

import asyncio
import atexit
import contextlib
import contextvars
import faulthandler
import importlib
import os
import signal
import sys
import traceback
from typing import Any, NoReturn

from . import agent, errors, sdk
from .clock import Clock
from .frames import UserCode
from .heartbeat import Heartbeat, Lookout
from .logs import Logs, RawOutput, capture_output, mark_levels
from .runs import Runs, current_run
from .services import HostServices
from .wire import Frame, Inbox, Wire, take_over_descriptors

_CLEAN_UP_S = 0.3


def main(sdk_folder: str) -> NoReturn:
    """Run one session. `sdk_folder` is that of our SDK layer; one that the environment has wins over it."""
    wire, log_pipe, error_output = take_over_descriptors()
    faulthandler.enable(error_output, all_threads=False)
    if sys.platform != "win32":  # where code stands that lets no other thread run
        faulthandler.register(signal.SIGUSR1, error_output, all_threads=False)
    sys.path.append(sdk_folder)
    try:
        _warm_up()
        Session(wire, log_pipe, sdk_folder).run(wire.receive())
    except BaseException:
        os.write(error_output, traceback.format_exc().encode())  # a fault of the host: nobody else would hear of it
    os._exit(70)


class Session:
    """One session in this process."""

    def __init__(self, wire: Wire, log_pipe: int, sdk_folder: str) -> None:
        self._wire = wire
        self._sdk = sdk_folder
        self._clock = Clock()
        self._logs = Logs(wire, self._clock)
        self._end_lines = capture_output(self._logs)
        mark_levels(self._logs)
        self._raw = RawOutput(log_pipe, self._logs)
        self._logs.catch_up = self._raw.sync
        self._inbox = Inbox(wire)
        self._virtual = False
        self._closing: asyncio.Task[None] | None = None
        self._services = HostServices(wire, self._clock, current_run)
        self._context = contextvars.copy_context()
        """What an SDK keeps for the session, in variables of a context: runs that frames start must have it too."""
        self._runs: Runs
        self._user_code: UserCode

    def run(self, initialize: Frame) -> NoReturn:
        """Import the agent, say `ready` (or `failed`, and leave), then serve until closed."""
        project = os.path.abspath(initialize["project"])
        self._virtual = initialize["virtual"]
        self._clock.begin(initialize["now"], initialize["wall"], self._virtual)
        self._user_code = self._logs.user_code = UserCode(project)
        self._runs = Runs(self._wire, self._clock, self._logs, self._user_code)
        _limit_memory((initialize.get("limits") or {}).get("memory"))
        loop = self._virtual_loop(initialize["seed"]) if self._virtual else self._live_loop()
        asyncio.set_event_loop(loop)
        loop.set_exception_handler(self._on_loop_error)
        try:
            sdk.serve_older_completions(self._sdk, project)
            self._runs.handler = agent.load(project, initialize["entry"])
            given = initialize["context"]
            self._runs.make_context(given, errors.Variables(given.get("variables") or {}))
            sdk.use_services(self._logs, self._runs.on_metric, self._services)
            self._context = contextvars.copy_context()
        except BaseException as error:
            self._flush()
            self._wire.send({"type": "failed", "error": errors.describe(error, self._user_code)})
            os._exit(1)
        self._wire.send(
            {"type": "ready", "sdk": agent.sdk_version(self._sdk), "python": ".".join(map(str, sys.version_info[:3]))}
        )
        try:
            loop.run_forever()
        except SystemExit as leaving:
            self._leave(leaving)
        os._exit(0)

    def _live_loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        self._inbox.start(
            lambda frame: loop.call_soon_threadsafe(self._on_frame, frame, context=self._context) and None
        )
        Heartbeat(self._wire, self._logs, self._user_code, loop).start()
        return loop

    def _virtual_loop(self, seed: int) -> asyncio.AbstractEventLoop:
        from . import patches  # only virtual sessions pay for these imports
        from .virtual import VirtualLoop

        self._inbox.start()
        loop = VirtualLoop(self._clock, self._wire, self._inbox, self._flush)
        loop.on_frame = lambda frame: self._context.run(self._on_frame, frame)
        Lookout(self._wire, self._user_code, lambda: loop.steps, self._runs.place).start()
        patches.install(self._clock, loop, self._user_code, seed)
        return loop

    def _on_frame(self, frame: Frame) -> None:
        self._clock.move(frame["now"])
        match frame["type"]:
            case "event":
                self._runs.start(frame)
            case "cancel":
                self._runs.cancel(frame["run"])
            case "cancel_tasks":
                self._runs.cancel_tasks(frame["which"])
            case "context":
                self._runs.patch_context(frame["patch"])
            case "reply":
                self._services.on_reply(frame)
            case "services":
                sdk.name_services(frame["url"], frame["token"])
                if self._virtual:
                    self._expect_gateway(frame["url"])
            case "ping":
                self._wire.send({"type": "pong"})
            case "close":
                self._closing = asyncio.get_running_loop().create_task(self._close())
            case _:
                pass

    def _expect_gateway(self, url: str) -> None:
        """Let a connection there be told from the agent's own."""
        host, _, port = url.rpartition("/")[2].rpartition(":")
        asyncio.get_running_loop().gateway = (host, int(port))  # pyright: ignore[reportAttributeAccessIssue]

    async def _close(self) -> None:
        await self._runs.close(0 if self._virtual else _CLEAN_UP_S)
        self._leave(None)

    def _leave(self, error: SystemExit | None) -> NoReturn:
        with contextlib.suppress(Exception):
            atexit._run_exitfuncs()
        self._flush()
        if error is None:
            self._wire.send({"type": "closed"})
            os._exit(0)
        self._logs.send("stderr", "error", errors.describe(error, self._user_code)["sentence"])
        os._exit(error.code if isinstance(error.code, int) else 1)

    def _flush(self) -> None:
        self._end_lines()
        self._raw.end_line()
        self._logs.report_dropped()

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, report: dict[str, Any]) -> None:
        error = report.get("exception")
        if error is None:
            self._logs.send("stderr", "warning", str(report.get("message", "")))
            return
        described = errors.describe(error, self._user_code)
        self._logs.send("stderr", "error", described["sentence"], {"error": described})


def _warm_up() -> None:
    """Import the SDK before there is a session, so that a spare child answers at once."""
    _die_with_parent()
    if not sys.flags.isolated:
        return  # a virtual session: an SDK that takes clocks by name must find those of virtual time
    with contextlib.suppress(ImportError):
        importlib.import_module("primfunctions.context")


def _die_with_parent() -> None:
    """Linux: be killed when the engine dies, even while native code keeps this interpreter from running."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, ImportError, AttributeError):
            import ctypes

            ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL


def _limit_memory(size: int | None) -> None:
    if size:
        with contextlib.suppress(ImportError, ValueError, OSError):
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (size, size))
