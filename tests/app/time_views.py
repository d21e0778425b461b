"""What the tests of the time views share: a quiet offscreen Qt, the shipped faces, and models that have read everything."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from studio.app.timeline.timeline_model import TimelineModel
from tests.app.synthetic import SyntheticSession

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

HARMLESS = ("This plugin does not support", "OpenType support missing")
"""Of the platform without a display, and of the fonts of a machine."""


@pytest.fixture(scope="session", autouse=True)
def faces(qapp: Any) -> None:
    from studio.app.theme.current import load_fonts, ui_font

    load_fonts()
    qapp.setFont(ui_font())


@pytest.fixture(autouse=True)
def quiet_qt(qtlog: Any) -> Iterator[None]:
    """Any message of Qt fails the test."""
    yield
    said = [record.message for record in qtlog.records]
    assert not [message for message in said if not any(known in message for known in HARMLESS)]


def read_all(data: SyntheticSession) -> TimelineModel:
    """A model that has read the whole session."""
    model = TimelineModel(data)
    while not model.complete and model.lanes and not model.lanes.complete:
        model.refresh()
    return model
