"""What the doctor says of keeplit itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keeplit.core.check import State
from keeplit.core.doctor_keeper import CHECKS, Keeper, notice_check
from keeplit.core.model import Problem

OK, WARN, FAIL, SKIPPED = State.OK, State.WARN, State.FAIL, State.SKIPPED
WELL = Keeper("1.2.3", running=True, published_version="1.2.3", enabled=True, notices=True)
WRONG = Problem("config_wrong", "config.toml, line 3: it is wrong.", "correct it")


def test_a_keeper_that_runs_is_well() -> None:
    """Every check ends well."""
    assert {judge(WELL).state for judge in CHECKS} == {OK}


@pytest.mark.parametrize(
    ("changes", "code", "state", "said"),
    [
        ({"running": False}, "daemon", WARN, "does not run"),
        ({"running": False, "keeps": False}, "daemon", SKIPPED, "no sign-in that it would renew"),
        ({"published_version": "1.0.0"}, "daemon", WARN, "keeplit 1.0.0, and this is 1.2.3"),
        ({"published_version": ""}, "daemon", OK, "1.2.3 runs"),
        ({"overdue": timedelta(minutes=4)}, "daemon", OK, "1.2.3 runs"),
        ({"overdue": timedelta(minutes=12)}, "daemon", FAIL, "has not done for 12 min what was due"),
        ({"crashes": 1, "crashed": "signal ABRT"}, "crashes", WARN, "once lately (signal ABRT)"),
        ({"crashes": 3}, "crashes", WARN, "3 times"),
        ({"paused": True}, "paused", WARN, "is paused"),
        ({"enabled": None}, "autostart", SKIPPED, "not known"),
        ({"enabled": False}, "autostart", WARN, "does not start"),
        ({"enabled": False, "keeps": False}, "autostart", SKIPPED, "nothing to renew"),
        ({"notes": ("It is an older one.",)}, "autostart", WARN, "older one"),
        ({"enabled": False}, "service_environment", SKIPPED, "by no service"),
        ({"not_recorded": ("HTTPS_PROXY", "AWS_CA_BUNDLE")}, "service_environment", WARN, "HTTPS_PROXY, AWS_CA_BUNDLE"),
        ({"problems": (WRONG,)}, "config_toml", FAIL, "line 3"),
        ({"problems": (replace(WRONG, code="config_unknown"),)}, "config_toml", WARN, "line 3"),
        ({"problems": (replace(WRONG, code="config_names_nothing"),)}, "config_toml", WARN, "line 3"),
        ({"memory": WRONG, "journal": WRONG}, "own_files", WARN, "line 3"),
        ({"notices": None}, "notices", SKIPPED, "no desktop"),
        ({"notices": False}, "notices", WARN, "Nothing on this desktop"),
    ],
)
def test_each_thing_is_named(changes: dict[str, object], code: str, state: State, said: str) -> None:
    """By its own check, with what mends it."""
    found = next(one for one in (judge(replace(WELL, **changes)) for judge in CHECKS) if one.code == code)  # type: ignore[arg-type]  # fields by name

    assert (found.state, said in found.sentence, bool(found.fix)) == (state, True, state in {WARN, FAIL})


@pytest.mark.parametrize(
    ("why_not", "seen", "state", "said"),
    [
        ("nobody shows them.", None, WARN, "not shown: nobody shows them."),
        ("", False, WARN, "you did not see it"),
        ("", True, OK, "You saw"),
        ("", None, OK, "took the notice"),
    ],
)
def test_a_notice_is_seen_or_not(why_not: str, seen: bool | None, state: State, said: str) -> None:  # noqa: FBT001  # parametrized
    """Whether it was seen only a person can say."""
    found = notice_check(why_not, seen=seen)

    assert (found.code, found.state, said in found.sentence) == ("notices", state, True)
    assert found.fix.startswith("start a notification service") == bool(why_not)  # there may be none to set
