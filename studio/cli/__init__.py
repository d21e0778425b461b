"""The `studio` command; one module per subcommand."""

import sys


def main() -> None:
    """Run the command line. `studio [PROJECT]` without a subcommand opens the window."""
    from studio.cli.commands import COMMANDS, app

    arguments = sys.argv[1:]
    if not arguments or (arguments[0] not in COMMANDS and not arguments[0].startswith("-")):
        arguments = ["window", *arguments]
    app(arguments, prog_name="studio")
