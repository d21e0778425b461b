"""Fetches what an AudioEvent plays: a file of the project, or a URL."""

import asyncio
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from studio.audio.streams import Samples
from studio.runtime.virtual_time import external
from studio.sessions.records import AGENT_RATE

_MAX_BYTES = 20 * 1024 * 1024
_MAX_SECONDS = 600
_TIMEOUT_S = 10.0


class SoundError(Exception):
    """A sound cannot be played; `str()` is a plain sentence."""


async def fetch_sound(path: str, project: str) -> Samples:
    """The sound as samples of the agent line. `path` is a URL or relative to the project. Raises SoundError."""
    if not path:
        raise SoundError("AudioEvent has no path: give it the URL of a sound or a file of the project.")
    async with external():
        return await asyncio.get_running_loop().run_in_executor(None, _load, path, project)


def _load(path: str, project: str) -> Samples:
    if urlsplit(path).scheme in ("http", "https"):
        with tempfile.TemporaryDirectory() as folder:
            return _decode(_download(path, Path(folder)), path)
    file = (Path(project) / path).resolve()
    if not file.is_file():
        raise SoundError(f"There is no sound file {path} in the project: add it, or give AudioEvent a URL.")
    return _decode(file, path)


def _download(url: str, folder: Path) -> Path:
    from urllib.error import URLError
    from urllib.request import urlopen

    file = folder / (Path(urlsplit(url).path).name or "sound")
    try:
        with urlopen(url, timeout=_TIMEOUT_S) as answer:
            content = answer.read(_MAX_BYTES + 1)
    except (URLError, OSError, ValueError) as error:
        raise SoundError(f"The sound at {url} cannot be fetched ({error}): it is skipped.") from None
    if len(content) > _MAX_BYTES:
        raise SoundError(f"The sound at {url} is larger than {_MAX_BYTES // 2**20} MB: it is skipped.")
    file.write_bytes(content)
    return file


def _decode(file: Path, name: str) -> Samples:
    from studio.audio.files import AudioFileError, read_wav

    try:
        samples = read_wav(file, AGENT_RATE)
    except AudioFileError as error:
        raise SoundError(f"The sound {name} cannot be played: {error}") from None
    if len(samples) > _MAX_SECONDS * AGENT_RATE:
        raise SoundError(f"The sound {name} is longer than {_MAX_SECONDS // 60} minutes: it is skipped.")
    return samples
