"""What the status says of the settings."""

from __future__ import annotations

import pytest
from hypothesis import given

from keeplit.core.backoff import Backoff
from keeplit.core.catalogue import CATALOGUE
from keeplit.core.settings_keys import BEARER_TOKEN, MODEL, PROFILE, REGION, SKIP_AUTH, USE_BEDROCK
from keeplit.core.settings_model import FileState, Repair, Repaired, Settings, SettingsMemory
from keeplit.core.settings_troubles import missing, settings_state, settings_troubles
from keeplit.core.view import in_words
from tests.core import drawn
from tests.core.drawn import NOON
from tests.core.made import MINUTE, SECOND
from tests.core.made_settings import base, remembered, settings

LOST = settings({REGION: None})
BROKEN = settings(state=FileState.BROKEN, fault="line 3, column 7: a comma is missing", fix="mend that place")
GONE = settings(dict.fromkeys(base()), state=FileState.ABSENT)


def codes(found: Settings, **more: object) -> list[str]:
    """Return the codes of what is wrong with settings that have settled; `more` are fields of the memory."""
    return [trouble.code for trouble in settings_troubles(found, remembered(found, **more), NOON)]


@given(drawn.settings, drawn.settings_memories)
def test_any_state_of_the_settings_can_be_said(found: Settings, known: SettingsMemory) -> None:
    """In the words of the catalogue, and in one word."""
    for trouble in settings_troubles(found, known, NOON):
        assert trouble.code in CATALOGUE
        assert all(in_words(trouble).values())
    states = {"ok", "repaired", "damaged", "unreadable", "off", "unmanaged"}
    assert settings_state(found, known, NOON) in states


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Settings(), []),
        (settings(), []),
        (LOST, []),
        (settings({REGION: None}, repair=Repair.OFF), ["settings_left"]),
        (settings({MODEL: None}), []),
        (settings({REGION: None}, repair=Repair.ASK), ["settings_question"]),
        (settings({REGION: "x", PROFILE: "y"}), ["settings_question"]),
        (settings(wanted={"env.NEW": "n"}), ["settings_question"]),
        (BROKEN, ["settings_unreadable"]),
        (settings(state=FileState.CLOSED), ["settings_unreadable"]),
        (GONE, ["settings_gone"]),
    ],
)
def test_each_trouble_is_found_by_its_facts(found: Settings, expected: list[str]) -> None:
    """And nothing else with it."""
    assert codes(found) == expected


@pytest.mark.parametrize("found", [BROKEN, GONE])
def test_a_file_that_is_being_written_is_no_trouble(found: Settings) -> None:
    """For two seconds."""
    assert codes(found, since=NOON - SECOND) == []


def test_a_file_that_was_never_agreed_on_is_not_missed() -> None:
    """Many a person has none."""
    assert codes(GONE, agreed={}) == []


def test_a_broken_file_is_said_with_its_place() -> None:
    """Once, and with the way back, where there is one: a file that cannot be read at all is not put back."""
    (trouble,) = settings_troubles(BROKEN, remembered(BROKEN), NOON)
    assert in_words(trouble) == {
        "code": "settings_unreadable",
        "severity": "error",
        "title": "Claude Code's settings cannot be read",
        "detail": "line 3, column 7: a comma is missing.",
        "fix": "mend that place, or put the last good copy back: keeplit repair --last-good",
    }
    closed = settings(state=FileState.CLOSED, fault="it is a folder", fix="mend that place")
    for found, last_good in ((BROKEN, ""), (closed, "d0")):
        (plain,) = settings_troubles(found, remembered(found, last_good=last_good), NOON)
        assert plain.fix == "mend that place"


def test_what_is_left_as_it_is_can_be_repaired_by_a_person() -> None:
    """It is named, with the command, and marks nothing; a key that is stopped as well is said once."""
    found = settings({REGION: None}, repair=Repair.OFF)
    (left,) = settings_troubles(found, remembered(found), NOON)
    words = in_words(left)
    assert (words["severity"], CATALOGUE[left.code].marks_tray) == ("info", False)
    assert "AWS_REGION" in words["detail"]
    assert "`keeplit repair`" in words["fix"]
    assert codes(found, repaired=(Repaired(REGION, NOON - MINUTE),) * 3) == ["settings_fight"]


def test_a_question_says_how_it_is_answered() -> None:
    """By a command; a rival in its own way; one that only config.toml raises is no alarm."""
    changed, rival, unset = (
        settings({REGION: "x", PROFILE: "y"}),
        settings({SKIP_AUTH: "1"}),
        settings(wanted={"a": "b"}),
    )
    words = [in_words(settings_troubles(one, remembered(one), NOON)[0]) for one in (changed, rival, unset)]
    assert [one["severity"] for one in words] == ["warning", "warning", "info"]
    assert "keeplit repair --accept" in words[0]["fix"]
    assert words[1]["fix"].startswith("take it out")


def test_a_fight_names_its_key() -> None:
    """Beside the damage that it leaves."""
    rows = (Repaired(REGION, NOON - MINUTE),) * 3
    (trouble,) = settings_troubles(LOST, remembered(LOST, repaired=rows), NOON)
    assert (trouble.code, "AWS_REGION" in trouble.detail) == ("settings_fight", True)
    assert "program" not in trouble.detail + in_words(trouble)["title"]  # it may be the person


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (Backoff(1, NOON, MINUTE, "not_writable", "", "the disk is full."), ["settings_not_writable"]),
        (Backoff(1, NOON, SECOND, "stale"), []),
        (Backoff(), []),
    ],
)
def test_a_write_that_failed_is_said_while_it_is_due(write: Backoff, expected: list[str]) -> None:
    """One that another program overtook has not failed; what is not due any more is forgotten."""
    assert codes(LOST, write=write) == expected
    assert codes(settings(), write=write) == []


@pytest.mark.parametrize(("sentence", "said"), [("The disk is full.", "The disk is full"), ("", "OSError")])
def test_a_write_that_failed_is_said_in_words(sentence: str, said: str) -> None:
    """The code stands in for a sentence only where nobody made one."""
    failed = Backoff(1, NOON, MINUTE, "unexpected", "OSError", sentence)
    details = [one.detail for one in settings_troubles(LOST, remembered(LOST, write=failed), NOON)]
    assert said in details


@pytest.mark.parametrize(
    ("found", "more", "expected"),
    [
        (settings(), {}, "ok"),
        (LOST, {}, "damaged"),
        (LOST, {"since": NOON}, "damaged"),
        (settings({REGION: "x", PROFILE: "y"}), {}, "damaged"),
        (settings({REGION: "x"}), {}, "ok"),
        (settings(), {"repaired": (Repaired(MODEL, NOON - 10 * MINUTE),)}, "repaired"),
        (settings(), {"repaired": (Repaired(MODEL, NOON - 11 * MINUTE),)}, "ok"),
        (settings(), {"repaired": (Repaired(MODEL, NOON + SECOND),)}, "ok"),
        (BROKEN, {}, "unreadable"),
        (BROKEN, {"since": NOON}, "ok"),
        (settings({USE_BEDROCK: "0"}), {"agreed": base({USE_BEDROCK: "0"})}, "off"),
        (settings({USE_BEDROCK: "0"}), {"agreed": {}}, "off"),
        (settings(), {"agreed": {}}, "unmanaged"),
        (settings(), {"agreed": base(released=True)}, "unmanaged"),
        (settings(wanted={PROFILE: "x"}), {"agreed": {}}, "ok"),
        (GONE, {}, "damaged"),
        (settings(state=FileState.ABSENT, values={}, wanted={PROFILE: "x"}), {"agreed": {}}, "unmanaged"),
    ],
)
def test_the_state_is_one_word(found: Settings, more: dict[str, object], expected: str) -> None:
    """By section 5 of the design."""
    assert settings_state(found, remembered(found, **more), NOON) == expected


def test_what_is_missing_is_named() -> None:
    """In order."""
    found = settings({REGION: None, MODEL: None})
    assert missing(found, remembered(found), NOON) == [REGION, MODEL]


@pytest.mark.parametrize("state", list(FileState))
def test_a_credential_above_the_file_is_told_in_any_state_of_it(state: FileState) -> None:
    """With its layer, and as no more than an information: nobody at this desk can change it."""
    found = settings(state=state, bypassed={BEARER_TOKEN: "the managed settings (/m.json)"})
    (told, *_) = settings_troubles(found, remembered(found), NOON)
    assert (told.code, told.detail) == (
        "settings_bypassed",
        "AWS_BEARER_TOKEN_BEDROCK in the managed settings (/m.json)",
    )
    assert in_words(told)["severity"] == "info"
