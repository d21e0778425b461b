"""Icons are tinted when painted and sharp at every scale."""

import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage

from studio import paths
from studio.app.theme.current import theme
from studio.app.theme.icons import icon
from studio.app.theme.tokens import LIGHT

NAMES = sorted(file.stem for file in (paths.RESOURCES / "icons").glob("*.svg"))


def colors(image: QImage) -> set[str]:
    """The colours of fully covered pixels."""
    found: set[str] = set()
    for x in range(image.width()):
        for y in range(image.height()):
            pixel = image.pixelColor(x, y)
            if pixel.alpha() == 255:
                found.add(pixel.name().upper())
    return found


def picture(which: QIcon, side: int = 40) -> QImage:
    return which.pixmap(QSize(side, side), 1.0).toImage()


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_icon_draws_in_its_token_alone(name: str) -> None:
    assert colors(picture(icon(name, "agent"))) == {theme.tokens.agent}


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_icon_is_a_drawing_of_20_px_in_one_colour(name: str) -> None:
    text = (paths.RESOURCES / "icons" / f"{name}.svg").read_text()
    assert 'viewBox="0 0 20 20"' in text
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', text)) <= {"none", "currentColor"}


def test_an_icon_follows_the_theme_without_being_made_again() -> None:
    which = icon("stop", "agent")
    theme.use(LIGHT)
    assert colors(picture(which)) == {LIGHT.agent}


def test_an_icon_is_drawn_with_device_pixels() -> None:
    pixmap = icon("stop").pixmap(QSize(20, 20), 1.5)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (30, 1.5)
    edge = pixmap.toImage().pixelColor(15, 15)
    assert edge == QColor(theme.tokens.dim)


def test_an_icon_that_is_not_shipped_is_an_error_where_it_is_asked_for() -> None:
    with pytest.raises(KeyError, match="no icon 'unicorn'"):
        icon("unicorn")
