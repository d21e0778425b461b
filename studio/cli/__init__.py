"""The `studio` command; one module per subcommand."""

import sys
from types import TracebackType


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print what nobody foresaw, without secrets: a terminal is often copied from."""
    import traceback

    from studio.sessions.redaction import redacted

    sys.stderr.write(redacted("".join(traceback.format_exception(kind, error, trace))))


def main() -> None:
    """Run the command line. `studio [PROJECT]` without a subcommand opens the window."""
    from studio.cli.commands import COMMANDS, app

    sys.excepthook = _report
    arguments = sys.argv[1:]
    if not arguments or (arguments[0] not in COMMANDS and not arguments[0].startswith("-")):
        arguments = ["window", *arguments]
    app(arguments, prog_name="studio")
