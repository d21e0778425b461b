"""The subcommands and their options. Each one's work is imported when it is called, so that `--help` is quick."""

from pathlib import Path
from typing import Annotated

import typer

from studio import __version__

app = typer.Typer(
    help="Design, hear, debug and ship voice agents written as VoiceRun event handlers.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS = frozenset(
    {
        *("window", "run", "new", "say", "audition", "voices", "keys", "cache", "sessions", "import", "export"),
        *("export-session", "doctor"),
    }
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"Voice Agent Studio {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Design, hear, debug and ship voice agents written as VoiceRun event handlers."""


@app.command()
def window(
    project: Annotated[Path | None, typer.Argument(help="Folder with handler.py, or a handler file.")] = None,
) -> None:
    """Open the window. (The same as `studio [PROJECT]`.)"""
    from studio.cli.window import open_window

    raise typer.Exit(open_window(project))


@app.command()
def run(
    project: Annotated[Path, typer.Argument(help="Folder with handler.py, or a handler file.")],
    say: Annotated[list[str] | None, typer.Option(help="The caller types TEXT.", metavar="TEXT")] = None,
    hear: Annotated[list[Path] | None, typer.Option(help="The caller speaks FILE.", metavar="FILE.wav")] = None,
    script: Annotated[Path | None, typer.Option(help="What the caller does.", metavar="FILE.json")] = None,
    again: Annotated[
        str, typer.Option(help="Inputs of a recorded session: its file, or its id.", metavar="SESSION")
    ] = "",
    channel: Annotated[
        str, typer.Option(help="web or phone; else that of the session of --again, else web.", metavar="CHANNEL")
    ] = "",
    environment: Annotated[str, typer.Option(help="Values of .voicerun for NAME.", metavar="NAME")] = "",
    virtual_time: Annotated[bool, typer.Option("--virtual-time", help="Do not wait: jump.")] = False,
    play: Annotated[bool, typer.Option("--play", help="Play the agent on the speakers.")] = False,
    limit: Annotated[float | None, typer.Option(help="End after S session seconds.", metavar="S")] = None,
    user_silence: Annotated[float, typer.Option(help="Stay silent for S seconds at the end.", metavar="S")] = 0.0,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="A variable of the agent.", metavar="NAME=VALUE")
    ] = None,
    data: Annotated[str, typer.Option(help="JSON object for context.data.", metavar="JSON")] = "",
    agent: Annotated[list[str] | None, typer.Option(help="Where another agent is.", metavar="ID=PATH")] = None,
    caller: Annotated[str, typer.Option(help="The caller's number (phone channel).", metavar="NUMBER")] = "",
    called: Annotated[str, typer.Option(help="The number that was called.", metavar="NUMBER")] = "",
    record: Annotated[Path | None, typer.Option(help="Record the session.", metavar="FILE")] = None,
    out: Annotated[Path | None, typer.Option(help="Both lines as stereo WAV.", metavar="FILE.wav")] = None,
    call_recording: Annotated[
        Path | None, typer.Option(help="Where StartRecordingEvent's files go.", metavar="FOLDER")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings about voices fail.")] = False,
    allow_network: Annotated[bool, typer.Option("--allow-network", help="Network providers in virtual time.")] = False,
    install: Annotated[bool, typer.Option("--install/--no-install", help="Install the agent's packages first.")] = True,
    cache: Annotated[
        bool, typer.Option("--cache", help="Your speech cache in virtual time, instead of an empty one.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run one session without a window."""
    from studio.cli.run import RunOptions, run_session

    order = inputs_in_order()
    raise typer.Exit(
        run_session(
            RunOptions(
                project=project,
                inputs=order,
                script=script,
                again=again,
                channel=channel,
                environment=environment,
                virtual=virtual_time,
                play=play,
                limit_s=limit,
                user_silence_s=user_silence,
                variables=set_ or [],
                data=data,
                agents=agent or [],
                caller=caller,
                called=called,
                record=record,
                out=out,
                call_recordings=call_recording,
                strict=strict,
                allow_network=allow_network,
                as_json=as_json,
                install=install,
                cache=cache,
            )
        )
    )


def inputs_in_order() -> list[tuple[str, str]]:
    """`--say` and `--hear` in the order in which they stand on the command line."""
    import sys

    found: list[tuple[str, str]] = []
    arguments = iter(sys.argv[1:])
    for argument in arguments:
        name, has_value, value = argument.partition("=")
        if name in ("--say", "--hear"):
            found.append((name[2:], value if has_value else next(arguments, "")))
    return found


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the agent.")],
    template: Annotated[str, typer.Option(help="Which template: blank, desk or greeter.", metavar="T")] = "blank",
) -> None:
    """Make a new agent from a template, in the folder Voice Agents of your documents; prints where."""
    from studio.cli.new import new as make

    raise typer.Exit(make(name, template))


@app.command()
def say(
    text: Annotated[str, typer.Argument(help="What to say.")],
    voice: Annotated[str, typer.Option(help="A voice's name.", metavar="V")],
    out: Annotated[Path, typer.Option(help="Where the sound goes.", metavar="FILE.wav")],
    speed: Annotated[float, typer.Option(help="0.25 to 4.", metavar="S")] = 1.0,
    language: Annotated[str, typer.Option(help="Language code.", metavar="L")] = "",
) -> None:
    """Speak a text into a sound file."""
    from studio.cli.say import say as speak

    raise typer.Exit(speak(text, voice=voice, speed=speed, language=language, out=out))


@app.command()
def audition(
    text: Annotated[str, typer.Option(help="What to say.", metavar="T")],
    voice: Annotated[list[str], typer.Option(help="A voice's name, or PROVIDER:NAME; several.", metavar="V")],
    out: Annotated[Path, typer.Option(help="Where the files go.", metavar="FOLDER")],
    speed: Annotated[list[float] | None, typer.Option(help="0.25 to 4; several.", metavar="S")] = None,
    language: Annotated[str, typer.Option(help="Language code.", metavar="L")] = "",
    instructions: Annotated[str, typer.Option(help="How to say it.", metavar="I")] = "",
    phone: Annotated[bool, typer.Option("--phone", help="As heard through a telephone.")] = False,
    as_json: Json = False,
) -> None:
    """Compare voices: a text spoken by many at many speeds, equally loud, with a table."""
    from studio.cli.audition import Audition
    from studio.cli.audition import audition as compare

    wanted = Audition(text, voice, speed or [1.0], out, language, instructions, phone)
    raise typer.Exit(compare(wanted, as_json=as_json))


@app.command()
def voices(as_json: Json = False) -> None:
    """List the voices."""
    from studio.cli.voices import voices as show

    raise typer.Exit(show(as_json=as_json))


keys_app = typer.Typer(
    help="List, enter, remove or test the keys of services; no key is ever shown.", invoke_without_command=True
)
app.add_typer(keys_app, name="keys")


@keys_app.callback()
def keys_list(context: typer.Context, as_json: Json = False) -> None:
    """List the keys of services, and where each is found; no key is ever shown."""
    if context.invoked_subcommand is None:
        from studio.cli.keys import show

        raise typer.Exit(show(as_json=as_json))


@keys_app.command("set")
def keys_set(name: Annotated[str, typer.Argument(help="Which, e.g. OPENAI_API_KEY.")]) -> None:
    """Keep a key in the system's key store. It is asked for, or read from standard input."""
    from studio.cli.keys import enter

    raise typer.Exit(enter(name))


@keys_app.command("remove")
def keys_remove(name: Annotated[str, typer.Argument(help="Which, e.g. OPENAI_API_KEY.")]) -> None:
    """Remove a key from the system's key store."""
    from studio.cli.keys import remove

    raise typer.Exit(remove(name))


@keys_app.command("test")
def keys_test(
    provider: Annotated[str, typer.Argument(help="Which; without it all that have a key.")] = "", as_json: Json = False
) -> None:
    """Ask the services whether they accept the keys, at no cost."""
    from studio.cli.keys import test

    raise typer.Exit(test(provider, as_json=as_json))


cache_app = typer.Typer(
    help="List or clear the lines that were spoken once and are kept for a week.", invoke_without_command=True
)
app.add_typer(cache_app, name="cache")


@cache_app.callback()
def cache_list(context: typer.Context, as_json: Json = False) -> None:
    """List the lines that were spoken once and are kept for a week."""
    if context.invoked_subcommand is None:
        from studio.cli.cache import show

        raise typer.Exit(show(as_json=as_json))


@cache_app.command("clear")
def cache_clear(
    id: Annotated[str, typer.Argument(help="The beginning of a line's id.")] = "",
    voice: Annotated[str, typer.Option(help="All lines of a voice.", metavar="V")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All lines.")] = False,
) -> None:
    """Remove kept lines."""
    from studio.cli.cache import clear

    raise typer.Exit(clear(id, voice, everything))


@app.command()
def sessions(as_json: Json = False) -> None:
    """List the recorded sessions."""
    from studio.cli.sessions import sessions as show

    raise typer.Exit(show(as_json=as_json))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A session exported by VoiceRun's debugger.", metavar="FILE.json")],
    out: Annotated[
        Path | None, typer.Option(help="Where the session goes; else to the others.", metavar="FILE.mcap")
    ] = None,
) -> None:
    """Make a session of one that VoiceRun's debugger has exported."""
    from studio.cli.transfer import import_file

    raise typer.Exit(import_file(file, out))


@app.command("export-session")
def export_session(
    session: Annotated[Path, typer.Argument(help="A session file.", metavar="SESSION.mcap")],
    out: Annotated[Path, typer.Argument(help="The file to write.", metavar="FILE.json")],
    to: Annotated[str, typer.Option("--to", help="voicerun")] = "voicerun",
) -> None:
    """Write a session for VoiceRun's debugger to replay."""
    from studio.cli.transfer import export_file

    raise typer.Exit(export_file(session, out, to))


@app.command()
def export(
    project: Annotated[Path, typer.Argument(help="Folder with handler.py.")],
    out: Annotated[Path, typer.Argument(help="The package to write.", metavar="OUT.zip")],
    to: Annotated[str, typer.Option("--to", help="voicerun")] = "voicerun",
) -> None:
    """Pack an agent for elsewhere."""
    from studio.cli.export import export as pack

    raise typer.Exit(pack(project, to=to, out=out))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what works on this machine and what to do about what does not."""
    from studio.cli.doctor import doctor as examine

    raise typer.Exit(examine(as_json=as_json))
