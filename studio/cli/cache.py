"""`studio cache`: the lines that were spoken once and are kept."""

import json
import sys

from studio.providers.cache import KeptClip
from studio.runtime.household import speech_cache
from studio.units import size, span

_TEXT = 44
_ID = 10
"""Characters of an id that a list shows."""


def show(*, as_json: bool) -> int:
    """Print the clips, the newest first."""
    cache = speech_cache()
    clips = cache.listed()
    if as_json:
        json.dump([clip.as_dict() for clip in clips], sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    if not clips:
        print(f"No spoken line is kept in {cache.folder}.")
        return 0
    print(f"{'id':<{_ID}}  {'voice':<24} {'speed':>5} {'age':>6} {'left':>6} {'size':>8} {'hits':>5}  text")
    for clip in clips:
        text = " ".join(clip.key.text.split())
        text = text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
        print(
            f"{clip.id[:_ID]}  {clip.name[:24]:<24} {clip.key.speed:>5g} {span(clip.age_s):>6} {span(clip.left_s):>6} "
            f"{size(clip.size):>8} {clip.hits:>5}  {text}"
        )
    print(f"\n{_count(clips)}, {size(sum(clip.size for clip in clips))} in {cache.folder}.")
    return 0


def clear(id: str, voice: str, everything: bool) -> int:
    """Delete one clip by the beginning of its id, those of a voice, or all. Returns 2 with one sentence when unclear."""
    cache = speech_cache()
    if sum(map(bool, (id, voice, everything))) != 1:
        return _refuse("Say which: an ID that `studio cache` lists, --voice V, or --all.")
    if everything:
        print(f"{cache.clear()} removed.")
        return 0
    clips = cache.listed()
    chosen = [clip for clip in clips if (id and clip.id.startswith(id)) or (voice and _is_of(clip, voice))]
    if not chosen:
        return _refuse(f"No kept line {'of the voice ' + voice if voice else 'has an id that begins with ' + id}.")
    if id and len(chosen) > 1:
        return _refuse(f"{_count(chosen)} have an id that begins with {id}: write more of it.")
    print(f"{cache.remove([clip.id for clip in chosen])} removed.")
    return 0


def _is_of(clip: KeptClip, voice: str) -> bool:
    return voice.casefold() in (
        clip.name.casefold(),
        clip.key.voice.casefold(),
        f"{clip.key.provider}:{clip.name}".casefold(),
    )


def _count(clips: list[KeptClip]) -> str:
    return f"{len(clips)} line{'' if len(clips) == 1 else 's'}"


def _refuse(sentence: str) -> int:
    print(f"studio cache: {sentence}", file=sys.stderr)
    return 2
