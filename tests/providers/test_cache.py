"""The speech cache never serves anything but what was kept, whole; and says what it keeps."""

import itertools
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from studio.providers.cache import Clip, ClipKey, SpeechCache
from studio.providers.speech import Word

KEY = ClipKey("local", "en-us", "", "hello", "", "", 1.0, 24000)
CLIP = Clip(b"\x01\x02" * 500, 24000, (Word("hello", 0, 500, 0, 5),))
DAY_S = 24 * 3600
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cache(tmp_path):
    return SpeechCache(tmp_path / "cache")


def served(cache, key=KEY):
    found = cache.get(key)
    return found and found.clip


def grow_old(cache, days, key=KEY):
    made = time.time() - days * DAY_S
    os.utime(cache.folder / key.digest, (made, made))


def test_a_clip_comes_back_with_its_words(cache):
    assert cache.put(KEY, CLIP)
    assert served(cache) == CLIP


@pytest.mark.parametrize(
    "other",
    [
        {"provider": "openai"},
        {"voice": "en-gb"},
        {"model": "tts-1"},
        {"text": "hello "},
        {"language": "en"},
        {"instructions": "whisper"},
        {"speed": 1.5},
        {"rate": 16000},
    ],
)
def test_everything_that_makes_a_line_what_it_is_makes_another_clip(cache, other):
    cache.put(KEY, CLIP)
    assert served(cache, replace(KEY, **other)) is None


def test_a_clip_is_kept_for_a_week_and_not_longer(cache):
    cache.put(KEY, CLIP)
    grow_old(cache, 6.9)
    assert served(cache) == CLIP
    grow_old(cache, 7.1)
    assert cache.listed() == []
    assert served(cache) is None
    assert not (cache.folder / KEY.digest).exists()


@pytest.mark.parametrize("keep", [0, 3, 7, 40, 200, 400, 1000])
def test_a_half_written_clip_is_never_served_and_goes(cache, keep):
    cache.put(KEY, CLIP)
    file = cache.folder / KEY.digest
    file.write_bytes(file.read_bytes()[:keep])
    assert cache.listed() == []
    assert served(cache) is None
    assert not file.exists()


@pytest.mark.parametrize("place", [0, 5, 20, 300, 700, -1])
def test_a_clip_with_one_wrong_byte_is_never_served(cache, place):
    cache.put(KEY, CLIP)
    file = cache.folder / KEY.digest
    content = bytearray(file.read_bytes())
    content[place] ^= 0x20
    file.write_bytes(content)
    assert served(cache) is None
    assert cache.put(KEY, CLIP)
    assert served(cache) == CLIP


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    cache = SpeechCache(tmp_path / "file")
    assert not cache.put(KEY, CLIP)
    assert served(cache) is None
    assert cache.listed() == []
    assert cache.clear() == 0


def writer(cache, *arguments):
    """Another engine that keeps clips in the same folder; see `kept_on_and_on`."""
    command = [sys.executable, "-m", "tests.providers.kept_on_and_on", str(cache.folder), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def sounds(cache):
    """The first byte of each of the seven clips that the writer keeps; every one must be whole."""
    clips = [served(cache, replace(KEY, text=f"line {number}")) for number in range(7)]
    assert all(clip and clip.pcm == clip.pcm[:2] * 400_000 for clip in clips)
    return [clip.pcm[0] for clip in clips]


def test_a_writer_that_is_killed_leaves_every_clip_whole(cache):
    cache.put(KEY, CLIP, "English")
    for rounds in (1, 2, 3):
        other = writer(cache)
        assert other.stdout is not None
        for _ in range(7 * rounds):
            other.stdout.readline()
        other.kill()
        other.communicate()
        sounds(cache)
    assert len(cache.listed()) == 8
    assert served(cache) == CLIP


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_a_writer_that_dies_in_the_middle_of_a_clip_leaves_the_one_before(cache):
    for number in range(7):
        cache.put(replace(KEY, text=f"line {number}"), Clip(b"\7\1" * 400_000, 24_000, ()))
    other = writer(cache, "300000")
    assert other.communicate()[0] == b""
    assert other.returncode < 0
    assert sounds(cache) == [7] * 7


def test_what_a_killed_writer_left_is_swept_away_an_hour_later(cache):
    cache.put(KEY, CLIP)
    parts = [cache.folder / ".left.part", cache.folder / ".written.now.part"]
    for part in parts:
        part.write_bytes(b"VAS2")
    long_ago = time.time() - 7200
    os.utime(parts[0], (long_ago, long_ago))
    SpeechCache(cache.folder).put(replace(KEY, text="more"), CLIP)
    assert [part.exists() for part in parts] == [False, True]


def test_the_list_says_what_is_kept_newest_first_and_how_often_it_was_wanted(cache):
    cache.put(KEY, CLIP, "English")
    cache.put(replace(KEY, text="good bye", speed=1.5), CLIP, "English")
    grow_old(cache, 2)
    other_engine = SpeechCache(cache.folder)
    served(cache)
    served(other_engine)
    newest, oldest = cache.listed()
    assert (newest.key.text, newest.key.speed, newest.hits) == ("good bye", 1.5, 0)
    assert (oldest.key, oldest.name, oldest.hits) == (KEY, "English", 2)
    assert oldest.age_s == pytest.approx(2 * DAY_S, abs=60)
    assert oldest.left_s == pytest.approx(5 * DAY_S, abs=60)
    assert oldest.seconds == pytest.approx(500 / 24000)
    assert oldest.size == (cache.folder / KEY.digest).stat().st_size


def test_the_list_keeps_its_order_however_long_the_clips_take_to_read(cache, monkeypatch):
    keys = [replace(KEY, text=f"line {number}") for number in range(6)]
    now = time.time()
    for age, key in enumerate(keys):
        cache.put(key, CLIP)
        os.utime(cache.folder / key.digest, (now - age, now - age))
    reading = itertools.count(now, 10)
    monkeypatch.setattr("studio.providers.cache.time.time", lambda: next(reading))
    assert [kept.key for kept in cache.listed()] == keys


def test_looking_and_hearing_count_as_no_hit(cache):
    cache.put(KEY, CLIP)
    (kept,) = cache.listed()
    assert cache.clip(kept.id) == CLIP
    assert cache.listed()[0].hits == 0


def test_one_clip_is_removed_or_all(cache):
    for text in ("one", "two", "three"):
        cache.put(replace(KEY, text=text), CLIP)
    served(cache, replace(KEY, text="two"))
    first = cache.listed()[0]
    assert cache.remove([first.id]) == 1
    assert cache.remove([first.id]) == 0
    assert first.id not in {kept.id for kept in cache.listed()}
    assert cache.clear() == 2
    assert list(cache.folder.iterdir()) == []


@pytest.mark.parametrize("id", ["", "../" * 21 + "x", "A" * 64, "/etc/passwd"])
def test_an_id_that_is_none_reaches_no_file(cache, id):
    assert cache.clip(id) is None
    with pytest.raises(ValueError, match="no clip"):
        cache.remove([id])


def test_other_files_in_the_folder_are_left_alone(cache):
    cache.put(KEY, CLIP)
    (cache.folder / "notes.txt").write_text("mine")
    cache.clear()
    assert [file.name for file in cache.folder.iterdir()] == ["notes.txt"]
