"""`studio keys`: which keys there are and where, entered and tested. A key is never an argument and never printed."""

import asyncio
import getpass
import json
import sys
from collections.abc import Mapping
from typing import Any

from studio.providers.checks import Verdict, try_account
from studio.providers.credentials import Credentials, KeyRefusedError
from studio.providers.known_keys import known_keys
from studio.providers.manifests import load_providers
from studio.providers.user import user_accounts


def show(*, as_json: bool) -> int:
    """Print all keys that anything takes, and where each is found."""
    credentials = Credentials()
    known = known_keys(load_providers().values())
    services = {key.name: ", ".join(key.services) for key in known}
    services |= dict.fromkeys(sorted(credentials.stored - services.keys()), "")
    pages = {key.name: key.page for key in known}
    rows = [_row(name, service, pages.get(name, ""), credentials) for name, service in services.items()]
    problem = credentials.store_problem
    if as_json:
        print(json.dumps({"keys": rows, "store_problem": problem}, ensure_ascii=False, indent=1))
        return 0
    for row in rows:
        ending = f"…{row['ending']}" if row["ending"] else ""
        print(f"{row['name']:<32} {row['source'] or 'missing':<12} {ending:<6} {row['services']}")
    print()
    print(problem or "`studio keys set NAME` keeps one in the key store of the system.")
    if unread := credentials.reading_problem:
        print(f"studio keys: {unread}", file=sys.stderr)
    return 0


def enter(name: str) -> int:
    """Read a key without showing it and keep it. Returns 0, or 2 with one sentence on standard error."""
    credentials = Credentials()
    if problem := credentials.store_problem:
        return _refuse(f"{problem} On the command line, set the environment variable {name} instead.")
    if sys.stdin.isatty():
        about = {key.name: key.about for key in known_keys(load_providers().values())}.get(name, "")
        value = getpass.getpass(f"{about}\n{name}: " if about else f"{name}: ")
    else:
        value = sys.stdin.read()
    try:
        credentials.keep(name, value, "key store")
    except KeyRefusedError as error:
        return _refuse(str(error))
    print(f"{name} is kept in the key store of the system.")
    return 0


def remove(name: str) -> int:
    """Remove a key from the store. Returns 0, or 2 with one sentence on standard error."""
    credentials = Credentials()
    if name not in credentials.stored:
        return _refuse(f"There is no {name} in the key store. `studio keys` lists what there is.")
    try:
        credentials.forget(name)
    except KeyRefusedError as error:
        return _refuse(str(error))
    left = credentials.find(name)
    print(f"{name} is removed." + (" The environment still has one." if left else ""))
    return 0


def test(name: str, *, as_json: bool) -> int:
    """Ask services whether they accept the keys. Returns 0, 1 when one does not, or 2 for a name that is none."""
    providers = load_providers()
    if name and name not in providers:
        return _refuse(f"There is no provider '{name}': it is one of {', '.join(providers)}.")
    accounts = user_accounts()
    chosen = [providers[name]] if name else [p for p in providers.values() if p.key and accounts.has_key(p.key)]
    if not chosen:
        return _refuse("There is no key to test. `studio keys` lists what there is.")

    async def ask() -> Mapping[str, Verdict]:
        verdicts = await asyncio.gather(*(try_account(provider, accounts) for provider in chosen))
        return dict(zip((provider.name for provider in chosen), verdicts, strict=True))

    verdicts = asyncio.run(ask())
    if as_json:
        rows = [{"provider": name, "state": v.state, "sentence": v.sentence} for name, v in verdicts.items()]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for provider, verdict in verdicts.items():
            print(f"{provider:<10} {verdict.state:<13} {verdict.sentence}")
    return 0 if all(verdict.state in ("works", "untested") for verdict in verdicts.values()) else 1


def _row(name: str, services: str, page: str, credentials: Credentials) -> dict[str, Any]:
    key = credentials.find(name)
    return {
        "name": name,
        "source": key.source if key else "",
        "ending": key.ending if key else "",
        "services": services,
        "page": page,
    }


def _refuse(sentence: str) -> int:
    print(f"studio keys: {sentence}", file=sys.stderr)
    return 2
