"""Instructions and the styles that a voice has."""

import pytest

from studio.providers.styles import style_in

STYLES = ("chat", "chat-casual", "cheerful", "sad", "angry", "customerservice")


@pytest.mark.parametrize(
    ("instructions", "style"),
    [
        ("cheerful", "cheerful"),
        ("Speak in a Cheerful tone.", "cheerful"),
        ("Say it cheerfully!", "cheerful"),
        ("chat casual, please", "chat-casual"),
        ("chat_casual", "chat-casual"),
        ("Speak slowly.", ""),
        ("Sadness is near.", ""),
        ("First sad, then angry.", ""),
        ("Do not sound angry.", ""),
        ("Don’t be sad", ""),
    ],
)
def test_instructions_name_one_style_or_none(instructions, style):
    assert style_in(instructions, STYLES) == style
