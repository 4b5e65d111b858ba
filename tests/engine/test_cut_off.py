from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from keeplit.adapters import clock, files, journal
from keeplit.adapters.claude_settings.written import WriteResult, Written
from keeplit.adapters.paths import Paths
from keeplit.core.journal_entry import Changed, Entry, Phase
from keeplit.core.kept_again import unclosed
from keeplit.core.settings_compared import kept
from keeplit.core.settings_memory import noticed
from keeplit.core.settings_model import Agreed, Settings, SettingsMemory
from keeplit.engine import cut_off, guarded
from keeplit.engine.living import prepare
from keeplit.engine.reset import reset
from keeplit.engine.undo import history, undo
from tests.engine.written_by_commands import ODD, PROFILE, REGION, Desk, desk

COMMANDS: dict[str, Callable[[Paths], object]] = {"undo": undo, "reset": reset}
BOTH = pytest.mark.parametrize("command", COMMANDS)
Cut = Callable[[str, str], None]


class Killed(BaseException):
    """The end of a process in the middle of its work; nothing catches it."""


@pytest.fixture
def mine(own_home: object) -> Desk:
    """Give a home whose settings and config.toml `use` has changed."""
    found = desk()
    found.use("first", profile="work", region="eu-west-1", config="work")
    return found


@pytest.fixture
def cut(mine: Desk, monkeypatch: pytest.MonkeyPatch) -> Cut:
    """Give what runs a command that ends where a part of it would begin."""

    def run(command: str, part: str) -> None:
        def killed(*_: object, **__: object) -> None:
            raise Killed

        with monkeypatch.context() as broken:
            module, name = {"settings": (guarded, "put"), "config": (guarded, "remove"), "end": (cut_off, "_end")}[part]
            real, calls = cut_off._end, [None]  # at its beginning a command ends what came before

            def second(*given: Any, **more: Any) -> object:
                return real(*given, **more) if calls and calls.pop() is None else killed()  # type: ignore[func-returns-value]

            broken.setattr(module, name, second if part == "end" else killed)
            with pytest.raises(Killed):
                COMMANDS[command](mine.paths)

    return run


def keeps(mine: Desk) -> dict[str, str]:
    """Return what a daemon keeps that met the person's settings before the first command."""
    known = SettingsMemory(path=str(mine.settings), agreed={PROFILE: Agreed("home")})
    entries = tuple(entry for entry in mine.journal if entry.file == str(mine.settings))
    return dict(kept(noticed(known, Settings(str(mine.settings), journal=entries), clock.now())))


@BOTH
def test_what_was_cut_off_before_it_wrote_keeps_all(mine: Desk, cut: Cut, command: str) -> None:
    """Nothing went back, so all is kept as it was; the command can be taken back as before."""
    before = (mine.settings.read_bytes(), keeps(mine))
    cut(command, "settings")
    assert len(unclosed(mine.journal)) == 1
    assert cut_off.end(mine.paths) is None
    assert (mine.settings.read_bytes(), keeps(mine)) == before
    assert (unclosed(mine.journal), [one.number for one in history(mine.paths)]) == ((), [1])


@BOTH
def test_what_was_cut_off_between_the_files_is_told(mine: Desk, cut: Cut, command: str) -> None:
    """Only the same command ends it: neither a look nor a daemon writes anything."""
    cut(command, "config")
    written = mine.journal
    assert (mine.settings.read_bytes(), mine.config.exists()) == (ODD, True)
    for found in (cut_off.half(mine.paths), cut_off.end(mine.paths)):
        assert found is not None
        assert (found.code, str(mine.settings) in found.sentence) == ("undo_cut_off", True)
        assert found.fix == {"undo": "keeplit undo 1", "reset": "keeplit reset"}[command]
    assert mine.journal == written
    COMMANDS[command](mine.paths)
    assert (mine.settings.read_bytes(), mine.config.exists()) == (ODD, False)
    assert (unclosed(mine.journal), cut_off.half(mine.paths)) == ((), None)
    assert keeps(mine) == ({PROFILE: "home"} if command == "undo" else {})


def test_a_reset_after_half_an_undo_lets_go(mine: Desk, cut: Cut) -> None:
    """What the undo was to keep again is no more to be kept."""
    cut("undo", "config")
    reset(mine.paths)
    assert (mine.settings.read_bytes(), mine.config.exists()) == (ODD, False)
    assert (unclosed(mine.journal), keeps(mine)) == ((), {})


def test_what_was_cut_off_at_its_end_keeps_again(mine: Desk, cut: Cut, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both files are back, and what was kept before the command is kept."""
    from keeplit.engine import undo as engine

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(engine, "_agreed", killed)
        with pytest.raises(Killed):
            undo(mine.paths)
    assert (mine.settings.read_bytes(), mine.config.exists(), keeps(mine)) == (ODD, False, {})
    assert cut_off.half(mine.paths) is None
    assert cut_off.end(mine.paths) is None
    assert (unclosed(mine.journal), keeps(mine)) == ((), {PROFILE: "home"})
    written = mine.journal
    assert (cut_off.end(mine.paths), mine.journal) == (None, written)


def test_a_reset_cut_off_at_its_end_is_over(mine: Desk, cut: Cut) -> None:
    """All is given back and let go of."""
    cut("reset", "end")
    assert len(unclosed(mine.journal)) == 1
    assert cut_off.end(mine.paths) is None
    assert (unclosed(mine.journal), keeps(mine)) == ((), {})


def test_what_a_living_process_holds_is_not_cut_off(mine: Desk, cut: Cut) -> None:
    """Nobody ends it, and nobody calls it half done."""
    cut("undo", "config")
    written = mine.journal
    with files.lock(mine.paths.state / cut_off.LOCK, 1.0):
        assert (cut_off.end(mine.paths), cut_off.half(mine.paths)) == (None, None)
    assert mine.journal == written


def test_half_an_undo_that_is_whole_by_other_hands_ends(mine: Desk, cut: Cut) -> None:
    """A person gave config.toml back: nothing is half any more."""
    cut("undo", "config")
    mine.config.unlink()
    assert cut_off.end(mine.paths) is None
    assert (unclosed(mine.journal), keeps(mine)) == ((), {PROFILE: "home"})


def test_an_undo_that_fails_keeps_what_it_could_not_take_back(mine: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, both files stay as they are, and all is kept as before."""
    before = keeps(mine)
    mine.replaces(b'"theme"', b'"font": 1, "theme"')  # key by key, not whole
    monkeypatch.setattr(guarded, "edit", lambda *_, **__: Written(WriteResult.REFUSED, fault="no"))
    done = undo(mine.paths)
    assert [one.fault for one in done.files] == ["no", f"{mine.config} is left as it is, since {mine.settings} is"]
    assert (keeps(mine), before[REGION], mine.config.exists()) == (before, "eu-west-1", True)
    assert [one.number for one in history(mine.paths)] == [1]


@pytest.fixture
def between(own_home: object) -> Desk:
    """Give a home where `use` was killed once config.toml was written: the settings were to follow."""
    found = desk()
    prepare(found.paths)
    keys = (Changed(PROFILE, '"home"', '"deep"'), Changed(REGION, None, '"eu-west-1"'))
    file, digest = str(found.settings), sha256(ODD).hexdigest()
    entry = Entry("p", "first", clock.now(), "use", file, keys, digest, "", phase=Phase.PROMISED)
    journal.append(found.paths, entry)
    found.use("first", config="deep")
    return found


def promises(mine: Desk) -> tuple[Entry, ...]:
    """Return what is still promised."""
    return journal.look(mine.paths).promises


def test_the_settings_follow_as_was_promised(between: Desk) -> None:
    """Once, as a part of the command, which one undo takes back to the byte; a look alone writes nothing."""
    assert (cut_off.half(between.paths), between.settings.read_bytes()) == (None, ODD)
    assert cut_off.end(between.paths) is None
    said = json.loads(between.settings.read_bytes())["env"]
    assert (said, promises(between)) == ({"AWS_PROFILE": "deep", "AWS_REGION": "eu-west-1"}, ())
    assert [(one.number, one.command, len(one.files)) for one in history(between.paths)] == [(1, "use", 2)]
    undo(between.paths)
    assert (between.settings.read_bytes(), between.config.exists()) == (ODD, False)
    assert (cut_off.end(between.paths), between.settings.read_bytes()) == (None, ODD)


def test_what_a_person_changed_meanwhile_stays(between: Desk) -> None:
    """The other keys follow."""
    between.replaces(b'"home"', b'"theirs"')
    assert cut_off.end(between.paths) is None
    said = json.loads(between.settings.read_bytes())["env"]
    assert said == {"AWS_PROFILE": "theirs", "AWS_REGION": "eu-west-1"}


def test_an_edit_that_only_began_is_begun_anew(between: Desk) -> None:
    """It did not land; its undo is to the byte all the same."""
    (promise,) = promises(between)
    journal.append(between.paths, replace(promise, id="b", phase=Phase.BEGUN, digest_after="c" * 64))
    assert cut_off.end(between.paths) is None
    assert [entry.phase for entry in between.journal] == [Phase.DONE] * 2
    undo(between.paths)
    assert between.settings.read_bytes() == ODD


def test_what_has_landed_or_is_not_wanted_any_more_is_no_promise(between: Desk) -> None:
    """Neither after the edit itself, nor where config.toml says something else by now, or never changed."""
    (promise,) = promises(between)
    between.use("first", profile="deep", region="eu-west-1")
    written = between.settings.read_bytes()
    assert (cut_off.end(between.paths), promises(between)) == (None, ())
    assert between.settings.read_bytes() == written
    for group, config in (("first", "other"), ("another", "deep")):
        between.says()
        between.config.write_text(f'[claude]\nprofile = "{config}"\n')
        journal.append(between.paths, replace(promise, id=group, group=group))
        assert (cut_off.end(between.paths), promises(between)) == (None, ())
        assert between.settings.read_bytes() == ODD


def test_settings_that_cannot_be_written_yet_are_waited_for(between: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken file, or one that moves, without a word of its own; one that cannot be written is told."""
    between.says(b"{]")
    assert (cut_off.end(between.paths), len(promises(between))) == (None, 1)
    between.says()
    found = None
    for result, told in ((WriteResult.MOVED, None), (WriteResult.NOT_WRITABLE, "use_cut_off")):
        with monkeypatch.context() as broken:
            written = Written(result, fault="the disk is full", fix="free some space")
            broken.setattr(guarded, "edit", lambda *_, written=written, **__: written)
            found = cut_off.end(between.paths)
        assert (found.code if found else None, len(promises(between))) == (told, 1)
    assert found is not None
    assert ("the disk is full" in found.sentence, found.fix) == (True, "free some space")
    assert (cut_off.end(between.paths), promises(between)) == (None, ())


def test_a_promise_ends_with_the_command_unless_it_is_killed(between: Desk) -> None:
    """Whoever fails can still put the first file back; of one that is killed nobody else knows."""
    (promise,) = promises(between)
    for error, left in ((None, 1), (ValueError, 1), (Killed, 2)):
        with suppress(Exception, Killed), cut_off.changing(between.paths, replace(promise, id="another")):
            assert len(promises(between)) == 2
            if error is not None:
                raise error
        assert len(promises(between)) == left
    with cut_off.changing(between.paths, None):
        assert cut_off.end(between.paths) is None
    assert len(promises(between)) == 2
