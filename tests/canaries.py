"""Secrets of nasty shapes, and every shape in which one must not be found."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from studio.sessions.reader import SessionReader

CANARIES = (
    "sk-proj-Zx81canaryAAAA0001",
    "canary+with/slashes+and==02",
    "canary\"with\"quotes'both'03",
    "canary\\with\\back\\slashes04",
    "canary%with%25percent%2F05",
    "canary&with=query?marks#06",
    "canary:with@user/host;07",
    "<canary>with&lt;tags</08>",
    "canary{with}[brackets](09)",
    "canary$with^regex.*+?|10",
    'canary\\"both\\\\"\\11',
    "canary~with`ticks`!12",
    "-canary_-_dashes-_-13-",
    "////canary////14////",
    "++++canary++++15++++",
    "%%%canary%%%16%%%",
    "cafe0123456789abcdef0123456789017",
    "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjE4fQ.c2lnbmF0dXJl-_18",
    "Canary,with,commas;and|pipes19",
    "!@#$%^&*()_+-=canary20",
)
"""Twenty keys as services could hand them out: printable ASCII without spaces."""

NAMES = tuple(f"CANARY_{number}_KEY" for number in range(len(CANARIES)))
"""What an agent calls them."""


def give_canaries(agent: Path) -> None:
    """Make all of them variables of an agent, as a person would."""
    table = "\n".join(f"{name} = {json.dumps(value)}" for name, value in zip(NAMES, CANARIES, strict=True))
    (agent / ".studio").mkdir(parents=True, exist_ok=True)
    (agent / ".studio" / "settings.toml").write_text(f"[variables]\n{table}\n")


def shapes(secret: str) -> Iterator[str]:
    """The secret as it is, in base64 (of it alone and within more), in hex, escaped for URLs and for JSON."""
    yield secret
    data = secret.encode()
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + data).decode()
        alone = coded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        yield alone
        yield alone.replace("+", "-").replace("/", "_")
    yield data.hex()
    yield data.hex().upper()
    yield quote(secret)
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield re.sub("%..", lambda code: code[0].lower(), quote(secret, safe=""))
    inside = json.dumps(secret)[1:-1]
    yield inside
    yield inside.replace("/", "\\/")
    yield json.dumps(inside)[1:-1]
    yield repr(secret)[1:-1]
    yield "".join(f"\\u{ord(character):04x}" for character in secret)
    yield "".join(f"\\u{ord(character):04X}" for character in secret)
    yield "".join(f"%{ord(character):02X}" for character in secret)


def hits(text: str, secrets: Iterable[str] = CANARIES) -> list[str]:
    """Which shapes of which secrets are in the text."""
    return [shape for secret in secrets for shape in shapes(secret) if shape in text]


def leaks_below(*folders: Path) -> dict[str, list[str]]:
    """The files in which a secret is, compressed ones opened."""
    found: dict[str, list[str]] = {}
    for file in (file for folder in folders for file in folder.rglob("*") if file.is_file()):
        text = file.read_bytes().decode("utf-8", "replace")
        if file.suffix == ".mcap":
            with SessionReader(file) as reader:
                text += "".join(repr(item) for item in reader.items())
        if leaked := hits(text):
            found[file.name] = leaked
    return found
