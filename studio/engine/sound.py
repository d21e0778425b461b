"""The sound devices of the engine: which are chosen, what is open, how loud they are."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from annotated_types import Ge, Le

from studio.audio.devices import DeviceError, DeviceList, list_devices
from studio.audio.echo import EchoCanceller
from studio.audio.microphone import Microphone
from studio.audio.sinks import NullSink
from studio.audio.speaker import Speaker
from studio.runtime.session import Session

_METER_S = 0.06
_LOWEST_DBFS = -96.0
"""What digital silence is shown as."""


class Sound:
    """Gives a session its microphone and speaker, or what stands in where there are none."""

    def __init__(self, on_levels: Callable[[float | None, float | None], None]) -> None:
        self.on_lost: Callable[[str], None] = lambda sentence: None
        """Called with a sentence when a device of the session went away."""
        self.on_wanted: Callable[[], None] = lambda: None
        """Called before the devices are needed: whoever else has one open lets go of it."""
        self.opening = asyncio.Lock()
        """Held while devices are looked for or opened: a new look would close what is being opened."""
        self._on_levels = on_levels
        self._input = ""
        self._output = ""
        self._volume = 1.0
        self._muted = False
        self._listed: DeviceList | None = None
        self.microphone: Microphone | None = None
        self.speaker: Speaker | None = None
        self.echo: EchoCanceller | None = None
        self._meters: asyncio.Task[None] | None = None

    def look(self, rescan: bool = False) -> None:
        """Find the devices; takes a while."""
        self._listed = list_devices(rescan=rescan)

    async def devices(self, rescan: bool = False) -> dict[str, Any]:
        """The command `devices`."""
        async with self.opening:
            if rescan:
                self.on_wanted()
            if self._listed is None or rescan:
                await asyncio.to_thread(self.look, rescan)
            return self.describe()

    def describe(self) -> dict[str, Any]:
        """What was found, and what is chosen."""
        listed = self._listed or DeviceList()
        return {
            "inputs": [device.name for device in listed.inputs],
            "outputs": [device.name for device in listed.outputs],
            "input": self._input or listed.default_input,
            "output": self._output or listed.default_output,
            "problem": listed.problem,
        }

    def choose(self, input: str | None, output: str | None) -> None:
        """Use these devices from now on; None leaves one as it is."""
        self.on_wanted()
        self._input = self._input if input is None else input
        self._output = self._output if output is None else output

    def set_volume(self, value: Annotated[float, Ge(0), Le(1)]) -> None:
        """The command `volume`: the speaker's, 0..1."""
        self._volume = value
        if self.speaker:
            self.speaker.volume = value

    def use_volume(self, speaker: Speaker) -> None:
        """Give a speaker opened elsewhere the volume that was chosen."""
        speaker.volume = self._volume

    def mute(self, on: bool) -> None:
        """Hear zeros from the microphone."""
        self._muted = on
        if self.microphone:
            self.microphone.muted = on

    @property
    def muted(self) -> bool:
        """Whether the microphone gives zeros."""
        return self._muted

    async def attach(self, session: Session, *, microphone: bool, speaker: bool) -> str:
        """Open the chosen devices for a session. Returns "" or the sentence that says what is missing."""
        async with self.opening:
            self.on_wanted()
            self.release()
            return self._open(session, microphone, speaker)

    def _open(self, session: Session, microphone: bool, speaker: bool) -> str:
        settings = session.settings
        if microphone and (settings.echo_cancellation or settings.noise_suppression or settings.auto_gain):
            self.echo = EchoCanceller(
                echo=settings.echo_cancellation,
                noise=settings.noise_suppression,
                gain=settings.auto_gain,
            )
        problems: list[str] = []
        for wanted, open_one in ((speaker, self._open_speaker), (microphone, self._open_microphone)):
            if not wanted:
                continue
            try:
                open_one(session)
            except DeviceError as error:
                problems.append(str(error))
        self._meters = asyncio.create_task(self._measure())
        if len(problems) == 2 and (nothing := list_devices().problem):
            problems = [nothing]  # one sentence for both
        return " ".join([*problems, "The call goes on with typed input."]) if problems else ""

    def release(self) -> None:
        """Close the devices. The session must have let go of them."""
        if self._meters:
            self._meters.cancel()
            self._meters = None
        if self.microphone:
            self.microphone.stop()
        if self.speaker:
            self.speaker.stop()
        self.microphone = self.speaker = self.echo = None
        self._on_levels(None, None)

    def _open_speaker(self, session: Session) -> None:
        speaker = Speaker(self._output, echo=self.echo, on_lost=self._lost)
        speaker.volume = self._volume
        try:
            session.use_sink(speaker)
        except DeviceError:
            session.use_sink(NullSink())
            raise
        self.speaker = speaker

    def _open_microphone(self, session: Session) -> None:
        microphone = Microphone(self._input, echo=self.echo, on_lost=self._lost)
        microphone.muted = self._muted
        try:
            session.use_source(microphone)
        except DeviceError:
            session.use_source(None)
            raise
        self.microphone = microphone

    def _lost(self, sentence: str) -> None:
        self.on_lost(sentence)

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(_METER_S)
            self._on_levels(
                max(_LOWEST_DBFS, self.microphone.level_dbfs) if self.microphone else None,
                max(_LOWEST_DBFS, self.speaker.level_dbfs) if self.speaker else None,
            )

    def facts(self) -> dict[str, Any]:
        """What the status bar tells of the devices."""
        return {
            "underruns": self.speaker.underflows if self.speaker else 0,
            "overruns": self.microphone.overflows if self.microphone else 0,
            "echo_db": self.echo.erle_db if self.echo else None,
            "queue_ms": round(self.speaker.queue_ns / 1e6, 1) if self.speaker else None,
        }
