"""Qt counts text in UTF-16, where an emoji is two units; Python counts characters."""


def units(text: str) -> int:
    """The length of a text as Qt counts it."""
    return len(_encoded(text)) // 2


def split_at(text: str, position: int) -> tuple[str, str]:
    """The text before and after a position of Qt's."""
    encoded = _encoded(text)
    return _decoded(encoded[: 2 * position]), _decoded(encoded[2 * position :])


def _encoded(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _decoded(encoded: bytes) -> str:
    return encoded.decode("utf-16-le", "surrogatepass")
