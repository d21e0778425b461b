"""Where Azure's speech service is: in a region, or at an address of the user's own."""

import re
from urllib.parse import urlsplit, urlunsplit

from studio.providers.accounts import Account
from studio.providers.errors import ProviderError

_SOCKET = "/cognitiveservices/websocket/v1"
_LIST = "/cognitiveservices/voices/list"
_REGION = re.compile(r"[a-z0-9]{3,40}")


def endpoint_of(account: Account) -> str:
    """The address of the socket. Raises ProviderError `unreachable` where the settings name none."""
    if account["url"]:
        return _own(account)
    region = account["region"].replace(" ", "").lower()  # the portal shows "West Europe"
    if not _REGION.fullmatch(region):
        sentence = f"'{account['region']}' is no region of {account.title}: set one such as westeurope under Providers."
        raise ProviderError(account.provider, "unreachable", sentence)
    return f"wss://{region}.tts.speech.microsoft.com{_SOCKET}"


def voices_url(endpoint: str) -> str:
    """The address of the list of voices beside a socket."""
    parts = urlsplit(endpoint)
    scheme = "http" if parts.scheme == "ws" else "https"
    return urlunsplit((scheme, parts.netloc, parts.path.removesuffix(_SOCKET) + _LIST, "", ""))


def _own(account: Account) -> str:
    """An address of the user's own: of the socket itself, or of a resource, which has it below `/tts`."""
    parts = urlsplit(account["url"])
    if parts.scheme not in ("ws", "wss", "http", "https") or not parts.hostname:
        sentence = f"'{account['url']}' is no address of {account.title}: it begins with wss:// or https://."
        raise ProviderError(account.provider, "unreachable", sentence)
    path = parts.path.rstrip("/")
    if not path.endswith(_SOCKET):
        path = f"{path or '/tts'}{_SOCKET}"
    return urlunsplit(("ws" if parts.scheme in ("ws", "http") else "wss", parts.netloc, path, "", ""))
