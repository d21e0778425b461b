"""The names of voices and recognition models that projects may use: those of all plugins, and the user's own voices."""

from collections.abc import Iterator
from functools import cache

from studio.providers.accounts import Accounts
from studio.providers.catalogue import Catalogue
from studio.providers.credentials import Credentials
from studio.providers.failover import failover_of
from studio.providers.own_voices import UserVoices


@cache
def catalogue() -> Catalogue:
    """The user's own voices count; no key is asked for, since names alone matter."""
    return Catalogue(accounts=Accounts(Credentials({})), own=UserVoices())


def unknown_in_failover(name: str, value: object) -> Iterator[str]:
    """Entries of a failover list that nobody goes by, each in a sentence; none where it is no such list at all."""
    unknown = catalogue().unknown_hearer if name == "stt_failover" else catalogue().unknown_alternate
    try:
        yield from filter(None, map(unknown, failover_of(value)))
    except ValueError:
        return
