"""Who takes over where a provider fails, as a deployment or a person lists it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_KEYS = ("provider", "voice", "model")


@dataclass(frozen=True, slots=True)
class Alternate:
    """One entry of the list; what is "" is for the studio to choose.

    `name` is a name alone: of a provider, a voice or a model.
    """

    name: str = ""
    provider: str = ""
    voice: str = ""
    model: str = ""

    def __str__(self) -> str:
        """As settings hold it: a name, `provider:voice`, `provider:voice@model`, `provider@model`."""
        who = self.name or ":".join(filter(None, (self.provider, self.voice)))
        return "@".join(filter(None, (who, self.model)))


def alternate(entry: str) -> Alternate:
    """The entry that is written like this."""
    who, _, model = entry.strip().partition("@")
    provider, colon, voice = who.partition(":")
    return Alternate(provider=provider, voice=voice, model=model) if colon else Alternate(name=who, model=model)


def failover_of(value: Any) -> tuple[str, ...]:
    """A failover list as settings hold it, from names and tables with provider, voice and model, or a single one.

    Raises ValueError with a plain sentence.
    """
    if value is None or value == "":
        return ()
    if isinstance(value, str | Mapping):
        return (_plain(value),)
    if not isinstance(value, list | tuple):
        raise _wrong(value)
    return tuple(map(_plain, value))


def _plain(entry: object) -> str:
    if isinstance(entry, str) and entry.strip():
        return entry.strip()
    if not isinstance(entry, Mapping):
        raise _wrong(entry)
    texts: dict[str, Any] = {key: entry[key] for key in _KEYS if entry.get(key)}
    if not texts or not all(isinstance(text, str) for text in texts.values()):
        raise _wrong(entry)
    if set(texts) == {"voice"}:
        return texts["voice"]
    return texts["model"] if set(texts) == {"model"} else str(Alternate(**texts))


def _wrong(entry: object) -> ValueError:
    return ValueError(f"A failover is a list of names, or of tables with provider, voice and model, not {entry!r}.")
