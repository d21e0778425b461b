"""Keeps clips in a folder for ever, for tests that end the process: `python kept_on_and_on.py FOLDER`."""

import itertools
import sys
from pathlib import Path

from studio.providers.cache import Clip, ClipKey, SpeechCache


def main() -> None:
    """Keep line after line, each of its own sound, and say so once it has begun."""
    cache = SpeechCache(Path(sys.argv[1]))
    for number in itertools.count():
        key = ClipKey("local", "en-us", "", f"line {number % 7}", "", "", 1.0, 24_000)
        cache.put(key, Clip(bytes([number % 256, 1]) * 400_000, 24_000, ()), "English")
        if number == 3:
            print("keeping", flush=True)


if __name__ == "__main__":
    main()
