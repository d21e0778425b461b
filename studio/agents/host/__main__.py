"""Start of the child. Imports the host under a private name, so that an agent may have a `wire.py` of its own."""

import os
import sys
import types

_HERE = os.path.dirname(os.path.abspath(__file__))

sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != _HERE]
_package = types.ModuleType("_studio_agent_host")
_package.__path__ = [_HERE]
sys.modules[_package.__name__] = _package

from _studio_agent_host.main import main  # pyright: ignore[reportMissingImports]  # noqa: E402

main(os.path.join(os.path.dirname(_HERE), "sdk"))
