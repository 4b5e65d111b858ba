from __future__ import annotations

import pytest

from keeplit.core.journal_entry import Phase
from keeplit.core.settings_memory import KEPT_AGAIN
from keeplit.engine.reset import reset, unreadable
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


def test_a_broken_file_keeps_config_from_its_reset(mine: Desk) -> None:
    """Settings that cannot be read are told, with the line, and config.toml waits for them; then both go back."""
    mine.use("first", profile="work", config="work")
    good = mine.settings.read_bytes()
    mine.says(b"\n{]")
    settings, config = reset(mine.paths)
    assert (config.did, str(mine.settings) in config.fault, bool(config.fix)) == (False, True, True)
    assert mine.config.exists()
    assert ("line 2" in settings.fault, bool(settings.fix), mine.settings.read_bytes()) == (True, True, b"\n{]")
    mine.says(good)
    assert [one.fault for one in reset(mine.paths)] == ["", ""]
    assert (mine.settings.read_bytes(), mine.config.exists()) == (ODD, False)


def test_a_broken_config_keeps_no_settings_from_their_reset(mine: Desk) -> None:
    """They are released, so nothing carries the old config.toml into them."""
    mine.use("first", profile="work", config="work")
    mine.config.write_bytes(b"[claude")
    config, settings = reset(mine.paths)
    assert (bool(config.fault), settings.whole, mine.settings.read_bytes()) == (True, True, ODD)


def test_a_broken_file_that_holds_nothing_of_ours_stops_no_reset(mine: Desk) -> None:
    """It is told by itself."""
    mine.use("first", profile="work")
    reset(mine.paths)
    mine.says(b"{]")
    assert reset(mine.paths) == ()
    assert [(one.file, "line 1" in one.fault) for one in unreadable(mine.paths)] == [(str(mine.settings), True)]


def test_what_is_left_alone_is_agreed_on(mine: Desk) -> None:
    """So that no daemon writes the value of config.toml over it, which has just gone back."""
    mine.config.parent.mkdir(parents=True)
    mine.config.write_bytes(b'[claude]\nprofile = "home"\n')
    mine.use("first", profile="work", region="eu-west-1", config="work")
    mine.replaces(b'"work"', b'"theirs"')
    settings, _ = reset(mine.paths)
    last = mine.journal[-1]
    assert (settings.left, last.command, last.file, last.reason) == (
        (PROFILE,),
        "reset",
        str(mine.settings),
        KEPT_AGAIN,
    )
    assert [(one.key, one.before, one.after) for one in last.changed] == [(PROFILE, '"theirs"', '"theirs"')]
    done = undo(mine.paths)
    assert [(one.left, [key.key for key in one.changed]) for one in done.files] == [
        ((), [REGION]),
        ((), ["claude.profile"]),
    ]


def test_a_repair_is_no_work_of_keeplit(mine: Desk) -> None:
    """What was there before keeplit and a repair brought back stays there, and so does all that came since."""
    mine.says(b'{"env": {}, "model": "opus"}')  # a person's AWS_PROFILE went missing
    mine.use("by itself", "rule", "missing", profile="work")
    repaired = mine.settings.read_bytes()
    assert reset(mine.paths) == ()
    mine.use("first", profile="play", region="eu-west-1")
    (given,) = reset(mine.paths)
    assert (given.whole, mine.settings.read_bytes()) == (True, repaired)


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
