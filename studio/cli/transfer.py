"""`studio import` and `studio export-session`: sessions of VoiceRun's debugger."""

import sys
from pathlib import Path

from studio import paths
from studio.sessions.voicerun.exporting import ExportFailedError, export_session
from studio.sessions.voicerun.importing import ImportFailedError, import_session


def import_file(source: Path, out: Path | None) -> int:
    """Make a session of an export of the debugger. Returns 0; 1 when rows were left out; 2 when there is no session."""
    try:
        done = import_session(source, out or paths.sessions_dir())
    except ImportFailedError as error:
        print(f"studio import: {error}", file=sys.stderr)
        return 2
    print(f"{done.path}: {done.rows} rows")
    for problem in done.problems:
        print(f"studio import: {problem}", file=sys.stderr)
    return 1 if done.problems else 0


def export_file(session: Path, out: Path, to: str) -> int:
    """Write a session for another program. Returns 0, or 2 when it cannot be done."""
    if to != "voicerun":
        print(f"studio export-session: --to is voicerun, not {to}.", file=sys.stderr)
        return 2
    try:
        count = export_session(session, out)
    except ExportFailedError as error:
        print(f"studio export-session: {error}", file=sys.stderr)
        return 2
    print(f"{out}: {count} rows")
    return 0
