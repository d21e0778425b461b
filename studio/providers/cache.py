"""Spoken lines kept for a week: a line that was spoken once costs nothing the second time.

A clip is a file named by the digest of its key: magic, length of the head, head (JSON: key, name of the voice, lengths),
SHA-256 of everything else, places of the words (JSON), samples. Whoever lists clips reads heads only. Beside it lies a
file to which every hit adds one byte: its size is the number of hits, whichever engines share the folder.
"""

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from studio.providers.speech import Word
from studio.sessions.redaction import redacted

WEEK_S = 7 * 24 * 3600
"""How long a clip is kept."""
_MAX_BYTES = 512 * 1024 * 1024
_PRUNE_EVERY = 256
"""Clips kept between two looks at the size of all."""
_ABANDONED_S = 3600
"""Age from which a file that is still being written belongs to nobody any more."""
_MAGIC = b"VAS2"
_MAX_HEAD = 1024 * 1024
_DIGEST_BYTES = hashlib.sha256().digest_size
_HITS = ".hits"
_PART = ".part"


@dataclass(frozen=True, slots=True)
class Clip:
    """A whole spoken line: mono int16 samples and the places of its words."""

    pcm: bytes
    rate: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class ClipKey:
    """Everything that makes a spoken line what it is, as the engine was asked that really spoke it.

    `voice` is the provider's own id, `rate` that of the samples.
    """

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


@dataclass(frozen=True, slots=True)
class KeptClip:
    """What a list of the cache shows of a clip. `id` names it, `name` is its voice's, `size` is in bytes."""

    id: str
    key: ClipKey
    name: str
    seconds: float
    age_s: float
    size: int
    hits: int

    @property
    def left_s(self) -> float:
        """Seconds until it is too old to be served."""
        return max(0.0, WEEK_S - self.age_s)

    def as_dict(self) -> dict[str, Any]:
        """JSON values: the key's fields and the rest in one table."""
        return {
            "id": self.id,
            **asdict(self.key),
            "name": self.name,
            "seconds": round(self.seconds, 3),
            "age_s": round(self.age_s, 1),
            "left_s": round(self.left_s, 1),
            "size": self.size,
            "hits": self.hits,
        }


@dataclass(frozen=True, slots=True)
class Found:
    """A clip from the cache, and how long ago it was spoken."""

    clip: Clip
    age_s: float


class SpeechCache:
    """A folder of clips. Several engines may share it.

    A clip is whole or absent: it is written aside, then renamed; one that was damaged since is deleted when it is asked
    for. No error of the disk ever stops a line from being spoken. Everything here may be called in any thread.
    """

    def __init__(self, folder: Path, keep_s: float = WEEK_S) -> None:
        """`keep_s` is how old a clip may become."""
        self.folder = folder
        self._keep_s = keep_s
        self._kept = 0

    def get(self, key: ClipKey) -> Found | None:
        """The clip, if it is there, whole and not too old; counts as a hit."""
        file = self.folder / key.digest
        try:
            age = _age(file.stat())
            content = file.read_bytes()
        except OSError:
            return None
        clip = _decode(content) if age <= self._keep_s else None
        if clip is None:
            self._delete(file)
            return None
        with contextlib.suppress(OSError), _hits_of(file).open("ab") as hits:
            hits.write(b"\1")
        return Found(clip, age)

    def put(self, key: ClipKey, clip: Clip, name: str = "") -> bool:
        """Keep a clip of the voice called `name`; False where the disk would not have it, or its line holds a secret."""
        if any(redacted(text) != text for text in (key.text, key.instructions)):
            return False
        part = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=_PART)
            with os.fdopen(handle, "wb") as file:
                file.write(_encode(key, clip, name))
            Path(part).replace(self.folder / key.digest)
        except OSError:
            if part:
                with contextlib.suppress(OSError):
                    Path(part).unlink()
            return False
        if self._kept % _PRUNE_EVERY == 0:
            self._prune()
        self._kept += 1
        return True

    def listed(self) -> list[KeptClip]:
        """All clips that would be served, the newest first. Reads no samples; looks at no clip's soundness."""
        now = time.time()  # one for all: reading them takes a while, in which the first would stay young
        found = [kept for file in self._clips() if (kept := _look(file, now)) and kept.age_s < self._keep_s]
        return sorted(found, key=lambda kept: (kept.age_s, kept.id))

    def clip(self, id: str) -> Clip | None:
        """A clip by its id, to be heard outside of any call: no hit. None where there is none."""
        try:
            return _decode(self._file(id).read_bytes())
        except (OSError, ValueError):
            return None

    def remove(self, ids: Sequence[str]) -> int:
        """Delete clips by their ids; returns how many there were."""
        return sum(self._delete(self._file(id)) for id in ids)

    def clear(self) -> int:
        """Delete everything; returns how many clips there were."""
        count = sum(self._delete(file) for file in self._clips())
        for file in _files(self.folder):
            if file.suffix in (_PART, _HITS) or _is_clip(file):
                with contextlib.suppress(OSError):
                    file.unlink()
        return count

    def _file(self, id: str) -> Path:
        """Raises ValueError for what is no id: it comes from outside."""
        if not _is_clip(Path(id)):
            raise ValueError(f"'{id}' is no clip of the speech cache.")
        return self.folder / id

    def _clips(self) -> Iterator[Path]:
        return (file for file in _files(self.folder) if _is_clip(file))

    @staticmethod
    def _delete(file: Path) -> bool:
        with contextlib.suppress(OSError):
            _hits_of(file).unlink()
        try:
            file.unlink()
        except OSError:
            return False
        return True

    def _prune(self) -> None:
        """Drop what is too old, what a writer that died left, and the oldest clips beyond the size limit."""
        clips: list[tuple[float, int, Path]] = []
        for file in _files(self.folder):
            try:
                facts = file.stat()
            except OSError:
                continue  # another engine was quicker
            if _is_clip(file):
                clips.append((_age(facts), facts.st_size, file))
            elif (file.suffix == _PART and _age(facts) > _ABANDONED_S) or (
                file.suffix == _HITS and not file.with_suffix("").exists()
            ):
                with contextlib.suppress(OSError):
                    file.unlink()
        total = 0
        for age, size, file in sorted(clips):
            total += size
            if age > self._keep_s or total > _MAX_BYTES:
                self._delete(file)


def _files(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _is_clip(file: Path) -> bool:
    return len(file.name) == 2 * _DIGEST_BYTES and set(file.name) <= set("0123456789abcdef")


def _age(facts: os.stat_result, now: float | None = None) -> float:
    """Seconds since it was written; 0 where the clock was set back meanwhile."""
    return max(0.0, (time.time() if now is None else now) - facts.st_mtime)


def _encode(key: ClipKey, clip: Clip, name: str) -> bytes:
    words = json.dumps([[w.text, w.start, w.end, w.text_start, w.text_end] for w in clip.words]).encode()
    about = {"key": asdict(key), "name": name, "rate": clip.rate, "words": len(words), "pcm": len(clip.pcm)}
    head = json.dumps(about, ensure_ascii=False).encode()
    digest = hashlib.sha256(head + words + clip.pcm).digest()
    return _MAGIC + len(head).to_bytes(4, "little") + head + digest + words + clip.pcm


def _decode(content: bytes) -> Clip | None:
    """None for whatever is not exactly a clip."""
    try:
        if content[:4] != _MAGIC:
            return None
        end = 8 + int.from_bytes(content[4:8], "little")
        head = json.loads(content[8:end])
        body = end + _DIGEST_BYTES
        words, pcm = content[body : body + head["words"]], content[body + head["words"] :]
        sound = len(pcm) == head["pcm"] and hashlib.sha256(content[8:end] + words + pcm).digest() == content[end:body]
        return Clip(pcm, head["rate"], tuple(Word(*row) for row in json.loads(words))) if sound else None
    except (ValueError, KeyError, TypeError):
        return None


def _look(file: Path, now: float) -> KeptClip | None:
    """A clip by its head; None where it has none, or where its length is another than the head says."""
    try:
        with file.open("rb") as stream:
            facts = os.fstat(stream.fileno())
            head, length = _head(stream)
        whole = facts.st_size == length + _DIGEST_BYTES + head["words"] + head["pcm"]
        if not whole:
            return None
        seconds = head["pcm"] / 2 / head["rate"]
        return KeptClip(
            file.name, ClipKey(**head["key"]), head["name"], seconds, _age(facts, now), facts.st_size, _hits(file)
        )
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return None


def _head(stream: BinaryIO) -> tuple[dict[str, Any], int]:
    """The head, and where it ends. Raises ValueError."""
    start = stream.read(8)
    length = int.from_bytes(start[4:8], "little")
    if start[:4] != _MAGIC or length > _MAX_HEAD:
        raise ValueError("not a clip")
    return json.loads(stream.read(length)), 8 + length


def _hits_of(file: Path) -> Path:
    return file.with_name(file.name + _HITS)


def _hits(file: Path) -> int:
    try:
        return _hits_of(file).stat().st_size
    except OSError:
        return 0
