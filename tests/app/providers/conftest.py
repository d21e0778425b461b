"""Providers over an engine that answers what a test says."""

from pathlib import Path
from typing import Any

import pytest

from studio.app.call.model import CallModel
from studio.app.preferences.settings import Settings
from studio.app.providers.model import ProvidersModel
from studio.app.tasks import Tasks
from tests.app.fake_engine import FakeEngine, connected, settled
from tests.app.time_views import quiet_qt

__all__ = ["quiet_qt"]

STORE = {"source": "key store", "ending": "1234"}


def told(**facts: Any) -> dict[str, Any]:
    """An answer of the command `providers`."""
    return {"keys": {}, "store_problem": "", "reading_problem": "", "tried": {}, "listed": {}, "health": {}} | facts


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine()
    engine.answers["providers"] = told()
    return engine


@pytest.fixture
async def call(engine: FakeEngine) -> CallModel:
    return connected(engine)


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings()


@pytest.fixture
async def providers(call: CallModel, settings: Settings) -> ProvidersModel:
    tasks = Tasks(lambda what, error: pytest.fail(f"{what}: {error}"))
    model = ProvidersModel(call, settings, tasks.spawn)
    await settled()
    return model
