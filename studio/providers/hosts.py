"""What the address of a service says."""

from urllib.parse import urlsplit

_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


def on_this_machine(url: str) -> bool:
    """Whether a service runs on this machine: a proxy set for the outside is not asked for it."""
    return (urlsplit(url).hostname or "") in _THIS_MACHINE


def needs_certificates(url: str) -> bool:
    """Whether a client of that address alone may open an encrypted connection.

    A service at http:// on this machine is met without one, and certificates take 30 ms to load. The client must follow no
    redirect: it would verify nobody.
    """
    return not (on_this_machine(url) and urlsplit(url).scheme == "http")
