import numpy as np
import pytest

from studio.audio.telephone import TelephoneLine, decode_mulaw, encode_mulaw, telephone_band

SEGMENT_ENDS = [0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF, 0x1FFF]


def g711_code(sample: int) -> int:
    """The segment search of the standard's reference, on 14 bits."""
    value = sample >> 2
    mask = 0x7F if value < 0 else 0xFF
    value = min(abs(value), 8159) + 33
    for segment, end in enumerate(SEGMENT_ENDS):
        if value <= end:
            return ((segment << 4) | ((value >> (segment + 1)) & 15)) ^ mask
    return 0x7F ^ mask


def g711_sample(code: int) -> int:
    code = ~code & 0xFF
    magnitude = ((((code & 15) << 3) + 132) << ((code & 0x70) >> 4)) - 132
    return -magnitude if code & 0x80 else magnitude


def test_every_sample_is_encoded_as_the_standard_says():
    samples = np.arange(-32768, 32768).astype(np.int16)
    assert encode_mulaw(samples).tolist() == [g711_code(int(sample)) for sample in samples]


def test_every_code_is_decoded_as_the_standard_says():
    codes = np.arange(256, dtype=np.uint8)
    assert decode_mulaw(codes).tolist() == [g711_sample(int(code)) for code in codes]


def through(line, sound, block):
    return np.concatenate([line.process(sound[at : at + block]) for at in range(0, sound.size, block)])


def tone(frequency, rate):
    return (10000 * np.sin(2 * np.pi * frequency / rate * np.arange(rate))).astype(np.int16)


@pytest.mark.parametrize("rate", [16000, 24000])
def test_a_line_gives_as_many_samples_as_it_takes(rate):
    line = TelephoneLine(rate)
    for size in [1, 2, 3, 5, 160, 241, 512]:
        assert line.process(np.zeros(size, np.int16)).size == size


@pytest.mark.parametrize("rate", [16000, 24000])
def test_a_voice_passes_late_by_the_delay(rate):
    line = TelephoneLine(rate)
    sound = tone(1000, rate)
    heard = through(line, sound, rate // 100)
    wanted = sound[: -line.delay].astype(float)
    error = heard[line.delay :] - wanted
    assert 10 * np.log10(np.mean(wanted**2) / np.mean(error[500:] ** 2)) > 30


@pytest.mark.parametrize("rate", [16000, 24000])
def test_sound_above_the_band_is_gone(rate):
    heard = through(TelephoneLine(rate), tone(6000, rate), rate // 100)
    assert np.abs(heard[500:]).max() < 30


def test_a_whole_piece_keeps_its_length_and_its_time():
    sound = np.zeros(24_000, np.int16)
    sound[12_000:12_100] = 12_000
    heard = telephone_band(sound, 24_000)
    assert heard.size == sound.size
    assert abs(int(np.argmax(np.abs(heard))) - 12_050) < 80
