"""The parts that the sessions of a process share, and their life."""

import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from studio import paths
from studio.agents.link import AgentLink
from studio.agents.project import Project
from studio.agents.spares import SpareKeeper
from studio.agents.supervision import ChildLink
from studio.providers.cache import SpeechCache
from studio.providers.catalogue import Catalogue
from studio.providers.desk import SpeechDesk
from studio.providers.ear_desk import EarDesk
from studio.runtime.assembly import Parts
from studio.runtime.clock import SessionClock
from studio.runtime.virtual_time import VirtualLoop


def live_parts(spares: SpareKeeper | None) -> Parts:
    """Parts for sessions in real time: warm children, the user's speech cache."""

    def make_link(project: Project, clock: SessionClock) -> AgentLink:
        return ChildLink(project.interpreter, spares=spares)

    catalogue = Catalogue()
    return Parts(SpeechDesk(SpeechCache(paths.cache_dir() / "speech"), catalogue), EarDesk(catalogue), make_link)


def virtual_parts(loop: VirtualLoop, cache: Path) -> Parts:
    """Parts for one virtual session: fresh workers and an empty cache, so that every run is the same."""

    def make_link(project: Project, clock: SessionClock) -> AgentLink:
        return ChildLink(project.interpreter, external=loop.external, zero=clock.zero)

    catalogue = Catalogue()
    return Parts(SpeechDesk(SpeechCache(cache), catalogue), EarDesk(catalogue), make_link)


@asynccontextmanager
async def household(loop: object) -> AsyncGenerator[Parts]:
    """Parts for a single session on `loop`; all of them are closed afterwards."""
    with tempfile.TemporaryDirectory(prefix="studio-") as folder:
        parts = virtual_parts(loop, Path(folder)) if isinstance(loop, VirtualLoop) else live_parts(None)
        try:
            yield parts
        finally:
            await parts.speech.close()
            await parts.ears.close()
