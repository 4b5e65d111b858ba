from __future__ import annotations

import pytest

from keeplit.adapters import clock, notebook
from keeplit.core.journal_entry import Phase
from keeplit.core.memory import Memory
from keeplit.core.settings_compared import kept
from keeplit.core.settings_memory import KEPT_AGAIN, noticed
from keeplit.core.settings_model import Agreed, Settings, SettingsMemory
from keeplit.engine.living import prepare
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
    assert [(one.command, one.phase) for one in mine.journal[-3:-1]] == [("reset", Phase.DONE)] * 2
    assert [one.key for one in mine.journal[-3].changed] == [PROFILE, REGION]
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


def kept_by_the_daemon(mine: Desk, **more: str) -> SettingsMemory:
    """Let the daemon have agreed on what it found, before any command; return what it remembers since."""
    keys = {PROFILE: Agreed("home"), "model": Agreed("opus")} | {key: Agreed(value) for key, value in more.items()}
    known = SettingsMemory(path=str(mine.settings), agreed=keys)
    prepare(mine.paths)
    notebook.write_memory(mine.paths.memory, Memory(settings=known))
    return known


def keeps(mine: Desk, known: SettingsMemory) -> dict[str, str]:
    """Return what the daemon keeps once it has read the journal."""
    told = Settings(str(mine.settings), journal=mine.journal)
    return dict(kept(noticed(known, told, clock.now())))


def test_settings_that_somebody_removed_are_let_go_of(mine: Desk) -> None:
    """All that was kept in them is released, adopted keys too; no file is made, and config.toml goes back."""
    known = kept_by_the_daemon(mine)
    mine.use("first", profile="work", region="eu-west-1", config="work")
    mine.says(None)
    settings, config = reset(mine.paths)
    assert (settings.file, settings.vanished, settings.let_go) == (
        str(mine.settings),
        True,
        (PROFILE, REGION, "model"),
    )
    assert (settings.left, settings.changed, config.gone, mine.settings.exists()) == ((), (), True, False)
    assert keeps(mine, known) == {}
    assert [(one.command, one.file == str(mine.config)) for one in mine.journal[-2:]] == [
        ("reset", False),
        ("reset", True),
    ]
    assert reset(mine.paths) == ()


def test_removed_settings_without_a_journal_are_let_go_of(mine: Desk) -> None:
    """What was only ever adopted is let go of too."""
    known = kept_by_the_daemon(mine)
    mine.says(None)
    (given,) = reset(mine.paths)
    assert (given.vanished, given.did, given.let_go) == (True, True, (PROFILE, "model"))
    assert keeps(mine, known) == {}
    assert reset(mine.paths) == ()


def test_what_stands_there_after_it_was_never_keeplits(mine: Desk) -> None:
    """A file that a person writes later is theirs: a reset finds nothing of keeplit's in it, and returns to it."""
    mine.use("first", profile="work")
    mine.says(None)
    reset(mine.paths)
    mine.says(b'{"env": {"AWS_PROFILE": "new"}}')
    assert reset(mine.paths) == ()
    mine.use("second", profile="work")
    assert [one.whole for one in reset(mine.paths)] == [True]
    assert mine.settings.read_bytes() == b'{"env": {"AWS_PROFILE": "new"}}'


def test_a_key_that_is_out_already_is_let_go_of(mine: Desk) -> None:
    """A daemon would take it for damage and put it back after the reset; a person's own key it still keeps."""
    known = kept_by_the_daemon(mine)
    mine.use("first", profile="work", region="eu-west-1")
    text = mine.settings.read_bytes().replace(b',"AWS_REGION":"eu-west-1"', b"")
    assert text != mine.settings.read_bytes()
    mine.says(text)
    (given,) = reset(mine.paths)
    assert (given.let_go, given.vanished, [one.key for one in given.changed]) == ((REGION,), False, [PROFILE])
    assert keeps(mine, known) == {"model": "opus"}


def test_a_file_of_which_only_a_key_is_out_is_told_too(mine: Desk) -> None:
    """There is nothing to write; what is kept changes all the same, and once."""
    mine.use("first", region="eu-west-1")
    mine.says()
    (given,) = reset(mine.paths)
    assert (given.let_go, given.changed, given.did, mine.settings.read_bytes()) == ((REGION,), (), True, ODD)
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
