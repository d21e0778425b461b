"""Running and stopping from the window, and what it remembers of devices."""

from collections.abc import Callable, Mapping
from pathlib import Path

from studio.app.call.model import CallModel
from studio.app.commands import Commands
from studio.app.editor.area import EditorArea
from studio.app.phone.numbers import CALLED, CALLER, Numbers
from studio.app.preferences.settings import Settings
from studio.app.project.model import ProjectModel, in_words
from studio.app.status.model import StatusModel
from studio.app.widgets.banner import Banner
from studio.app.window.engine_process import EngineProcess
from studio.app.window.memory import Memory

Ask = Callable[[Path, Callable[[Mapping[str, str]], None]], None]


_CALL_IS_ON = "A call is on. End it first (Shift+F5): the next one runs the agent as it is then."


class CallActions:
    """The commands of the call. Run saves what is unsaved first, so that what runs is what is seen."""

    def __init__(
        self, call: CallModel, project: ProjectModel, editor: EditorArea, status: StatusModel, ask: Ask
    ) -> None:
        """`ask` gets a project, and what to do with the variables that the person gives for it."""
        self._ask = ask
        self._call = call
        self._project = project
        self._editor = editor
        self._status = status
        self._said = ""
        call.ended.connect(lambda _record: [status.withdraw(said) for said in (self._said, _CALL_IS_ON)])

    def run(self) -> None:
        """Call the agent."""
        self._start()

    def run_shown_again(self) -> None:
        """Call the agent with the inputs of the session that is shown."""
        shown = self._call.shown
        if shown is not None and shown.path is not None:
            self.run_again(shown.path, shown.agent)

    def run_again(self, session: Path, agent: str) -> None:
        """Call the agent with the inputs of a session; that it was a session of another `agent` is said."""
        if self._call.running:
            return
        self._start(session, agent)

    def run_without_packages(self) -> None:
        """Call the agent with what is installed."""
        self._start(install=False)

    def _start(self, again: Path | None = None, agent: str = "", install: bool = True) -> None:
        path = self._project.path
        if path is None or self._call.running or not self._editor.save_all():
            return

        def go(variables: Mapping[str, str]) -> None:
            self._call.run(path, again=again, nearby=self._project.recent, variables=variables, install=install)
            if self._call.running and agent and agent != self._project.agent:
                other = in_words(agent)
                self._said = f"Running {self._project.name} with the caller of a session of {other}."
                self._status.notice(self._said, "info", passing=False)

        self._ask(path, go)

    def add_commands(
        self, commands: Commands, focus_input: Callable[[], None], open_keypad: Callable[[], None]
    ) -> None:
        """Register them."""
        call = self._call

        def can_run() -> bool:
            return call.phase == "idle" and self._project.path is not None and not call.installation.under_way

        def can_run_again() -> bool:
            return can_run() and call.shown is not None and call.shown.path is not None

        def why_not() -> str:
            if call.phase == "off":
                return "The engine is not there: no agent can be called."
            if self._project.path is None:
                return "Open an agent first."
            if call.installation.under_way:
                return "The agent's packages are being installed: it is called as soon as they are there."
            if call.running:
                return _CALL_IS_ON
            return "No session is shown whose inputs could be given again."

        def there() -> bool:
            return call.phase != "off"

        add = commands.add
        add("call.run", "Run", self.run, shortcut="F5", enabled=can_run, group="Call", why_not=why_not)
        add("call.stop", "Stop", call.stop, shortcut="Shift+F5", enabled=lambda: call.running, group="Call")
        add(
            "call.again",
            "Run again with the same inputs",
            self.run_shown_again,
            shortcut="Ctrl+F5",
            enabled=can_run_again,
            group="Call",
            why_not=why_not,
        )
        add(
            "call.mute",
            "Mute or unmute the microphone",
            lambda: call.mute(not call.muted),
            shortcut="Ctrl+Shift+M",
            enabled=there,
            group="Call",
        )
        add(
            "call.push_to_talk",
            "Switch push-to-talk on or off",
            lambda: call.use_push_to_talk(not call.push_to_talk),
            enabled=there,
            group="Call",
        )
        add("call.web", "Next call on the web channel", lambda: call.set_channel("web"), group="Call")
        add("call.phone", "Next call on the phone channel", lambda: call.set_channel("phone"), group="Call")
        add("call.devices", "Look for sound devices again", call.look_for_devices, enabled=there, group="Call")
        add(
            "call.keypad",
            "Press keys of the telephone",
            open_keypad,
            shortcut="Ctrl+Shift+D",
            enabled=lambda: call.phase == "running" and call.channel_in_use == "phone" and not call.away,
            group="Call",
        )
        add("call.type", "Type what the caller says", focus_input, shortcut="Ctrl+L", group="Call")


def remember_devices(call: CallModel, memory: Memory) -> None:
    """Keep devices, volume, channel and push-to-talk between starts."""

    def keep() -> None:
        if call.devices.input or call.devices.output:
            memory.set("sound", "input", call.devices.input)
            memory.set("sound", "output", call.devices.output)
        memory.set("sound", "volume", call.volume)
        memory.set("sound", "phone", call.channel == "phone")
        memory.set("sound", "push_to_talk", call.push_to_talk)

    call.channel = "phone" if memory.get("sound", "phone", False) else "web"
    call.push_to_talk = memory.get("sound", "push_to_talk", False)
    call.volume = memory.get("sound", "volume", 1.0)
    call.changed.connect(keep)


def remember_numbers(call: CallModel, project: ProjectModel, memory: Memory) -> None:
    """Keep the telephone numbers of every project between starts."""

    def recall() -> None:
        kept = memory.get("phone", str(project.path), {"caller": CALLER, "called": CALLED})
        call.set_numbers(Numbers(str(kept.get("caller", CALLER)), str(kept.get("called", CALLED))))

    def keep() -> None:
        numbers = call.numbers
        if project.path is not None and not numbers.problem:
            memory.set("phone", str(project.path), {"caller": numbers.caller, "called": numbers.called})

    project.changed.connect(recall)
    recall()
    call.changed.connect(keep)


def watch_engine(
    engine: EngineProcess, call: CallModel, memory: Memory, banner: Banner, restart: Callable[[], None]
) -> None:
    """Connect the call to the engine whenever it is ready, and say so when it is gone."""
    connected = False

    def show() -> None:
        nonlocal connected
        if engine.state == "gone":
            connected = False
            call.engine_gone()
            sentence = engine.problem or "The engine ended. What was recorded is kept and is mended when it is opened."
            banner.say("error", sentence, {"Restart the engine": restart}, closable=False)
        elif engine.state == "ready" and engine.client is not None and not connected:
            connected = True
            banner.hide()
            call.connect(engine.client)
            input, output = memory.get("sound", "input", ""), memory.get("sound", "output", "")
            if input or output:
                call.use_devices(input=input or None, output=output or None)
            if call.volume != 1.0:
                call.set_volume(call.volume)

    engine.changed.connect(show)
    show()


def tell_call(call: CallModel, settings: Settings, status: StatusModel, banner: Banner) -> None:
    """Say in status bar and banner what the engine says of the call."""
    said = ""

    def show() -> None:
        nonlocal said
        facts = call.facts
        if call.running:
            told = facts if facts.get("session", "idle") != "idle" else {}  # at its start a call is not told of yet
            kept = told.get("kept", settings.keep_sessions)  # the settings hold from the next call on
            if told.get("recording_stopped"):
                status.set("session", "recording stopped", token="warning", mark=True)
            else:
                status.set("session", "session kept" if kept else "session not kept", mark=True)
        else:
            kept = "sessions are kept" if settings.keep_sessions else "sessions are not kept"
            status.set("session", kept if call.phase == "idle" else "")
        erle = facts.get("echo_db")
        status.set("echo", f"echo canceller {erle:.0f} dB" if call.running and isinstance(erle, int | float) else "")
        underruns = facts.get("underruns")
        if call.running and isinstance(underruns, int):
            words = f"{underruns} underrun{'' if underruns == 1 else 's'}"
            status.set("underruns", words, token="warning" if underruns else "dim")
        else:
            status.set("underruns", "")
        if call.phase != "off" and call.banner != said:
            said = call.banner
            if said:
                banner.say("warning", said)
            else:
                banner.hide()

    call.changed.connect(show)
    settings.changed.connect(show)
    call.failed.connect(lambda sentence: status.notice(sentence, "error"))
    call.progressed.connect(lambda _call, done, sentence: status.notice(f"{sentence} {done:.0%}", "info"))
    show()
