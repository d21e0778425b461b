"""`python -m studio.engine FOLDER`: an engine that can be reached through that folder."""

import asyncio
import faulthandler
import logging
import logging.handlers
import sys
from pathlib import Path

from studio import paths
from studio.engine.endpoint import Endpoint
from studio.engine.server import Engine
from studio.engine.supervision import BUSY


def _open_log() -> None:
    folder = paths.state_dir() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(folder / "engine.log", maxBytes=1_000_000, backupCount=2)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    faulthandler.enable((folder / "engine-fault.log").open("a"))


def main(arguments: list[str]) -> int:
    """Serve until told to leave."""
    if len(arguments) != 1:
        print("Give the folder through which the engine is reached.", file=sys.stderr)
        return 2
    _open_log()
    endpoint = Endpoint(Path(arguments[0]))
    if not endpoint.claim():
        return BUSY
    try:
        asyncio.run(Engine(endpoint).serve())
    except Exception:
        logging.getLogger(__name__).exception("the engine failed")
        return 1
    finally:
        endpoint.release()
    return 0


sys.exit(main(sys.argv[1:]))
