"""Sound that comes in pieces of any length."""


class WholeSamples:
    """Keeps the odd byte of a 16-bit sample until its other one is there."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> bytes:
        """The whole samples of what has come; may be empty."""
        data = self._rest + data
        whole = len(data) & ~1
        self._rest = data[whole:]
        return data[:whole]
