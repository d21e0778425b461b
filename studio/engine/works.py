"""What an engine does for its window: the parts behind its commands."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from studio import paths
from studio.agents.project import ProjectError, open_project
from studio.agents.spares import SpareKeeper
from studio.audio.echo import EchoCanceller
from studio.audio.vad import VoiceActivity
from studio.engine.accounts import AccountCommands
from studio.engine.auditions import Auditions
from studio.engine.calls import Calls, Show
from studio.engine.casting import Casting
from studio.engine.collector import Collector
from studio.engine.commands import Command, Commands
from studio.engine.connection import CommandError
from studio.engine.deck import Deck
from studio.engine.environments import Environments
from studio.engine.examples import Examples
from studio.engine.kept_speech import KeptSpeech
from studio.engine.shelf import Shelf
from studio.engine.sound import Sound
from studio.runtime.gateway.settings import users_models
from studio.runtime.household import live_parts, speech_cache, voice_examples

_log = logging.getLogger(__name__)


class Works:
    """Calls, sound, auditions and recorded sessions, and the commands that reach them."""

    def __init__(self, show: Show, on_idle: Callable[[], None]) -> None:
        """`on_idle` is called whenever a session has ended."""

        def progress(call: int, done: float, sentence: str) -> None:
            show("progress", call, done, sentence)

        self._spares = SpareKeeper()
        self._parts = live_parts(self._spares)
        self._environments = Environments(self._spares, progress)
        self._sound = Sound(lambda input, output: show("meter", input, output))
        self._shelf = Shelf(paths.sessions_dir(), progress)
        self._deck = Deck(self._sound)
        self._auditions = Auditions(self._parts.speech, self._deck)
        self._examples = Examples(voice_examples())
        self._casting = Casting(
            self._parts.speech, self._deck, self._examples, lambda cell, seconds: show("clip", cell, seconds)
        )
        self._kept_speech = KeptSpeech(speech_cache())
        self._accounts = AccountCommands(self._parts.accounts, users_models, self._parts.health, self._parts.recovered)
        self._collector = Collector()
        self.calls = Calls(self._parts, self._sound, self._shelf.library, show, self._collector)
        self.calls.on_idle = on_idle
        self.commands = Commands(self._table())

    async def warm_up(self) -> None:
        """Get ready what the first session would wait for, and repair what a crash left. Never raises."""
        speech = asyncio.create_task(self._parts.speech.warm_up())
        try:
            for step in (self.commands.prepare, self._parts.accounts.credentials.ready, _warm_ear, self._sound.look):
                await asyncio.to_thread(_tried, step)
            if repaired := await asyncio.to_thread(_tried, self._shelf.library.recover_all):
                self.calls.library_changed(sum(report.path is not None for report in repaired))
            await speech
            if not self.calls.busy:
                self._collector.freeze()
        except Exception:
            _log.exception("speech could not be warmed up")
        finally:
            speech.cancel()
            await asyncio.gather(speech, return_exceptions=True)

    async def close(self) -> None:
        """Let go of everything. The session has ended."""
        self._deck.close()
        await self._spares.close()
        await self._parts.speech.close()
        await self._parts.ears.close()

    def _table(self) -> dict[str, Command]:
        calls, shelf, auditions, kept = self.calls, self._shelf, self._auditions, self._kept_speech
        accounts = self._accounts
        return {
            "start_session": calls.start,
            "stop_session": calls.stop,
            "say": calls.say,
            "dtmf": calls.dtmf,
            "give": calls.give,
            "correct": calls.correct,
            "mute": calls.mute,
            "talk": calls.talk,
            "fail": calls.fail,
            "set": calls.set,
            "volume": self._sound.set_volume,
            "devices": self._sound.devices,
            "use_devices": calls.use_devices,
            "keep": calls.keep_sessions,
            "range": calls.records,
            "kept_speech": kept.clips,
            "kept_clip": kept.clip,
            "remove_speech": kept.remove,
            "speak": auditions.speak,
            "play": auditions.play,
            "stop_playing": auditions.stop,
            "cast_clip": self._casting.cast,
            "hear_clip": self._casting.hear,
            "clip_picture": self._casting.picture,
            "prepare_phone": self._casting.prepare_phone,
            "export_clips": self._casting.export,
            "hold_speaker": self._deck.hold,
            "example": self._casting.example,
            "kept_examples": self._examples.kept,
            "providers": accounts.providers,
            "set_key": accounts.set_key,
            "remove_key": accounts.remove_key,
            "check_provider": accounts.check_provider,
            "check_endpoint": accounts.check_endpoint,
            "refresh_voices": accounts.refresh_voices,
            "open_project": self._open_project,
            "prepare_environment": self._environments.prepare,
            "add_requirement": self._environments.add,
            "sessions": shelf.rows,
            "open_session": shelf.open,
            "delete_session": shelf.delete,
            "pin_session": shelf.pin,
            "repair_session": shelf.repair,
            "rename_session": shelf.rename,
            "import_session": shelf.take_in,
            "export_session": shelf.give_out,
            "export_project": self._export,
        }

    async def _open_project(self, path: str) -> dict[str, Any]:
        """Keep a warm child for the project's environment; tell what the window needs to know of it."""
        try:
            project = await asyncio.to_thread(open_project, path)
        except ProjectError as error:
            raise CommandError(str(error)) from None
        self._environments.keep_spare(project)
        return {"name": project.name, "phrases": list(project.phrases), "variables": list(project.variables)}

    async def _export(self, project: str, out: str, target: str = "voicerun") -> Any:
        if target != "voicerun":
            raise CommandError(f"The studio cannot export to {target}.")
        from studio.packages.voicerun import ExportError, export_project

        try:
            report = await asyncio.to_thread(export_project, Path(project), Path(out))
        except ExportError as error:
            raise CommandError(str(error)) from None
        return report.as_dict()


def _tried[T](step: Callable[[], T]) -> T | None:
    """What fails here fails again where it is needed, and says so there."""
    try:
        return step()
    except Exception:
        _log.exception("the engine could not be warmed up in full")
        return None


def _warm_ear() -> None:
    EchoCanceller()
    VoiceActivity().process(np.zeros(512, np.int16))
