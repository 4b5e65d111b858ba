"""The page of `keeplit doctor`: the verdict first, and long only where something is to do."""

from __future__ import annotations

import pytest

from keeplit.core.check import Check, State
from keeplit.core.doctor_marks import fail, ok, skipped, warn
from keeplit.engine.doctor_fix import Fixed
from keeplit.ui.doctor_pages import document, fixed_lines, screen

LONG = "The token of acme has ended, and it is renewed as soon as keeplit runs, which it does not do just now."
FOUND = (
    ok("home", "HOME is there."),
    fail("token", LONG, "keeplit login --session=acme"),
    warn("disk", "The disk is nearly full.", "free disk space"),
    skipped("tray", "There is no screen."),
)


def plain(text: str) -> str:
    """Return a screen without its colours."""
    return "".join(part.partition("m")[2] if at else part for at, part in enumerate(text.split("\x1b[")))


def test_the_verdict_comes_first_and_what_is_well_takes_a_line() -> None:
    """Each group has one line, and what is to do stands below it with its fix."""
    assert plain(screen(FOUND, 60)).splitlines() == [
        "1 thing is wrong, 1 to look at; 1 check is well.",
        "Do first: keeplit login --session=acme",
        "! This machine: 1 well",
        "  ! The disk is nearly full.",
        "    Do: free disk space",
        "· keeplit: 1 not looked at: There is no screen.",
        "✗ Sign-in",
        "  ✗ The token of acme has ended, and it is renewed as soon",
        "    as keeplit runs, which it does not do just now.",
        "    Do: keeplit login --session=acme",
    ]


@pytest.mark.parametrize("width", [20, 30, 60, 100])
def test_sentences_fit_the_terminal(width: int) -> None:
    """A command alone may be longer: it is copied."""
    lines = plain(screen(FOUND, width)).splitlines()[1:]

    assert max(len(line) for line in lines if "Do" not in line) <= width


def test_one_thing_alone_needs_no_beginning() -> None:
    """Nor does what is only to be looked at, or mended by hand: its fix stands there once."""
    by_hand = (*FOUND[2:], fail("config_toml", "Line 3 is wrong.", "correct it"), FOUND[1])
    shown = [screen(found, 60) for found in (FOUND, FOUND[:2], FOUND[2:], by_hand)]

    assert ["Do first:" in one for one in shown] == [True, False, False, False]


def test_a_fix_that_is_no_command_fits_the_terminal() -> None:
    """One that is copied stays in one piece."""
    by_hand = (warn("disk", "It is full.", "free disk space, of which there is some"),)
    copied = (warn("disk", "It is full.", "see what there is: df -h ~/.local and so on"),)

    assert [plain(screen(found, 30)).splitlines()[3:] for found in (by_hand, copied)] == [
        ["    Do: free disk space, of", "        which there is some"],
        ["    Do: see what there is: df -h ~/.local and so on"],
    ]


def test_a_name_cannot_steer_the_terminal() -> None:
    """What a file holds is shown, not obeyed."""
    assert "\x1b]0;" not in screen((fail("token", "acme\x1b]0;x\x07", "x"),), 60)


def test_what_was_mended_is_said() -> None:
    """As one object with the rest, or in lines before the checks."""
    fixed = [Fixed("helpers", "It runs keeplit.")]

    assert document(FOUND, fixed, "/x.zip")["fixed"] == [
        {"code": "helpers", "sentence": "It runs keeplit.", "done": True}
    ]
    assert document(FOUND, [], "")["fixed"] == []
    assert plain(screen(FOUND, 60, ["Mended: it."], "/x.zip")).splitlines()[1] == "Mended: it."
    assert screen(FOUND, 60, (), "/x.zip").endswith("without secrets: /x.zip")


def test_each_fix_is_taken_back_by_itself() -> None:
    """It is said when there are several; and where all is well, that there was nothing to mend."""
    mended = Fixed("helpers", "It runs keeplit.")

    assert fixed_lines([mended, mended], ())[-1] == "Take it back: keeplit undo, once for each"
    assert fixed_lines([mended, Fixed("x", "It could not.", done=False)], ())[-1] == "Take it back: keeplit undo"
    assert fixed_lines([], [one for one in FOUND if one.state is State.OK]) == ["There is nothing to mend."]


def test_checks_are_passed_on_as_they_are() -> None:
    """In their order, each whole."""
    assert document((Check("x", FOUND[1].state, "s", "f"),))["checks"] == [
        {"code": "x", "state": "fail", "sentence": "s", "fix": "f"}
    ]
