"""`studio voices`: who can speak, and who speaks for those that cannot."""

import json
import sys
from typing import Any

from studio.providers.catalogue import Catalogue
from studio.providers.manifests import Voice
from studio.providers.user import user_catalogue


def voices(*, as_json: bool) -> int:
    """Print all voices: those of the reference in its order, the local ones, the user's own."""
    catalogue = user_catalogue()
    rows = [row_of(catalogue, voice) for voice in catalogue.voices]
    for problem in catalogue.problems:
        print(f"studio voices: {problem}", file=sys.stderr)
    if as_json:
        json.dump(rows, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    for row in rows:
        mark = " " if row["available"] else "-"
        print(f"{mark} {row['name']:<30} {row['provider']:<10} {row['language']:<7} {row['description']}")
    silent = sum(not row["available"] for row in rows)
    print(f"\n{len(rows)} voices. In the place of the {silent} marked - another voice speaks.")
    return 0


def row_of(catalogue: Catalogue, voice: Voice) -> dict[str, Any]:
    """A voice as JSON values: what is known of it, and who speaks for it."""
    role, ends, successor = catalogue.role(voice), catalogue.ends(voice), catalogue.successor(voice)
    return {
        "name": voice.name,
        "provider": voice.provider,
        "id": voice.id,
        "no_id": catalogue.why_no_id(voice),
        "language": voice.language,
        "gender": voice.gender,
        "description": voice.description,
        "origin": voice.origin,
        "available": role.itself,
        "reason": role.why,
        "stand_in": "" if role.itself else role.speaks.key,
        "ends": str(ends or ""),
        "successor": successor.name if successor else "",
    }
