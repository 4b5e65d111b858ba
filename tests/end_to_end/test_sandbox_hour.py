"""An hour of the sandbox at speed, in both worlds, with everything that can go wrong: lit throughout."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import get_args

import pytest

from keeplit.sandbox.clients import person_file
from keeplit.sandbox.faults import Fault, Kind
from keeplit.sandbox.happenings import What
from keeplit.sandbox.person import tabs_file
from keeplit.sandbox.scene import CREATE_TOKEN
from tests.end_to_end.hour import CLAUDE_ASKS, ROLE_CREDENTIALS, Hour, stage_of
from tests.end_to_end.machine import wall_shift

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD")

LASTING = timedelta(hours=1)
PERSON_DECIDES = 1.5
# In these the portal says that the role, or the person, may not: credentials there are none then, by right.
FINAL = frozenset({"forbidden", "not_found", "access_denied", "unauthorized_client"})
A_FEW = ((CREATE_TOKEN, Fault("server_error", times=2)), (ROLE_CREDENTIALS, Fault("drop", times=1)))


def everything() -> tuple[tuple[str, Fault], ...]:
    """Return every fault of a renewal, then those of taking credentials; each once."""
    kinds: tuple[Kind, ...] = get_args(Kind)
    return (
        *((CREATE_TOKEN, Fault(kind, times=1, retry_after=20 if kind == "throttle" else None)) for kind in kinds),
        *((ROLE_CREDENTIALS, Fault(kind, times=1)) for kind in kinds if kind not in FINAL),
    )


@contextmanager
def hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, outlives: bool) -> Iterator[Hour]:
    """Give a stage whose every process lives in our clock."""
    monkeypatch.setattr("keeplit.sandbox.claude.ASKS_BEFORE_END", CLAUDE_ASKS)
    library, file = wall_shift(tmp_path)
    with stage_of(outlives=outlives) as stage:
        stage.environ = {**stage.environ, "LD_PRELOAD": str(library), "WALLSHIFT_FILE": str(file)}
        try:
            yield Hour(stage, file)
        finally:
            # The stage waits, by the real clock, for the person behind the last tab, whose note is in ours.
            sleep(PERSON_DECIDES)
            tabs_file(person_file(stage.home)).unlink(missing_ok=True)


def lit(played: Hour, faults: tuple[tuple[str, Fault], ...], lasting: timedelta) -> None:
    """Play, and find nothing to complain of."""
    verdict = played.play(faults, lasting)
    told = "\n".join(f"{one.at:%H:%M:%S} {one.what} {one.session} {one.detail}" for one in verdict.happenings)
    assert verdict.complaints == (), told
    assert all(len(counted) > 10 for counted in verdict.seconds.values())
    assert timedelta(seconds=played.ahead) > lasting / 2


@pytest.mark.timeout(300)
def test_a_quarter_of_an_hour_at_speed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a fault of a renewal and one of taking credentials: every session stays lit."""
    with hour(tmp_path, monkeypatch, outlives=False) as played:
        lit(played, A_FEW, LASTING / 4)
        assert played.count(What.RECOVERED, "acme") + played.count(What.RECOVERED, "beta") >= 1
        assert played.count(What.TAB, "acme") == 1


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("outlives", [False, True], ids=["shortened", "outlives"])
def test_an_hour_stays_lit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, outlives: bool) -> None:
    """With every fault there is, at a renewal and at taking credentials: every session stays lit."""
    hours = 1 if os.environ.get("KEEPLIT_SOAK") == "1" else 0.1
    with hour(tmp_path, monkeypatch, outlives=outlives) as played:
        lit(played, everything(), hours * LASTING)
