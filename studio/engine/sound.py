"""The sound devices of the engine: which are chosen, what is open, how loud they are."""

import asyncio
from collections.abc import Callable
from typing import Any

from studio.audio.devices import DeviceError, DeviceList, list_devices
from studio.audio.echo import EchoCanceller
from studio.audio.microphone import Microphone
from studio.audio.sinks import NullSink
from studio.audio.speaker import Speaker
from studio.runtime.session import Session

_METER_S = 0.06


class Sound:
    """Gives a session its microphone and speaker, or what stands in where there are none."""

    def __init__(self, on_lost: Callable[[str], None], on_levels: Callable[[float | None, float | None], None]) -> None:
        self._on_lost = on_lost
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

    def describe(self, *, rescan: bool = False) -> dict[str, Any]:
        """The answer of the command `devices`."""
        if self._listed is None or rescan:
            self._listed = list_devices(rescan=rescan)
        listed = self._listed
        return {
            "inputs": [device.name for device in listed.inputs],
            "outputs": [device.name for device in listed.outputs],
            "input": self._input or listed.default_input,
            "output": self._output or listed.default_output,
            "problem": listed.problem,
        }

    def choose(self, input: str | None, output: str | None) -> None:
        """Use these devices from now on; None leaves one as it is."""
        self._input = self._input if input is None else input
        self._output = self._output if output is None else output

    def set_volume(self, volume: float) -> None:
        """The speaker's volume, 0..1."""
        self._volume = volume
        if self.speaker:
            self.speaker.volume = volume

    def use_volume(self, speaker: Speaker) -> None:
        """Give a speaker opened elsewhere the volume that was chosen."""
        speaker.volume = self._volume

    def mute(self, on: bool) -> None:
        """Hear zeros from the microphone."""
        self._muted = on
        if self.microphone:
            self.microphone.muted = on

    def attach(self, session: Session) -> str:
        """Open the chosen devices for a session. Returns "" or the sentence that says what is missing."""
        self.release()
        settings = session.settings
        if settings.echo_cancellation or settings.noise_suppression or settings.auto_gain:
            self.echo = EchoCanceller(
                echo=settings.echo_cancellation,
                noise=settings.noise_suppression,
                gain=settings.auto_gain,
            )
        problems: list[str] = []
        for open_one in (self._open_speaker, self._open_microphone):
            try:
                open_one(session)
            except DeviceError as error:
                problems.append(str(error))
        if self._meters is None:
            self._meters = asyncio.create_task(self._measure())
        return " ".join(dict.fromkeys(problems))

    def attach_speaker(self, session: Session) -> str:
        """Open the speaker only: the caller is scripted. Returns "" or a sentence."""
        self.release()
        try:
            self._open_speaker(session)
        except DeviceError as error:
            return str(error)
        self._meters = asyncio.create_task(self._measure())
        return ""

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
        speaker = Speaker(self._output, echo=self.echo, on_lost=self._on_lost)
        speaker.volume = self._volume
        try:
            session.use_sink(speaker)
        except DeviceError:
            session.use_sink(NullSink())
            raise
        self.speaker = speaker

    def _open_microphone(self, session: Session) -> None:
        microphone = Microphone(self._input, echo=self.echo, on_lost=self._on_lost)
        microphone.muted = self._muted
        try:
            session.use_source(microphone)
        except DeviceError:
            session.use_source(None)
            raise
        self.microphone = microphone

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(_METER_S)
            self._on_levels(
                self.microphone.level_dbfs if self.microphone else None,
                self.speaker.level_dbfs if self.speaker else None,
            )

    def facts(self) -> dict[str, Any]:
        """What the status bar tells of the devices."""
        return {
            "underruns": self.speaker.underflows if self.speaker else 0,
            "overruns": self.microphone.overflows if self.microphone else 0,
            "echo_db": self.echo.erle_db if self.echo else None,
            "queue_ms": round(self.speaker.queue_ns / 1e6, 1) if self.speaker else None,
        }
