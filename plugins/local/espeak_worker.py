"""espeak-ng in a process of its own: frames in on standard input, sound and word places out on standard output.

espeak-ng keeps its state in the process and is GPL: it is loaded here and nowhere else.
"""

import ctypes
import sys
from typing import Any, BinaryIO

import espeakng_loader

from studio.providers import worker_wire as wire

_SYNCHRONOUS = 2
_BUFFER_MS = 100
_RATE_PARAMETER = 1
_UTF8 = 1
_WORD, _END = 1, 5
_NORMAL_WPM = 175
_SEED = 1


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h (1.52)."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """The library, and the line that is spoken."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._number = 0
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        path = espeakng_loader.get_data_path().encode()
        self.rate = int(self._library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, path, 0))
        self._callback = _Callback(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, number: int, text: str, voice: str, speed: float) -> None:
        """Speak a line; its frames go out as the sound comes."""
        self._number = number
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            self._send({"error": f"espeak-ng has no voice '{voice}'.", "failure": "unknown_voice"})
            return
        self._library.espeak_SetParameter(_RATE_PARAMETER, round(_NORMAL_WPM * speed), 0)
        self._library.espeak_ng_SetRandSeed(
            ctypes.c_long(_SEED)
        )  # else the time of day decides the flutter of the voice
        content = text.encode()
        self._library.espeak_Synth(content, len(content) + 1, 0, 0, 0, _UTF8, None, None)
        self._send({"done": True})

    def _take(self, sound: Any, count: int, events: Any) -> int:
        words: list[list[int]] = []
        ends: list[int] = []
        index = 0
        while events[index].type != 0:
            event = events[index]
            if event.type == _WORD:
                words.append([event.text_position - 1, event.length, event.audio_position])
            elif event.type == _END:
                ends.append(event.audio_position)
            index += 1
        blob = ctypes.string_at(sound, count * 2) if sound and count > 0 else b""
        if blob or words or ends:
            self._send({"words": words, "ends": ends}, blob)
        return 0

    def _send(self, header: dict[str, Any], blob: bytes = b"") -> None:
        self._out.write(wire.encode({"n": self._number, "rate": self.rate, **header}, blob))
        self._out.flush()


def main() -> None:
    """Serve until the engine closes the pipe."""
    espeak = Espeak(sys.stdout.buffer)
    while (frame := wire.read(sys.stdin.buffer)) is not None:
        header = frame[0]
        espeak.speak(header["n"], header["text"], header["voice"], header["speed"])


main()
