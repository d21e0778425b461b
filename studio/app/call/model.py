"""The call: what runs in the engine, and which session the views show. Knows no widget."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from studio.app.call.installation import Installation
from studio.app.call.link import EngineLink
from studio.app.call.recordings import CallRecordings
from studio.app.observable import Changed
from studio.app.phone.numbers import Numbers
from studio.sessions.conversation import ConversationBuilder, Line
from studio.sessions.data import SessionData
from studio.sessions.latency import LatencyBuilder
from studio.sessions.live import LiveSession
from studio.sessions.records import EFFECT, SESSION, TURN, AudioBlock, Record

Phase = Literal["off", "idle", "starting", "running", "ending"]
Channel = Literal["web", "phone"]
Spawn = Callable[[Coroutine[Any, Any, Any], str], Any]


@dataclass(frozen=True, slots=True)
class Devices:
    """Which devices there are and which are used; "" is the system's default."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    input: str = ""
    output: str = ""
    problem: str = ""
    known: bool = False
    """Whether the engine has answered yet."""


@dataclass(slots=True)
class Shown:
    """The session that the views show: the live one or one from the library."""

    data: SessionData
    conversation: ConversationBuilder = field(default_factory=lambda: ConversationBuilder(asides=True))
    latency: LatencyBuilder = field(default_factory=LatencyBuilder)
    recordings: CallRecordings = field(default_factory=CallRecordings)
    applied: int = 0
    path: Path | None = None
    recorded: datetime | None = None
    """When it was recorded, in local time, where it comes from the library."""

    def read_on(self, most: int | None = None) -> list[Line]:
        """Take the records that are new, or `most` of them; returns the lines of the conversation that changed."""
        changed: dict[int, Line] = {}
        records = self.data.records(self.applied, None if most is None else self.applied + most)
        for record in records:
            self.latency.apply(record)
            self.recordings.apply(record)
            for line in self.conversation.apply(record):
                changed[line.number] = line
        self.applied += len(records)
        return list(changed.values())

    @property
    def complete(self) -> bool:
        """Whether every record there is has been taken."""
        return self.applied >= self.data.record_count

    @property
    def broke_off(self) -> bool:
        """Whether the recording ends without the session's end: its engine or the machine went away."""
        last = [self.data.record(int(place)).event for place in self.data.places(SESSION)]
        return self.path is not None and self.complete and bool(last) and "session_ended" not in last

    @property
    def agent(self) -> str:
        """The name of the agent that was called; "" where no record says."""
        started = (self.data.record(int(place)) for place in self.data.places(SESSION))
        return next((str(r.data.get("agent", "")) for r in started if r.event == "session_started"), "")

    @property
    def last_answer(self) -> str:
        """How long the agent's newest answer took from the caller's last sample on; "" before there was one.

        Where the caller's words were held meanwhile, it says for how much of it.
        """
        answers = (turn for turn in reversed(self.latency.turns) if turn.origin in ("speech", "typed"))
        turn = next((turn for turn in answers if turn.total_ns is not None), None)
        if turn is None or turn.total_ns is None:
            return ""
        held = turn.stage("held").ns
        return f"last turn {turn.total_ns / 1e6:,.0f} ms" + (f" (held {held / 1e6:,.0f})" if held else "")


class CallModel:
    """The engine's state as the window sees it, and what can be asked of it.

    `changed`: phase, devices, settings or banner. `shown_changed`: the views show another session. `grew`: the shown
    session has more; gets the conversation's changed lines. `metered`: the meters moved. `failed`: a sentence to say.
    """

    def __init__(self, spawn: Spawn) -> None:
        self._spawn = spawn
        self._engine: EngineLink | None = None
        self.phase: Phase = "off"
        self.channel: Channel = "web"
        self.environment: str | None = None
        """Of the project's deployment, in which the next call plays; "" for none, None for the project's own choice."""
        self.numbers = Numbers()
        """Who calls whom on the phone channel."""
        self.devices = Devices()
        self.muted = False
        self.push_to_talk = False
        self.talking = False
        self.volume = 1.0
        self.banner = ""
        self.input_blocked = False
        """Whether the agent refuses what the caller says just now."""
        self.countdown_ms: float | None = None
        self.input_dbfs: float | None = None
        self.output_dbfs: float | None = None
        self.threshold = 0.5
        self.overrides: dict[str, Any] = {}
        """Settings of a call that were changed in the window; they go before the project's own."""
        self.phrases: Sequence[str] = ()
        self.facts: Mapping[str, Any] = {}
        """The newest `state` item of the engine, whole."""
        self.installation = Installation(self.ask)
        """Of the packages of the agent that is about to be called."""
        self.installation.changed.connect(lambda: self.changed())
        self.live: Shown | None = None
        self.shown: Shown | None = None
        self.changed = Changed()
        self.shown_changed = Changed()
        self.grew = Changed()
        self.metered = Changed()
        self.progressed = Changed()
        self.clip_grew = Changed()
        """More of a clip that is being spoken has come; gets its cell's name and the seconds there are."""
        self.failed = Changed()
        self.requirement_missing = Changed()
        """The agent lacks a package; gets the requirement that brings it, and the sentence that says so."""
        self.sessions_changed = Changed()
        self.recorded = Changed()
        """A record of the call that runs has come; gets it."""
        self.ended = Changed()
        """A session ended; gets its record `session_ended`."""

    # ---- the engine

    def connect(self, engine: EngineLink) -> None:
        """Use this engine from now on."""
        self._engine = engine
        engine.on_items = self.take
        self.phase = "idle"
        self.changed()
        self._spawn(self._look_for_devices(), "look for sound devices")

    def engine_gone(self) -> None:
        """The engine is not there any more; what was shown stays."""
        self._engine = None
        self.phase = "off"
        if self.live:
            self.live.data.live = False
        self.live = None
        self.input_dbfs = self.output_dbfs = self.countdown_ms = None
        self.changed()

    @property
    def _installing(self) -> bool:
        """Whether a call waits for its agent's packages."""
        return self.phase == "starting" and self.installation.under_way

    @property
    def why_silent(self) -> str:
        """Why nothing can be spoken outside of a call now; "" where it can."""
        if self.phase == "off":
            return "The engine does not run. Restart it from the bar above."
        return "A call is on. End it to hear voices." if self.running else ""

    @property
    def running(self) -> bool:
        """Whether a call is on, from its start to its end."""
        return self.phase in ("starting", "running", "ending")

    async def ask(self, command: str, **params: Any) -> Any:
        """Ask the engine; raises its error. For callers that handle it themselves."""
        if self._engine is None:
            raise RuntimeError("The engine does not run. Restart it from the bar above.")
        return await self._engine.call(command, **params)

    def order(self, command: str, **params: Any) -> None:
        """Ask the engine; an error is said in the window."""
        self._spawn(self._order(command, params), command.replace("_", " "))

    async def _order(self, command: str, params: dict[str, Any]) -> Any:
        try:
            return await self.ask(command, **params)
        except Exception as error:
            self.failed(str(error))
            return None

    @property
    def channel_in_use(self) -> Channel:
        """The channel of the call that runs, else of the next one: a recorded caller calls as in that session."""
        return (self.facts.get("channel") if self.running else None) or self.channel

    # ---- the transport

    def run(
        self,
        project: Path,
        *,
        again: Path | None = None,
        nearby: Sequence[Path] = (),
        variables: Mapping[str, str] | None = None,
        install: bool = True,
    ) -> None:
        """Start a call with the project, once its packages are installed.

        `again` gives it the inputs of a recorded session. `nearby` are the projects that a transfer of the agent may name.
        Without `install` it runs with what is there.
        """
        if self.running or self._engine is None or self.installation.under_way:
            return
        dials = again is None and self.channel == "phone"  # else the recorded caller's channel and numbers hold
        if dials and self.numbers.problem:
            self.failed(self.numbers.problem)
            return
        self.phase = "starting"
        self.banner = ""
        self.changed()
        params: dict[str, Any] = {
            "project": str(project),
            "channel": self.channel if again is None else None,
            "environment": self.environment,
            "nearby": [str(other) for other in nearby],
        }
        if dials:
            params["data"] = self.numbers.data
        if again:
            params["again"] = str(again)
        settings = {**self.overrides, **({"push_to_talk": True} if self.push_to_talk else {})}
        if settings:
            params["settings"] = settings
        if variables:
            params["variables"] = dict(variables)
        self._spawn(self._start(project, params, install), "start the agent")

    async def _start(self, project: Path, params: dict[str, Any], install: bool) -> None:
        if install and not await self.installation.prepare(project):
            self.phase = "off" if self._engine is None else "idle"
            self.changed()
            return
        if await self._order("start_session", params) is None and self.phase == "starting":
            self.phase = "idle"
            self.changed()

    def stop(self) -> None:
        """End the call; a second time ends the agent's process at once."""
        if self._installing:
            self.installation.cancel()
        elif self.running:
            self.order("stop_session", force=self.phase == "ending")
            self.phase = "ending"
            self.changed()

    def say(self, text: str) -> None:
        """The caller types a line."""
        if text.strip() and self.phase == "running":
            self.order("say", text=text)

    def correct(self, record: str, text: str) -> None:
        """What the caller really said in a recognised line."""
        self.order("correct", record=record, text=text)

    def dtmf(self, digits: str) -> None:
        """The caller presses keys."""
        self.order("dtmf", digits=digits)

    def set_channel(self, channel: Channel) -> None:
        """The channel of the next call."""
        self.channel = channel
        self.changed()

    def set_numbers(self, numbers: Numbers) -> None:
        """Who calls whom from the next call on."""
        self.numbers = numbers
        self.changed()

    def mute(self, on: bool) -> None:
        """Mute the microphone, now and for the next call."""
        self.muted = on
        self.order("mute", on=on)
        self.changed()

    def use_push_to_talk(self, on: bool) -> None:
        """Hear the caller only while the key is held."""
        self.push_to_talk = on
        if self.running:
            self.order("set", name="push_to_talk", value=on)
        self.changed()

    def talk(self, on: bool) -> None:
        """The push-to-talk key went down or up."""
        if self.push_to_talk and self.phase == "running" and on != self.talking:
            self.talking = on
            self.order("talk", on=on)
            self.changed()

    def set_volume(self, volume: float) -> None:
        """The speaker's volume, 0..1; recordings are not changed by it."""
        self.volume = min(1.0, max(0.0, volume))
        self.order("volume", value=self.volume)
        self.changed()

    def set_threshold(self, threshold: float) -> None:
        """The voice activity threshold, live."""
        self.threshold = threshold
        self.override("vad_threshold", round(threshold, 3))

    def override(self, name: str, value: Any, *, live: bool = True) -> None:
        """Change a setting for the calls to come and, where it can take it, for the one that runs."""
        self.overrides[name] = value
        if live and self.running:
            self.order("set", name=name, value=list(value) if isinstance(value, tuple) else value)
        self.changed()

    # ---- devices

    def look_for_devices(self) -> None:
        """Ask again which devices there are."""
        self._spawn(self._look_for_devices(), "look for sound devices")

    def use_devices(self, *, input: str | None = None, output: str | None = None) -> None:
        """Choose a microphone or a speaker; works while a call runs."""

        async def choose() -> None:
            self._take_devices(await self._order("use_devices", {"input": input, "output": output}))

        self._spawn(choose(), "choose a device")

    async def _look_for_devices(self) -> None:
        self._take_devices(await self._order("devices", {}))

    def _take_devices(self, answer: Mapping[str, Any] | None) -> None:
        if answer is not None:
            self.devices = Devices(
                tuple(answer.get("inputs", ())),
                tuple(answer.get("outputs", ())),
                str(answer.get("input", "")),
                str(answer.get("output", "")),
                str(answer.get("problem", "")),
                True,
            )
            self.changed()

    # ---- what is shown

    def show(self, shown: Shown) -> None:
        """Show a recorded session; a call that runs goes on."""
        self.shown = shown
        self.shown.read_on()
        self.shown_changed()

    def forget(self) -> None:
        """Show no session, as before the first call. A call that runs stays."""
        if self.running or self.shown is None:
            return
        self.live = self.shown = None
        self.countdown_ms = None
        self.shown_changed()
        self.changed()

    @property
    def away(self) -> bool:
        """Whether a recorded session is shown rather than the newest call."""
        return self.shown is not None and self.shown is not self.live

    def show_live(self) -> None:
        """Show the call that runs."""
        if self.live and self.shown is not self.live:
            self.shown = self.live
            self.shown_changed()

    # ---- what the engine says

    def take(self, items: list[list[Any]]) -> None:
        """A batch of display items."""
        grown = False
        for item in items:
            match item[0]:
                case "record":
                    grown = self._take_record(item) or grown
                case "audio":
                    grown = self._take_audio(item) or grown
                case "vad":
                    if live := self._live(item[2]):
                        live.apply_vad(item[3], item[4], item[5])
                        grown = True
                case "state":
                    self._take_state(item[2])
                case "meter":
                    self.input_dbfs, self.output_dbfs = item[2], item[3]
                    self.metered()
                case "progress":
                    if self.installation.under_way:
                        self.installation.progress(item[3], item[4])
                    else:
                        self.progressed(item[2], item[3], item[4])
                case "clip":
                    self.clip_grew(item[2], item[3])
                case _:
                    pass
        if grown and self.live:
            changed = self.live.read_on()
            if self.shown is self.live:
                self.grew(changed)

    def _live(self, session: str) -> LiveSession | None:
        if self.live and self.live.data.id == session and isinstance(self.live.data, LiveSession):
            return self.live.data
        return None

    def _take_record(self, item: list[Any]) -> bool:
        _, _, session, *fields = item
        record = Record(*fields)
        if self._live(session) is None:
            self.live = self.shown = Shown(LiveSession(session, ""))
            self.input_blocked = False
            self.shown_changed()
        live = self._live(session)
        if live is None:
            return False
        live.apply_record(record)
        self.recorded(record)
        error = record.data.get("error")
        if isinstance(error, Mapping) and error.get("requirement"):
            self.requirement_missing(str(error["requirement"]), str(error.get("sentence", "")))
        if record.topic == SESSION and record.event == "session_ended":
            self.ended(record)
        if record.topic == TURN and record.event in ("end_of_turn", "voice_started"):
            self.countdown_ms = None
        if record.topic == EFFECT and record.event in ("input_blocked", "input_allowed"):
            self.input_blocked = record.event == "input_blocked"
            self.changed()
        return True

    def _take_audio(self, item: list[Any]) -> bool:
        _, _, session, topic, log_time, publish_time, first_sample, rate, pcm, id = item
        live = self._live(session)
        if live is None:
            return False
        live.apply_audio(AudioBlock(topic, log_time, publish_time, first_sample, rate, pcm, id))
        return True

    def _take_state(self, state: Mapping[str, Any]) -> None:
        phase = state.get("session", self.phase)
        was = self.phase
        repaired = state.get("recovered", 0) > self.facts.get("recovered", 0)
        self.facts = state
        self.banner = str(state.get("banner", self.banner) or "")
        self.countdown_ms = state.get("countdown_ms")
        if isinstance(state.get("devices"), Mapping):
            self._take_devices(state["devices"])
        unasked = self._installing and phase == "idle"  # the engine has not been asked to start yet
        if not unasked and not (phase == "running" and self.phase == "ending"):
            self.phase = phase
        if self.live and state.get("path"):
            self.live.path = Path(str(state["path"]))
        if phase == "idle" and was != "idle":
            self.input_dbfs = self.output_dbfs = self.countdown_ms = None
            self.talking = False
            if self.live:
                self.live.data.live = False
            self.sessions_changed()
        if repaired:
            self.sessions_changed()
        if phase != was:
            self.shown_changed() if phase == "idle" else None
        self.changed()
