"""Makes docs/events.md from the examples and from what came of them."""

from collections.abc import Callable, Sequence
from itertools import groupby

from studio.paths import PACKAGE_ROOT
from studio.sessions.records import Record
from tests.conformance.examples.stage import CHANNELS, EXAMPLES, Example
from tests.conformance.examples.told import rows, seconds, told

FILE = PACKAGE_ROOT / "docs" / "events.md"

_HEAD = """# Events by example

Each example is a whole handler. Beside it stands what the studio makes of it on the web and on the phone, on a machine
without any key: the studio's own voices speak and its own recogniser hears. Voices and models of services have a local
stand-in then, with one notice each (`voice_stand_in`, `recogniser_stand_in`).

*Sound* is how long the agent's voice and sounds are heard, pauses left out. This page is made by the tests from real
runs in virtual time (`pytest tests/conformance --write-docs`); they fail when it differs from what the studio does.

| example | shows | sound, no key | notices |
|---|---|---|---|
"""

_COMPANIES = {"openai": "OpenAI", "voicerun": "VoiceRun"}

Performed = Callable[[Example, str], Sequence[Record]]


def page(performed: Performed) -> str:
    """The whole page. `performed(example, channel)` gives what happened."""
    overview = "".join(_line(example, performed) for example in EXAMPLES)
    return _HEAD + overview + "".join(_section(example, performed) for example in EXAMPLES)


def _title(example: Example) -> str:
    number, first, *words = example.name.split("_")
    return " ".join([str(int(number)), _COMPANIES.get(first, first.capitalize()), *words])


def _line(example: Example, performed: Performed) -> str:
    title = _title(example)
    anchor = title.lower().replace(" ", "-")
    cells = [_by_channel([what(performed(example, channel)) for channel in CHANNELS]) for what in (_sound, _notices)]
    return f"| [{title}](#{anchor}) | {example.title} | {' | '.join(cells)} |\n"


def _by_channel(values: Sequence[str]) -> str:
    """One value where the channels agree, else one each."""
    if len(set(values)) == 1:
        return values[0]
    return "; ".join(f"{channel}: {value or 'none'}" for channel, value in zip(CHANNELS, values, strict=True))


def _sound(records: Sequence[Record]) -> str:
    return f"{seconds(records):.1f} s"


def _notices(records: Sequence[Record]) -> str:
    codes = dict.fromkeys(r.event for r in records if r.topic == "/notice" and not r.host)
    return ", ".join(f"`{code}`" for code in codes)


def _section(example: Example, performed: Performed) -> str:
    code = example.file.read_text("utf-8").split('"""\n\n', 1)[1]
    parts = [f"\n## {_title(example)}\n\n{example.title}\n\n```python\n{code}```\n"]
    outcomes = [(channel, _outcome(performed(example, channel))) for channel in CHANNELS]
    for outcome, group in groupby(outcomes, key=lambda pair: pair[1]):
        where = " and ".join(f"on the {channel}" for channel, _ in group)
        parts.append(f"\n**{where.capitalize()}**\n\n{outcome}")
    return "".join(parts)


def _outcome(records: Sequence[Record]) -> str:
    happened = "".join(f"- {sentence}\n" for sentence in told(records))
    return f"{happened}\nRecords: {' · '.join(_counted(rows(records)))}\n"


def _counted(names: Sequence[str]) -> list[str]:
    return [
        f"`{name}`" + (f" ×{count}" if count > 1 else "")
        for name, count in ((name, len(list(group))) for name, group in groupby(names))
    ]
