"""Stands where the package sherpa-onnx would be: the calls that its models are opened with, and readings that show what was heard.

The worker of the local recogniser finds it instead, where a test puts its folder on the worker's path.
"""

import os
from types import SimpleNamespace

_RATE = 16_000
_LOUD = 0.01
SAID = "said.txt"
"""A file beside a model's own: what it understands of one utterance with voice after the other, a line for each."""


class _Stream:
    def __init__(self):
        self.pieces = []
        self.loud = False
        self.result = SimpleNamespace(text="")
        self.over = False
        self.read = 0

    def accept_waveform(self, rate, samples):
        assert rate == _RATE
        assert abs(samples).max(initial=0) <= 1
        self.pieces.append(len(samples))
        self.loud = self.loud or abs(samples).max(initial=0) > _LOUD

    def input_finished(self):
        self.over = True

    @property
    def seconds(self):
        return sum(self.pieces) / _RATE


class _Recogniser:
    def __init__(self, call, **arguments):
        for name in ("encoder", "decoder", "joiner", "model", "paraformer", "tokens"):
            if name in arguments and not os.path.getsize(arguments[name]):  # noqa: PTH202
                if "fatal" in arguments[name]:
                    os._exit(255)  # as the real one does where its native code finds no way
                raise RuntimeError(f"{os.path.basename(arguments[name])} is empty")  # noqa: PTH119
        self._call = f"{call}/{arguments.get('language', '-')}"
        said = os.path.join(os.path.dirname(arguments["tokens"]), SAID)  # noqa: PTH118, PTH120
        self._said = open(said, encoding="utf-8").read().splitlines() if os.path.exists(said) else None  # noqa: PTH110, PTH123, SIM115

    def create_stream(self):
        return _Stream()

    def _text(self, stream):
        if self._said is not None:
            return self._said.pop(0) if stream.loud and self._said else ""
        return f"{self._call} {stream.seconds:.1f}"


class OfflineRecognizer(_Recogniser):
    def decode_stream(self, stream):
        stream.result.text = f" {self._text(stream)} "

    @classmethod
    def from_whisper(cls, encoder, decoder, tokens, language="en", task="transcribe", num_threads=1):
        return cls("whisper", encoder=encoder, decoder=decoder, tokens=tokens, language=language)

    @classmethod
    def from_sense_voice(cls, model, tokens, num_threads=1, language="", use_itn=False):
        return cls("sense-voice", model=model, tokens=tokens, language=language)

    @classmethod
    def from_paraformer(cls, paraformer, tokens, num_threads=1):
        return cls("paraformer", paraformer=paraformer, tokens=tokens)

    @classmethod
    def from_transducer(cls, encoder, decoder, joiner, tokens, num_threads=1, model_type="transducer"):
        return cls(model_type, encoder=encoder, decoder=decoder, joiner=joiner, tokens=tokens)


class OnlineRecognizer(_Recogniser):
    @classmethod
    def from_transducer(cls, tokens, encoder, decoder, joiner, num_threads=2):
        return cls("streaming", encoder=encoder, decoder=decoder, joiner=joiner, tokens=tokens)

    def is_ready(self, stream):
        return stream.read < len(stream.pieces)

    def decode_stream(self, stream):
        stream.read += 1

    def get_result(self, stream):
        whole = int(stream.seconds)
        return f"streaming {whole}{'.' if stream.over else ''}" if whole else ""
