"""`studio voices`: who can speak."""

import json
import sys
from typing import Any

from studio.providers.catalogue import Catalogue
from studio.providers.user import user_accounts


def voices(*, as_json: bool) -> int:
    """Print all voices, those of the reference first."""
    catalogue = Catalogue(accounts=user_accounts())
    rows: list[dict[str, Any]] = []
    for voice in catalogue.voices:
        reason = catalogue.why_silent(voice)
        rows.append(
            {
                "name": voice.name,
                "provider": voice.provider,
                "id": voice.id,
                "language": voice.language,
                "gender": voice.gender,
                "description": voice.description,
                "available": not reason,
                "reason": reason,
            }
        )
    if as_json:
        json.dump(rows, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    for row in rows:
        mark = " " if row["available"] else "-"
        print(f"{mark} {row['name']:<30} {row['provider']:<10} {row['language']:<7} {row['description']}")
    silent = sum(not row["available"] for row in rows)
    print(f"\n{len(rows)} voices. The {silent} marked - are spoken by a local stand-in.")
    return 0
