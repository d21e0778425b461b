"""Azure's SDK in a process of its own: frames in on standard input, sound and word boundaries out on standard output.

The SDK is native code that calls back on threads of its own; each line has a thread that waits for its result. Keys come
with the lines, so that they stand neither among arguments nor in an environment.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any, BinaryIO

import azure.cognitiveservices.speech as sdk

from studio.providers import worker_wire as wire

_IDLE = 4
"""Synthesizers that are kept for the next lines: each has a connection that is already open."""
_PROPERTIES = {
    "SpeechSynthesis_MaxRetryTimes": "0",  # whether to try again is the studio's business
    "SpeechSynthesis_FirstChunkTimeoutMs": "10000",  # by itself the SDK would wait for 40 s
}
_CONNECT_S = 2
_LATE_S = 2
"""How long events may lag behind the result."""

Header = dict[str, Any]
Send = Callable[[Header, bytes], None]


class Synthesizer:
    """One connection to the service; speaks one line at a time."""

    def __init__(self, endpoint: str, key: str) -> None:
        config = sdk.SpeechConfig(subscription=key, endpoint=endpoint)
        config.set_speech_synthesis_output_format(sdk.SpeechSynthesisOutputFormat.Raw24Khz16BitMonoPcm)
        for name, value in _PROPERTIES.items():
            config.set_property_by_name(name, value)
        self._sdk = sdk.SpeechSynthesizer(config, audio_config=None)  # without it the speaker would be opened
        self._sdk.synthesizing.connect(self._take_sound)
        self._sdk.synthesis_word_boundary.connect(self._take_word)
        self._sdk.synthesis_completed.connect(self._take_end)
        self._sdk.synthesis_canceled.connect(self._take_end)
        self._send: Send = lambda header, blob: None
        self._sent = 0
        self._told_all = threading.Event()
        self._broken = False
        self._stopping: Any = None
        self._connection: Any = None

    def open(self) -> None:
        """Connect before there is anything to say; a line that came meanwhile would open another connection."""
        settled = threading.Event()
        self._connection = sdk.Connection.from_speech_synthesizer(self._sdk)
        self._connection.connected.connect(lambda event: settled.set())
        self._connection.disconnected.connect(lambda event: settled.set())
        self._connection.open(False)
        settled.wait(_CONNECT_S)

    @property
    def usable(self) -> bool:
        """Whether another line may follow."""
        return not self._broken

    def speak(self, document: str, send: Send) -> Header:
        """Speak a document to its end and send what comes of it. Returns why it failed; nothing where it did not."""
        self._send, self._sent = send, 0
        self._told_all.clear()
        waiting: Any = self._sdk.speak_ssml_async(document)
        if self._broken:
            self.stop()
        result = waiting.get()
        late = not self._told_all.wait(_LATE_S)  # the result is there before the last of its events
        if rest := result.audio_data[self._sent :]:
            send({}, rest)
        details = result.cancellation_details
        self._broken = self._broken or late or details is not None
        return {"failed": details.error_code.name, "details": details.error_details} if details else {}

    def stop(self) -> None:
        """End the line, whether it has begun or not."""
        self._broken = True
        self._stopping = self._sdk.stop_speaking_async()

    def close(self) -> None:
        """Let the connection go: the SDK keeps it as long as somebody listens to its events."""
        for signal in (
            self._sdk.synthesizing,
            self._sdk.synthesis_word_boundary,
            self._sdk.synthesis_completed,
            self._sdk.synthesis_canceled,
        ):
            signal.disconnect_all()

    def _take_sound(self, event: Any) -> None:
        sound = event.result.audio_data
        self._sent += len(sound)
        self._send({}, sound)

    def _take_word(self, event: Any) -> None:
        if event.boundary_type is sdk.SpeechSynthesisBoundaryType.Word:
            duration = event.duration // timedelta(microseconds=1) * 10
            self._send({"word": [event.text, event.audio_offset, duration]}, b"")

    def _take_end(self, event: Any) -> None:
        self._told_all.set()


class Speakers:
    """The lines that are spoken, each by a synthesizer of its own."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._writing = threading.Lock()
        self._lock = threading.Lock()
        self._idle: list[tuple[tuple[str, str], Synthesizer]] = []
        self._busy: dict[int, Synthesizer] = {}

    def open(self, header: Header) -> None:
        """Have a connection for the next line; answered when it is there, or will not be."""
        account = header["endpoint"], header["key"]

        def run() -> None:
            with contextlib.suppress(Exception):  # whoever speaks will hear of it
                synthesizer = self._take(account)
                synthesizer.open()
                with self._lock:
                    self._idle.append((account, synthesizer))
            self._send({"n": header["n"], "done": True})

        threading.Thread(target=run, daemon=True).start()

    def speak(self, header: Header) -> None:
        """Begin a line; its frames go out as they come."""
        number = header["n"]

        def send(reply: Header, blob: bytes) -> None:
            self._send({"n": number, **reply}, blob)

        account = header["endpoint"], header["key"]
        try:
            synthesizer = self._take(account)
        except Exception as error:  # whatever the native library makes of what it is given
            send({"done": True, **_broken(error)}, b"")
            return
        with self._lock:
            self._busy[header["line"]] = synthesizer

        def run() -> None:
            try:
                end = synthesizer.speak(header["ssml"], send)
            except Exception as error:
                end = _broken(error)
            self._put_back(header["line"], account, synthesizer, usable=synthesizer.usable and not end)
            send({"done": True, **end}, b"")

        threading.Thread(target=run, daemon=True).start()

    def stop(self, line: int) -> None:
        """End a line that nobody listens to."""
        with self._lock:
            if synthesizer := self._busy.get(line):
                synthesizer.stop()

    def _send(self, reply: Header, blob: bytes = b"") -> None:
        with self._writing:
            self._out.write(wire.encode(reply, blob))
            self._out.flush()

    def _take(self, account: tuple[str, str]) -> Synthesizer:
        with self._lock:
            for place, (whose, synthesizer) in enumerate(self._idle):
                if whose == account:
                    del self._idle[place]
                    return synthesizer
        return Synthesizer(*account)

    def _put_back(self, line: int, account: tuple[str, str], synthesizer: Synthesizer, *, usable: bool) -> None:
        with self._lock:
            del self._busy[line]
            if usable and len(self._idle) < _IDLE:
                self._idle.append((account, synthesizer))
                return
        synthesizer.close()


def _broken(error: Exception) -> Header:
    return {"failed": "RuntimeError", "details": str(error)}


def main() -> None:
    """Serve until the engine closes the pipe."""
    speakers = Speakers(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # what a library prints is no frame
    while (frame := wire.read(sys.stdin.buffer)) is not None:
        header = frame[0]
        if "stop" in header:
            speakers.stop(header["stop"])
        elif "open" in header:
            speakers.open(header)
        else:
            speakers.speak(header)
    os._exit(0)  # lines that are still spoken are nobody's


main()
