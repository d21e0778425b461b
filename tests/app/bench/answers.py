"""What an engine answers about clips."""

from typing import Any

import numpy as np


def answer(id: str, *, seconds: float = 3.2, voice: str = "nova", **fields: Any) -> dict[str, Any]:
    """The answer of `cast_clip`."""
    outline = np.tile(np.array([[-30, 40]], np.int8), (256, 1))
    return {
        "clip": id,
        "provider": "openai",
        "voice": voice,
        "model": "",
        "speed": 1.0,
        "stands_in": False,
        "notes": [],
        "cache": "written",
        "age_s": None,
        "first_byte_ms": 112.0,
        "first_sound_ms": 140.0,
        "total_ms": 900.0,
        "seconds": seconds,
        "spoken_s": seconds - 0.2,
        "word_times": False,
        "wpm": 150.0,
        "lufs": -23.0,
        "outline": outline.tobytes(),
        **fields,
    }
