"""The casting sheet: what was heard, as a table for spreadsheets and as a page that plays it."""

import csv
import html
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from studio.providers.casting.pace import is_off


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One clip. `file` is "" where there is none, and `remark` then says why. None is what was not measured.

    `speaks` names who really spoke where it is another voice; `speed` is what was asked for.
    """

    voice: str
    provider: str
    speed: float
    file: str = ""
    speaks: str = ""
    realised: float | None = None
    seconds: float | None = None
    wpm: float | None = None
    first_byte_ms: float | None = None
    first_sound_ms: float | None = None
    total_ms: float | None = None
    cache: str = ""
    lufs: float | None = None
    votes: str = ""
    remark: str = ""


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


_COLUMNS: tuple[tuple[str, Callable[[SheetRow], str]], ...] = (
    ("voice", lambda row: row.voice),
    ("provider", lambda row: row.provider),
    ("spoken by", lambda row: row.speaks),
    ("speed asked", lambda row: f"{row.speed:g}"),
    ("speed got", lambda row: _number(row.realised, 2)),
    ("length s", lambda row: _number(row.seconds, 2)),
    ("words per minute", lambda row: _number(row.wpm, 0)),
    ("first byte ms", lambda row: _number(row.first_byte_ms, 0)),
    ("first sound ms", lambda row: _number(row.first_sound_ms, 0)),
    ("total ms", lambda row: _number(row.total_ms, 0)),
    ("cache", lambda row: row.cache),
    ("loudness LUFS", lambda row: _number(row.lufs, 1)),
    ("blind votes", lambda row: row.votes),
    ("remark", lambda row: row.remark),
    ("file", lambda row: row.file),
)

_STYLE = """
body { font: 14px/1.5 Inter, system-ui, sans-serif; margin: 32px auto; max-width: 1200px; padding: 0 24px; color: #1B2129;
  background: #fff; }
h1 { font-size: 22px; font-weight: 600; margin: 0 0 4px; }
p { margin: 0 0 4px; color: #5B6675; }
blockquote { margin: 16px 0; font-size: 18px; }
table { border-collapse: collapse; margin-top: 24px; width: 100%; }
th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid #D8DDE4; vertical-align: middle; }
th { font-size: 12px; color: #5B6675; font-weight: 500; }
td.number { font-variant-numeric: tabular-nums; }
.off, .remark { color: #A85400; }
audio { height: 32px; width: 220px; }
@media (prefers-color-scheme: dark) {
  body { color: #E7EAEF; background: #12151A; } p, th { color: #9BA5B3; } th, td { border-color: #2A313B; }
  .off, .remark { color: #F0A65A; }
}
"""


def as_csv(rows: Sequence[SheetRow]) -> str:
    """Comma-separated values with a heading, as RFC 4180 has them.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([title for title, _ in _COLUMNS])
    for row in rows:
        cells = [value(row) for _, value in _COLUMNS]
        writer.writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in cells])
    return out.getvalue()


def as_page(text: str, about: Sequence[str], rows: Sequence[SheetRow]) -> str:
    """An HTML page that plays the files beside it. `about` are lines under the heading."""
    heads = ("Voice", "Speed", "Length", "Pace", "First byte", "First sound", "Total", "Votes", "Listen", "")
    lines = [
        "<!doctype html>",
        '<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>Casting sheet</title><style>{_STYLE}</style>",
        "<h1>Casting sheet</h1>",
        *(f"<p>{html.escape(line)}</p>" for line in about if line),
        f"<blockquote>{html.escape(text)}</blockquote>",
        "<table><thead><tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr></thead><tbody>",
        *(_html_row(row) for row in rows),
        "</tbody></table></html>",
    ]
    return "\n".join(lines) + "\n"


def _html_row(row: SheetRow) -> str:
    def unit(value: float | None, digits: int, unit: str) -> str:
        return "" if value is None else f"{value:,.{digits}f} {unit}"

    who = f"<b>{html.escape(row.voice)}</b> {html.escape(row.provider)}"
    if row.speaks:
        who += f'<br><span class="remark">spoken by {html.escape(row.speaks)}</span>'
    speed = f"{row.speed:g}×"
    if row.realised is not None and is_off(row.speed, row.realised):
        speed += f'<br><span class="off">got {row.realised:.2g}×</span>'
    file = html.escape(row.file, quote=True)
    cells = [
        f"<td>{who}</td>",
        f'<td class="number">{speed}</td>',
        *(
            f'<td class="number">{figure}</td>'
            for figure in (
                unit(row.seconds, 1, "s"),
                unit(row.wpm, 0, "wpm"),
                unit(row.first_byte_ms, 0, "ms"),
                unit(row.first_sound_ms, 0, "ms"),
                unit(row.total_ms, 0, "ms"),
                html.escape(row.votes),
            )
        ),
        f"<td>{f'<audio controls preload=none src={chr(34)}{file}{chr(34)}></audio>' if file else ''}</td>",
        f'<td class="remark">{html.escape(row.remark)}</td>',
    ]
    return "<tr>" + "".join(cells) + "</tr>"


def file_name(voice: str, provider: str, speed: float, taken: set[str]) -> str:
    """A name for a clip that every system takes and that is none of `taken`, to which it is added."""
    stem = re.sub(r"[^\w.]+", "-", f"{voice}-{provider}").strip("-.").casefold() or "voice"
    name, number = f"{stem}-{speed:g}x.wav", 2
    while name in taken:
        name, number = f"{stem}-{speed:g}x-{number}.wav", number + 1
    taken.add(name)
    return name


def as_dict(row: SheetRow) -> dict[str, Any]:
    """JSON values."""
    return {name: getattr(row, name) for name in SheetRow.__slots__}
