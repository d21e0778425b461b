"""The `studio` command; one module per subcommand."""

import sys
from types import TracebackType

from studio.cli.leaving import leave_when_interrupted


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print what nobody foresaw, without secrets: a terminal is often copied from."""
    import traceback

    from studio.sessions.redaction import redacted

    sys.stderr.write(redacted("".join(traceback.format_exception(kind, error, trace))))


def main() -> None:
    """Run the command line. `studio [PROJECT]` without a subcommand opens the window."""
    leave_when_interrupted()
    sys.excepthook = _report
    from studio.cli.commands import COMMANDS, app
    from studio.cli.output import exit_code

    arguments = sys.argv[1:]
    if not arguments or (arguments[0] not in COMMANDS and not arguments[0].startswith("-")):
        arguments = ["window", *arguments]
    out, code, broken = sys.stdout, 0, None
    try:
        app(arguments, prog_name="studio")
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
        if isinstance(left.__context__, BrokenPipeError):  # typer makes an exit of it
            broken = left.__context__
    except OSError as error:
        broken = error
    sys.exit(exit_code(code, out, broken))
