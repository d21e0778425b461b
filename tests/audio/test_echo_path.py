"""An echo is expected only while there is one."""

import numpy as np
import pytest

from studio.audio.echo_path import EchoPath


def envelope(seed: int, frames: int) -> np.ndarray:
    """Levels of something like speech: syllables of 150 ms with pauses."""
    random = np.random.default_rng(seed)
    levels = np.repeat(random.choice([50.0, 2000.0, 6000.0], -(-frames // 15)), 15)[:frames]
    return np.convolve(levels, np.ones(5) / 5, "same")


def hear(path: EchoPath, far: np.ndarray, near: np.ndarray) -> EchoPath:
    for a, b in zip(far, near, strict=True):
        path.hear_far(a)
        path.hear_near(b)
    return path


def test_a_silent_microphone_beside_a_loud_speaker_means_no_echo():
    far = envelope(1, 100)
    assert not hear(EchoPath(), far, np.full(100, 5.0)).present


@pytest.mark.parametrize("lag", [0, 5, 25])
def test_an_echo_is_noticed_again_at_any_delay(lag):
    far = envelope(1, 600)
    near = np.concatenate([np.full(300, 5.0), 0.1 * np.concatenate([np.zeros(lag), far[300 : 600 - lag]])])
    path = hear(EchoPath(), far[:300], near[:300])
    assert not path.present
    assert hear(path, far[300:], near[300:] + 5).present


def test_a_caller_who_talks_from_the_start_does_not_switch_the_canceller_off():
    assert hear(EchoPath(), envelope(1, 300), envelope(2, 300)).present


def test_a_caller_who_talks_over_the_agent_does_not_switch_it_off_while_there_is_an_echo():
    far, caller = envelope(1, 600), envelope(2, 600)
    path = hear(EchoPath(), far[:300], 0.3 * far[:300])
    assert hear(path, far[300:], 0.3 * far[300:] + caller[300:]).present


def test_a_caller_who_talks_over_the_agent_does_not_switch_it_on_where_there_is_none():
    far, caller = envelope(1, 600), envelope(2, 600)
    path = hear(EchoPath(), far[:200], np.full(200, 5.0))
    assert not hear(path, far[200:], caller[200:]).present


def test_nothing_is_decided_while_the_speaker_is_silent():
    assert hear(EchoPath(), np.zeros(300), np.full(300, 5.0)).present
