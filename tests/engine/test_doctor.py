"""The doctor makes every check, each on its own, whatever is broken."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from keeplit.adapters.paths import NoHome
from keeplit.core.check import Check, State
from keeplit.core.deeds import Result
from keeplit.core.doctor_marks import ok
from keeplit.core.doctor_verdict import GROUPS
from keeplit.engine import doctor, doctor_local
from tests.end_to_end.sick_home import Home, well_home

ALL = {code for codes in GROUPS.values() for code in codes}
OF_ACCESS = {"model_region", "model_agreement", "model_entitled", "model_authorized"}


@pytest.fixture
def home(own_home: Path) -> Iterator[Home]:
    """Give a home in which all is well."""
    with well_home(own_home) as found:
        yield found


def fine(facts: object) -> Check:
    """Find nothing."""
    return ok("fine", f"{facts}")


def broken(facts: object) -> Check:
    """Break."""
    raise ValueError(f"a secret in {facts}")


def test_every_check_has_its_place_in_a_group(home: Home) -> None:
    """Each code once; what AWS says of a model's access has several, once it is asked."""
    codes = [one.code for one in home.examined(network=False)]

    assert (sorted(codes), len(set(codes))) == (sorted(ALL - OF_ACCESS), len(codes))


def test_without_a_home_every_other_check_is_skipped() -> None:
    """And the one that fails says why."""
    found = doctor.checks(NoHome("there is no home folder; set HOME"), {}, network=False)

    assert [one.code for one in found if one.state is State.FAIL] == ["home"]
    assert {one.code for one in found} <= ALL
    assert len({one.code for one in found}) == len(found) > 30


def test_a_check_that_breaks_is_its_own_fault(caplog: pytest.LogCaptureFixture) -> None:
    """The others are made; the log has the traceback, and the sentence nothing but its kind."""
    found = doctor.judged((fine, broken, fine), lambda: "facts")

    assert [(one.code, one.state) for one in found] == [
        ("fine", State.OK),
        ("broken", State.FAIL),
        ("fine", State.OK),
    ]
    assert "ValueError" in found[1].sentence
    assert "secret" not in found[1].sentence + found[1].fix
    assert caplog.records[0].levelno == logging.ERROR
    assert caplog.records[0].exc_info is not None


def test_facts_that_break_fail_once() -> None:
    """The first check says so, and the others that they were not made."""

    def gather() -> object:
        raise OSError("torn")

    found = doctor.judged((fine, broken), gather)

    assert [(one.code, one.state) for one in found] == [("fine", State.FAIL), ("broken", State.SKIPPED)]


def test_one_broken_look_leaves_the_rest(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the whole of it too."""
    monkeypatch.setattr(doctor_local, "sign_ins", lambda scene: 1 / 0)
    found = {one.code: one for one in home.examined(network=False)}

    assert (found["legacy"].state, found["token"].state, found["on_bedrock"].state) == (
        State.FAIL,
        State.SKIPPED,
        State.OK,
    )


def test_a_notice_without_anybody_to_show_it_is_an_outcome() -> None:
    """Nothing is raised."""
    assert doctor.show_notice({}).result is Result.NOT_SHOWN
