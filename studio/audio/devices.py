"""Sound devices: which there are, and one stream to one of them that is kept alive and says plainly why it is not."""

import asyncio
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

Kind = Literal["input", "output"]
Block = NDArray[np.int16]

RATE = 48000  # preferred; a device that refuses it is opened at its own
BLOCKS_PER_S = 100
LATENCIES_S = (0.03, 0.06, 0.1, 0.2)
"""How deep a queue is made at first, and after glitches."""

_NOUN = {"input": "microphone", "output": "speaker"}
_HOST_API = {"win32": "Windows WASAPI", "darwin": "Core Audio"}  # others list the same devices once more, and worse
_GLITCHES, _GLITCH_SPAN_S = 2, 10.0
_STARTING_S = 0.5
_WATCH_S = 0.25
_LOST_AFTER_S = 1.0
_UNAVAILABLE, _INVALID_DEVICE = -9985, -9996  # PortAudio's paDeviceUnavailable and paInvalidDevice


class DeviceError(Exception):
    """A device cannot be used; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Device:
    """One end of a sound device. `name` is what `Microphone` and `Speaker` take; `rate` is the device's own, in Hz."""

    name: str
    rate: int


@dataclass(frozen=True, slots=True)
class DeviceList:
    """What there is to hear with and to speak with; a default is "" where there is none, `problem` says why."""

    inputs: tuple[Device, ...] = ()
    outputs: tuple[Device, ...] = ()
    default_input: str = ""
    default_output: str = ""
    problem: str = ""


_open_streams: "WeakSet[DeviceStream]" = WeakSet()


def list_devices(rescan: bool = False) -> DeviceList:
    """The devices of this machine; never raises.

    PortAudio looks for devices once. `rescan` makes it look again, which it cannot while a stream is open: then the
    old list comes back.
    """
    try:
        sd = _portaudio()
        if rescan and not _open_streams:
            sd._terminate()
            sd._initialize()
        inputs, outputs = _known(sd, "input"), _known(sd, "output")
        default_input, default_output = _default(sd, "input", inputs), _default(sd, "output", outputs)
    except DeviceError as error:
        return DeviceList(problem=str(error))
    except Exception as error:  # the list is asked for at every start: whatever a sound system does must not stop that
        return DeviceList(problem=f"The sound system does not answer ({error}).")
    missing = " and no ".join(_NOUN[kind] for kind, found in (("input", inputs), ("output", outputs)) if not found)
    return DeviceList(
        tuple(device for _, device in inputs),
        tuple(device for _, device in outputs),
        default_input,
        default_output,
        f"There is no {missing}: none is connected, or the system's sound service does not run." if missing else "",
    )


def _portaudio() -> Any:
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise DeviceError(
            f"Sound devices cannot be used ({error}). On Debian and Ubuntu, install the package libportaudio2."
        ) from error
    return sounddevice


def _known(sd: Any, kind: Kind) -> list[tuple[int, Device]]:
    """Index and description of the devices of one kind."""
    hosts = sd.query_hostapis()
    wanted = [place for place, host in enumerate(hosts) if host["name"] == _HOST_API.get(sys.platform)]
    return [
        (place, Device(entry["name"], round(entry["default_samplerate"])))
        for place, entry in enumerate(sd.query_devices())
        if entry[f"max_{kind}_channels"] > 0 and entry["hostapi"] in (wanted or range(len(hosts)))
    ]


def _default(sd: Any, kind: Kind, known: list[tuple[int, Device]]) -> str:
    defaults = {host[f"default_{kind}_device"] for host in sd.query_hostapis()}
    defaults.add(sd.default.device[kind])
    return next((device.name for place, device in known if place in defaults), known[0][1].name if known else "")


def _find(sd: Any, kind: Kind, name: str) -> tuple[int, Device]:
    known = _known(sd, kind)
    if not known:
        raise DeviceError(
            f"There is no {_NOUN[kind]}: none is connected, or the system's sound service does not run. Connect one "
            "and look for devices again."
        )
    wanted = name or _default(sd, kind, known)
    for place, device in known:
        if device.name == wanted:
            return place, device
    raise DeviceError(f"The {_NOUN[kind]} “{name}” is not connected. Connect it, or choose another {_NOUN[kind]}.")


def _refusal(kind: Kind, name: str, error: Exception) -> DeviceError:
    # PortAudioError(text, code, (host API, host code, host text)), the later ones only where known
    text, code, host = (*error.args, None, None, None)[:3]
    if code == _UNAVAILABLE:
        why = "is in use by another program, or the system does not let this program use it. Close the other program"
    elif code == _INVALID_DEVICE:
        why = "is no longer there. Connect it again"
    else:
        why = f"cannot be opened ({host[2] if host else text}). Check the system's sound and privacy settings"
    return DeviceError(f"The {_NOUN[kind]} “{name}” {why}, or choose another {_NOUN[kind]}.")


class DeviceStream:
    """A stream of 10 ms int16 blocks to or from one device.

    `on_block` is called in PortAudio's thread with an array [frames, channels] to read or to fill; it only copies and
    never raises. Everything else happens on the event loop that `open` is called on. After two glitches within ten
    seconds the queue is made one step deeper; a glitch at which `deepens`, asked in PortAudio's thread, is false does not
    count for that. Where no block came for a second, the stream is closed and `on_lost`
    gets a sentence.
    """

    def __init__(
        self,
        kind: Kind,
        device: str,
        on_block: Callable[[Block], None],
        on_lost: Callable[[str], None],
        latencies_s: Sequence[float] = LATENCIES_S,
        deepens: Callable[[], bool] = lambda: True,
    ):
        self.kind: Kind = kind
        self.name = device
        self.rate = RATE
        self.glitches = 0
        """Flags of the driver that samples were lost, in all."""
        self.latency_s = 0.0
        """What the driver says lies between the program and the device; 0 while it is closed."""
        self._wanted = device
        self._on_block = on_block
        self._on_lost = on_lost
        self._latencies_s = latencies_s
        self._deepens = deepens
        self._depth = 0
        self._stream: Any = None
        self._recent: deque[float] = deque(maxlen=_GLITCHES)
        self._watch: asyncio.TimerHandle | None = None
        self._last_block = 0.0
        self._opened = 0.0
        self.on_reopen: Callable[[], None] = lambda: None
        """Called while the stream stands still, before it starts with an empty or a deeper queue."""

    def open(self) -> None:
        """Open and start. Raises `DeviceError`."""
        self._loop = asyncio.get_running_loop()
        sd = _portaudio()
        place, device = _find(sd, self.kind, self._wanted)
        self.name = device.name
        most = sd.query_devices(place)[f"max_{self.kind}_channels"]
        # Some devices only take two channels, and both ears want the voice.
        channels = (1, 2) if self.kind == "input" else (2, 1)
        choices = [(rate, count) for rate in dict.fromkeys((RATE, device.rate)) for count in channels if count <= most]
        self._start_first(sd, place, choices)
        self._watch = self._loop.call_later(_WATCH_S, self._look)

    def close(self) -> None:
        """Stop at once; idempotent."""
        if self._watch:
            self._watch.cancel()
            self._watch = None
        stream, self._stream = self._stream, None
        self.latency_s = 0.0
        _open_streams.discard(self)
        if stream:
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)

    def restart(self) -> None:
        """Drop what is queued at the device."""
        try:
            self._stream.abort()
            self.on_reopen()
            self._stream.start()
        except Exception as error:
            self._lose(str(_refusal(self.kind, self.name, error)))

    def _start_first(self, sd: Any, place: int, choices: list[tuple[int, int]]) -> None:
        """Open with the first (rate, channels) that the device takes."""
        make = sd.RawInputStream if self.kind == "input" else sd.RawOutputStream
        refusals: list[Exception] = []
        for rate, channels in choices:
            self.rate = rate
            try:
                stream = make(
                    samplerate=rate,
                    blocksize=rate // BLOCKS_PER_S,
                    device=place,
                    channels=channels,
                    dtype="int16",
                    latency=self._latencies_s[self._depth],
                    callback=self._callback,
                )
            except (sd.PortAudioError, ValueError) as error:
                refusals.append(error)
                continue
            self._stream, self.latency_s = stream, float(stream.latency)
            self._place, self._choice = place, (rate, channels)
            self._opened = self._last_block = time.perf_counter()
            _open_streams.add(self)
            try:
                stream.start()
            except sd.PortAudioError as error:
                self.close()
                refusals.append(error)
                continue
            return
        raise _refusal(self.kind, self.name, refusals[0])

    def _callback(self, data: Any, frames: int, _time: Any, status: Any) -> None:
        self._last_block = time.perf_counter()
        if (status.input_overflow or status.output_underflow) and self._last_block - self._opened > _STARTING_S:
            self.glitches += 1
            if self._deepens():
                self._recent.append(self._last_block)
            if len(self._recent) == _GLITCHES and self._last_block - self._recent[0] < _GLITCH_SPAN_S:
                self._recent.clear()
                call_on(self._loop, self._deepen)
        self._on_block(np.frombuffer(data, np.int16).reshape(frames, -1))

    def _deepen(self) -> None:
        if self._stream is None or self._depth + 1 == len(self._latencies_s):
            return
        self._depth += 1
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)
        self.on_reopen()
        try:
            self._start_first(_portaudio(), self._place, [self._choice])
        except DeviceError as error:
            self._lose(str(error))

    def _look(self) -> None:
        self._watch = self._loop.call_later(_WATCH_S, self._look)
        if time.perf_counter() - self._last_block > _LOST_AFTER_S:
            self._lose(
                f"The {_NOUN[self.kind]} “{self.name}” stopped: it was unplugged, or the system's sound service ended. "
                f"Connect it again, or choose another {_NOUN[self.kind]}."
            )

    def _lose(self, sentence: str) -> None:
        self.close()
        self._on_lost(sentence)


def call_on(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    """Call on the loop from another thread; a loop that has closed meanwhile wants no more calls."""
    try:
        loop.call_soon_threadsafe(function)
    except RuntimeError:
        return
