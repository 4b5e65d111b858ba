"""The play with a keeplit that fails on purpose; with the real one it is in tests/end_to_end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keeplit.sandbox.happenings import SESSIONS, Happening, What
from keeplit.sandbox.nouns import World
from keeplit.sandbox.scene import (
    NEEDED,
    ORDINARY,
    OUTLIVES,
    PROFILES,
    Scene,
    Tempo,
    free_stage,
    stage_of,
    until,
)
from keeplit.sandbox.stage import Stage
from keeplit.sandbox.verdict import Verdict

FAKE = """
import json, os, pathlib, sys, time

command, lives, logs_in = sys.argv[1], {lives}, {logs_in}
if command == "daemon":
    state = pathlib.Path(os.environ["XDG_STATE_HOME"], "keeplit")
    state.mkdir(parents=True)
    sessions = [{{"name": name, "state": "signed_out"}} for name in ("acme", "beta", "old")]
    (state / "status.json").write_text(json.dumps({{"sessions": sessions}}))
    time.sleep(lives)
    sys.exit("the wick is wet")
if command == "login":
    print("Sign in here:  nowhere")
    sys.exit(None if logs_in else "keeplit: no match is dry")
sys.exit("keeplit: you need to sign in")
"""
BRIEF = replace(ORDINARY, at_most=timedelta(seconds=6), fault_after=timedelta(seconds=0))


def played(tmp_path: Path, tempo: Tempo = BRIEF, *, lives: float = 60, logs_in: bool = True) -> tuple[Verdict, Scene]:
    """Give the play with a fake keeplit on the stage."""
    fake = tmp_path / "keeplit.py"
    fake.write_text(FAKE.format(lives=lives, logs_in=logs_in))
    stage = Stage(tempo.lifetimes(), World(), tempo.lead, device=True, keeplit=(sys.executable, str(fake)))
    told: list[Happening] = []
    lamps: list[object] = []
    with stage:
        scene = Scene(stage, told.append, tempo, lamps.append)
        verdict = scene.play()
    assert tuple(told) == verdict.happenings
    assert lamps
    return verdict, scene


def test_a_daemon_that_ends_breaks_the_play_off(tmp_path: Path) -> None:
    """It is said how it ended and what it said last, and nothing is called lit."""
    verdict, _ = played(tmp_path, lives=1.5)
    assert verdict.complaints[0] == "The daemon ended (exit 1; the wick is wet)."
    assert not verdict.lit


def test_a_login_that_fails_breaks_the_play_off(tmp_path: Path) -> None:
    """It is said which one, and why."""
    verdict, _ = played(tmp_path, logs_in=False)
    assert "keeplit login of acme failed: no match is dry" in verdict.complaints


def test_what_is_not_seen_in_time_is_said(tmp_path: Path) -> None:
    """A keeplit that does nothing is found out: its work is dark, and what was waited for is named."""
    verdict, scene = played(tmp_path)
    assert verdict.complaints[0] == "In 6 s this was not seen: a renewal meets HTTP 500."
    dark = [one for one in verdict.complaints if "was dark for" in one and "you need to sign in" in one]
    assert [one.partition(" ")[0] for one in dark] == list(PROFILES.values())
    assert [one.session for one in scene.seen if one.what is What.DARK] == list(SESSIONS)
    assert verdict.count(What.FAULT) == 1


def test_a_person_who_has_to_ask_asks_again(tmp_path: Path) -> None:
    """Where keeplit may open nothing by itself, the person sees `signed_out` and types a login, not at each look."""
    verdict, _ = played(tmp_path)
    asked = [one for one in verdict.happenings if one.what is What.ASKED and one.session == "acme"]
    assert 2 <= len(asked) <= 3


def test_the_worlds_differ_in_their_sign_ins_end() -> None:
    """The stage gets the tempo's lifetimes and the world; the other world's sign-in ends before the second renewal."""
    stage = stage_of(OUTLIVES, outlives=True)
    assert stage.world == World(outlives=True)
    assert (stage.lifetimes.access_token, stage.lead) == (OUTLIVES.access, OUTLIVES.lead)
    assert OUTLIVES.session < ORDINARY.session
    assert free_stage(device=True).device


def test_the_role_credentials_of_the_play_end_in_the_gap() -> None:
    """Else the bridge would never be stepped on: they end after the sign-in does, and before the next one can begin."""
    notice_and_person = timedelta(seconds=10)
    assert ORDINARY.session < ORDINARY.role < ORDINARY.session + notice_and_person
    assert set(NEEDED) == set(SESSIONS) == set(PROFILES)


def test_until_takes_a_look_at_least() -> None:
    """Even what is seen already is looked at once, and what is not is given until it is."""
    seen: Iterator[bool] = iter([False, False, True])
    assert list(until("it", lambda: True)) == ["it"]
    assert list(until("it", lambda: next(seen))) == ["it"] * 3


@pytest.mark.parametrize("refused", [True, False])
def test_a_person_waits_for_the_end_of_a_living_sign_in(tmp_path: Path, *, refused: bool) -> None:
    """A sign-in during a living one would move nothing, unless AWS has said that it is over."""
    stage = Stage(device=True, keeplit=(sys.executable, "-c", ""))
    with stage:
        scene = Scene(stage, lambda _: None)
        scene._ask("acme")
        scene._log_ins["acme"].process.wait(10)
        stage.status.parent.mkdir(parents=True)
        stage.status.write_text('{"sessions": [{"name": "acme", "state": "sign_in_soon"}]}')
        if refused:
            scene.seen.append(Happening(datetime.now(UTC), What.REFUSED, "acme"))
        scene._person_looks()
        stage.sandbox.clock.advance(timedelta(seconds=3))
        scene._person_looks()
    assert scene._count(What.ASKED) == (2 if refused else 1)
