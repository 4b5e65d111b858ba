from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import backups, config_edit, journal
from keeplit.core.journal_entry import Phase
from keeplit.core.settings_memory import KEPT_AGAIN
from keeplit.engine import aws_config_change, guarded
from keeplit.engine.reset import reset
from keeplit.engine.undo import history, undo
from tests.engine.written_by_commands import ODD, PROFILE, REGION, Desk, desk

COMMENTED = b'# mine\n[claude]\nprofile = "home" # at home\n'


@pytest.fixture
def mine(own_home: object) -> Desk:
    """Give a home whose settings are oddly spelled."""
    return desk()


def numbers(mine: Desk) -> list[tuple[int | None, str]]:
    """Return the commands of the journal by number and group, the last one first."""
    return [(one.number, one.group) for one in history(mine.paths)]


def test_both_files_are_what_they_were(mine: Desk) -> None:
    """Both files go back byte for byte, comments and odd spellings included, and the journal tells of both."""
    mine.config.parent.mkdir(parents=True)
    mine.config.write_bytes(COMMENTED)
    mine.use("first", profile="work", region="eu-west-1", config="work")
    done = undo(mine.paths)
    assert [(one.file, one.whole, one.gone, one.left) for one in done.files] == [
        (str(mine.settings), True, False, ()),
        (str(mine.config), True, False, ()),
    ]
    assert (mine.settings.read_bytes(), mine.config.read_bytes()) == (ODD, COMMENTED)
    assert [(one.command, one.undoes, one.phase) for one in mine.journal[-3:]] == [("undo", "first", Phase.DONE)] * 3
    assert [one.key for one in mine.journal[-3].changed] == [PROFILE, REGION]
    assert numbers(mine) == [(None, "first")]
    assert undo(mine.paths).command is None


def test_files_that_the_command_made_are_removed(mine: Desk) -> None:
    """What a command made goes with it."""
    mine.says(None)
    mine.use("first", profile="work", config="work")
    assert [one.gone for one in undo(mine.paths).files] == [True, True]
    assert (mine.settings.exists(), mine.config.exists()) == (False, False)


def test_foreign_edits_are_kept(mine: Desk) -> None:
    """Where others wrote since, only our keys go back, a comment and a foreign key stay, and a foreign value too."""
    mine.use("first", profile="work", region="eu-west-1", config="work")
    mine.replaces(b'"theme"', b'"font": "large", "theme"')
    mine.replaces(b'"work"', b'"theirs"')
    mine.config.write_bytes(b"# mine now\n" + mine.config.read_bytes())
    done = undo(mine.paths)
    assert [(one.whole, one.gone, one.left) for one in done.files] == [(False, False, (PROFILE,)), (False, False, ())]
    assert mine.settings.read_bytes() == ODD.replace(b'"theme"', b'"font": "large", "theme"').replace(
        b"home", b"theirs"
    )
    assert mine.config.read_bytes().startswith(b"# mine now\n")
    assert b"profile" not in mine.config.read_bytes()


def test_an_earlier_command_is_taken_back(mine: Desk) -> None:
    """A number counts back; the later command stays, and a number too large finds nothing and says how many."""
    mine.use("first", region="eu-west-1")
    mine.use("second", profile="work")
    done = undo(mine.paths, 2)
    assert (done.command is not None and done.command.group, done.count) == ("first", 2)
    assert mine.settings.read_bytes() == ODD.replace(b"home", b"work")
    assert numbers(mine) == [(1, "second"), (None, "first")]
    assert (undo(mine.paths, 2).command, undo(mine.paths, 2).count) == (None, 1)


def test_nothing_is_taken_back_where_all_was_changed(mine: Desk) -> None:
    """Where someone else changed every key nothing is written, and the command can still be undone."""
    mine.use("first", profile="work")
    mine.replaces(b'"work"', b'"theirs"')
    before = (mine.settings.read_bytes(), mine.journal)
    (given,) = undo(mine.paths).files
    assert (given.did, given.left, given.fault) == (False, (PROFILE,), "")
    assert (mine.settings.read_bytes(), mine.journal) == before
    assert numbers(mine) == [(1, "first")]


def test_what_is_back_already_counts_as_undone(mine: Desk) -> None:
    """Where a person put the old values back nothing is written but the journal."""
    mine.use("first", profile="work")
    mine.replaces(b'"work"', b'"home"')
    (given,) = undo(mine.paths).files
    assert (given.did, given.left, given.fault, mine.settings.read_bytes()) == (False, (), "", ODD)
    assert numbers(mine) == [(None, "first")]


@pytest.mark.parametrize("broken", ["settings", "config"])
def test_a_broken_file_stops_all_of_it(mine: Desk, broken: str) -> None:
    """Where one file of the command cannot be read, none is written, and it is said where the fault is."""
    mine.use("first", profile="work", config="work")
    file = mine.settings if broken == "settings" else mine.config
    file.write_bytes(b"\n{]")
    before = (mine.settings.read_bytes(), mine.config.read_bytes(), mine.journal)
    (given,) = undo(mine.paths).files
    assert given.file == str(file)
    assert "line 2" in given.fault
    assert given.fix
    assert (mine.settings.read_bytes(), mine.config.read_bytes(), mine.journal) == before


def test_without_its_backup_it_goes_key_by_key(mine: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the old copies are gone the inverse edit brings the same bytes."""
    mine.config.parent.mkdir(parents=True)
    mine.config.write_bytes(COMMENTED)
    mine.use("first", profile="work", region="eu-west-1", config="work")
    monkeypatch.setattr(backups, "backup", lambda *_: None)
    assert [one.whole for one in undo(mine.paths).files] == [False, False]
    assert (mine.settings.read_bytes(), mine.config.read_bytes()) == (ODD, COMMENTED)


def test_a_copy_that_is_gone_is_said(mine: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change that no key tells of cannot be taken back without its copy."""
    mine.says(b"{]")
    mine.done(guarded.put(mine.paths, mine.settings, b"{}", expected=None, command="repair", group="first"))
    monkeypatch.setattr(backups, "backup", lambda *_: None)
    (given,) = undo(mine.paths).files
    assert (given.did, "no longer kept" in given.fault) == (False, True)
    monkeypatch.undo()
    (given,) = undo(mine.paths).files
    assert (given.whole, mine.settings.read_bytes()) == (True, b"{]")


def test_a_writer_at_the_same_time_is_seen(mine: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A foreign edit between our look and our write is kept: it is looked at and judged again."""
    mine.use("first", profile="work")
    put, edits = guarded.put, iter([b"large", b"larger"])

    def late(*given: Any, **more: Any) -> Any:
        edit = next(edits, None)
        if edit is not None:
            mine.settings.write_bytes(mine.settings.read_bytes()[:-1] + b', "font%d": 1}' % len(edit))
        return put(*given, **more)

    monkeypatch.setattr(guarded, "put", late)
    (given,) = undo(mine.paths).files
    assert (given.whole, [one.key for one in given.changed]) == (False, [PROFILE])
    assert mine.settings.read_bytes() == ODD[:-1] + b', "font5": 1}'


def test_a_file_that_never_rests_is_given_up(mine: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another program writes all the time, nothing is written, and it is said."""
    mine.use("first", profile="work")
    put = guarded.put

    def late(*given: Any, **more: Any) -> Any:
        return put(*given, **{**more, "expected": "another"})

    monkeypatch.setattr(guarded, "put", late)
    (given,) = undo(mine.paths).files
    assert (given.did, bool(given.fault), given.fix) == (False, True, "try again")
    assert b'"work"' in mine.settings.read_bytes()


def test_a_killed_command_is_taken_back_where_it_landed(mine: Desk) -> None:
    """A command that was killed before the journal's second line is undone where the file shows it, else not listed."""
    mine.use("first", profile="work")
    (entry,) = mine.journal
    mine.paths.journal.unlink()
    journal.append(mine.paths, replace(entry, phase=Phase.BEGUN))
    after = mine.settings.read_bytes()
    mine.says()
    assert numbers(mine) == []
    mine.says(after)
    assert numbers(mine) == [(1, "first")]
    undo(mine.paths)
    assert mine.settings.read_bytes() == ODD


def test_a_config_that_cannot_be_edited_is_left_to_a_person(mine: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where config.toml cannot be edited safely that is told, and the settings are back all the same."""
    mine.use("first", profile="work", config="work")
    mine.config.write_bytes(b"# mine\n" + mine.config.read_bytes())
    before = mine.config.read_bytes()

    def refuse(*_: object) -> bytes:
        raise config_edit.NotToml("it is written in a way of its own")

    monkeypatch.setattr(config_edit, "change", refuse)
    settings, config = undo(mine.paths).files
    assert (settings.whole, mine.settings.read_bytes()) == (True, ODD)
    assert (config.did, config.fault) == (False, "it is written in a way of its own")
    assert mine.config.read_bytes() == before
    assert numbers(mine) == [(1, "first")]


def last_word(mine: Desk) -> dict[str, tuple[str, str | None]]:
    """Return by key what the last entry of the settings that names it says: its reason, and the value."""
    entries = (entry for entry in mine.journal if entry.file == str(mine.settings))
    return {one.key: (entry.reason, one.after) for entry in entries for one in entry.changed}


def test_what_was_kept_before_is_kept_again(mine: Desk) -> None:
    """Written once config.toml too is what it was; a key that was not kept before stays released."""
    mine.use("first", profile="work", region="eu-west-1", config="work")
    done = undo(mine.paths)
    assert [one.kept for one in done.files] == [(PROFILE,), ()]
    assert last_word(mine) == {PROFILE: (KEPT_AGAIN, '"home"'), REGION: ("", None)}
    assert [entry.file for entry in mine.journal[-2:]] == [str(mine.config), str(mine.settings)]


def test_what_was_left_alone_is_agreed_on(mine: Desk) -> None:
    """After config.toml went back, so that a daemon does not carry its old value over what someone else wrote."""
    mine.use("first", profile="play", config="play")
    mine.use("second", profile="client", config="client")
    mine.replaces(b'"client"', b'"other"')
    done = undo(mine.paths)
    assert [(one.did, one.left, one.kept) for one in done.files] == [(False, (PROFILE,), ()), (True, (), ())]
    assert last_word(mine) == {PROFILE: (KEPT_AGAIN, '"other"')}
    assert mine.journal[-1].file == str(mine.settings)
    assert numbers(mine) == [(None, "second"), (1, "first")]


def test_what_is_back_already_is_let_go_or_kept_as_before(mine: Desk) -> None:
    """Also where a person put it back: else a daemon would repair what the undone command wrote."""
    mine.use("first", profile="work", region="eu-west-1")
    mine.says()
    (given,) = undo(mine.paths).files
    assert (given.did, given.kept) == (False, (PROFILE,))
    assert last_word(mine) == {PROFILE: (KEPT_AGAIN, '"home"'), REGION: ("", None)}


def test_an_undone_reset_is_kept_again(mine: Desk) -> None:
    """All that the reset let go of, since a command had asked for it."""
    mine.use("first", profile="work", region="eu-west-1")
    reset(mine.paths)
    (given,) = undo(mine.paths).files
    assert given.kept == (PROFILE, REGION)


def test_without_a_number_it_is_never_a_repair(mine: Desk) -> None:
    """What the daemon did by itself is skipped, and taken back by its number alone."""
    mine.use("first", region="eu-west-1")
    mine.use("by itself", "rule", "missing", profile="work")
    assert numbers(mine) == [(1, "by itself"), (2, "first")]
    done = undo(mine.paths)
    assert done.command is not None
    assert done.command.group == "first"
    done = undo(mine.paths)
    assert (done.command, done.count) == (None, 1)
    undo(mine.paths, 1)
    assert mine.settings.read_bytes() == ODD


def test_a_later_command_is_named(mine: Desk) -> None:
    """What keeplit itself wrote later is not somebody else's."""
    mine.use("first", profile="work", region="eu-west-1")
    mine.use("second", profile="play")
    mine.replaces(b'"eu-west-1"', b'"theirs"')
    (given,) = undo(mine.paths, 2).files
    assert (given.left, {key: entry.group for key, entry in given.later.items()}) == (
        (PROFILE, REGION),
        {PROFILE: "second"},
    )


AWS = b"[profile old]\r\nregion = us-east-1\r\n; mine\r\n"
ADDED = AWS + b"[profile new]\r\nregion = eu-west-1\r\nsso_role_name = R\r\n"


def set_up(mine: Desk, before: bytes | None, after: bytes) -> Path:
    """Let `setup` change the AWS config, the settings and config.toml, as one command."""
    file = mine.paths.home / ".aws" / "config"
    file.parent.mkdir(exist_ok=True)
    if before is not None:
        file.write_bytes(before)
    environ = {"HOME": str(mine.paths.home)}
    texts = ((before or b"").decode(), after.decode())
    aws_config_change.write(mine.paths, environ, *texts, because="profile", group="first")
    mine.use("first", "setup", profile="new", config="new")
    return file


@pytest.mark.parametrize("before", [AWS, None])
def test_the_aws_config_goes_back_too(mine: Desk, before: bytes | None) -> None:
    """After the files that may name a profile of it, byte for byte; one that was not there is gone again."""
    file = set_up(mine, before, ADDED)
    done = undo(mine.paths)
    assert [one.file for one in done.files] == [str(mine.settings), str(mine.config), str(file)]
    assert [one.fault for one in done.files] == [""] * 3
    assert (mine.settings.read_bytes(), mine.config.exists()) == (ODD, False)
    assert (file.read_bytes() if file.exists() else None) == before
    assert numbers(mine) == [(None, "first")]
    undo(mine.paths)
    set_up(mine, before, ADDED)
    assert [one.fault for one in reset(mine.paths)] == [""] * 3
    assert (file.read_bytes() if file.exists() else None) == before


def test_an_aws_config_that_others_wrote_goes_back_key_by_key(mine: Desk) -> None:
    """What they added stays; what they changed of ours is left alone."""
    file = set_up(mine, AWS, ADDED)
    theirs = b"[profile theirs]\r\nregion = ap-south-1\r\n"
    file.write_bytes(file.read_bytes().replace(b"eu-west-1", b"eu-west-2") + theirs)
    done = undo(mine.paths)
    assert [(one.fault, one.left) for one in done.files] == [("", ()), ("", ()), ("", ("[profile new] region",))]
    assert (
        file.read_bytes() == ADDED.replace(b"eu-west-1", b"eu-west-2").replace(b"sso_role_name = R\r\n", b"") + theirs
    )


def test_an_aws_config_that_cannot_be_understood_stops_the_undo(mine: Desk) -> None:
    """Half a command taken back is worse than none."""
    file = set_up(mine, AWS, ADDED)
    file.write_bytes(b"\xff")
    kept = mine.settings.read_bytes()
    (told,) = undo(mine.paths).files
    assert (told.file, "UTF-8" in told.fault, bool(told.fix)) == (str(file), True, True)
    file.write_bytes(b"no header\n")
    (told,) = undo(mine.paths).files
    assert (told.file, str(file) in told.fault, mine.settings.read_bytes()) == (str(file), True, kept)


def test_an_aws_config_that_is_gone_is_no_settings_file(mine: Desk) -> None:
    """A reset makes no new one, and gives the rest back."""
    file = set_up(mine, AWS, ADDED)
    file.unlink()
    reset(mine.paths)
    assert (file.exists(), mine.settings.read_bytes(), mine.config.exists()) == (False, ODD, False)
