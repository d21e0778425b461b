"""The names of voices and recognition models that projects may use: those of all plugins, and the user's own voices."""

from functools import cache

from studio.providers.accounts import Accounts
from studio.providers.catalogue import Catalogue
from studio.providers.credentials import Credentials
from studio.providers.own_voices import UserVoices


@cache
def catalogue() -> Catalogue:
    """The user's own voices count; no key is asked for, since names alone matter."""
    return Catalogue(accounts=Accounts(Credentials({})), own=UserVoices())
