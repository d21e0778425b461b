import os
import wave

import numpy as np
import pytest
import soundfile

from studio.audio.files import AudioFileError, FileSource, WavWriter, read_wav, repair_wav

TONE = (8000 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)).astype(np.int16)


def test_samples_at_their_own_rate_come_back_exactly(tmp_path):
    with WavWriter(tmp_path / "a.wav", 16000) as out:
        out.write(TONE[:5000])
        out.write(TONE[5000:])
    assert np.array_equal(read_wav(tmp_path / "a.wav", 16000), TONE)


def test_stereo_is_averaged_and_another_rate_converted(tmp_path):
    with WavWriter(tmp_path / "a.wav", 16000, channels=2) as out:
        out.write(np.stack((TONE, np.zeros_like(TONE)), axis=1))
    sound = read_wav(tmp_path / "a.wav", 24000)
    assert sound.size == 24000
    assert np.abs(sound).max() == pytest.approx(4000, rel=0.02)


@pytest.mark.parametrize(
    ("name", "options"), [("a.flac", {}), ("a.ogg", {}), ("a.mp3", {}), ("a.wav", {"subtype": "FLOAT"})]
)
def test_other_formats_are_read_as_loud_as_they_are(tmp_path, name, options):
    soundfile.write(tmp_path / name, np.tile(TONE, 3) / 32768, 16000, **options)
    sound = read_wav(tmp_path / name, 16000)
    assert np.sqrt(np.square(sound[16000:32000].astype(float)).mean()) == pytest.approx(8000 / np.sqrt(2), rel=0.03)


def test_float_sound_above_full_scale_is_limited(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.array([2.0, -2.0, np.nan]), 16000, subtype="FLOAT")
    assert read_wav(tmp_path / "a.wav", 16000).tolist() == [32767, -32768, 0]


def test_a_file_that_cannot_be_used_is_named_in_a_sentence(tmp_path):
    (tmp_path / "text.wav").write_text("hello")
    (tmp_path / "nothing.wav").write_bytes(b"")
    with WavWriter(tmp_path / "empty.wav", 16000):
        pass
    for name, words in {
        "absent.wav": "There is no sound file",
        ".": "is not a file",
        "text.wav": "of no kind that can be read here",
        "nothing.wav": "of no kind that can be read here",
        "empty.wav": "holds no sound",
    }.items():
        with pytest.raises(AudioFileError, match=words):
            read_wav(tmp_path / name, 16000)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root reads every file")
def test_a_file_without_permission_is_named(tmp_path):
    with WavWriter(tmp_path / "a.wav", 16000) as out:
        out.write(TONE)
    (tmp_path / "a.wav").chmod(0)
    with pytest.raises(AudioFileError, match="cannot be read"):
        read_wav(tmp_path / "a.wav", 16000)


def test_a_finished_file_is_a_plain_wav(tmp_path):
    with WavWriter(tmp_path / "a.wav", 24000, channels=2) as out:
        out.write(np.zeros((100, 2), np.int16))
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 24000, 100)


def test_a_crashed_writer_loses_nothing_after_repair(tmp_path):
    writer = WavWriter(tmp_path / "live.wav", 16000)
    writer.write(TONE)
    crashed = tmp_path / "crashed.wav"
    crashed.write_bytes((tmp_path / "live.wav").read_bytes() + b"\x01")  # cut in the middle of a sample
    writer.close()
    assert repair_wav(crashed)
    assert crashed.stat().st_size == 44 + TONE.nbytes
    with wave.open(str(crashed)) as file:
        assert np.array_equal(np.frombuffer(file.readframes(file.getnframes()), np.int16), TONE)
    assert not repair_wav(crashed)


def test_repair_leaves_a_whole_file_alone(tmp_path):
    file = tmp_path / "a.wav"
    with WavWriter(file, 16000) as out:
        out.write(TONE)
    file.write_bytes(file.read_bytes() + b"LIST\x04\x00\x00\x00abcd")
    before = file.read_bytes()
    assert not repair_wav(file)
    assert file.read_bytes() == before


def test_repair_refuses_what_is_no_wav(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(AudioFileError, match="is no WAV file"):
        repair_wav(tmp_path / "a.txt")
    with pytest.raises(AudioFileError, match="cannot be repaired"):
        repair_wav(tmp_path / "absent.wav")


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(AudioFileError, match="cannot be written"):
        WavWriter(tmp_path / "no" / "a.wav", 16000)


def test_a_full_disk_is_a_sentence():
    if not os.path.exists("/dev/full"):  # noqa: PTH110
        pytest.skip("needs /dev/full")
    with pytest.raises(AudioFileError, match="No space left"):
        WavWriter("/dev/full", 16000)


def test_a_source_pushes_each_block_when_it_has_been_spoken(loop):
    loop.now = 3.0
    pushed = []
    ended = []
    source = FileSource(TONE, on_end=lambda: ended.append(loop.now))
    source.start(lambda block, first: pushed.append((loop.now, first, block)))
    loop.advance(2.0)
    assert all(when == pytest.approx(3.0 + (first + block.size) / 16000, abs=1e-9) for when, first, block in pushed)
    assert np.array_equal(np.concatenate([block for _, _, block in pushed]), TONE)
    assert [first for _, first, _ in pushed] == [512 * place for place in range(len(pushed))]
    assert ended == [4.0]


def test_a_stopped_source_pushes_nothing_more(loop):
    pushed = []
    source = FileSource(TONE)
    source.start(lambda block, first: pushed.append(first))
    loop.advance(0.1)
    source.stop()
    source.stop()
    loop.advance(1.0)
    assert len(pushed) == 3


def test_a_source_of_a_file_converts_it(tmp_path, loop):
    with WavWriter(tmp_path / "a.wav", 8000) as out:
        out.write(TONE[:8000])
    pushed = []
    FileSource.of_file(tmp_path / "a.wav").start(lambda block, first: pushed.append(block))
    loop.advance(2.0)
    assert sum(block.size for block in pushed) == 16000
