"""Virtual time for the agent's code: clocks, sleep, and every source of chance. Installed before that code is imported."""

# pyright: reportPrivateUsage=false

import datetime
import importlib.machinery
import os
import random
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from .clock import Clock
from .frames import UserCode
from .virtual import VirtualLoop, in_main_thread

_NS = 1_000_000_000

#: The library's own machinery waits for real things in real time, whichever module it took its clock from.
_REAL = frozenset({"threading", "queue", "subprocess", "concurrent.futures._base", "concurrent.futures.thread", "ssl"})
_REAL_PACKAGES = ("multiprocessing.", "concurrent.futures.")


class _Clock:
    """A clock function. No Python function: as a class attribute it must not turn into a method."""

    __slots__ = ("_real", "_virtual")

    def __init__(self, virtual: Callable[[], Any], real: Callable[[], Any]) -> None:
        self._virtual = virtual
        self._real = real

    def __call__(self) -> Any:
        return self._real() if _is_machinery(sys._getframe(1).f_globals.get("__name__", "")) else self._virtual()


class _Call:
    """Any other function in the place of a built-in one."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)


def _is_machinery(module: str) -> bool:
    return module in _REAL or module.startswith(_REAL_PACKAGES)


def install(clock: Clock, loop: VirtualLoop, user_code: UserCode, seed: int) -> None:
    """Replace clocks and chance for the rest of the process."""
    _patch_clocks(clock, loop)
    _patch_sleep(loop, user_code)
    _patch_dates(clock)
    _patch_chance(seed)
    _watch_threads(loop)
    _watch_the_outside(loop)


def _patch_clocks(clock: Clock, loop: VirtualLoop) -> None:
    for name, virtual in {
        "time": lambda: clock.wall() / _NS,
        "time_ns": clock.wall,
        "monotonic": loop.time,
        "monotonic_ns": loop.monotonic_ns,
        "perf_counter": loop.time,
        "perf_counter_ns": loop.monotonic_ns,
    }.items():
        setattr(time, name, _Clock(virtual, getattr(time, name)))

    real = {name: getattr(time, name) for name in ("localtime", "gmtime", "ctime", "asctime", "strftime")}

    def now() -> float:
        return clock.wall() / _NS

    def from_seconds(name: str) -> _Call:
        return _Call(lambda seconds=None: real[name](now() if seconds is None else seconds))

    for name in ("localtime", "gmtime", "ctime"):
        setattr(time, name, from_seconds(name))
    time.asctime = _Call(lambda t=None: real["asctime"](real["localtime"](now()) if t is None else t))  # pyright: ignore
    time.strftime = _Call(  # pyright: ignore
        lambda format, t=None: real["strftime"](format, real["localtime"](now()) if t is None else t)
    )


def _patch_sleep(loop: VirtualLoop, user_code: UserCode) -> None:
    real_sleep = time.sleep

    def sleep(seconds: float) -> None:
        caller = sys._getframe(2)
        if in_main_thread() and not _is_machinery(caller.f_globals.get("__name__", "")):
            loop.sleep(seconds, lambda: user_code.here(caller))
        else:
            loop.escaped.add("a thread that sleeps" if not in_main_thread() else "a wait for a subprocess")
            real_sleep(seconds)

    time.sleep = _Call(sleep)  # pyright: ignore


def _patch_dates(clock: Clock) -> None:
    real_datetime, real_date = datetime.datetime, datetime.date

    class Virtual(type):
        """Instances made by C code or before the patch are instances too."""

        def __instancecheck__(cls, instance: object) -> bool:
            real = stands_for.get(cls)
            return isinstance(instance, real) if real else type.__instancecheck__(cls, instance)

        def __subclasscheck__(cls, subclass: type) -> bool:
            real = stands_for.get(cls)
            return issubclass(subclass, real) if real else type.__subclasscheck__(cls, subclass)

    class VirtualDatetime(real_datetime, metaclass=Virtual):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            seconds, rest = divmod(clock.wall(), _NS)
            return cls.fromtimestamp(seconds, tz).replace(microsecond=rest // 1000)

        @classmethod
        def utcnow(cls) -> Any:
            return cls.now(datetime.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return cls.now()

    class VirtualDate(real_date, metaclass=Virtual):
        @classmethod
        def today(cls) -> Any:
            return cls.fromtimestamp(clock.wall() // _NS)

    stands_for: dict[type, type] = {VirtualDatetime: real_datetime, VirtualDate: real_date}
    for virtual, real in stands_for.items():
        virtual.__name__ = virtual.__qualname__ = real.__name__
        virtual.__module__ = "datetime"
    _show(stands_for)
    # Native modules (those of pandas) take the classes of datetime by their layout and crash with any other.
    native, source = importlib.machinery.ExtensionFileLoader, importlib.machinery.SourceFileLoader
    native.create_module = _showing(stands_for.values(), native.create_module)
    native.exec_module = _showing(stands_for.values(), native.exec_module)
    source.exec_module = _showing(stands_for, source.exec_module)


def _show(classes: Iterable[type]) -> None:
    for shown in classes:
        setattr(datetime, shown.__name__, shown)


def _showing(classes: Iterable[type], load: Callable[..., Any]) -> Callable[..., Any]:
    """Loads a module that finds these classes in datetime."""

    def loading(loader: Any, module: Any) -> Any:
        before = (datetime.datetime, datetime.date)
        _show(classes)
        try:
            return load(loader, module)
        finally:
            _show(before)

    return loading


def _patch_chance(seed: int) -> None:
    source = random.Random(seed)

    def urandom(size: int) -> bytes:
        return source.randbytes(size)

    real_seed = random.Random.seed

    def seeded(self: random.Random, a: Any = None, version: int = 2) -> None:
        real_seed(self, source.getrandbits(64) if a is None else a, version)

    random.Random.seed = seeded
    random.seed(seed)
    os.urandom = _Call(urandom)  # pyright: ignore
    random._urandom = urandom  # pyright: ignore[reportAttributeAccessIssue]
    for name in ("_generate_time_safe", "_UuidCreate"):  # uuid1 then reads the clock itself
        if hasattr(uuid, name):
            setattr(uuid, name, None)
    uuid.getnode = lambda: 0x02_00_00_00_00_01


def _watch_threads(loop: VirtualLoop) -> None:
    start = threading.Thread.start

    def watched(self: threading.Thread) -> None:
        start(self)
        if not _is_machinery(getattr(getattr(self, "_target", None), "__module__", "") or ""):
            loop.watch_thread(self)

    threading.Thread.start = watched


def _watch_the_outside(loop: VirtualLoop) -> None:
    addressed = {"socket.connect", "socket.sendto", "socket.sendmsg"}
    outside = {
        "socket.getaddrinfo": "a connection",
        "subprocess.Popen": "a subprocess",
        "os.system": "a subprocess",
        "os.posix_spawn": "a subprocess",
        "os.fork": "a subprocess",
    }

    def heard(name: str, facts: Any) -> None:
        if name in addressed:
            if facts[1] is not None:  # what is sent on a connection names no address
                loop.connects(facts[1])
        elif name in outside:
            loop.escaped.add(outside[name])

    sys.addaudithook(heard)
