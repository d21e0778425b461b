"""Makes docs/events.md from the examples and from what came of them."""

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol

from studio.paths import PACKAGE_ROOT
from studio.runtime.plan import Channel
from studio.sessions.records import Record
from tests.conformance.examples.beside import beside, parties
from tests.conformance.examples.stage import CHANNELS, EXAMPLES, Example, Performance
from tests.conformance.examples.told import rows, seconds, told

FILE = PACKAGE_ROOT / "docs" / "events.md"

_HEAD = """# Events by example

Each example is a whole handler. Below it stands what the studio makes of it on the web and on the phone, first on a
machine without any key: the studio's own voices speak and its own recogniser hears. Voices and models of services have a
local stand-in then, with one notice each (`voice_stand_in`, `recogniser_stand_in`).

*With services* the same example runs with a key for every service. The studio asks them as it asks the real ones, through
the same adapters and SDKs and over connections, but the servers are stand-ins on the same machine: nothing here shows how a
real service sounds, or how long it takes. *Asked* is what has arrived there. The stand-ins speak in tones, 80 ms for each
letter, so the seconds tell that every sample has come back. Those that listen find the voice in the sound themselves; what
was said is told to them beforehand.

*Sound* is how long the agent's voice and sounds are heard, pauses left out. This page is made by the tests from real runs
(`pytest tests/conformance --write-docs`); they fail when it differs from what the studio does. Time is virtual, and the
clock stands still while a service answers. So what happens is the same in every run, with services too, and on Linux so is
the nanosecond at which it does; a time to the first sound cannot be given: it is always 0.

| example | shows | no key: sound, notices | services: sound, who is asked, notices |
|---|---|---|---|
"""

_COMPANIES = {"openai": "OpenAI", "voicerun": "VoiceRun"}


class Performed(Protocol):
    """Gives what happened."""

    def __call__(self, example: Example, channel: Channel, *, served: bool) -> Performance: ...


def page(performed: Performed) -> str:
    """The whole page."""
    overview = "".join(_line(example, performed) for example in EXAMPLES)
    return _HEAD + overview + "".join(_section(example, performed) for example in EXAMPLES)


def _title(example: Example) -> str:
    number, first, *words = example.name.split("_")
    return " ".join([str(int(number)), _COMPANIES.get(first, first.capitalize()), *words])


def _line(example: Example, performed: Performed) -> str:
    title = _title(example)
    anchor = title.lower().replace(" ", "-")
    cells = [
        _by_channel([_brief(performed(example, channel, served=served)) for channel in CHANNELS])
        for served in (False, True)
    ]
    return f"| [{title}](#{anchor}) | {example.title} | {' | '.join(cells)} |\n"


def _by_channel(values: Sequence[str]) -> str:
    """One value where the channels agree, else one each."""
    if len(set(values)) == 1:
        return values[0]
    return "; ".join(f"{channel}: {value}" for channel, value in zip(CHANNELS, values, strict=True))


def _brief(performance: Performance) -> str:
    records = performance.records
    codes = dict.fromkeys(r.event for r in records if r.topic == "/notice" and not r.host)
    return ", ".join([f"{seconds(records):.1f} s", *parties(performance), *(f"`{code}`" for code in codes)])


def _section(example: Example, performed: Performed) -> str:
    code = example.file.read_text("utf-8").split('"""\n\n', 1)[1]
    parts = [f"\n## {_title(example)}\n\n{example.title}\n\n```python\n{code}```\n"]

    def outcome(channel: Channel) -> tuple[str, str]:
        local, served = (performed(example, channel, served=served) for served in (False, True))
        return _outcome(local.records), beside(local, served)

    outcomes = [(channel, *outcome(channel)) for channel in CHANNELS]
    for place, heading in ((1, "{where}"), (2, "{where}, with services")):
        for text, group in groupby(outcomes, key=lambda outcome: outcome[place]):
            where = " and ".join(f"on the {channel}" for channel, *_ in group).capitalize()
            parts.append(f"\n**{heading.format(where=where)}**\n\n{text}")
    return "".join(parts)


def _outcome(records: Sequence[Record]) -> str:
    happened = "".join(f"- {sentence}\n" for sentence in told(records))
    return f"{happened}\nRecords: {' · '.join(_counted(rows(records)))}\n"


def _counted(names: Sequence[str]) -> list[str]:
    return [
        f"`{name}`" + (f" ×{count}" if count > 1 else "")
        for name, count in ((name, len(list(group))) for name, group in groupby(names))
    ]
