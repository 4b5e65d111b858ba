"""Tests of the slot of Claude Code's status line, shared with a person's own command."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.own_statusline import NotComposable, Row, alone, hidden, read, shared

OURS = "/opt/keep lit/bin/keeplit"


def made(value: Any, *, windows: bool = False) -> dict[str, Any]:
    """Return the slot with keeplit's row in it."""
    return shared(value, r"C:\Program Files\keeplit.exe" if windows else OURS, windows=windows)


def test_an_empty_slot() -> None:
    """Ours alone, drawn anew every half minute; taken out, the key goes."""
    slot = made(None)
    assert slot == {"type": "command", "command": f"'{OURS}' statusline", "refreshInterval": 30}
    assert read(slot) == Row(ours=True, program=OURS)
    assert alone(slot) is None


def test_beside_a_persons_own_command() -> None:
    """Theirs stands in ours, what else they set stays, and taken out all is as it was."""
    theirs = {"type": "command", "command": "jq -r '.model.display_name'", "padding": 0}
    slot = made(theirs)
    assert shlex.split(slot["command"]) == [OURS, "statusline", "--with", "jq -r '.model.display_name'"]
    assert (slot["padding"], slot["refreshInterval"]) == (0, 30)
    assert alone(slot) == theirs


def test_how_often_a_person_wants_it() -> None:
    """Their own interval is theirs."""
    theirs = {"type": "command", "command": "date", "refreshInterval": 5}
    assert made(theirs)["refreshInterval"] == 5
    assert alone(made(theirs)) == theirs


def test_ours_once_more_is_the_same_but_for_its_path() -> None:
    """After an upgrade the path changes, and theirs is not wrapped twice."""
    theirs = {"type": "command", "command": "date"}
    moved = shared(made(theirs), "/new/keeplit", windows=False)
    assert shlex.split(str(moved["command"])) == ["/new/keeplit", "statusline", "--with", "date"]
    assert shared(moved, "/new/keeplit", windows=False) == moved


@pytest.mark.parametrize("value", [None, "text", {"type": "command"}, {"command": 5}])
def test_a_slot_without_a_command_holds_nobodys_row(value: Any) -> None:
    """Nothing of ours, nothing of theirs."""
    assert read(value) == Row()


def test_what_is_not_ours_stays_when_ours_is_taken_out() -> None:
    """A command of theirs, and one of keeplit's that is no status line."""
    for command in ("date", "keeplit status"):
        slot = {"type": "command", "command": command}
        assert (read(slot), alone(slot)) == (Row(theirs=command), slot)
    assert alone(None) is None


@pytest.mark.parametrize("value", ["text", ["date"], {"type": "static", "text": "hello"}])
def test_a_kind_that_is_not_known_is_left_alone(value: Any) -> None:
    """The sentence says so."""
    with pytest.raises(NotComposable, match="stays as it is"):
        made(value)


def test_on_windows() -> None:
    """Written for bash and PowerShell at once; what they read in different ways is refused with what to do."""
    plain = shared({"command": "powershell -File C:/x.ps1 | % Trim"}, r"C:\Users\sam\keeplit.exe", windows=True)
    assert plain["command"] == "C:/Users/sam/keeplit.exe statusline --with 'powershell -File C:/x.ps1 | % Trim'"
    assert read(plain) == Row(
        ours=True, program="C:/Users/sam/keeplit.exe", theirs="powershell -File C:/x.ps1 | % Trim"
    )
    assert shared(plain, r"C:\Users\sam\keeplit.exe", windows=True) == plain
    spaced = made(None, windows=True)
    assert spaced["command"] == '"C:/Program Files/keeplit.exe" statusline'
    assert read(spaced) == Row(ours=True, program="C:/Program Files/keeplit.exe")
    for command in ('echo "a"', "echo 'a'", "a\nb"):
        with pytest.raises(NotComposable, match="a script of its own"):
            made({"command": command}, windows=True)
    for program in (r"\\server\share\keeplit.exe", r"C:\$HOME\keeplit.exe", r"C:\a`b\keeplit.exe"):
        with pytest.raises(NotComposable, match="not every shell"):
            shared(None, program, windows=True)
    other = "C:/Users/sam/other.exe statusline --with 'x'"
    assert read({"command": other}) == Row(theirs=other)


def test_what_no_file_can_hold() -> None:
    """A null character in their command, and a path of ours that cannot be written."""
    with pytest.raises(NotComposable, match="null character"):
        made({"command": "a\0b"})
    with pytest.raises(NotComposable, match="quotes nor control"):
        shared(None, 'C:\\a"b\\keeplit.exe', windows=True)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_any_command_comes_back_word_for_word(command: str) -> None:
    """Whatever quotes, dollars and line ends are in it."""
    slot = {"type": "command", "command": command}
    if not read(slot).ours:
        assert alone(made(slot)) == slot


def test_why_a_row_is_not_shown() -> None:
    """A switch that turns all rows off comes before a row that wins: what mends one does not mend the other."""
    assert hidden("", "") is None
    beaten, off = hidden("the project's settings", ""), hidden("the project's settings", "the user's settings")
    assert beaten is not None
    assert off is not None
    assert ("the project's settings have" in beaten.sentence, "--with" in beaten.fix) == (True, True)
    assert ("the user's settings say disableAllHooks" in off.sentence, off.fix) == (
        True,
        "take disableAllHooks out there",
    )
