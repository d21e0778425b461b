"""Writes a casting sheet: one WAV file per clip, a table, and a page that plays them."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from studio.audio.streams import Samples
from studio.providers.casting.sheet import SheetRow, as_csv, as_page, file_name
from studio.sessions.redaction import redacted

PAGE, TABLE = "casting.html", "casting.csv"


class SheetError(Exception):
    """The sheet cannot be written; the message is a sentence for people."""


def unused(folder: Path) -> Path:
    """The folder, or where a sheet is in it already, the first of `casting-2`, `casting-3`... within that has none."""
    places = itertools.chain((folder,), (folder / f"casting-{number}" for number in itertools.count(2)))
    return next(place for place in places if not (place / PAGE).exists())


def write_sheet(
    folder: Path,
    text: str,
    about: Sequence[str],
    rows: Sequence[SheetRow],
    sounds: Sequence[Samples | None],
    rate: int,
) -> Path:
    """Write the clips (mono int16, None where a row has none), `casting.csv` and `casting.html`; returns the page.

    A sheet is made to be passed on: secrets are taken out of its texts. Raises SheetError where the disk refuses.
    """
    import soundfile

    taken: set[str] = set()
    named: list[SheetRow] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for row, sound in zip(rows, sounds, strict=True):
            name = "" if sound is None else file_name(row.voice, row.provider, row.speed, taken)
            if sound is not None:
                soundfile.write(str(folder / name), sound, rate, subtype="PCM_16")
            named.append(replace(row, file=name, remark=redacted(row.remark)))
        (folder / TABLE).write_text(as_csv(named), "utf-8-sig", newline="")
        (folder / PAGE).write_text(as_page(redacted(text), [redacted(line) for line in about], named), "utf-8")
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SheetError(
            f"The casting sheet cannot be written to {folder} ({reason}). Choose another folder."
        ) from None
    return folder / PAGE
