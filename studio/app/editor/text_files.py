"""Text as it lies on disk: encoding, byte order mark, line ends."""

import codecs
import io
import tokenize
from dataclasses import dataclass, replace
from pathlib import Path

MAX_BYTES = 8 * 1024 * 1024
"""Larger files are not opened."""
READ_ONLY_BYTES = 1024 * 1024
"""Larger files open to be read, not edited."""

_NOT_IN_THE_WIDGET = "\u2029\ufdd0\ufdd1"
"""Qt's text document uses these for itself: a file that holds them could not be written back as it was."""


class CannotOpenError(Exception):
    """A file that the editor does not open; the message is the sentence for the person."""


class NotTextError(CannotOpenError):
    """The file holds bytes, no text."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file's text with LF line ends, and how to turn it back into bytes."""

    text: str
    encoding: str = "utf-8"
    bom: bytes = b""
    newline: str = "\n"
    mixed: bool = False
    read_only: str = ""
    """Why it can only be read; empty when it can be edited."""
    valid: bool = True
    """False where the bytes are not text of their encoding and Latin-1 stands in for it."""

    def with_text(self, text: str) -> "TextFile":
        """The same file with another text."""
        return replace(self, text=text, mixed=False)

    def encode(self) -> bytes:
        """The bytes to write. Raises UnicodeEncodeError when the encoding lacks a character."""
        return self.bom + self.text.replace("\n", self.newline).encode(self.encoding)


def read_text(path: Path) -> TextFile:
    """Read a file. Raises CannotOpenError with a sentence for anything that is not text of a bearable size."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise CannotOpenError(
                f"{path.name} is too large for the editor ({size // 1024 // 1024} MB, the limit is 8 MB)."
            )
        return decode(path.name, path.read_bytes())
    except FileNotFoundError:
        raise CannotOpenError(f"{path.name} does not exist any more.") from None
    except IsADirectoryError:
        raise CannotOpenError(f"{path.name} is a folder.") from None
    except OSError as error:
        raise CannotOpenError(f"{path.name} cannot be read: {error.strerror or error}.") from None


def decode(name: str, content: bytes) -> TextFile:
    """The text of a file's bytes. Raises CannotOpenError."""
    encoding, bom = _encoding(name, content)
    body = content[len(bom) :]
    if b"\0" in body[:8192] and not encoding.startswith("utf-16"):
        raise NotTextError(f"{name} is not a text file.")
    try:
        raw = body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        # every byte means something in latin-1, so the file can be looked at, and written back unharmed if need be
        raw = body.decode("latin-1")
        reason = f"{name} is not valid {encoding}; it is shown as Latin-1 and cannot be edited here."
        return replace(_text_file(raw, "latin-1", b"", reason), valid=False)
    reason = ""
    if len(content) > READ_ONLY_BYTES:
        reason = f"{name} is larger than 1 MB: it can be read here, not edited."
    elif any(character in raw for character in _NOT_IN_THE_WIDGET):
        reason = f"{name} holds paragraph separators (U+2029) that the editor would change, so it can only be read."
    return _text_file(raw, encoding, bom, reason)


def _encoding(name: str, content: bytes) -> tuple[str, bytes]:
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(bom):
            return encoding, bom
    if name.endswith(".py"):
        try:
            return tokenize.detect_encoding(io.BytesIO(content).readline)[0], b""
        except SyntaxError:
            pass  # a wrong coding line is the file's error, not a reason not to show it
    return "utf-8", b""


def _text_file(raw: str, encoding: str, bom: bytes, reason: str) -> TextFile:
    crlf = raw.count("\r\n")
    counts = {"\r\n": crlf, "\n": raw.count("\n") - crlf, "\r": raw.count("\r") - crlf}
    newline = max(counts, key=lambda end: counts[end]) if any(counts.values()) else "\n"
    mixed = sum(count > 0 for count in counts.values()) > 1
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    return TextFile(text, encoding, bom, newline, mixed, reason)
