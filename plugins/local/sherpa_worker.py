"""sherpa-onnx in a process of its own: caller audio in on standard input, readings out on standard output."""

import sys
from collections.abc import Mapping
from typing import Any, BinaryIO, Protocol

import numpy as np

from studio.providers import worker_wire as wire

_RATE = 16_000
_THREADS = 2
_LONGEST = 28 * _RATE
"""Whisper hears thirty seconds at a time."""
_CUT_WITHIN = 5 * _RATE
_FRAME = _RATE // 50
_TAIL = np.zeros(_RATE // 2, np.float32)
"""Silence after the last word, without which a streaming model keeps it to itself."""
_NOT_INSTALLED = (
    "The recogniser sherpa-onnx is not installed. Install it with: pip install 'voice-agent-studio[whisper]' "
    "(in a checkout: uv pip install sherpa-onnx)."
)


class Hearing(Protocol):
    """One utterance after the other."""

    def feed(self, samples: Any) -> str:
        """Take float samples; the reading so far when it has changed, else ""."""
        ...

    def finish(self) -> str:
        """The utterance is over: what was said in it."""
        ...


class Whole:
    """A model that understands an utterance when it is over."""

    def __init__(self, recogniser: Any) -> None:
        self._recogniser = recogniser
        self._heard: list[Any] = []

    def feed(self, samples: Any) -> str:
        """Keep it."""
        self._heard.append(samples)
        return ""

    def finish(self) -> str:
        """Understand it; a long one in pieces."""
        heard, self._heard = np.concatenate([*self._heard, np.zeros(0, np.float32)]), []
        return " ".join(filter(None, (self._understood(piece) for piece in _pieces(heard))))

    def _understood(self, piece: Any) -> str:
        stream = self._recogniser.create_stream()
        stream.accept_waveform(_RATE, piece)
        self._recogniser.decode_stream(stream)
        return str(stream.result.text).strip()


class Streaming:
    """A model that understands while it hears."""

    def __init__(self, recogniser: Any) -> None:
        self._recogniser = recogniser
        self._stream = recogniser.create_stream()
        self._told = ""

    def feed(self, samples: Any) -> str:
        """Understand it at once."""
        self._stream.accept_waveform(_RATE, samples)
        text = self._read()
        if text == self._told:
            return ""
        self._told = text
        return text

    def finish(self) -> str:
        """The last words, too."""
        self._stream.accept_waveform(_RATE, _TAIL)
        self._stream.input_finished()
        text = self._read()
        self._stream, self._told = self._recogniser.create_stream(), ""
        return text

    def _read(self) -> str:
        while self._recogniser.is_ready(self._stream):
            self._recogniser.decode_stream(self._stream)
        return str(self._recogniser.get_result(self._stream)).strip()


def opened(header: Mapping[str, Any]) -> Hearing:
    """The model that a header names. Raises what sherpa-onnx raises."""
    import sherpa_onnx  # pyright: ignore[reportMissingImports] - of the extra `whisper`

    kind, _, method = header["call"].partition(".")
    recogniser = getattr(getattr(sherpa_onnx, kind), method)(**header["arguments"], num_threads=_THREADS)
    return Streaming(recogniser) if header["streaming"] else Whole(recogniser)


def _pieces(heard: Any) -> list[Any]:
    """An utterance in pieces that are not too long, cut where it is quietest."""
    pieces: list[Any] = []
    while heard.size > _LONGEST:
        last = heard[_LONGEST - _CUT_WITHIN : _LONGEST].reshape(-1, _FRAME)
        cut = _LONGEST - _CUT_WITHIN + int(np.abs(last).sum(axis=1).argmin()) * _FRAME
        pieces.append(heard[:cut])
        heard = heard[cut:]
    return [*pieces, heard]


def main(source: BinaryIO, out: BinaryIO) -> None:
    """Serve one stream until the engine closes the pipe."""

    def send(number: int, header: Mapping[str, Any]) -> None:
        out.write(wire.encode({"n": number, **header}))
        out.flush()

    hearing: Hearing | None = None
    partials = 0
    while (frame := wire.read(source)) is not None:
        header, blob = frame
        match header["do"]:
            case "open":
                try:
                    hearing = opened(header)
                except ImportError:
                    send(header["n"], {"error": _NOT_INSTALLED, "failure": "unreachable"})
                except Exception as error:
                    sentence = f"sherpa-onnx cannot load the speech model ({type(error).__name__}: {error})."
                    send(header["n"], {"error": sentence, "failure": "unreachable"})
                else:
                    send(header["n"], {"done": True})
            case "feed" if hearing:
                text = hearing.feed(np.frombuffer(blob, "<i2").astype(np.float32) / 32768)
                if text and partials:
                    send(partials, {"partial": text})
            case "partials":
                partials = header["n"]
            case "finish" if hearing:
                said = {"text": hearing.finish(), "certain": True, "alternative": "", "words": []}
                send(header["n"], {"done": True, **said})
            case _:
                pass


main(sys.stdin.buffer, sys.stdout.buffer)
