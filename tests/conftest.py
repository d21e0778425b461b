"""What all tests share."""

from hypothesis import settings

settings.register_profile("studio", derandomize=True, database=None, deadline=None)
settings.load_profile("studio")
