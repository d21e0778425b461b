"""What all tests share."""

import os

from hypothesis import settings

os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # no test asks the key store of whoever runs it

settings.register_profile("studio", derandomize=True, database=None, deadline=None)
settings.load_profile("studio")


def pytest_addoption(parser):
    parser.addoption("--write-docs", action="store_true", help="write docs/events.md anew from what the examples do")
    parser.addoption(
        "--live",
        action="store_true",
        help="run the kits of the plugins on the real services, with the keys of the environment",
    )
    parser.addoption("--matrix", action="store_true", help="print which behaviours of the kits every plugin shows")
