from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import aws_config, files, notebook
from keeplit.core.backoff import Backoff
from keeplit.core.clocks import Case
from keeplit.core.deeds import Do
from keeplit.core.memory import SessionMemory
from keeplit.core.model import (
    Desk,
    Facts,
    Kind,
    Mode,
    Network,
    Policy,
    Reading,
    Seen,
    Session,
    SignIn,
    Token,
)
from keeplit.core.permission import Objection
from keeplit.engine.standing import Side, Stand, Standing, renewed, stand
from tests.engine.lit_laptop import HOUR, laptop

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ACME = Session("a" * 40, "acme", Kind.SSO_SESSION, "https://acme.awsapps.com/start", "us-east-1")
TOKEN = Token("d1", NOW + HOUR, refreshable=True, registration_expires_at=NOW + timedelta(days=90))
THERE = Policy(always_present=True)
TRIED = Backoff(1, NOW - timedelta(seconds=1), timedelta(seconds=10), "transient", "network", "no route")


def case(
    token: Token | None = TOKEN,
    policy: Policy = THERE,
    desk: Desk | None = None,
    others: tuple[SignIn, ...] = (),
    paused: bool = False,  # noqa: FBT001, FBT002  # one more thing to vary
    memory: SessionMemory | None = None,
    **seen: Any,
) -> Case:
    """Return acme as it is seen now, its memory naming the token d1 unless said otherwise."""
    reading = Reading.ABSENT if token is None else Reading.PRESENT
    mine = Seen(ACME, **{"reading": reading, "token": token, **seen})
    facts = Facts((mine,), desk=desk or Desk(), policy=policy, other_sign_ins=others)
    return Case(mine, memory or SessionMemory(token="d1"), facts, NOW, paused)


def runs(session: str = ACME.key) -> SignIn:
    """Return a running sign-in at acme's start URL."""
    return SignIn("1", session, ACME.start_url, NOW)


OVER = SessionMemory(token="d1", refused="d1")
CAPPED = SessionMemory(token="d1", capped="d1")


@pytest.mark.parametrize(
    ("seen", "bad", "expected"),
    [
        (case(), "", Stand(Standing.WORKS)),
        (case(), "d0", Stand(Standing.WORKS)),
        (case(), "d1", Stand(Standing.RENEWING)),
        (case(replace(TOKEN, expires_at=NOW)), "", Stand(Standing.RENEWING)),
        (case(replace(TOKEN, expires_at=NOW), memory=CAPPED), "d1", Stand(Standing.SIGNING_IN, "announced")),
        (case(memory=CAPPED), "d1", Stand(Standing.RENEWING)),
        (case(reading=Reading.TORN), "d1", Stand(Standing.RENEWING, "torn")),
        (case(sign_in=runs()), "d1", Stand(Standing.SIGNING_IN, "under_way")),
        (case(others=(runs("b"),)), "d1", Stand(Standing.SIGNING_IN, "under_way")),
        (case(memory=OVER), "d1", Stand(Standing.SIGNING_IN, "announced")),
        (case(None), "d1", Stand(Standing.PERSON, Objection.NO_TOKEN)),
        (case(replace(TOKEN, refreshable=False)), "d1", Stand(Standing.SIGNING_IN, "announced")),
        (case(memory=replace(OVER, spent="d1")), "d1", Stand(Standing.PERSON, Objection.SPENT)),
        (case(memory=OVER, policy=Policy()), "d1", Stand(Standing.PERSON, Objection.PRESENCE_UNKNOWN)),
        (
            case(memory=OVER, policy=Policy(), desk=Desk(NOW - timedelta(minutes=2))),
            "d1",
            Stand(Standing.PERSON, Objection.NOBODY_THERE),
        ),
        (
            case(memory=OVER, policy=Policy(), desk=Desk(NOW - timedelta(seconds=20))),
            "d1",
            Stand(Standing.SIGNING_IN, "announced"),
        ),
        (case(memory=OVER, policy=Policy(mode=Mode.ASK)), "d1", Stand(Standing.PERSON, Objection.MODE)),
        (case(memory=OVER, paused=True), "d1", Stand(Standing.PERSON, Objection.PAUSED)),
        (case(memory=OVER, desk=Desk(network=Network.DOWN)), "d1", Stand(Standing.OFFLINE, Objection.NETWORK_DOWN)),
        (case(memory=SessionMemory(refresh=TRIED)), "d1", Stand(Standing.OFFLINE, "network", "no route")),
        (
            case(memory=SessionMemory(refresh=replace(TRIED, result="refused", code="AccessDenied"))),
            "d1",
            Stand(Standing.FAILED, "AccessDenied", "no route"),
        ),
        (case(memory=SessionMemory(refresh=replace(TRIED, result="stale"))), "d1", Stand(Standing.RENEWING)),
        (
            case(memory=SessionMemory(refresh=replace(TRIED, at=NOW - timedelta(minutes=1)))),
            "d1",
            Stand(Standing.RENEWING),
        ),
        (case(memory=SessionMemory(refresh=replace(TRIED, failures=0))), "d1", Stand(Standing.RENEWING)),
        (
            case(memory=replace(OVER, start=replace(TRIED, result="cannot", code="no_runner"))),
            "d1",
            Stand(Standing.PERSON, "no_runner", "no route"),
        ),
    ],
)
def test_how_a_session_stands(seen: Case, bad: str, expected: Stand) -> None:
    """Each state of a session whose token does not work has its one answer."""
    assert stand(seen, bad) == expected


@pytest.mark.parametrize("token", [None, TOKEN, replace(TOKEN, refreshable=False)])
def test_nothing_is_tried_on_a_cache_that_cannot_be_written(token: Token | None) -> None:
    """Neither a renewal nor a browser is begun where the new token could not be kept."""
    assert stand(case(token, writable=False), "d1").code == "not_writable"


def test_a_rejected_token_is_renewed_by_a_turn_of_our_own(own_home: Path) -> None:
    """Without a daemon the command renews by itself, does nothing else, and the wish is done with."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.configure('[sessions]\nkeep = ["acme"]\n[sign_in]\npresence = "always"\n')
        side = Side(mine.paths, mine.environ, acme(mine.environ), frozenset({Do.REFRESH}))
        before = side.look()
        assert before is not None
        assert before.token is not None
        assert renewed(side, before.token.digest, 20.0) == Stand(Standing.WORKS)
        assert (mine.calls("CreateToken"), mine.tabs) == (["200"], ())
        assert list(mine.paths.wishes.iterdir()) == []


def test_a_wish_is_written_once(own_home: Path) -> None:
    """What is known to be rejected is not wished again, so ten windows do not flood the daemon."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.configure('[sessions]\nkeep = ["acme"]\n')
        side = Side(mine.paths, mine.environ, acme(mine.environ), frozenset())
        case_ = side.look()
        assert case_ is not None
        assert case_.token is not None
        side.reject(case_.token.digest)
        assert len(notebook.read_wishes(mine.paths.wishes).wishes) == 1
        side.push()
        side.reject(case_.token.digest)
        assert notebook.read_wishes(mine.paths.wishes).wishes == ()


def test_a_token_past_its_end_is_not_rejected(own_home: Path) -> None:
    """It was not refused before its time, and neither was one that is no longer there."""
    with laptop(own_home) as mine:
        mine.sign_in(timedelta(seconds=-1))
        mine.configure('[sessions]\nkeep = ["acme"]\n')
        side = Side(mine.paths, mine.environ, acme(mine.environ), frozenset())
        found = side.look()
        assert found is not None
        assert found.token is not None
        side.reject(found.token.digest)
        mine.sign_in()
        side.reject(found.token.digest)
        assert notebook.read_wishes(mine.paths.wishes).wishes == ()


def test_with_a_daemon_nothing_is_done_here(own_home: Path) -> None:
    """A daemon's lock is enough to leave every action to it."""
    with laptop(own_home) as mine:
        mine.sign_in(timedelta(seconds=-1))
        mine.configure('[sessions]\nkeep = ["acme"]\n')
        files.private_folder(mine.paths.state)
        held = files.try_lock(mine.paths.daemon_lock)
        assert held is not None
        with held:
            side = Side(mine.paths, mine.environ, acme(mine.environ), frozenset(Do))
            found = side.push()
        assert found is not None
        assert stand(found, "") == Stand(Standing.RENEWING)
        assert mine.calls("CreateToken") == []


def test_a_session_that_is_not_in_use_is_said_so(own_home: Path) -> None:
    """Where nothing names the session, there is nothing to push."""
    with laptop(own_home) as mine:
        side = Side(mine.paths, mine.environ, acme(mine.environ), frozenset(Do))
        assert renewed(side, "d1", 1.0) == Stand(Standing.FAILED, "not_in_use")


def acme(environ: dict[str, str]) -> Session:
    """Return acme as the AWS config has it."""
    return next(one for one in aws_config.read(environ, None).sessions if one.name == "acme")
