"""What the address of a service says."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def on_this_machine(url: str) -> bool:
    """Whether what answers there runs on this machine: a proxy set for the outside is not asked for it.

    A name below `.localhost` is none of this machine's: a resolver may know it as another's.
    """
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def needs_certificates(url: str) -> bool:
    """Whether a client of that address alone may open an encrypted connection.

    A service at http:// on this machine is met without one, and certificates take 30 ms to load. The client must follow no
    redirect: it would verify nobody.
    """
    return not (on_this_machine(url) and urlsplit(url).scheme == "http")


def needed_scheme(url: str) -> str:
    """With what an address has to begin for a key to be sent there, `https://` or `wss://`.

    "" where one may be sent as it is: encrypted, or within this machine.
    """
    try:
        scheme = urlsplit(url).scheme
    except ValueError:  # no address at all
        return ""
    if scheme not in ("http", "ws") or on_this_machine(url):
        return ""
    return "https://" if scheme == "http" else "wss://"


def why_no_key(url: str) -> str:
    """Why no key may be sent to an address, as sentences; "" where one may."""
    needed = needed_scheme(url)
    return needed and (
        f"A key would go to {url} unencrypted, for anybody on the way to read. Begin the address with {needed}."
    )
