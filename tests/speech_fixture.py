"""Speech for tests: espeak-ng's voice through the library of the espeakng_loader package, made once and kept in the temporary folder."""

import hashlib
import os
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 22050  # espeak-ng's own

_WORKER = """
import ctypes, sys, wave
import espeakng_loader
text, voice, out = sys.argv[1:]
lib = ctypes.CDLL(espeakng_loader.get_library_path())
rate = lib.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0)  # 2: synchronous, no playback
pcm = bytearray()
Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
@Callback
def take(samples, count, events):
    if samples:
        pcm.extend(ctypes.string_at(samples, 2 * count))
    return 0
lib.espeak_SetSynthCallback(take)
lib.espeak_SetVoiceByName(voice.encode())
data = text.encode() + b"\\0"
lib.espeak_Synth(data, len(data), 0, 0, 0, 1, None, None)
lib.espeak_Synchronize()
with wave.open(out, "wb") as file:
    file.setnchannels(1); file.setsampwidth(2); file.setframerate(rate)
    file.writeframes(bytes(pcm))
"""


def speech_file(text: str, voice: str = "en-us") -> Path:
    """A WAV (mono, 16 bit, 22.05 kHz) of that text. espeak-ng runs in its own process."""
    user = getattr(os, "getuid", lambda: "user")()
    folder = Path(tempfile.gettempdir()) / f"voice-agent-studio-tests-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / (hashlib.sha256(f"{voice}\n{text}".encode()).hexdigest()[:20] + ".wav")
    if not file.exists():
        part = file.with_suffix(f".{os.getpid()}")
        subprocess.run([sys.executable, "-c", _WORKER, text, voice, str(part)], check=True, timeout=60)
        part.replace(file)
    return file


def speech(text: str, voice: str = "en-us") -> NDArray[np.int16]:
    """The samples of `speech_file`, at 22.05 kHz."""
    with wave.open(str(speech_file(text, voice))) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)
