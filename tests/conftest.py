"""What all tests share."""

import os

import pytest
from hypothesis import settings

from studio.sessions.redaction import KEYS

os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # no test asks the key store of whoever runs it

settings.register_profile("studio", derandomize=True, database=None, deadline=None)
settings.load_profile("studio")


@pytest.fixture(autouse=True)
def no_key_is_known():
    """The keys of one test are ordinary words in the next."""
    yield
    KEYS._own.clear()
    KEYS._put_together()


def pytest_addoption(parser):
    parser.addoption("--write-docs", action="store_true", help="write docs/events.md anew from what the examples do")
    parser.addoption(
        "--live",
        action="store_true",
        help="run the kits of the plugins on the real services, with the keys of the environment and the settings of the user",
    )
    parser.addoption("--matrix", action="store_true", help="print which behaviours of the kits every plugin shows")
