"""Which kind of speech model a folder holds, told by the names of its files and its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from studio.providers.errors import Failure

_KINDS = (
    "Whisper (NAME-encoder.onnx, NAME-decoder.onnx, NAME-tokens.txt), a transducer (encoder, decoder, joiner, tokens.txt), "
    "and SenseVoice and paraformer (model.onnx, tokens.txt, in a folder that is named after them)"
)
_SENSE_VOICE_LANGUAGES = ("zh", "en", "ja", "ko", "yue")


class ModelError(Exception):
    """A folder or its model cannot be used; the message is a sentence for people."""

    def __init__(self, sentence: str, failure: Failure = "unreachable") -> None:
        super().__init__(sentence)
        self.failure: Failure = failure


@dataclass(frozen=True, slots=True)
class Model:
    """A model, and how sherpa-onnx opens it: `call` is CLASS.METHOD, `arguments` are its own for the files."""

    name: str
    call: str
    arguments: Mapping[str, str]
    streaming: bool = False
    """Whether it understands while the caller speaks."""
    languages: Sequence[str] = ()
    """The languages that it can be told; empty where it can be told none."""
    only: str = ""
    """The only language that it knows, where its name says so."""
    extra: Mapping[str, object] = field(default_factory=dict)

    def heard_as(self, language: str) -> dict[str, object]:
        """All arguments, to listen in that language (BCP 47 or "multi"). Raises ModelError `refused`."""
        short = language.split("-")[0].lower()
        if self.only and short not in (self.only, "multi"):
            raise ModelError(f"The speech model {self.name} knows '{self.only}' only, not '{language}'.", "refused")
        arguments: dict[str, object] = {**self.arguments, **self.extra}
        if self.only and "language" in arguments:
            arguments["language"] = self.only
        elif self.languages and short != "multi":
            if "*" not in self.languages and short not in self.languages:
                known = ", ".join(self.languages)
                raise ModelError(f"The speech model {self.name} knows {known}, not '{language}'.", "refused")
            arguments["language"] = short
        return arguments


def find_model(path: str) -> Model:
    """The model in a folder. Raises ModelError."""
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise ModelError(
            f"There is no folder {folder} with a speech model. Correct whisper_model of [providers.local]."
        )
    names = sorted(file.name for file in folder.iterdir() if file.is_file())
    for kind in (_whisper, _transducer, _single):
        if model := kind(_Folder(folder, names)):
            return model
    raise ModelError(f"The folder {folder} holds no speech model that is known here. Known are {_KINDS}.")


@dataclass(frozen=True, slots=True)
class _Folder:
    path: Path
    names: Sequence[str]

    def called(self, *words: str) -> bool:
        """Whether the folder's name, or that of a file, has one of these words."""
        return any(word in name.lower().replace("_", "-") for name in (self.path.name, *self.names) for word in words)

    def file(self, fits: Callable[[str], bool]) -> str:
        """The path of the first file of such a name, a quantised one before others; "" where there is none."""
        found = [name for name in self.names if fits(name)]
        found.sort(key=lambda name: (".int8." not in name, name))
        return str(self.path / found[0]) if found else ""

    def part(self, word: str) -> str:
        """The file of a model's part, such as its encoder."""
        return self.file(lambda name: name.endswith((".onnx", ".ort")) and word in name.lower())

    @property
    def tokens(self) -> str:
        return self.file(lambda name: name.lower().endswith("tokens.txt"))


def _whisper(folder: _Folder) -> Model | None:
    tokens = folder.file(lambda name: name.lower().endswith("-tokens.txt"))
    if not tokens or folder.part("joiner"):
        return None
    prefix = Path(tokens).name[: -len("-tokens.txt")]
    encoder = folder.file(lambda name: name.startswith(f"{prefix}-encoder") and name.endswith(".onnx"))
    decoder = folder.file(lambda name: name.startswith(f"{prefix}-decoder") and name.endswith(".onnx"))
    if not encoder or not decoder:
        return None
    return Model(
        f"Whisper {prefix}",
        "OfflineRecognizer.from_whisper",
        {"encoder": encoder, "decoder": decoder, "tokens": tokens},
        languages=("*",),
        only="en" if prefix.endswith(".en") else "",
        extra={"language": "", "task": "transcribe"},
    )


def _transducer(folder: _Folder) -> Model | None:
    parts = {name: folder.part(name) for name in ("encoder", "decoder", "joiner")}
    if not folder.tokens or not all(parts.values()):
        return None
    files = {**parts, "tokens": folder.tokens}
    name = folder.path.name
    if folder.called("streaming", "chunk-"):
        return Model(name, "OnlineRecognizer.from_transducer", files, streaming=True)
    nemo = folder.called("nemo", "parakeet")
    extra = {"model_type": "nemo_transducer"} if nemo else {}
    return Model(name, "OfflineRecognizer.from_transducer", files, extra=extra)


def _single(folder: _Folder) -> Model | None:
    model = folder.file(lambda name: name.endswith(".onnx") and name.lower().startswith("model"))
    if not folder.tokens or not model:
        return None
    if folder.called("sense-voice", "sensevoice"):
        return Model(
            folder.path.name,
            "OfflineRecognizer.from_sense_voice",
            {"model": model, "tokens": folder.tokens},
            languages=_SENSE_VOICE_LANGUAGES,
            extra={"use_itn": True},
        )
    if folder.called("paraformer"):
        arguments = {"paraformer": model, "tokens": folder.tokens}
        return Model(folder.path.name, "OfflineRecognizer.from_paraformer", arguments)
    return None
