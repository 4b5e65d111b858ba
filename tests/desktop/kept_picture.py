"""The README's pictures: each is kept in assets/ with the words that it shows, and is taken anew by the tests.

``KEEPLIT_RERECORD=1 pytest tests/desktop/test_pictures.py`` keeps those of today; look at them before you keep them.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageGrab
from PIL.PngImagePlugin import PngInfo

ASSETS = Path(__file__).parents[2] / "assets"
RERECORD = os.environ.get("KEEPLIT_RERECORD") == "1"
WORDS = "Description"  # a keyword of the PNG format
CELL = 16  # points: finer than a word, coarser than how two machines smooth a letter
DIFFERS = 40  # of 255, between the colours of two cells
MOST = 0.08  # of all cells: an entry less is a fault of words; a menu that moved or lost its colours is one of cells
STRETCH = 0.06
LEAST_INK = 0.01
WITHIN = 45.0


@dataclass(frozen=True, slots=True)
class Picture:
    """What a screen shows, and what can be read there."""

    image: Image.Image
    words: tuple[str, ...]

    def keep(self, place: Path) -> None:
        """Write it, and its words into it."""
        said = PngInfo()
        said.add_itxt(WORDS, "\n".join(self.words))
        self.image.save(place, optimize=True, pnginfo=said)


def kept(place: Path) -> Picture:
    """Read a picture that was kept."""
    with Image.open(place) as found:
        said = found.info.get(WORDS, "")
        return Picture(found.convert("RGB"), tuple(said.splitlines()))


def timeless(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return words without the minutes that go by, and without the version: a release is no reason for new pictures."""
    return tuple(re.sub(r"\d+ min\b", "N min", re.sub(r"\bkeeplit \d+\.\d+\.\d+", "keeplit V", line)) for line in words)


def faults(mine: Picture, then: Picture) -> list[str]:
    """Say in what a picture is another than the one that is kept."""
    if ink(mine.image) < LEAST_INK:
        return ["it is blank"]
    said, expected = timeless(mine.words), timeless(then.words)
    found = [f"it says {line!r}, which the kept one does not" for line in said if line not in expected]
    found += [f"it does not say {line!r} any more" for line in expected if line not in said]
    if said != expected and not found:
        found.append("its words stand in another order")
    sizes = list(zip(mine.image.size, then.image.size, strict=True))
    if any(abs(here - there) > STRETCH * there for here, there in sizes):
        return [*found, f"its size is {mine.image.size}, not about {then.image.size}"]
    share = differing(mine.image, then.image)
    return [*found, f"{share:.0%} of it looks otherwise"] if share > MOST else found


def ink(image: Image.Image) -> float:
    """Return which part of a picture is brighter than a dark background."""
    shades = image.convert("L").histogram()
    return sum(shades[80:]) / sum(shades)


def differing(one: Image.Image, other: Image.Image) -> float:
    """Return which part of their cells has another colour."""
    cells = (max(1, other.width // CELL), max(1, other.height // CELL))
    small = [image.convert("RGB").resize(cells, Image.Resampling.BOX) for image in (one, other)]
    bands = ImageChops.difference(*small).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return sum(most.histogram()[DIFFERS:]) / (cells[0] * cells[1])


def grab(display: str) -> Image.Image:
    """Return what a display shows."""
    return ImageGrab.grab(xdisplay=display).convert("RGB")


def still(look: Callable[[], Image.Image], changed: Image.Image | None = None, within: float = 5.0) -> Image.Image:
    """Return what `look` gives once it stays for a moment, and where `changed` is given, is no longer that."""
    end = time.monotonic() + within
    before = look()
    while True:
        time.sleep(0.25)
        now = look()
        if (now == before and now != changed) or time.monotonic() > end:
            return now
        before = now


def check(name: str, take: Callable[[], Picture]) -> None:
    """Take a picture until it is the one that is kept; or keep it, where that is asked."""
    place = ASSETS / name
    if RERECORD:
        take().keep(place)
    then, end = kept(place), time.monotonic() + WITHIN
    while found := faults(mine := take(), then):
        if time.monotonic() > end:
            break
    if artefacts := os.environ.get("KEEPLIT_ARTEFACTS"):
        Path(artefacts).mkdir(parents=True, exist_ok=True)
        mine.keep(Path(artefacts, name))
    assert found == [], f"{name} is no longer what is shown; KEEPLIT_RERECORD=1 takes it anew"
