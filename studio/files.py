"""Files that are replaced whole, set aside when they are broken, and noticed when somebody else changes them."""

import os
import tempfile
from pathlib import Path


def write_atomic(path: Path, content: bytes) -> None:
    """Replace a file's content: at every moment the old one or the new one is there.

    Follows symbolic links, keeps the mode bits, makes missing folders. Raises OSError.
    """
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode & 0o7777 if target.exists() else None
    if mode is not None and not os.access(target, os.W_OK):
        raise PermissionError(13, "The file is read-only", str(target))
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            Path(temporary).chmod(mode)
        elif os.name == "posix":
            Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def set_aside(path: Path) -> Path:
    """Rename a file that cannot be read, so that another can take its place; nothing that is there is replaced.

    Returns where it is now, e.g. `settings.toml.broken`. Raises OSError.
    """
    aside, count = path.with_name(f"{path.name}.broken"), 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{path.name}.broken-{count}")
    return path.rename(aside)


def stamp(path: Path) -> object:
    """What is another value as soon as the file has been written, removed or replaced."""
    try:
        found = path.stat()
    except OSError:
        return path
    return path, found.st_ino, found.st_mtime_ns, found.st_size


def why_unread(error: OSError | ValueError) -> str:
    """Why a file of text cannot be read, in a few words; what a parser says of its content comes as it is."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "it is no text in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def _umask() -> int:
    """The process's mask; POSIX can only tell it by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
