"""What is drawn of a sound is what is in it."""

import numpy as np

from studio.audio.pictures import outline, spectrogram


def test_an_outline_holds_the_extremes_of_each_column():
    sound = np.zeros(1000, np.int16)
    sound[250], sound[999] = 32_767, -32_768
    drawn = outline(sound, 10)
    assert drawn.shape == (10, 2)
    assert drawn[2].tolist() == [0, 127]
    assert drawn[9].tolist() == [-128, 0]
    assert not drawn[[0, 1, 3, 4, 5, 6, 7, 8]].any()


def test_an_outline_of_little_or_nothing_has_all_its_columns():
    assert outline(np.zeros(0, np.int16), 8).shape == (8, 2)
    assert outline(np.full(3, 512, np.int16), 8).shape == (8, 2)


def test_a_rising_tone_rises_in_its_spectrogram():
    time = np.arange(48_000) / 24_000
    sound = (8000 * np.sin(2 * np.pi * (200 * time + 800 * time**2))).astype(np.int16)
    picture = spectrogram(sound, 24_000, 40, 48)
    assert picture.shape == (48, 40)
    assert picture.dtype == np.uint8
    tops = picture[:, 2:38].argmax(0)
    assert tops[0] > tops[18] > tops[-1]


def test_silence_and_nothing_are_dark():
    assert not spectrogram(np.zeros(24_000, np.int16), 24_000, 10, 8).any()
    assert spectrogram(np.zeros(0, np.int16), 24_000, 10, 8).shape == (8, 10)
