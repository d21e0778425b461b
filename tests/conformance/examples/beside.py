"""What comes of an example with services, beside what comes of it without keys."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from studio.providers.manifests import load_providers
from tests.conformance.examples.lines import Spoken, lines
from tests.conformance.examples.stage import Performance
from tests.conformance.examples.told import notices, rows
from tests.stand_ins.stand_in import Asked


def beside(local: Performance, served: Performance) -> str:
    """As Markdown: the agent's lines, what recognisers were asked, notices, and the records that differ."""
    parts = [_table(lines(local), lines(served))]
    known = notices(local.records)
    said = [*_listening(served), *(sentence for sentence in notices(served.records) if sentence not in known)]
    parts.append("".join(f"- {sentence}\n" for sentence in said))
    parts.append(f"Records: {_difference(rows(local.records), rows(served.records))}\n")
    return "\n".join(filter(None, parts))


def parties(performance: Performance) -> list[str]:
    """The services that were asked to speak, and those to listen."""
    asked = performance.services
    if asked is None:
        return []
    listen = [f"{_title(name)} listens" for name, _, _ in asked.listening]
    return list(dict.fromkeys([*(_title(name) for name, _ in asked.lines), *listen]))


def _table(local: Sequence[Spoken], served: Sequence[Spoken]) -> str:
    rows = [
        f"| {mine.text} | {mine.seconds:.1f} s | {its.seconds:.1f} s | {_asked(its)} |\n"
        for mine, its in zip(local, served, strict=True)
    ]
    return "".join(["| line | no key | services | asked |\n|---|---|---|---|\n", *rows]) if rows else ""


def _asked(line: Spoken) -> str:
    """Everybody who was asked for it; who speaks where that is somebody else."""
    parts = [f"{_title(provider)}: {_facts(asked)}" for provider, asked in line.requests]
    if line.cached:
        parts.append("nobody: it is in the cache")
    elif not line.requests or line.requests[-1][0] != line.voice.partition(":")[0]:
        parts.append(f"spoken by {line.voice.partition(':')[2]}")
    return "; ".join(parts)


def _facts(asked: Asked) -> str:
    facts = {
        "voice": asked.voice,
        "model": asked.model,
        "speed": f"{asked.speed:g}" if asked.speed != 1 else "",
        "language": asked.language,
        "instructions": asked.instructions,
    }
    return ", ".join(f"{name} `{value}`" for name, value in facts.items() if value)


def _listening(performance: Performance) -> Iterator[str]:
    before: dict[str, Mapping[str, Any]] = {}
    for provider, anew, options in performance.services.listening if performance.services else ():
        if not anew:
            change = {name: value for name, value in options.items() if name != "type"}
            yield f"{_title(provider)} is told while it listens: {', '.join(_options(change))}."
            continue
        old = before.get(provider, {})
        changed = {name: value for name, value in options.items() if old.get(name) != value}
        how = [*_options(changed), *(f"no `{name}`" for name in sorted(old.keys() - options.keys()))]
        yield f"{_title(provider)} is asked to listen{' anew' if old else ''}: {', '.join(how)}."
        before[provider] = options


def _options(options: Mapping[str, Any]) -> list[str]:
    return [
        f"`{name}` {', '.join(value) if isinstance(value, list) else value}" for name, value in sorted(options.items())
    ]


def _difference(old: Sequence[str], new: Sequence[str]) -> str:
    """Which records are missing among the new ones, and which have come, and where."""
    gone: Counter[str] = Counter()
    come: list[tuple[str, str]] = []
    for _, first, after, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if list(old[first:after]) != list(new[begin:end]):
            gone.update(old[first:after])
            come += [(new[at], new[at - 1] if at else "") for at in range(begin, end)]
    gone -= Counter(name for name, _ in come)  # what comes at another place is not missing
    missing = [f"`{name}`" + (f" ×{count}" if count > 1 else "") for name, count in gone.items()]
    added = [f"`{name}` after `{previous}`" if previous else f"`{name}` first" for name, previous in come]
    changes = [f"{word} {', '.join(found)}" for word, found in (("without", missing), ("with", added)) if found]
    return f"the same {', '.join(changes)}".rstrip() + "."


def _title(provider: str) -> str:
    return load_providers()[provider].title
