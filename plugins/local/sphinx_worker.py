"""pocketsphinx in a process of its own: caller audio in on standard input, readings out on standard output.

With a list of phrases the words are matched against them while the caller speaks, and dictated freely only when none of them
fits. Without one, everything is dictated.

The decoder hears a little noise beside the caller. Its acoustic model comes from rooms: in digital silence, and in the empty half
of a telephone's band, it finds no such floor and takes much for something else.
"""

import difflib
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np
from pocketsphinx import Config, Decoder

from studio.providers import worker_wire as wire

_RATE = 16_000
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_GRAMMAR = "phrases"
_FRAME = _RATE // 100
_NOISE = np.random.default_rng(0).normal(0, 30, _RATE).astype(np.int32)
"""A second of it, -60 dBFS: the same for every utterance, so that equal sounds are understood equally."""
_VOICED = 0.06
"""Of the loudest 10 ms: what is quieter is no voice."""
_COVERED, _HALF_COVERED = 0.95, 0.45
"""Parts of the voiced time that the words of a phrase must account for to be sure of it, and to be preferred."""


def spoken_form(phrase: str) -> str:
    """A phrase as the dictionary spells it: lower case, words only."""
    return " ".join(_WORD.findall(phrase.lower().replace("’", "'")))


class Ear:
    """One stream of utterances."""

    def __init__(self, out: BinaryIO, phrases: Sequence[str]) -> None:
        self._out = out
        self._dictation: Decoder | None = None
        self._matcher: Decoder | None = None
        self._phrases: dict[str, str] = {}
        self.unknown: dict[str, str] = {}
        """Phrases that cannot be listened for, and the word that is not in the dictionary."""
        if phrases:
            self._matcher = Decoder(Config(samprate=_RATE, loglevel="FATAL", lm=None))
            self._learn(phrases, self._matcher)
        if not self._phrases:
            self._matcher = None
        self._heard: list[bytes] = []
        self._fed = 0
        self._open = False
        self._partial = ""

    def _learn(self, phrases: Sequence[str], matcher: Decoder) -> None:
        for phrase in phrases:
            words = spoken_form(phrase)
            missing = next((word for word in words.split() if not matcher.lookup_word(word)), None)
            if missing:
                self.unknown[phrase] = missing
            elif words:
                self._phrases[words] = phrase
        if self._phrases:
            choices = " | ".join(self._phrases)
            matcher.add_jsgf_string(_GRAMMAR, f"#JSGF V1.0;\ngrammar g;\npublic <g> = {choices} ;\n")
            matcher.activate_search(_GRAMMAR)

    @property
    def _first(self) -> Decoder:
        return self._matcher or self._dictate()

    def _dictate(self) -> Decoder:
        self._dictation = self._dictation or Decoder(Config(samprate=_RATE, loglevel="FATAL"))
        return self._dictation

    def warm_up(self) -> None:
        """Load what dictation needs before somebody waits for it."""
        self._dictate()

    def feed(self, pcm: bytes) -> str:
        """Hear more; the reading so far when it has changed, else ""."""
        if not self._open:
            self._first.start_utt()
            self._open = True
            self._fed = 0
        self._heard.append(pcm)
        self._first.process_raw(_in_a_room(pcm, self._fed), False, False)
        self._fed += len(pcm) // 2
        hypothesis = self._first.hyp()
        text = hypothesis.hypstr if hypothesis else ""
        if text == self._partial:
            return ""
        self._partial = text
        return text

    def finish(self) -> Mapping[str, Any]:
        """The utterance is over."""
        if not self._open:
            return {"text": "", "certain": True, "alternative": "", "words": []}
        self._first.end_utt()
        hypothesis = self._first.hyp()
        heard, self._heard = b"".join(self._heard), []
        self._open, self._partial = False, ""
        reading = hypothesis.hypstr if hypothesis else ""
        words = _words(self._first)
        if self._matcher is None:
            return {"text": reading, "certain": False, "alternative": "", "words": words}
        covered = _covered(self._matcher, heard) if reading in self._phrases else 0.0
        if covered >= _HALF_COVERED:
            phrase = self._phrases[reading]
            words = [[text, *placed[1:]] for text, placed in zip(phrase.split(), words, strict=False)]
            words = words if len(words) == len(phrase.split()) else []
            certain = covered >= _COVERED
            alternative = "" if certain else self._dictated(heard)[0]
            return {"text": phrase, "certain": certain, "alternative": alternative, "words": words}
        dictated, words = self._dictated(heard)
        near = difflib.get_close_matches(dictated, self._phrases, n=1, cutoff=0.5)
        alternative = self._phrases[near[0]] if near else ""
        return {"text": dictated, "certain": False, "alternative": alternative, "words": words}

    def _dictated(self, heard: bytes) -> tuple[str, list[list[Any]]]:
        """The utterance as free text, and its words."""
        dictation = self._dictate()
        dictation.start_utt()
        dictation.process_raw(_in_a_room(heard, 0), False, True)
        dictation.end_utt()
        hypothesis = dictation.hyp()
        return hypothesis.hypstr if hypothesis else "", _words(dictation)


def _in_a_room(pcm: bytes, first: int) -> bytes:
    """The sound with the noise of its place in the utterance."""
    sound = np.frombuffer(pcm, "<i2")
    noise = np.take(_NOISE, np.arange(first, first + sound.size), mode="wrap")
    return np.clip(sound + noise, -32768, 32767).astype("<i2").tobytes()


def _words(decoder: Decoder) -> list[list[Any]]:
    """The words of the last utterance, each with its first sample and the one after its last."""
    return [
        [s.word.partition("(")[0], s.start_frame * _FRAME, (s.end_frame + 1) * _FRAME]
        for s in decoder.seg() or ()
        if not s.word.startswith(("<", "[", "+", "("))
    ]


def _covered(matcher: Decoder, heard: bytes) -> float:
    """Which part of the voiced time the words of a phrase account for; the rest was passed over as silence."""
    words = sum(end - start for _, start, end in _words(matcher)) // _FRAME
    sound = np.frombuffer(heard, "<i2").astype(np.int32)
    levels = np.abs(sound[: sound.size // _FRAME * _FRAME]).reshape(-1, _FRAME).sum(axis=1)
    return words / max(1, int((levels > _VOICED * levels.max(initial=0)).sum()))


def main() -> None:
    """Serve one stream until the engine closes the pipe."""
    source, out = sys.stdin.buffer, sys.stdout.buffer

    def send(number: int, header: Mapping[str, Any]) -> None:
        out.write(wire.encode({"n": number, **header}))
        out.flush()

    ear: Ear | None = None
    partials = 0
    while (frame := wire.read(source)) is not None:
        header, blob = frame
        match header["do"]:
            case "open":
                ear = Ear(out, header["phrases"])
                send(header["n"], {"done": True, "unknown": ear.unknown})
                if header["warm"]:
                    ear.warm_up()
            case "feed" if ear:
                if (text := ear.feed(blob)) and partials:
                    send(partials, {"partial": text})
            case "partials":
                partials = header["n"]
            case "finish" if ear:
                send(header["n"], {"done": True, **ear.finish()})
            case _:
                pass


main()
