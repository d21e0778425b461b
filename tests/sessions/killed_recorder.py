"""Records until it is killed, in real time; prints the session time reached after every 10 ms block."""

import sys
import time
from pathlib import Path

import numpy as np

from studio.sessions.profile import SessionMeta
from studio.sessions.recorder import Recorder
from studio.sessions.records import AUDIO_CALLER, LOG, NS, AudioBlock, Record

MS10 = NS // 100


def main(folder: Path) -> None:
    recorder = Recorder(folder, SessionMeta("killed", time.time_ns()))
    block = np.arange(160, dtype=np.int16).tobytes()
    begin = time.perf_counter_ns()
    n = 0
    while True:
        while time.perf_counter_ns() - begin < n * MS10:
            time.sleep(0.002)
        now = n * MS10
        recorder.on_audio(AudioBlock(AUDIO_CALLER, now, now, n * 160, 16_000, block))
        recorder.on_record(Record(n + 1, now, now, LOG, "log", {"n": n}))
        sys.stdout.write(f"{now}\n")
        sys.stdout.flush()
        n += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))
