"""A log is opened with its first line, and hides what looks like a secret."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from keeplit.ui import late_log

log = logging.getLogger("keeplit.somewhere")


def test_nothing_to_say_leaves_no_file(tmp_path: Path) -> None:
    """Nor does what is less than a warning."""
    with late_log.kept(tmp_path / "state" / "keeplit.log"):
        log.info("nothing")

    assert not (tmp_path / "state").exists()


def test_lines_are_written_without_secrets(tmp_path: Path) -> None:
    """Into a file of ours alone, and none after the block."""
    place = tmp_path / "state" / "keeplit.log"
    with late_log.kept(place):
        log.warning("first accessToken=abc")
        log.error("second")
    log.error("third")

    said = place.read_text()
    assert ["first accessToken=[hidden]" in said, "second" in said, "third" in said] == [True, True, False]
    assert os.name == "nt" or place.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("place", [None, "/dev/null/state/keeplit.log"])
def test_a_log_that_cannot_be_is_none(place: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    """The command goes on, and the terminal stays quiet."""
    with late_log.kept(Path(place) if place else None):
        log.error("lost")

    assert capsys.readouterr() == ("", "")
