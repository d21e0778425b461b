"""Spoken lines kept for a week: a line that was spoken once costs nothing the second time."""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.providers.speech import Word

_WEEK_S = 7 * 24 * 3600
_MAX_BYTES = 512 * 1024 * 1024
_PRUNE_EVERY = 256
"""Clips kept between two looks at the size of all."""
_MAGIC = b"VAS1"


@dataclass(frozen=True, slots=True)
class Clip:
    """A whole spoken line: mono int16 samples and the places of its words."""

    pcm: bytes
    rate: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class ClipKey:
    """Everything that makes a spoken line what it is."""

    provider: str
    voice: str
    model: str
    text: str
    language: str
    instructions: str
    speed: float
    rate: int

    @property
    def digest(self) -> str:
        """A file name."""
        values = [getattr(self, name) for name in self.__slots__]
        return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()


class SpeechCache:
    """A folder of clips.

    A file is whole or absent: it is written aside, then renamed. No error of the disk ever stops a line from being spoken.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept = 0

    def get(self, key: ClipKey) -> Clip | None:
        """The clip, if it is there, whole and not older than a week."""
        file = self._folder / key.digest
        try:
            if time.time() - file.stat().st_mtime > _WEEK_S:
                file.unlink()
                return None
            content = file.read_bytes()
        except OSError:
            return None
        return _decode(content)

    def put(self, key: ClipKey, clip: Clip) -> None:
        """Keep a clip."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write(_encode(clip))
            Path(name).replace(self._folder / key.digest)
            if self._kept % _PRUNE_EVERY == 0:
                self._prune()
            self._kept += 1
        except OSError:
            return

    def _prune(self) -> None:
        """Drop the oldest clips beyond the size limit."""
        files = sorted(self._folder.iterdir(), key=lambda file: file.stat().st_mtime, reverse=True)
        total = 0
        for file in files:
            total += file.stat().st_size
            if total > _MAX_BYTES:
                file.unlink()


def _encode(clip: Clip) -> bytes:
    words = [[w.text, w.start, w.end, w.text_start, w.text_end] for w in clip.words]
    head = json.dumps({"rate": clip.rate, "words": words, "bytes": len(clip.pcm)}).encode()
    digest = hashlib.sha256(clip.pcm).digest()
    return _MAGIC + len(head).to_bytes(4, "little") + head + digest + clip.pcm


def _decode(content: bytes) -> Clip | None:
    """None for whatever is not exactly a clip."""
    try:
        if content[:4] != _MAGIC:
            return None
        end = 8 + int.from_bytes(content[4:8], "little")
        head = json.loads(content[8:end])
        digest, pcm = content[end : end + 32], content[end + 32 :]
        if len(pcm) != head["bytes"] or hashlib.sha256(pcm).digest() != digest:
            return None
        return Clip(pcm, head["rate"], _words(head["words"]))
    except (ValueError, KeyError, TypeError):
        return None


def _words(rows: Sequence[Sequence[object]]) -> tuple[Word, ...]:
    return tuple(Word(*row) for row in rows)  # type: ignore[arg-type]
