"""Imports and exports as a disposable process: `python -m studio.sessions.voicerun import|export SOURCE OUT`.

Meant for files of unknown origin, and so that a long one costs no other process its time. Lines on its output: `problem
SENTENCE` for each row left out, then `done PATH` or `failed SENTENCE`.
"""

import sys
from pathlib import Path

from studio.sessions.indexer import limit_resources
from studio.sessions.voicerun.exporting import ExportFailedError, export_session
from studio.sessions.voicerun.importing import ImportFailedError, import_session


def main(arguments: list[str]) -> int:
    """Do one of them; 0 done, 1 failed, 2 wrong usage."""
    if len(arguments) != 3 or arguments[0] not in ("import", "export"):
        print("failed Give import or export, and the paths of two files.", flush=True)
        return 2
    limit_resources()
    source, out = Path(arguments[1]), Path(arguments[2])
    try:
        if arguments[0] == "export":
            export_session(source, out)
        else:
            done = import_session(source, out)
            out = done.path
            for sentence in done.problems:
                print(f"problem {sentence}", flush=True)
    except (ImportFailedError, ExportFailedError, MemoryError) as error:
        print(f"failed {error or 'The file needs more memory than it is given.'}", flush=True)
        return 1
    print(f"done {out}", flush=True)
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
