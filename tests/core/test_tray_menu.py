"""The menu: what is offered in each state, in the words that every interface uses, and nothing that cannot be."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from keeplit.core.tray_entries import LINE, Choices, Click, Entry, shape
from keeplit.core.tray_menu import menu, ours_in
from keeplit.core.view import SessionStatus
from tests.core.drawn import NOON
from tests.core.lit_status import HOUR, at, session, status, trouble

COMMANDS = frozenset({"logs", "repair", "login", "status", "doctor"})


def lit(*sessions: SessionStatus, choices: Choices | None = None, told: str = "", **changes: Any) -> tuple[Entry, ...]:
    """Return the menu at noon."""
    return menu(status(*sessions, **changes), choices or Choices(), NOON, timedelta(0), told)


def labels(entries: tuple[Entry, ...]) -> list[str]:
    """Return what the entries say, lines left out."""
    return [entry.label for entry in entries if entry != LINE]


def under(entries: tuple[Entry, ...], label: str) -> tuple[Entry, ...]:
    """Return what is under the entry that begins so."""
    return next(entry.children for entry in entries if entry.label.startswith(label))


def clicks(entries: tuple[Entry, ...]) -> list[Click]:
    """Return what can be done, submenus included."""
    return [c for e in entries for c in (clicks(e.children) if e.children else [e.click]) if c is not Click.NOTHING]


def test_the_header_says_profile_state_and_clocks() -> None:
    """In the words of the status command, not to be clicked."""
    found = lit()

    assert labels(found)[:3] == [
        "keeplit 0.1.0 is keeping watch",
        "work (acme) · signed in",
        "   renews itself in 12 min",
    ]
    assert not any(entry.enabled for entry in found[:3])


def test_what_a_click_came_to_takes_the_first_line() -> None:
    """The menu keeps its shape, so that an open one shows it."""
    found = lit(told="Renewed\nnow")

    assert labels(found)[0] == "Renewed now"
    assert shape(found) == shape(lit())


def test_the_current_session_stands_first() -> None:
    """The others follow by their names alone."""
    found = labels(lit(session("other", profiles=[], state="signed_out"), session()))

    assert (found[1], found[3]) == ("work (acme) · signed in", "other · signed out")


def test_without_a_profile_a_session_goes_by_its_name() -> None:
    """No brackets around nothing."""
    assert labels(lit(profile=""))[1] == "acme · signed in"


def test_without_a_session_the_header_says_what_to_do() -> None:
    """Choose a profile."""
    assert labels(lit(sessions=[]))[1] == "No session is in use: choose a profile"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("fresh", {Click.RENEW, Click.EXTEND}),
        ("renewing", {Click.RENEW, Click.EXTEND}),
        ("sign_in_soon", {Click.SIGN_IN, Click.EXTEND}),
        ("signed_out", {Click.SIGN_IN}),
        ("signing_in", set()),
        ("unknown", set()),
    ],
)
def test_only_what_makes_sense_in_a_state_is_offered(state: str, expected: set[Click]) -> None:
    """Nobody renews what is over, or signs in to what is well."""
    assert set(clicks(lit(session(state=state)))) & {Click.SIGN_IN, Click.RENEW, Click.EXTEND} == expected


def test_a_token_that_cannot_be_renewed_is_not_offered_for_it() -> None:
    """It has no refresh token."""
    assert Click.RENEW not in clicks(lit(session(refreshable=False)))


def test_extending_warns_before_it_is_done() -> None:
    """It is one step deeper, under its warning."""
    assert labels(under(lit(), "Extend the day…")) == [
        "This signs you out first, then opens the browser",
        "Extend now",
    ]


def test_several_sessions_are_named_where_they_are_acted_on() -> None:
    """And each click holds its own."""
    found = lit(session(), session("other", profiles=[], state="signed_out"), session("third", state="signing_in"))

    assert Entry("Renew now of acme", Click.RENEW, "acme") in found
    assert Entry("Sign in now to other", Click.SIGN_IN, "other") in found
    assert "Signing in to third: look at your browser" in labels(found)


def test_a_daemon_that_is_gone_can_be_started_and_nothing_else_be_asked_of_it() -> None:
    """No sign-in, no pause; switching works without one."""
    found = lit(running=False)

    assert clicks(found)[0] is Click.START
    assert not {Click.RENEW, Click.PAUSE, Click.QUIT_ALL} & set(clicks(found))
    assert labels(found)[-1] == "Quit"


def test_quitting_says_whether_keeping_goes_on() -> None:
    """Both are offered where a daemon runs."""
    assert labels(lit())[-2:] == ["Quit (keeping goes on)", "Quit and stop keeping"]


def test_a_pause_has_four_lengths_and_then_an_end() -> None:
    """Until it is over there is only Resume."""
    assert [entry.value for entry in under(lit(), "Pause")] == ["30m", "1h", "tomorrow", ""]
    paused = lit(paused_until=at(HOUR))
    assert Click.RESUME in clicks(paused)
    assert Click.PAUSE not in clicks(paused)


@pytest.mark.parametrize(
    ("state", "missing", "says", "repairs"),
    [
        ("ok", [], "Settings: ok", False),
        ("repaired", [], "Settings: repaired", False),
        ("unmanaged", [], "Settings: not kept yet", False),
        ("damaged", ["env.AWS_PROFILE", "model"], "Settings: missing: AWS_PROFILE, model", True),
        ("damaged", [], "Settings: changed", True),
        ("unreadable", [], "Settings: not readable", True),
        ("off", [], "Settings: Bedrock is off", True),
    ],
)
def test_the_settings_say_what_is_missing(state: str, missing: list[str], says: str, *, repairs: bool) -> None:
    """A repair is offered where something is to be repaired."""
    found = lit(settings={"path": "/s.json", "state": state, "missing": missing, "shadowed": []})

    assert says in labels(found)
    assert (Click.REPAIR in clicks(found)) is repairs


def test_a_question_about_the_settings_can_be_answered_both_ways() -> None:
    """Repair, or keep the file."""
    found = clicks(lit(troubles=[trouble(code="settings_question")]))

    assert {Click.REPAIR, Click.ACCEPT} <= set(found)


def test_the_last_change_can_be_undone_by_name() -> None:
    """Without one there is no such entry, and without a file none to open."""
    choices = Choices(can_undo="use (profile)", undoes="g1", isolated=True)
    inside = under(lit(choices=choices), "Settings")
    none = lit(settings={"path": "", "state": "ok", "missing": [], "shadowed": []})

    assert labels(inside) == ["Undo: use (profile)", "Isolate Bedrock's profile", "Open settings.json"]
    assert inside[1] == Entry("Isolate Bedrock's profile", Click.ISOLATE, "", checked=True)
    assert not {Click.UNDO, Click.OPEN_SETTINGS} & set(clicks(none))


def test_a_trouble_says_its_fix_and_runs_what_is_ours() -> None:
    """A fix that is a command of ours needs no second line."""
    found = lit(troubles=[trouble()], choices=Choices(commands=COMMANDS))

    assert labels(under(under(found, "Troubles (1)"), "Odd")) == ["It is odd.", "Run: keeplit logs"]


def test_a_fix_in_words_stands_beside_the_commands_in_it() -> None:
    """Each command can be run."""
    fix = "`keeplit repair` puts ours back, `keeplit repair --accept` keeps it"
    inside = under(under(lit(troubles=[trouble(fix=fix)], choices=Choices(commands=COMMANDS)), "Troubles"), "Odd")

    assert labels(inside) == ["It is odd.", f"Do: {fix}", "Run: keeplit repair", "Run: keeplit repair --accept"]
    assert [entry.value for entry in inside[2:]] == ["repair", "repair --accept"]


@pytest.mark.parametrize(
    ("fix", "ours"),
    [
        ("the same once more: keeplit login", ["login"]),
        ("start one; a terminal shows them too, with: keeplit status --watch", ["status --watch"]),
        ("`keeplit login --profile NAME` makes a new one, `keeplit repair` the old one", ["repair"]),
        ("keeplit login, or keeplit repair", []),
        ("keeplit login --profile='my work'", ["login --profile='my work'"]),
        ("then: keeplit login --session 'it'\"'\"'s: keeplit'", ["login --session 'it'\"'\"'s: keeplit'"]),
        ("keeplit login --session ACME", ["login --session ACME"]),
        ("keeplit login --session REGION", []),
        ("keeplit uninstall", []),
        ("rm -rf ~/.aws", []),
        ("see keeplit logs", []),
        ("keeplit 'half", []),
        ("", []),
    ],
)
def test_only_commands_that_are_known_can_be_run(fix: str, ours: list[str]) -> None:
    """Whatever else a fix says is said, not run."""
    assert ours_in(fix, COMMANDS) == ours


def test_doctor_and_status_are_there_once_they_are_commands() -> None:
    """What the command line lacks is not offered."""
    assert "Doctor" not in labels(lit())
    assert {"Doctor", "Show the status in a terminal"} <= set(labels(lit(choices=Choices(commands=COMMANDS))))


@pytest.mark.parametrize(("now", "turns_to"), [(True, ""), (False, "on")])
def test_the_start_at_login_is_checked_and_turned(turns_to: str, *, now: bool) -> None:
    """The entry holds what it turns to."""
    assert Entry("Start at login", Click.AT_LOGIN, turns_to, checked=now) in lit(choices=Choices(at_login=now))


def test_a_start_at_login_that_ends_at_once_warns() -> None:
    """On a Mac and on Windows what is switched off is ended too, this flame with it."""
    found = next(e for e in lit(choices=Choices(at_login=True, login_ends_at_once=True)) if "login" in e.label)

    assert found.label == "Starts at login ✓"
    assert [(e.click, e.value) for e in found.children] == [(Click.NOTHING, ""), (Click.AT_LOGIN, "")]
    off = Choices(at_login=False, login_ends_at_once=True)
    assert Entry("Start at login", Click.AT_LOGIN, "on", checked=False) in lit(choices=off)


def test_a_start_at_login_that_cannot_be_changed_is_not_offered() -> None:
    """Where nobody knows, or where it would end what runs."""
    assert Click.AT_LOGIN not in clicks(lit())


def test_lines_stand_between_parts_alone() -> None:
    """None at the ends, no two together."""
    found = lit()

    assert LINE not in {found[0], found[-1]}
    assert not any(one == other == LINE for one, other in itertools.pairwise(found))


def test_the_same_state_is_the_same_menu() -> None:
    """So nothing is shown anew."""
    assert lit() == lit()


def test_what_another_layer_decides_is_said() -> None:
    """Else a person repairs what is not broken."""
    settings = {"path": "/s.json", "state": "ok", "missing": [], "shadowed": ["env.AWS_PROFILE", "model"]}
    found = next(entry for entry in lit(settings=settings) if entry.label.startswith("Settings"))

    assert found.label == "Settings: ok"
    assert [entry.label for entry in found.children[:2]] == [
        "AWS_PROFILE is decided elsewhere: keeplit status says where",
        "model is decided elsewhere: keeplit status says where",
    ]
