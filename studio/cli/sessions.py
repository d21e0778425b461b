"""`studio sessions`: what was recorded."""

import json
import sys

from studio import paths
from studio.sessions.library import Library


def sessions(*, as_json: bool) -> int:
    """Print the recorded sessions, the newest first."""
    library = Library(paths.sessions_dir())
    rows = library.rows()
    if library.problem:
        print(f"studio sessions: {library.problem}", file=sys.stderr)
    if as_json:
        json.dump([row.as_dict() for row in rows], sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    for row in rows:
        length = f"{round(row.duration_s) // 60}:{round(row.duration_s) % 60:02d}"
        state = "" if row.state == "finished" else f" ({row.error or row.state})"
        print(f"{row.started[:16].replace('T', ' ')}  {length:>6}  {row.agent:<20} {row.title}{state}\n    {row.path}")
    if not rows:
        print(f"No session has been recorded in {library.folder}.")
    return 0
