"""The timelines: what the machine says over days, as text that a person can judge.

``KEEPLIT_RERECORD=1 pytest tests/core/test_timelines.py`` writes down what it says now; read the diff before you keep
it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.timelines.player import play

FOLDER = Path(__file__).parent.parent / "timelines"
SCRIPTS = sorted(FOLDER.glob("*.txt"))
RERECORD = os.environ.get("KEEPLIT_RERECORD") == "1"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_the_machine_says_what_was_recorded(path: Path) -> None:
    """Each step of a script is answered as it was when a person last judged it."""
    recorded = path.read_text("utf-8")
    said = play(recorded)
    if RERECORD:
        path.write_text(said, "utf-8")
    else:
        assert said == recorded


def test_there_are_timelines() -> None:
    """The folder was found: none at all would pass unseen."""
    assert len(SCRIPTS) >= 20
