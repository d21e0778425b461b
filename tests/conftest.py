"""What all tests share."""

from hypothesis import settings

settings.register_profile("studio", derandomize=True, database=None, deadline=None)
settings.load_profile("studio")


def pytest_addoption(parser):
    parser.addoption("--write-docs", action="store_true", help="write docs/events.md anew from what the examples do")
