"""The parts that the sessions of a process share, and their life."""

import math
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
from studio.providers.desk import SpeechDesk
from studio.providers.ear_desk import EarDesk
from studio.providers.user import user_catalogue
from studio.runtime.assembly import Parts
from studio.runtime.clock import VIRTUAL_DATE, SessionClock
from studio.runtime.virtual_time import VirtualLoop


def speech_cache() -> SpeechCache:
    """The user's speech cache."""
    return SpeechCache(paths.cache_dir() / "speech")


def voice_examples() -> SpeechCache:
    """What voices sound like, kept for good."""
    return SpeechCache(paths.cache_dir() / "examples", math.inf)


def live_parts(spares: SpareKeeper | None) -> Parts:
    """Parts for sessions in real time: warm children, the user's speech cache."""

    def make_link(project: Project, clock: SessionClock) -> AgentLink:
        return ChildLink(project.interpreter, spares=spares)

    catalogue = user_catalogue()
    return Parts(SpeechDesk(speech_cache(), catalogue), EarDesk(catalogue), make_link, catalogue.accounts)


def virtual_parts(loop: VirtualLoop, cache: SpeechCache, *, network: bool = False) -> Parts:
    """Parts for one virtual session: fresh workers and its own date, so that every run is the same.

    Without `network` no service is asked, whatever keys there are.
    """

    def make_link(project: Project, clock: SessionClock) -> AgentLink:
        return ChildLink(project.interpreter, external=loop.external, zero=clock.zero)

    catalogue = user_catalogue(network=network, today=lambda: VIRTUAL_DATE)
    return Parts(SpeechDesk(cache, catalogue), EarDesk(catalogue), make_link, catalogue.accounts)


@asynccontextmanager
async def household(loop: object, *, own_cache: bool = True, network: bool = False) -> AsyncGenerator[Parts]:
    """Parts for a single session on `loop`; all of them are closed afterwards.

    A virtual session has an empty speech cache of its own, or with `own_cache=False` the user's; it asks services only
    with `network`.
    """
    with tempfile.TemporaryDirectory(prefix="studio-") as folder:
        if isinstance(loop, VirtualLoop):
            parts = virtual_parts(loop, SpeechCache(Path(folder)) if own_cache else speech_cache(), network=network)
        else:
            parts = live_parts(None)
        try:
            yield parts
        finally:
            await parts.speech.close()
            await parts.ears.close()
