"""Which values will do for a setting of a provider, whoever writes them: the window, or a person into the file."""

from typing import Any
from urllib.parse import urlsplit

from studio.providers.manifests import Setting

_ONE_WORD = frozenset({"url", "region", "key_variable"})


def problem_of(setting: Setting, value: Any) -> str:
    """Why a value will not do for a setting, as a sentence; "" where it will, or where it is none."""
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if number and setting.name not in _ONE_WORD else f"{setting.title}: write a text, in quotation marks."
    if any(letter.isspace() for letter in value) and setting.name in _ONE_WORD:
        return f"{setting.title}: there is a space in it."
    if setting.name == "key_variable" and not value.isidentifier():
        return "The name of a key is one of a variable, such as MY_SERVER_KEY. The key itself is entered above."
    if setting.name == "region" and not value.isalnum():
        return "A region is one word, e.g. westeurope."
    if setting.name != "url":
        return ""
    if "://" in setting.default and "://" not in value:
        return "An address begins with http:// or https://."
    try:
        parts = urlsplit(value if "://" in value else f"//{value}")
        good = bool(parts.hostname) and parts.scheme in ("", "http", "https", "ws", "wss") and parts.port != 0
    except ValueError:
        good = False
    return "" if good else "That is no address. One looks like https://host/path or http://127.0.0.1:8000."
