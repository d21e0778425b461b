"""Installs the plugin that `docs/plugins.md` builds, as an installer would: files and a `.dist-info` on the search path."""

import re
import tomllib
from pathlib import Path

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "plugins.md"
_FILE = re.compile(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```", re.M | re.S)


def files_of_the_guide() -> dict[str, str]:
    """The files on the page, by their paths."""
    return dict(_FILE.findall(GUIDE.read_text("utf-8")))


def install(site: Path, files: dict[str, str]) -> None:
    """Put a distribution into `site`."""
    project = tomllib.loads(files["pyproject.toml"])["project"]
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in table.items())
        for group, table in project["entry-points"].items()
    )
    (info / "entry_points.txt").write_text(points)
    for name, text in files.items():
        if name != "pyproject.toml":
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(text, "utf-8")
