"""`studio export`: an agent packed for elsewhere."""

import sys
from pathlib import Path

from studio.packages.voicerun import ExportError, export_project


def export(project: Path, *, to: str, out: Path) -> int:
    """Write the package. Returns 0; 1 when VoiceRun will find fault with it; 2 when there is none."""
    if to != "voicerun":
        return _refuse(f"--to is voicerun, not {to}.")
    try:
        report = export_project(project, out)
    except ExportError as error:
        return _refuse(str(error))
    for name in report.files:
        print(name)
    print(f"\n{report.out}: {len(report.files)} files, {report.size} bytes, checksum {report.checksum}")
    for problem in report.problems:
        print(f"studio export: {problem}", file=sys.stderr)
    return 1 if report.problems else 0


def _refuse(sentence: str) -> int:
    print(f"studio export: {sentence}", file=sys.stderr)
    return 2
