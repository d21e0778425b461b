"""`python -m studio.engine FOLDER`: an engine that can be reached through that folder.

The first line of its standard input is the token of its first window; without one it makes its own.
"""

import asyncio
import faulthandler
import logging
import logging.handlers
import sys
from pathlib import Path

from studio import paths
from studio.sessions.redaction import RedactingFormatter


def _open_log() -> None:
    folder = paths.state_dir() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(folder / "engine.log", maxBytes=1_000_000, backupCount=2)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    faulthandler.enable((folder / "engine-fault.log").open("a"))


def _serve(folder: Path) -> int:
    from studio.engine.endpoint import Endpoint  # imported where a failure can be logged
    from studio.engine.server import Engine
    from studio.engine.supervision import BUSY

    token = "" if sys.stdin.isatty() else sys.stdin.readline().strip()
    endpoint = Endpoint(folder)
    if not endpoint.claim(token):
        return BUSY
    try:
        asyncio.run(Engine(endpoint).serve())
    finally:
        endpoint.release()
    return 0


def main(arguments: list[str]) -> int:
    """Serve until told to leave."""
    if len(arguments) != 1:
        print("Give the folder through which the engine is reached.", file=sys.stderr)
        return 2
    _open_log()
    try:
        return _serve(Path(arguments[0]))
    except Exception:
        logging.getLogger(__name__).exception("the engine failed")
        return 1


sys.exit(main(sys.argv[1:]))
