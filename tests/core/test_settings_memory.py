"""What is remembered of the settings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from keeplit.core.backoff import Backoff
from keeplit.core.deeds import Action, Do, Outcome, Result
from keeplit.core.journal_entry import Entry, Phase
from keeplit.core.settings import sight
from keeplit.core.settings_keys import MODEL, PROFILE, REGION, RIVALS, SKIP_AUTH
from keeplit.core.settings_memory import KEPT_AGAIN, MOST_TOLD, QUIET, learned, noticed, told
from keeplit.core.settings_model import Agreed, Edit, FileState, Repaired, Settings, SettingsMemory
from tests.core import drawn
from tests.core.drawn import NOON
from tests.core.made import HOUR, MINUTE, SECOND
from tests.core.made_settings import ANOTHER, base, entry, remembered, settings

FAILED = Backoff(1, NOON, MINUTE, "not_writable")


def after(known: SettingsMemory, found: Settings) -> SettingsMemory:
    """Return what is remembered after a look at noon."""
    return noticed(known, found, NOON)


@given(drawn.settings, drawn.settings_memories)
def test_a_second_look_at_the_same_remembers_nothing_new(found: Settings, known: SettingsMemory) -> None:
    """So that an unchanged file is an unchanged memory."""
    once = after(known, found)
    assert after(once, found) == once


def test_no_settings_are_no_news() -> None:
    """Where nobody looked, what is remembered stays."""
    known = remembered(settings())
    assert after(known, Settings()) is known


def test_another_file_begins_anew() -> None:
    """Nothing of the one counts for the other."""
    found = settings(path="/other.json")
    assert after(remembered(settings()), found) == SettingsMemory("/other.json", base(), seen=sight(found), since=NOON)


def test_what_is_seen_is_dated_once() -> None:
    """Anew where it is another, or where the date lies in the future."""
    found, other = settings(), settings(digest=ANOTHER)
    known = remembered(found)
    assert after(known, found).since == NOON - HOUR
    assert after(known, other).since == NOON
    for odd in (None, NOON + SECOND):
        assert after(replace(known, since=odd), found).since == NOON


def test_what_was_adopted_is_remembered() -> None:
    """With the content in which it stood, which is good."""
    found = settings({REGION: "r"}, digest=ANOTHER)
    known = after(remembered(found), found)
    assert (known.agreed, known.last_good) == (base({REGION: "r"}), ANOTHER)


@pytest.mark.parametrize(
    "found",
    [
        settings({REGION: None}),
        settings({REGION: "r", PROFILE: "p"}),
        settings(state=FileState.BROKEN),
        settings(state=FileState.ABSENT),
    ],
)
def test_what_is_damaged_or_asked_about_is_not_good(found: Settings) -> None:
    """The last good content is the one before."""
    known = remembered(found)
    assert after(known, found) == known


def test_what_has_not_settled_is_not_good_yet() -> None:
    """Nor is anything adopted from it."""
    found = settings({REGION: "r"})
    known = after(remembered(found, since=NOON - SECOND), found)
    assert (known.agreed, known.last_good) == (base(), "d0")


def test_the_rivals_of_the_first_look_are_known() -> None:
    """One that comes later is not; one that goes is forgotten, and asked about when it comes again."""
    found, plain = settings({SKIP_AUTH: "1"}), settings()
    assert after(SettingsMemory(), found).rivals == (SKIP_AUTH,)
    assert after(remembered(found), found).rivals == ()
    assert after(remembered(plain, rivals=RIVALS), plain).rivals == ()
    assert after(remembered(found, rivals=RIVALS), found).rivals == (SKIP_AUTH,)


def test_old_repairs_are_forgotten() -> None:
    """After an hour, and where they lie in the future."""
    rows = tuple(Repaired(MODEL, NOON - ago) for ago in (-SECOND, MINUTE, HOUR + SECOND))
    known = remembered(settings(), repaired=rows, last_good="d1")
    assert after(known, settings()).repaired == (Repaired(MODEL, NOON - MINUTE),)


def test_what_was_told_is_told_again_after_a_while() -> None:
    """Not while the file still changes to and fro, nor while something is asked."""
    found = settings()
    known = remembered(found, told=("gone:x",), last_good="d1")
    assert after(known, found).told == ()
    assert after(replace(known, since=NOON - QUIET + SECOND), found).told == ("gone:x",)
    asking = settings(wanted={"env.NEW": "n"})
    assert after(replace(known, seen=sight(asking)), asking).told == ("gone:x",)


# What commands did.

USED = {PROFILE: ("play", "work")}


def journal(*entries: Entry, known: str = "", **more: object) -> SettingsMemory:
    """Return what is remembered after these entries, of a file that fits whatever they say."""
    found = settings(journal=entries, wanted={PROFILE: "c"})
    agreed = {PROFILE: Agreed("old", "c", names=True)}
    return after(remembered(found, agreed, entry=known, since=NOON, **more), found)


@pytest.mark.parametrize("command", ["use", "setup", "repair", "accept", "preset"])
def test_what_a_command_did_is_the_base(command: str) -> None:
    """With what config.toml says now; it is looked at again a moment later."""
    known = journal(entry(command, USED), told=("gone:x",))
    assert known.agreed == {PROFILE: Agreed("work", "c", names=True)}
    assert (known.entry, known.written_at, known.told) == ("e1", NOON - MINUTE, ())


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("command", ["undo", "reset"])
def test_what_is_taken_back_is_let_go(command: str, phase: Phase) -> None:
    """From the moment it begins: the write itself must not look like damage."""
    known = journal(entry(command, {PROFILE: ("work", None)}, phase=phase))
    assert known.agreed == {PROFILE: Agreed(None, "c", names=True, released=True)}


@pytest.mark.parametrize("command", ["undo", "reset"])
def test_what_is_said_to_be_kept_again_is(command: str) -> None:
    """At what the file says, beside config.toml as it is then: what was left alone is not written over."""
    back = entry(command, {PROFILE: ("work", "mine")}, name="e1")
    kept = entry(command, {PROFILE: ("mine", "mine")}, name="e2", reason=KEPT_AGAIN)
    assert journal(back, kept).agreed == {PROFILE: Agreed("mine", "c", names=True)}


def test_a_command_that_asks_again_is_kept_again() -> None:
    """Entries count in their order."""
    known = journal(entry("undo", {PROFILE: ("work", None)}, name="e1"), entry("use", USED, name="e2"))
    assert known.agreed == {PROFILE: Agreed("work", "c", names=True)}
    assert known.entry == "e2"


def test_an_entry_is_taken_in_once() -> None:
    """What a person did after it stands."""
    known = journal(entry("use", USED), known="e1")
    assert (known.agreed[PROFILE].value, known.entry) == ("old", "e1")


def test_an_entry_that_is_gone_is_not_searched_for() -> None:
    """Those after the last write count, all of them where none is known."""
    entries = (entry("use", {PROFILE: (None, "b")}, HOUR, name="e2"), entry("use", {MODEL: (None, "m")}, name="e3"))
    known = journal(*entries, known="gone", written_at=NOON - 30 * MINUTE)
    assert (known.agreed[PROFILE].value, known.agreed[MODEL].value) == ("old", "m")
    assert journal(*entries, known="gone").agreed[PROFILE].value == "b"
    set_back = entry("use", {REGION: (None, "r")}, HOUR, name="e4")  # the clock was, and the journal stands in order
    assert journal(*entries, set_back, known="gone", written_at=NOON - 30 * MINUTE).entry == "e4"


def test_an_edit_under_way_counts_once_the_file_shows_it() -> None:
    """By its whole content or by its keys; the next one to write knows that it was killed."""
    begun = entry("use", USED, phase=Phase.BEGUN)
    found = settings({PROFILE: "play"}, journal=(begun,))
    known = remembered(found, base({PROFILE: "play"}))
    assert after(known, found).entry == ""
    shown = settings({PROFILE: "work"}, journal=(begun,))
    assert after(known, shown).agreed == base({PROFILE: "work"})
    digest = settings({PROFILE: "play"}, journal=(begun,), digest="d9")
    assert after(known, digest).entry == "e1"
    broken = settings({PROFILE: "work"}, journal=(begun,), state=FileState.BROKEN)
    assert after(known, broken).entry == ""
    passed = settings({PROFILE: "play"}, journal=(begun, entry("use", {MODEL: (None, "m")}, name="e2")))
    later = after(replace(known, since=NOON), passed)  # not settled: nothing is adopted yet
    assert (later.agreed[PROFILE].value, later.agreed[MODEL].value, later.entry) == ("play", "m", "e2")


def test_an_accepted_rival_is_none() -> None:
    """Whatever is there when a person accepts the file."""
    found = settings({SKIP_AUTH: "1"}, journal=(entry("accept", {}),))
    assert after(remembered(found), found).rivals == (SKIP_AUTH,)


def test_a_repair_that_nobody_remembers_still_counts() -> None:
    """A kill came between the write and the memory; what is remembered is not counted twice."""
    row = {REGION: (None, "eu-central-1")}
    rule = entry("rule", row, reason="missing")
    found = settings(journal=(rule,))
    known = after(remembered(found), found)
    assert (known.repaired, known.written_at) == ((Repaired(REGION, NOON - MINUTE),), NOON - MINUTE)
    assert after(remembered(found, written_at=NOON - SECOND), found).repaired == ()
    of_config = settings(journal=(entry("rule", row, reason="config"),))
    assert after(remembered(of_config), of_config).repaired == ()
    both = settings(journal=(entry("rule", row, reason="config+missing"),))
    assert len(after(remembered(both), both).repaired) == 1


# What came of a write.

EDITS = (Edit(REGION, "r", "missing"), Edit(MODEL, "m", "config"), Edit("env.NEW", None, "stale_path"))
WRITE = Action(Do.EDIT_SETTINGS, "", "missing", "…", token="d1", edits=EDITS)


def test_a_write_is_the_base_and_has_to_settle() -> None:
    """What it mended is counted; what config.toml wanted is not."""
    known = remembered(settings(), write=FAILED)
    done = learned(known, WRITE, Outcome(Result.DONE), FAILED, NOON)
    assert (done.agreed[REGION], done.agreed[MODEL]) == (Agreed("r"), Agreed("m", "m", names=True))
    assert done.repaired == (Repaired(REGION, NOON), Repaired("env.NEW", NOON))
    assert (done.seen, done.since, done.written_at, done.write) == ("", None, NOON, Backoff())


def test_a_file_that_was_so_already_was_not_mended() -> None:
    """Somebody else was first."""
    done = learned(remembered(settings()), WRITE, Outcome(Result.SUPERSEDED), FAILED, NOON)
    assert (done.agreed[REGION], done.repaired) == (Agreed("r"), ())


@pytest.mark.parametrize("result", [result for result in Result if result not in {Result.DONE, Result.SUPERSEDED}])
def test_a_write_that_failed_changes_no_base(result: Result) -> None:
    """The file is looked at anew; all but a file that moved wait besides."""
    known = remembered(settings())
    done = learned(known, WRITE, Outcome(result), FAILED, NOON)
    waits = Backoff() if result is Result.STALE else FAILED
    assert done == replace(known, seen="", since=None, write=waits)


def test_what_was_told_is_remembered_up_to_a_number() -> None:
    """The oldest is forgotten."""
    known = SettingsMemory()
    for number in range(MOST_TOLD + 1):
        known = told(known, f"c{number}")
    assert known.told == tuple(f"c{number}" for number in range(1, MOST_TOLD + 1))
