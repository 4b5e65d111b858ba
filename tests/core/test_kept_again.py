from __future__ import annotations

from dataclasses import replace

import pytest

from keeplit.core.journal_entry import Changed, Entry
from keeplit.core.kept_again import kept_before, later_writers, mended, unclosed, wrote
from keeplit.core.settings_keys import MODEL, PROFILE, REGION
from keeplit.core.settings_memory import KEPT_AGAIN, WAITS
from tests.core.made_settings import PATH, entry

USED = {PROFILE: ("play", "work"), REGION: (None, "r"), "env.FOO": ("a", "b")}
RESET = entry("reset", {REGION: ("r", None)}, name="reset")


def before(*entries: Entry, group: str = "g-e1", file: str = PATH) -> set[str]:
    """Return what was kept before a command."""
    return {*kept_before(entries, group, file)}


def test_what_agrees_writes_nothing() -> None:
    """Only what is another afterwards was written."""
    done = entry("reset", {PROFILE: ("a", "a"), REGION: ("a", None)})
    assert wrote(done) == (Changed(REGION, '"a"', None),)


@pytest.mark.parametrize(
    ("reason", "keys"),
    [
        ("missing", {PROFILE, REGION, "env.FOO"}),
        ("missing+stale_path", {PROFILE, REGION, "env.FOO"}),
        ("config+missing", {REGION}),
        ("config", set()),
        ("", set()),
    ],
)
def test_a_mend_puts_back_what_was_there(reason: str, keys: set[str]) -> None:
    """Where config.toml moved too, what was missing."""
    assert mended(entry("rule", USED, reason=reason)) == keys


def test_a_key_that_was_there_was_kept() -> None:
    """Where keeplit knows it; one that was absent, or that is a person's own, was not."""
    assert before(entry("use", USED)) == {PROFILE}
    assert before(entry("use", USED), file="another") == set()
    assert before(entry("use", USED), group="another") == set()


@pytest.mark.parametrize(
    ("earlier", "known"),
    [
        (entry("use", {REGION: (None, "r")}, name="e0"), True),
        (entry("accept", {REGION: (None, "r")}, name="e0"), True),
        (entry("undo", {REGION: ("r", None)}, name="e0"), False),
        (entry("undo", {REGION: ("r", "r")}, name="e0", reason=KEPT_AGAIN), True),
        (entry("use", {MODEL: (None, "m")}, name="e0"), False),
    ],
)
def test_what_came_before_says_whether_it_was_kept(earlier: Entry, known: bool) -> None:  # noqa: FBT001  # a case
    """What a command wrote or accepted, unless that was taken back."""
    assert (REGION in before(earlier, entry("use", USED))) == known


def test_a_reset_lets_go_of_what_was_kept() -> None:
    """So its undo keeps it again; what comes after the command counts for nothing."""
    assert before(entry("use", USED), RESET, entry("use", USED, name="e2"), group="g-reset") == {REGION}


def test_the_daemon_writes_what_it_keeps() -> None:
    """A repair is of a key that was kept, though it was absent."""
    assert before(entry("rule", {REGION: (None, "r")}, reason="missing")) == {REGION}


def test_who_wrote_it_later_is_named() -> None:
    """The last one that wrote what the file says; neither an undo, nor what was there before."""
    entries = (
        entry("use", {PROFILE: (None, "x")}, name="e0"),
        entry("use", USED),
        entry("use", {PROFILE: ("work", "x")}, name="e2"),
        entry("undo", {PROFILE: ("y", "x")}, name="e3"),
        entry("use", {PROFILE: ("x", "y"), REGION: ("r", "z")}, name="e4"),
    )
    said: dict[str, str | None] = {PROFILE: '"x"', MODEL: '"m"', REGION: None}
    assert {key: one.id for key, one in later_writers(entries, "g-e1", PATH, said).items()} == {PROFILE: "e2"}
    assert later_writers(entries, "g-e1", "another", said) == {}


def test_what_waits_for_its_end_is_open_until_that_is_written() -> None:
    """By the group and the file of the one that waits; the end of another ends nothing."""
    first = entry("undo", {PROFILE: ("a", "a")}, reason=WAITS)
    other = replace(first, id="e2", group="g2")
    end = replace(first, id="e3", reason=KEPT_AGAIN)
    used = entry("use", USED)
    assert unclosed([used, first, other]) == (first, other)
    assert unclosed([first, other, end, used]) == (other,)
    assert unclosed([first, replace(end, file="/another")]) == (first,)
    assert unclosed([end]) == ()
