"""How plugins connect to services: no key follows a redirect, and what runs on this machine is met without a proxy."""

import sys
from typing import Any, TypedDict

from studio.providers.hosts import needs_certificates, on_this_machine


class HttpOptions(TypedDict):
    """What a client of httpx is made with."""

    trust_env: bool
    verify: bool
    follow_redirects: bool


def http_options(url: str) -> HttpOptions:
    """For a client of that address alone."""
    return {
        "trust_env": not on_this_machine(url),  # proxies are for the outside
        "verify": needs_certificates(url),
        "follow_redirects": False,  # httpx drops `Authorization` on the way to another host, and no other header
    }


def socket_options(url: str) -> dict[str, Any]:
    """What `connect` of `websockets` takes for a socket at that address."""
    forbid_socket_redirects()
    return {"proxy": None} if on_this_machine(url) else {}


def forbid_socket_redirects() -> None:
    """Let `websockets` follow no redirect in this process: it would send all headers on, whatever the host.

    No SDK has an option for it, and an environment variable would reach the agents.
    """
    from websockets.asyncio import client

    client.MAX_REDIRECTS = 1  # how often it connects
    if legacy := sys.modules.get("websockets.legacy.client"):
        legacy.Connect.MAX_REDIRECTS_ALLOWED = 1
