"""The user's own part of the catalogue: voices of their own, lists read from services, and who follows or stands in.

What the user writes is `voices.toml` in the folder of the user's settings, and this module's alone; the lists are JSON
files in the cache, one per provider: `{"voices": [{"id", "name", "language", "gender", "description"}], "at": ISO time}`.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from studio import paths
from studio.files import stamp, why_unread, write_atomic
from studio.providers.manifests import Voice
from studio.providers.service import ServiceVoice

FILE = "voices.toml"
Choice = Literal["successors", "stand_ins"]
"""Who speaks for a voice past its date, and who does where its own id is not known."""
_FIELDS = ("name", "provider", "id", "language", "gender", "description")
_HEADING = "# Voices of your own, and who speaks in the place of others. The studio writes this file anew."


@dataclass(frozen=True, slots=True)
class OwnVoices:
    """Everything that the user adds to the catalogue.

    `successors` and `stand_ins` lead from a voice's key (`openai:nova`) to the name or the id of a voice of the same
    provider. `problems` are sentences about what could not be read.
    """

    voices: tuple[Voice, ...] = ()
    listed: tuple[Voice, ...] = ()
    """What services have listed."""
    successors: Mapping[str, str] = field(default_factory=dict)
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def load_own_voices() -> OwnVoices:
    """What the user has; never fails."""
    problems: list[str] = []
    table = _read(problems)
    for name in sorted(table.keys() - {"voices", "successors", "stand_ins"}):
        known = "[[voices]], [successors] and [stand_ins]"
        problems.append(f"In {_file()}, '{name}' means nothing: there are {known}.")
    voices = tuple(_voices(table.get("voices", []), problems))
    successors, stand_ins = (_choices(table, kind, problems) for kind in ("successors", "stand_ins"))
    return OwnVoices(voices, tuple(_listed()), successors, stand_ins, tuple(problems))


class UserVoices:
    """What the user has, read again when one of the files has changed: another process may write them."""

    def __init__(self) -> None:
        self._seen: object = None
        self._own = OwnVoices()

    def __call__(self) -> OwnVoices:
        """The same object as long as nothing has changed."""
        seen = [stamp(file) for file in (_file(), *sorted(_lists().glob("*.json")))]
        if seen != self._seen:
            self._seen, self._own = seen, load_own_voices()
        return self._own


def save_voice(voice: Voice) -> None:
    """Keep a voice of the user's own, in the place of one of the same name and provider. Raises ValueError, OSError."""
    if not (voice.name.strip() and voice.provider and voice.id.strip()):
        raise ValueError("A voice of your own has a name, a provider and the provider's id.")
    own = _to_change()
    others = [other for other in own.voices if other.key != voice.key]
    _write(replace(own, voices=(*others, voice)))


def remove_voice(key: str) -> bool:
    """Forget a voice of the user's own (`cartesia:my voice`); False where there is none. Raises ValueError, OSError."""
    own = _to_change()
    left = tuple(voice for voice in own.voices if voice.key != key)
    if len(left) == len(own.voices):
        return False
    _write(replace(own, voices=left))
    return True


def choose(kind: Choice, key: str, name: str) -> None:
    """Say who follows a voice, or stands in for it; "" for the studio's own choice. Raises ValueError, OSError."""
    own = _to_change()
    choices = {other: who for other, who in getattr(own, kind).items() if other != key} | ({key: name} if name else {})
    _write(replace(own, successors=choices) if kind == "successors" else replace(own, stand_ins=choices))


def keep_list(provider: str, voices: Sequence[ServiceVoice]) -> None:
    """Keep the voices that a service has listed, in the place of its last list. Raises OSError."""
    kept = {"voices": [asdict(voice) for voice in voices], "at": datetime.now(UTC).isoformat(timespec="seconds")}
    write_atomic(_lists() / f"{provider}.json", json.dumps(kept, ensure_ascii=False).encode())


def listed_at(provider: str) -> str:
    """When a service's list was read, as an ISO time; "" where none is kept."""
    try:
        return str(json.loads((_lists() / f"{provider}.json").read_bytes())["at"])
    except (OSError, ValueError, TypeError, KeyError):
        return ""


def forget_list(provider: str) -> None:
    """Drop what a service has listed. Raises OSError."""
    (_lists() / f"{provider}.json").unlink(missing_ok=True)


def _file() -> Path:
    return paths.config_dir() / FILE


def _lists() -> Path:
    return paths.cache_dir() / "voices"


def _read(problems: list[str]) -> Mapping[str, Any]:
    try:
        return tomllib.loads(_file().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        problems.append(f"{_file()} cannot be read ({why_unread(error)}): your own voices are left out.")
        return {}


def _to_change() -> OwnVoices:
    """What is kept, where all of it can be read: nothing of it may get lost by a change. Raises ValueError."""
    own = load_own_voices()
    if own.problems:
        raise ValueError(f"{own.problems[0]} Mend the file first, or remove it.")
    return own


def _voices(rows: Any, problems: list[str]) -> Iterator[Voice]:
    if not isinstance(rows, list):
        problems.append(f"In {_file()}, 'voices' is no list of tables: begin each voice with [[voices]].")
        return
    for row in rows:
        texts = {key: value for key, value in row.items() if isinstance(value, str)} if isinstance(row, Mapping) else {}
        if texts.get("name") and texts.get("provider") and texts.get("id"):
            yield _voice(texts["provider"], texts, "own")
        else:
            problems.append(f"In {_file()}, a voice needs a name, a provider and an id: {row!r} is left out.")


def _voice(provider: str, row: Mapping[str, str], origin: Literal["own", "service"]) -> Voice:
    language, gender = row.get("language", "") or "multi", row.get("gender", "")
    return Voice(row["name"], provider, row["id"], language, gender, row.get("description", ""), origin=origin)


def _choices(table: Mapping[str, Any], kind: str, problems: list[str]) -> Mapping[str, str]:
    choices = table.get(kind, {})
    if not isinstance(choices, Mapping):
        problems.append(f'In {_file()}, \'{kind}\' is no table: it takes lines such as "openai:nova" = "marin".')
        return {}
    for key in (key for key, who in choices.items() if not isinstance(who, str)):
        problems.append(f"In [{kind}] of {_file()}, who is named for {key} is no text: it is left out.")
    return {key: who for key, who in choices.items() if isinstance(who, str)}


def _listed() -> Iterator[Voice]:
    """Lists in the cache; one that is damaged counts as none: it can be read from the service again."""
    for file in sorted(_lists().glob("*.json")):
        try:
            rows = json.loads(file.read_bytes())["voices"]
            yield from [_voice(file.stem, asdict(ServiceVoice(**row)), "service") for row in rows]
        except (OSError, ValueError, TypeError, KeyError):
            continue


def _write(own: OwnVoices) -> None:
    lines = [_HEADING]
    for name, choices in (("successors", own.successors), ("stand_ins", own.stand_ins)):
        if choices:
            lines += ["", f"[{name}]", *(f"{_string(key)} = {_string(who)}" for key, who in sorted(choices.items()))]
    for voice in own.voices:
        lines += ["", "[[voices]]", *(f"{key} = {_string(getattr(voice, key))}" for key in _FIELDS)]
    write_atomic(_file(), ("\n".join(lines) + "\n").encode())


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
