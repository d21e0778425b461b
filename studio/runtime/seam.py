"""One text from two recognisers of which each has heard a part of an utterance."""

from dataclasses import replace

from studio.providers.recognition import HeardWord, Transcript


def joined(old: Transcript, new: Transcript, seam: int | None) -> Transcript:
    """What was said before `seam` by the old one, and after it by the new one.

    A word that lies across the seam comes whole from the old one where that heard it begin before, else from the new one: the
    two may place it differently by less than half its length. `seam` is None where each has heard its own part alone. A new
    one that does not place its words has heard everything: it is believed.
    """
    if seam is None:
        words = (*old.words, *new.words) if _placed(old) and _placed(new) else ()
        return _one(old, new, " ".join(filter(None, (old.text.strip(), new.text.strip()))), words)
    if not (_placed(old) and _placed(new)):
        return new if new.text.strip() else old
    before = [word for word in old.words if word.start < seam]
    after = [word for word in new.words if word.end > seam and not any(_same(word, known) for known in before)]
    words = (*before, *after)
    return _one(old, new, " ".join(word.text for word in words), words)


def _placed(transcript: Transcript) -> bool:
    """Whether all that was said has places."""
    return bool(transcript.words) or not transcript.text.strip()


def _same(one: HeardWord, other: HeardWord) -> bool:
    """Whether two readings are of the same stretch of sound: more than half of the shorter one is in both."""
    both = min(one.end, other.end) - max(one.start, other.start)
    return 2 * both > min(one.end - one.start, other.end - other.start)


def _one(old: Transcript, new: Transcript, text: str, words: tuple[HeardWord, ...]) -> Transcript:
    confidences = [part.confidence for part in (old, new) if part.confidence is not None and part.text.strip()]
    return replace(
        new,
        text=text,
        start=min(old.start, new.start),
        confidence=min(confidences, default=None),
        certain=all(part.certain for part in (old, new) if part.text.strip()),
        alternative="",
        words=words,
        provider=new.provider if new.text.strip() else old.provider,
    )
