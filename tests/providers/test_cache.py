"""The speech cache never serves anything but what was kept, whole."""

import os
import time

import pytest

from studio.providers.cache import Clip, ClipKey, SpeechCache
from studio.providers.speech import Word

KEY = ClipKey("local", "en-us", "", "hello", "", "", 1.0, 24000)
CLIP = Clip(b"\x01\x02" * 500, 24000, (Word("hello", 0, 500, 0, 5),))


@pytest.fixture
def cache(tmp_path):
    return SpeechCache(tmp_path / "cache")


def test_a_clip_comes_back_with_its_words(cache):
    cache.put(KEY, CLIP)
    assert cache.get(KEY) == CLIP


def test_another_speed_is_another_clip(cache):
    cache.put(KEY, CLIP)
    assert cache.get(ClipKey("local", "en-us", "", "hello", "", "", 1.5, 24000)) is None


def test_a_clip_older_than_a_week_is_gone(cache, tmp_path):
    cache.put(KEY, CLIP)
    (file,) = (tmp_path / "cache").iterdir()
    old = time.time() - 8 * 24 * 3600
    os.utime(file, (old, old))
    assert cache.get(KEY) is None


@pytest.mark.parametrize("keep", [0, 3, 40, 200, 1000])
def test_a_half_written_clip_is_never_served(cache, tmp_path, keep):
    cache.put(KEY, CLIP)
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(file.read_bytes()[:keep])
    assert cache.get(KEY) is None


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    cache = SpeechCache(tmp_path / "file")
    cache.put(KEY, CLIP)
    assert cache.get(KEY) is None
