"""Models that the reference names and no plugin can ask for, as `plugins/other_models.toml` lists them."""

import tomllib
from collections.abc import Mapping
from functools import cache

from studio import paths


@cache
def other_recognisers() -> Mapping[str, str]:
    """The names of recognition models, and the titles of the services that have them."""
    table = tomllib.loads((paths.PLUGINS / "other_models.toml").read_text("utf-8"))
    return {row["name"]: row["service"] for row in table["recognition"]}
