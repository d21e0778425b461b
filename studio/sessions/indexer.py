"""Makes the index of a session file from the file: `python -m studio.sessions.indexer PATH`.

Meant to run as a disposable process, for files of unknown origin. Lines on its output: `progress 0.42`, then
`done FOLDER` or `failed SENTENCE`; each damage as `damage SENTENCE`.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from studio.sessions.profile import SessionMeta, index_folder
from studio.sessions.reader import SessionReader
from studio.sessions.records import AudioBlock
from studio.sessions.sidecar import SidecarMeta, SidecarWriter, remove_sidecar
from studio.sessions.summary import SummaryBuilder

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 900
_FLUSH_BYTES = 1024 * 1024


class IndexingError(Exception):
    """Why there is no index, as a sentence."""


def index_file(path: Path, progress: Callable[[float], None] = lambda _: None) -> SidecarMeta:
    """Make `NAME.index` beside the file; an older one is replaced. Raises IndexingError with a sentence.

    `progress` gets 0..1 now and then.
    """
    folder = index_folder(path)
    try:
        with SessionReader(path) as reader:
            return _index(reader, folder, progress)
    except OSError as error:
        raise IndexingError(f"{path} cannot be indexed: {error.strerror or error}.") from error


def _index(reader: SessionReader, folder: Path, progress: Callable[[float], None]) -> SidecarMeta:
    writer = SidecarWriter(folder, SessionMeta("", 0))
    summary: SummaryBuilder | None = None
    waiting, told = 0, 0.0
    for item in reader.items():
        if summary is None:
            writer.meta = SidecarMeta.of(reader.meta)
            summary = SummaryBuilder(reader.meta.agent)
        if isinstance(item, AudioBlock):
            writer.audio(item)
            waiting += len(item.pcm)
        elif isinstance(item, tuple):
            record, body = item
            body = body.replace(b"\r", b" ").replace(b"\n", b" ")  # between values; within strings JSON escapes them
            writer.record(record, body)
            summary.apply(record)
            waiting += len(body)
        else:
            writer.vad(item)
        if waiting > _FLUSH_BYTES:
            writer.flush()
            waiting = 0
            done = reader.offset / max(1, reader.size)
            if done - told >= 0.01:
                told = done
                progress(done)
    if summary is None:
        writer.close()
        remove_sidecar(folder)
        raise IndexingError(" ".join(d.sentence for d in reader.damage) or f"{reader.path} holds no session.")
    summary.summary().write_to(writer.meta)
    end = reader.metadata.get("studio.end", {})
    writer.meta.reason = end.get("reason", "") or writer.meta.reason
    writer.meta.damage = [damage.sentence for damage in reader.damage]
    if writer.refused:
        writer.meta.damage.append(
            f"{writer.refused} items were left out: too many streams or topics, or a changed rate."
        )
    writer.finish(reader.size)
    progress(1.0)
    return writer.meta


def limit_resources() -> None:
    """Let a hostile file cost this process, and nobody else."""
    if sys.platform == "win32":
        return
    import resource

    for kind, limit in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, CPU_SECONDS)):
        try:
            _, hard = resource.getrlimit(kind)
            resource.setrlimit(kind, (limit if hard < 0 else min(limit, hard), hard))
        except (OSError, ValueError):  # macOS refuses some: the checks of the reader still hold
            continue


def main(arguments: list[str]) -> int:
    """Index one file; 0 done, 1 failed, 2 wrong usage."""
    if len(arguments) != 1:
        print("failed Give the path of one session file.", flush=True)
        return 2
    limit_resources()
    path = Path(arguments[0])
    try:
        meta = index_file(path, lambda done: print(f"progress {done:.2f}", flush=True))
    except (IndexingError, MemoryError) as error:
        print(f"failed {error or 'The file needs more memory than it is given.'}", flush=True)
        return 1
    for sentence in meta.damage:
        print(f"damage {sentence}", flush=True)
    print(f"done {index_folder(path)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
