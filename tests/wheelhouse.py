"""Small wheels on disk, and uv told to look nowhere else: installing without a network."""

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest


def wheel(
    folder: Path, name: str, version: str = "1.0", *, needs: str = "", files: Mapping[str, str] | None = None
) -> None:
    """Write NAME-VERSION with a module of its name, or with `files`."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + (
        f"Requires-Dist: {needs}\n" if needs else ""
    )
    content = {
        **(files or {f"{name}.py": f"version = {version!r}\n"}),
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*content, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**content, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)


def only_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have uv install from this folder alone, with a cache of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in {
        "UV_FIND_LINKS": str(folder),
        "UV_NO_INDEX": "1",
        "UV_OFFLINE": "1",
        "UV_CACHE_DIR": str(folder.parent / "uv-cache"),
        "UV_LINK_MODE": "copy",
        "UV_PYTHON_DOWNLOADS": "never",
        "PIP_CONFIG_FILE": os.devnull,
    }.items():
        monkeypatch.setenv(name, value)
