"""The colours can be read, and told apart by colour-blind eyes."""

from itertools import combinations

import numpy as np
import pytest

from studio.app.theme.tokens import DARK, LIGHT, Tokens

LANES = ("caller", "agent", "voice", "handler", "speech", "turn")

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB
EYES = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(color: str) -> np.ndarray:
    values = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(linear(color) @ TO_XYZ[1]) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = TO_XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("surface", ["bg", "panel", "raised", "field"])
def test_text_in_every_grey_and_colour_reads_on_every_surface(tokens: Tokens, surface: str) -> None:
    for text in ("text", "dim", "faint", "warning", "error", *LANES):
        assert contrast(getattr(tokens, text), getattr(tokens, surface)) >= 4.5, text


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
def test_the_two_greys_of_selected_rows_read_on_the_selection(tokens: Tokens) -> None:
    for text in ("text", "dim"):
        assert contrast(getattr(tokens, text), tokens.selection) >= 4.5, text


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("eyes", EYES)
def test_lane_colours_stay_apart_for_colour_blind_eyes(tokens: Tokens, eyes: str) -> None:
    for one, other in combinations(LANES, 2):
        seen = [lab(EYES[eyes] @ linear(getattr(tokens, lane))) for lane in (one, other)]
        assert float(np.linalg.norm(seen[0] - seen[1])) >= 10, (one, other)
