"""A model for sherpa-onnx, and the package itself, both of which stand in: it understands the texts that it was made with."""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Self
from unittest import mock

from studio.providers import worker
from tests.stand_ins import sherpa_onnx
from tests.stand_ins.stand_in import Plan, Utterance

_FILES = ("tiny-encoder.onnx", "tiny-decoder.onnx", "tiny-tokens.txt")


class SherpaModel:
    """`async with` makes the folder of `settings`, and lets workers find the package. It takes any loud sound for voice."""

    sockets = 0

    def __init__(self) -> None:
        self.plan = Plan()
        self.utterances: list[Utterance] = []
        self.settings: dict[str, str] = {}
        self._stack = ExitStack()

    async def __aenter__(self) -> Self:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="sherpa-onnx-whisper-tiny-")))
        for name in _FILES:
            (folder / name).write_bytes(b"x")
        (folder / sherpa_onnx.SAID).write_text("\n".join(said.text for said in self.utterances), "utf-8")
        self.settings = {"whisper_model": str(folder)}
        usual = worker._environment  # pyright: ignore[reportPrivateUsage]
        found = f"{Path(sherpa_onnx.__file__).parent}{os.pathsep}{usual()['PYTHONPATH']}"
        environment = usual() | {"PYTHONPATH": found}
        self._stack.enter_context(mock.patch.object(worker, "_environment", return_value=environment))
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._stack.close()
