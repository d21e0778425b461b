"""Keys of the user that stand in the files of a package: whoever gets it could use them."""

from collections.abc import Iterable, Iterator

from studio.providers.user import user_accounts
from studio.sessions.redaction import KEYS


def written_keys(contents: Iterable[tuple[str, bytes]]) -> Iterator[str]:
    """A sentence for every line that holds a key that the studio knows; `contents` are names and bytes of files."""
    user_accounts().credentials.ready()
    for name, content in contents:
        text = content.decode("utf-8", "replace")
        if KEYS.all_of(text) is text:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if KEYS.text(line) != line:
                yield f"{name}:{number}: one of your keys is written here, and goes out with the package. Take it out."
