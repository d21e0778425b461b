"""The sound files of a session: fetched once from the project or the web, decoded, brought to the agent line."""

import asyncio
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from studio.audio.streams import Samples
from studio.runtime.reach import Reach
from studio.runtime.virtual_time import external, is_virtual
from studio.runtime.web import WebError, get, host_of
from studio.sessions.records import AGENT_RATE

MOST_BYTES = 20 * 2**20
LONGEST_S = 600
WITHIN_S = 10.0
_KEPT_SAMPLES = 32 * 2**20
"""What a session remembers of decoded sound: 64 MB."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""Of two letters at least: one alone is a drive."""


class SoundError(Exception):
    """A sound cannot be played; `str()` is a plain sentence."""


class SoundFiles:
    """Gives the samples of a sound by its path or URL. Each is fetched once in a session."""

    def __init__(self, project: Callable[[], Path], reach: Reach, virtual_ms: Callable[[], int]) -> None:
        """`project` gives the agent's folder, `virtual_ms` how long a fetch takes in virtual time."""
        self._project = project
        self._reach = reach
        self._virtual_ms = virtual_ms
        self._treat: Callable[[Samples], Samples] = lambda samples: samples
        self._known: dict[tuple[Path, str], asyncio.Task[Samples]] = {}

    def shape_sound(self, treat: Callable[[Samples], Samples]) -> None:
        """Pass every sound, whole, through `treat` (the telephone band)."""
        self._treat = treat

    async def fetch(self, path: object) -> Samples:
        """The sound as samples of the agent line. `path` is a URL, or relative to the project. Raises SoundError."""
        if not isinstance(path, str) or not path.strip():
            raise SoundError("There is no sound to play: give the URL of one, or the path of a file in the project.")
        key = self._project(), path.strip()
        task = self._known.pop(key, None) or asyncio.create_task(self._make(*key))
        self._known[key] = task  # the newest last
        try:
            samples = await asyncio.shield(task)
        except SoundError:
            self._known.pop(key, None)
            raise
        self._forget_oldest()
        return samples

    async def stop(self) -> None:
        """Drop what is still being fetched."""
        for task in self._known.values():
            task.cancel()
        await asyncio.gather(*self._known.values(), return_exceptions=True)

    async def _make(self, project: Path, path: str) -> Samples:
        content = await self._download(path) if host_of(path) else await _in_thread(lambda: _read(project, path))
        samples = await _in_thread(lambda: self._treat(_decoded(*content, path)))
        if is_virtual() and (took := self._virtual_ms()):
            await asyncio.sleep(took / 1000)
        return samples

    async def _download(self, url: str) -> tuple[bytes, str]:
        if refusal := self._reach.refusal(url):
            raise SoundError(f"The sound at {url} is not fetched: {refusal}. It is skipped.")
        try:
            return await get(url, most_bytes=MOST_BYTES, within_s=WITHIN_S, may_reach=self._reach.refusal)
        except WebError as error:
            raise SoundError(f"The sound at {url} cannot be fetched: {error}. It is skipped.") from None

    def _forget_oldest(self) -> None:
        total = 0
        for key, task in reversed(list(self._known.items())):
            if task.done():
                total += 0 if task.cancelled() or task.exception() else len(task.result())
                if total > _KEPT_SAMPLES:
                    del self._known[key]


def _read(project: Path, path: str) -> tuple[bytes, str]:
    if path.lower().startswith("file:"):
        try:
            relative = unquote(urlsplit(path).path)
        except ValueError:
            raise SoundError(f"{path} is no address of a file: it is skipped.") from None
        relative = relative[1:] if re.match(r"/[A-Za-z]:", relative) else relative
    elif _SCHEME.match(path):
        raise SoundError(f"{path} is no address that can be fetched: give an http or https URL. It is skipped.")
    else:
        relative = path
    root = project.resolve()
    try:
        file = (root / relative).resolve()
        if not file.is_relative_to(root):
            raise SoundError(f"{path} lies outside the project: put the file into it, or give a URL. It is skipped.")
        if not file.is_file():
            raise SoundError(f"There is no sound file {path} in the project: add it, or give a URL. It is skipped.")
        if file.stat().st_size > MOST_BYTES:
            raise SoundError(f"The sound {path} is larger than {MOST_BYTES // 2**20} MB: it is skipped.")
        return file.read_bytes(), ""
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "the path is not a valid one"
        raise SoundError(f"The sound {path} cannot be read ({why}): it is skipped.") from None


def _decoded(content: bytes, type: str, name: str) -> Samples:
    from studio.audio.files import AudioFileError, read_sound

    stream: BinaryIO = io.BytesIO(content)
    try:
        return read_sound(stream, AGENT_RATE, f"The sound {name}", LONGEST_S)
    except AudioFileError as error:
        said = f" The server calls it {type}." if type and not type.startswith("audio/") else ""
        raise SoundError(f"{error}{said} It is skipped.") from None


async def _in_thread[T](work: Callable[[], T]) -> T:
    async with external():
        return await asyncio.get_running_loop().run_in_executor(None, work)
