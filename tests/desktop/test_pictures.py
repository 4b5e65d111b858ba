"""The README's pictures are what the programs show: taken here from the real tray and a real terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageOps

from tests.desktop import kept_picture
from tests.desktop.kept_picture import ASSETS, Picture, check, faults, kept
from tests.desktop.terminal_picture import StatusDesk
from tests.desktop.tray_desk import Desk, desk
from tests.desktop.tray_pictures import FlamesDesk, Onlooker

MENU = "screenshot-menu.png"


@pytest.fixture
def mine(tmp_path: Path, own_home: Path) -> Iterator[Desk]:
    """Give a desktop."""
    with desk(tmp_path / "bed", own_home) as found:
        yield found


@pytest.fixture
def flame(mine: Desk) -> Iterator[FlamesDesk]:
    """Give a panel with the flame."""
    with Onlooker(mine.bed.environment["DBUS_SESSION_BUS_ADDRESS"]) as onlooker:
        yield FlamesDesk(mine, onlooker)


def test_the_flames_states(flame: FlamesDesk) -> None:
    """In a real panel, side by side."""
    check("screenshot-panel.png", flame.states)


def test_the_menu(flame: FlamesDesk) -> None:
    """Under the flame, opened by a click, with the profiles beside it."""
    check(MENU, flame.menu)


def test_the_status(mine: Desk) -> None:
    """Typed into a real terminal, over the files of two sessions."""
    check("screenshot-status.png", StatusDesk(mine).status)


def test_each_kept_picture_is_as_good_as_itself() -> None:
    """It says what is to be read there; minutes that went by, and a release, are no fault."""
    for place in ASSETS.glob("screenshot-*.png"):
        found = kept(place)
        assert faults(found, found) == []
        later = tuple(line.replace(" 34 min", " 9 min").replace("0.1.0", "0.12.3") for line in found.words)
        assert (later != found.words, faults(Picture(found.image, later), found)) == (True, [])
        assert found.words == tuple(line for line in found.words if line.strip())


PLANTED: tuple[tuple[str, Callable[[Picture], Picture]], ...] = (
    ("it is blank", lambda one: Picture(Image.new("RGB", one.image.size), one.words)),
    ("it says 'Examine', which", lambda one: Picture(one.image, (*one.words, "Examine"))),
    ("it does not say 'Doctor' any more", lambda one: Picture(one.image, tuple(w for w in one.words if w != "Doctor"))),
    ("another order", lambda one: Picture(one.image, one.words[::-1])),
    ("its size is", lambda one: Picture(one.image.crop((0, 0, 736, 440)), one.words)),
    ("of it looks otherwise", lambda one: Picture(ImageOps.invert(one.image), one.words)),
    ("of it looks otherwise", lambda one: Picture(ImageOps.mirror(one.image), one.words)),
    ("of it looks otherwise", lambda one: Picture(ImageChops.offset(one.image, 0, 60), one.words)),
)


@pytest.mark.parametrize(("fault", "planted"), PLANTED, ids=[fault for fault, _ in PLANTED])
def test_a_picture_of_something_else_is_seen(fault: str, planted: Callable[[Picture], Picture]) -> None:
    """One planted fault is one complaint."""
    found = kept(ASSETS / MENU)
    assert [fault in complaint for complaint in faults(planted(found), found)] == [True]


def test_a_picture_that_is_no_longer_shown_fails_until_it_is_taken_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the one flag that records; then the kept one is the new one, and small."""
    monkeypatch.setattr(kept_picture, "ASSETS", tmp_path)
    monkeypatch.setattr(kept_picture, "WITHIN", 0.0)
    monkeypatch.setattr(kept_picture, "RERECORD", False)
    menu, other = kept(ASSETS / MENU), kept(ASSETS / "screenshot-status.png")
    menu.keep(tmp_path / "one.png")
    check("one.png", lambda: menu)
    with pytest.raises(AssertionError, match=r"one\.png is no longer what is shown"):
        check("one.png", lambda: other)
    monkeypatch.setattr(kept_picture, "RERECORD", True)
    check("one.png", lambda: other)
    assert kept(tmp_path / "one.png").words == other.words
    assert (tmp_path / "one.png").stat().st_size < 60_000
