"""Keeps clips in a folder for ever, for tests that end the process: `python kept_on_and_on.py FOLDER [BYTES]`.

With a number of bytes the system ends it in the middle of writing its first clip, after as many (not on Windows).
"""

import itertools
import sys
from pathlib import Path

from studio.providers.cache import Clip, ClipKey, SpeechCache


def die_after(count: int) -> None:
    """Let the system kill this process when it has written so many bytes of a file."""
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, count))


def main() -> None:
    """Keep seven lines again and again, each time of another sound, and say so."""
    cache = SpeechCache(Path(sys.argv[1]))
    if len(sys.argv) > 2:
        die_after(int(sys.argv[2]))
    for number in itertools.count():
        key = ClipKey("local", "en-us", "", f"line {number % 7}", "", "", 1.0, 24_000)
        cache.put(key, Clip(bytes([number % 256, 1]) * 400_000, 24_000, ()), "English")
        print(number, flush=True)


if __name__ == "__main__":
    main()
