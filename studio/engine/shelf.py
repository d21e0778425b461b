"""The recorded sessions, as the window handles them: listed, opened, repaired, off the engine's loop."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio import paths
from studio.engine.connection import CommandError, current_call
from studio.providers.known_keys import without_keys
from studio.sessions.library import Library
from studio.sessions.profile import index_folder
from studio.sessions.sidecar import SidecarMeta

Progress = Callable[[int, float, str], None]


class Shelf:
    """The library behind a thread; foreign files are indexed by a process of their own."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.library = Library(folder)
        self._progress = progress

    async def rows(self, query: str = "") -> list[dict[str, Any]]:
        """The command `sessions`."""
        return [row.as_dict() for row in await asyncio.to_thread(self.library.rows, query)]

    async def open(self, path: str) -> dict[str, Any]:
        """The command `open_session`: the folder of the index, made first where it is missing."""
        file = Path(path)
        folder = index_folder(file)
        if await asyncio.to_thread(SidecarMeta.read, folder) is None:
            if not await asyncio.to_thread(file.is_file):
                raise CommandError(f"There is no session file {file}.")
            await self._index(file)
        return {"folder": str(folder)}

    async def delete(self, path: str) -> None:
        """The command `delete_session`."""
        await self._change(self.library.delete, Path(path))

    async def pin(self, path: str, on: bool) -> None:
        """The command `pin_session`."""
        await self._change(self.library.pin, Path(path), on)

    async def rename(self, path: str, title: str) -> None:
        """The command `rename_session`."""
        await self._change(self.library.rename, Path(path), title)

    async def repair(self, path: str) -> dict[str, Any]:
        """The command `repair_session`."""
        from studio.sessions.repair import repair

        report = await asyncio.to_thread(repair, Path(path))
        if report.path is not None:
            await self._index(report.path)
        return {"sentence": report.sentence}

    async def take_in(self, path: str) -> dict[str, Any]:
        """The command `import_session`: an export of VoiceRun's debugger becomes a session of the library."""
        lines = await self._outside("studio.sessions.voicerun", "import", path, str(self.library.folder))
        problems = [line.removeprefix("problem ") for line in lines if line.startswith("problem ")]
        return {"path": lines[-1].removeprefix("done "), "problems": problems}

    async def give_out(self, path: str, out: str) -> None:
        """The command `export_session`: a session as VoiceRun's debugger reads it."""
        await self._outside("studio.sessions.voicerun", "export", path, out)

    async def _change(self, change: Callable[..., str], *arguments: Any) -> None:
        sentence = await asyncio.to_thread(change, *arguments)
        if sentence:
            raise CommandError(sentence)

    async def _index(self, file: Path) -> None:
        await self._outside("studio.sessions.indexer", str(file))

    async def _outside(self, module: str, *arguments: str) -> list[str]:
        """Let a process of its own do something with a file that may be anything; returns its lines. Raises CommandError."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", module, *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=without_keys(os.environ) | {"PYTHONPATH": str(paths.PACKAGE_ROOT)},
        )
        lines: list[str] = []
        assert process.stdout is not None  # a pipe was asked for
        try:
            async for raw in process.stdout:
                lines.append(raw.decode("utf-8", "replace").strip())
                kind, _, rest = lines[-1].partition(" ")
                if kind == "progress":
                    self._progress(current_call.get(), float(rest or 0), "Reading the session")
            await process.wait()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode != 0 or not lines:
            last = lines[-1] if lines else ""
            raise CommandError(last.partition(" ")[2] or f"{Path(arguments[-1]).name} could not be read.")
        return lines
