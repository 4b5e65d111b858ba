from __future__ import annotations

import pytest

from keeplit.core.journal_entry import Phase
from keeplit.engine.reset import reset
from keeplit.engine.undo import undo
from tests.engine.written_by_commands import ODD, PROFILE, REGION, Desk, desk


@pytest.fixture
def mine(own_home: object) -> Desk:
    """Give a home whose settings are oddly spelled."""
    return desk()


def test_the_bytes_from_before_are_back(mine: Desk) -> None:
    """After any commands, an undo among them, both files are what they were; a file of ours is gone."""
    mine.use("first", profile="work", config="work")
    mine.use("second", region="eu-west-1", config="deep")
    undo(mine.paths)
    mine.use("third", "rule", region="us-east-1")
    done = reset(mine.paths)
    assert [(one.file, one.whole, one.gone) for one in done] == [
        (str(mine.settings), True, False),
        (str(mine.config), False, True),
    ]
    assert (mine.settings.read_bytes(), mine.config.exists()) == (ODD, False)
    assert [(one.command, one.phase) for one in mine.journal[-2:]] == [("reset", Phase.DONE)] * 2
    assert [one.key for one in mine.journal[-2].changed] == [PROFILE, REGION]
    assert reset(mine.paths) == ()


def test_foreign_keys_stay_and_are_named(mine: Desk) -> None:
    """Where others wrote, our keys go back one by one; a key that they changed is refused."""
    mine.use("first", profile="work", region="eu-west-1")
    mine.replaces(b'"work"', b'"theirs"')
    mine.replaces(b"1.50", b"1.5")
    (given,) = reset(mine.paths)
    assert (given.whole, [one.key for one in given.changed], given.left) == (False, [REGION], (PROFILE,))
    assert mine.settings.read_bytes() == ODD.replace(b"home", b"theirs").replace(b"1.50", b"1.5")


def test_a_file_that_others_use_too_stays(mine: Desk) -> None:
    """Settings that keeplit made are removed unless something else is in them."""
    mine.says(None)
    mine.use("first", profile="work", region="eu-west-1")
    made = mine.settings.read_bytes()
    mine.says(b'{"theme": "dark", ' + made.lstrip()[1:])
    (given,) = reset(mine.paths)
    assert (given.gone, mine.settings.read_bytes().split()) == (False, [b'{"theme":', b'"dark"', b"}"])
    mine.says(None)
    mine.use("second", profile="work")
    mine.says(b"{ " + mine.settings.read_bytes().lstrip()[1:])
    (given,) = reset(mine.paths)
    assert (given.gone, mine.settings.exists()) == (True, False)


def test_a_broken_file_keeps_no_other_from_its_reset(mine: Desk) -> None:
    """A file that cannot be read is told, with its line; the others are restored."""
    mine.use("first", profile="work", config="work")
    mine.says(b"\n{]")
    config, settings = reset(mine.paths)
    assert (config.gone, mine.config.exists()) == (True, False)
    assert ("line 2" in settings.fault, bool(settings.fix), mine.settings.read_bytes()) == (True, True, b"\n{]")
    mine.says()
    mine.use("second", profile="work")
    reset(mine.paths)
    mine.says(b"{]")
    assert reset(mine.paths) == ()


def test_nothing_is_reset_where_nothing_was_done(mine: Desk) -> None:
    """Without a journal nothing is written."""
    assert (reset(mine.paths), mine.settings.read_bytes()) == ((), ODD)
    assert not mine.paths.journal.exists()


def test_a_reset_is_undone(mine: Desk) -> None:
    """A reset is a command, and its undo brings back what it took."""
    mine.use("first", profile="work", config="work")
    kept = (mine.settings.read_bytes(), mine.config.read_bytes())
    reset(mine.paths)
    done = undo(mine.paths)
    assert done.command is not None
    assert (done.command.command, [one.whole for one in done.files]) == ("reset", [True, True])
    assert (mine.settings.read_bytes(), mine.config.read_bytes()) == kept
