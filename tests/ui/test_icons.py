"""The pictures of the flame: told apart by shape alone at 16 pixels, on every panel, in every size."""

from __future__ import annotations

import os
import sys
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import pytest
from PIL import Image, ImageChops

from keeplit.core.flame import Face, drawing
from keeplit.ui import icons
from keeplit.ui.icons import PALETTES, SIZES, contact_sheet, picture, render, rounded, write_all

ASSETS = Path(__file__).parents[2] / "assets"
SAME = 2  # of 255: another version of Pillow may round otherwise
CLEARLY, SHARE = 24, 0.04  # steps of grey that the eye tells apart, and in how much of the picture: ten pixels of 256
DIFFERENT = 6.0  # of 255, on average over the whole picture: about six pixels of 256 that are there or not


def silhouette(face: Face, size: int) -> Image.Image:
    """Return what is covered of a picture: neither colour nor brightness."""
    return picture(face, 0.5, size, "template").getchannel("A")


def coverage(image: Image.Image) -> float:
    """Return the mean of a one-channel picture, 0 to 255."""
    histogram = image.histogram()
    return sum(value * count for value, count in enumerate(histogram)) / (image.width * image.height)


@pytest.mark.parametrize("pair", list(combinations(Face, 2)), ids="-".join)
def test_faces_are_told_apart_by_shape_at_16_pixels(pair: tuple[Face, Face]) -> None:
    """Whoever sees no colour still sees the state."""
    one, two = (silhouette(face, 16) for face in pair)

    assert coverage(ImageChops.difference(one, two)) > DIFFERENT


@pytest.mark.parametrize("panel", PALETTES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("face", Face)
def test_every_face_is_drawn_in_every_size(face: Face, size: int, panel: str) -> None:
    """It has the size that was asked for, is clear at its corners, and covers something."""
    icon = picture(face, 0.7, size, panel)

    assert (icon.size, icon.mode) == ((size, size), "RGBA")
    assert [icon.getpixel(corner) for corner in ((0, 0), (size - 1, 0))] == [(0, 0, 0, 0)] * 2
    assert coverage(icon.getchannel("A")) > DIFFERENT


@pytest.mark.parametrize(("panel", "ground"), [("dark", 0x26), ("light", 0xEF), ("any", 0x26), ("any", 0xEF)])
@pytest.mark.parametrize("face", Face)
def test_every_face_stands_out_from_its_panel(face: Face, panel: str, ground: int) -> None:
    """Laid on the panel, enough of it is far from the panel's own brightness."""
    laid = Image.new("RGB", (16, 16), (ground,) * 3)
    icon = picture(face, 0.7, 16, panel)
    laid.paste(icon, (0, 0), icon)
    brightness = laid.convert("L").tobytes()

    assert sum(abs(value - ground) > 48 for value in brightness) >= 12


@pytest.mark.parametrize(("panel", "ground"), [("dark", 0x26), ("light", 0xEF), ("any", 0x26), ("any", 0xEF)])
@pytest.mark.parametrize("size", [16, 22, 24])
def test_faces_are_told_apart_without_colour(panel: str, ground: int, size: int) -> None:
    """As they lie on each panel, in grey: the share of the ring is equal, so that only the face differs."""
    grey = {}
    for face in Face:
        laid = Image.new("RGB", (size, size), (ground,) * 3)
        icon = picture(face, 0.7, size, panel)
        laid.paste(icon, (0, 0), icon)
        grey[face] = laid.convert("L")
    for one, two in combinations(Face, 2):
        differ = ImageChops.difference(grey[one], grey[two]).point(lambda value: 255 * (value > CLEARLY))
        assert coverage(differ) > 255 * SHARE, (one, two)


def test_a_share_is_rounded_to_what_the_eye_sees() -> None:
    """A minute of eight hours draws no new picture; one that nobody knows stays unknown."""
    assert (rounded(None), rounded(0.5001), rounded(2.0), rounded(-1.0)) == (None, 0.5, 1.0, 0.0)


def test_the_same_picture_is_drawn_once() -> None:
    """A tray that asks again gets the picture that it had."""
    assert picture(Face.FRESH, 0.5, 22) is picture(Face.FRESH, 0.5, 22)


@pytest.mark.parametrize("size", [0, -1, 5000])
def test_a_size_that_is_none_is_refused(size: int) -> None:
    """The message says which sizes there are."""
    with pytest.raises(ValueError, match="1 to 1024 pixels"):
        render(drawing(Face.FRESH, 0.5, PALETTES["dark"]), size)


def test_the_contact_sheet_shows_every_face_in_every_size(tmp_path: Path) -> None:
    """It is kept where KEEPLIT_ARTEFACTS says, to be looked at."""
    sheet = contact_sheet()
    folder = Path(os.environ.get("KEEPLIT_ARTEFACTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    sheet.save(folder / "contact-sheet.png")
    sheet.convert("L").save(folder / "contact-sheet-grey.png")

    with Image.open(folder / "contact-sheet.png") as kept:
        assert kept.height > len(Face) * max(SIZES[:6])


def test_the_kept_pictures_are_what_the_source_draws(tmp_path: Path) -> None:
    """Draw them anew with `python -m keeplit.ui.icons assets`; the readable source to the letter, pixels to the eye."""
    drawn = write_all(tmp_path / "assets")
    kinds = ("svg", "logo", *icons.KEPT)
    kept = {path.relative_to(ASSETS) for kind in kinds for path in (ASSETS / kind).iterdir()}
    assert kept == {path.relative_to(tmp_path / "assets") for path in drawn}
    for path in drawn:
        old = ASSETS / path.relative_to(tmp_path / "assets")
        if path.suffix == ".svg":
            assert old.read_text("utf-8") == path.read_text("utf-8")
            continue
        with Image.open(old) as one, Image.open(path) as other:
            assert (one.size, one.mode) == (other.size, other.mode)
            assert max(ImageChops.difference(one, other).tobytes()) <= SAME


def test_templates_are_black_and_nothing_else() -> None:
    """A Mac colours them by itself, from what they cover."""
    for path in (ASSETS / "template").iterdir():
        with Image.open(path) as found:
            assert found.convert("RGB").getextrema() == ((0, 0), (0, 0), (0, 0))


@pytest.mark.parametrize(("platform", "expected"), [("darwin", "template"), ("linux", "any"), ("freebsd14", "any")])
def test_a_panel_is_drawn_for(platform: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody tells its brightness, for any."""
    monkeypatch.setattr(sys, "platform", platform)

    assert icons.panel() == expected


@pytest.mark.parametrize(("light", "expected"), [(1, "light"), (0, "dark"), (None, "dark")])
def test_windows_tells_how_bright_its_bar_is(light: int | None, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old one that does not has a dark one."""

    class Key:
        def __enter__(self) -> Self:
            return self

        def __exit__(self, *ended: object) -> None:
            pass

    def query(key: Key, name: str) -> tuple[int, int]:
        assert name == "SystemUsesLightTheme"
        if light is None:
            raise FileNotFoundError(name)
        return light, 4

    registry: Any = ModuleType("winreg")
    registry.HKEY_CURRENT_USER, registry.QueryValueEx = 1, query
    registry.OpenKey = lambda root, name: Key()
    monkeypatch.setitem(sys.modules, "winreg", registry)
    monkeypatch.setattr(sys, "platform", "win32")

    assert icons.panel() == expected
