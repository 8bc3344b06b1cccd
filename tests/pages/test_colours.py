"""Every text can be read on its ground, light, dark and in print (WCAG 2.1, 4.5 to 1)."""

import re

import pytest

from replay.pages.files import PAGE
from replay.picture.styles import PICTURE, sheet

BANDS = 5
"""As many as lie over each other under the lowest label of a shipped rulebook."""


def palettes() -> dict[str, dict[str, str]]:
    """Light, dark and print: what a later one leaves out is the first one's."""
    text = sheet(PICTURE[0])
    found = [
        dict(re.findall(r"--(\w+):([^;}]+)", block))
        for block in re.findall(r":root\{(.*?)\}", text)
    ]
    return dict(zip(("light", "dark", "print"), (found[0] | each for each in found), strict=True))


def channels(colour: str) -> list[float]:
    digits = colour.removeprefix("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    return [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]


def luminance(rgb: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(text: list[float], ground: list[float]) -> float:
    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def over(ground: list[float], colour: list[float], opacity: float) -> list[float]:
    return [g * (1 - opacity) + c * opacity for g, c in zip(ground, colour, strict=True)]


PAIRS = [
    ("ink", "paper"), ("mute", "paper"), ("loss", "paper"), ("gain", "paper"), ("link", "paper"),
    ("on", "stop"), ("mute", "soft"), ("ink", "soft"), ("ink", "mark"), ("stop", "paper"),
    ("other", "paper"), ("on", "other"),
]  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("name", ["light", "dark", "print"])
def test_a_text_can_be_read(name: str, pair: tuple[str, str]) -> None:
    palette = palettes()[name]
    text, ground = (channels(palette[role]) for role in pair)
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark", "print"])
def test_a_value_can_be_read_on_the_deepest_band(name: str) -> None:
    palette = palettes()[name]
    ground = channels(palette["paper"])
    for _ in range(BANDS):
        ground = over(ground, channels(palette["band"]), float(palette["bandop"]))
    assert contrast(channels(palette["ink"]), ground) >= 4.5


def test_every_colour_in_use_is_in_the_palette() -> None:
    used = set(re.findall(r"var\(--(\w+)\)", sheet(*PAGE)))
    for palette in palettes().values():
        assert used <= palette.keys()
