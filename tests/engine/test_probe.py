from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keeplit.adapters import aws_config, clock, files, token_cache
from keeplit.core.deeds import Outcome, Result
from keeplit.engine import probe, whose
from keeplit.engine.whose import Meant
from keeplit.sandbox.faults import Fault
from tests.engine.lit_laptop import Laptop, laptop

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
GOOD = Outcome(Result.DONE)


def work(mine: Laptop) -> Meant:
    """Return the profile work."""
    found = whose.meant(mine.paths, mine.environ, "work")
    assert isinstance(found, Meant)
    return found


def digest(mine: Laptop) -> str:
    """Return the digest of acme's token."""
    session = next(one for one in aws_config.read(mine.environ, None).sessions if one.name == "acme")
    token = token_cache.look(mine.paths.sso_cache, mine.paths.own, session).token
    assert token is not None
    return token.digest


def test_ten_windows_make_one_call(own_home: Path) -> None:
    """All get the portal's answer, it was asked once, and the role cache holds the fresh credentials."""
    with laptop(own_home) as mine:
        mine.sign_in()
        meant, token = work(mine), digest(mine)
        with ThreadPoolExecutor(10) as windows:
            said = list(windows.map(lambda _: probe.accepted(mine.paths, meant, token, 30.0).result, range(10)))
        assert said == [Result.DONE] * 10
        assert mine.calls("GetRoleCredentials") == ["200"]
        assert json.loads(mine.role_file.read_text())["Credentials"]["AccessKeyId"].startswith("ASIA")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("unauthorized", Result.REJECTED), ("forbidden", Result.FORBIDDEN), ("server_error", Result.TRANSIENT)],
)
def test_a_refusal_is_shared_too(own_home: Path, fault: str, expected: Result) -> None:
    """Whatever the answer, the next who asks within 30 s hears it without a call."""
    with laptop(own_home) as mine:
        mine.sign_in()
        mine.sandbox.faults.inject("GetRoleCredentials", Fault(fault, times=1))  # type: ignore[arg-type]  # one of its kinds
        meant, token = work(mine), digest(mine)
        said = [probe.accepted(mine.paths, meant, token, 30.0).result for _ in range(2)]
        assert (said, len(mine.calls("GetRoleCredentials"))) == ([expected, expected], 1)


def test_a_good_answer_needs_its_credentials(own_home: Path) -> None:
    """If the role cache was emptied meanwhile, the portal is asked again: exit 0 must mean credentials."""
    with laptop(own_home) as mine:
        mine.sign_in()
        meant, token = work(mine), digest(mine)
        assert probe.accepted(mine.paths, meant, token, 30.0).result is Result.DONE
        mine.role_file.unlink()
        assert probe.accepted(mine.paths, meant, token, 30.0).result is Result.DONE
        assert (len(mine.calls("GetRoleCredentials")), mine.role_file.exists()) == (2, True)


def test_another_token_is_another_question(own_home: Path) -> None:
    """A token that came since the question was decided is not used for the answer."""
    with laptop(own_home) as mine:
        mine.sign_in()
        assert probe.accepted(mine.paths, work(mine), "d" * 32, 30.0).result is Result.STALE
        assert mine.calls("GetRoleCredentials") == []


def test_a_question_under_way_is_waited_for_no_longer_than_allowed(own_home: Path) -> None:
    """Whoever cannot have the lock in time is told so, and makes no call."""
    with laptop(own_home) as mine:
        mine.sign_in()
        meant, token = work(mine), digest(mine)
        files.private_folder(mine.paths.own)
        held = files.try_lock(mine.paths.own / f"{mine.role_file.stem}.role.lock")
        assert held is not None
        with held:
            said = probe.accepted(mine.paths, meant, token, 0.1)
        assert (said.result, said.code, mine.calls("GetRoleCredentials")) == (Result.TRANSIENT, "busy", [])


@pytest.mark.parametrize(
    ("late", "digest_", "known"),
    [
        (timedelta(0), "d1", True),
        (timedelta(seconds=29), "d1", True),
        (timedelta(seconds=30), "d1", False),
        (timedelta(seconds=-1), "d1", False),
        (timedelta(0), "d2", False),
    ],
)
def test_an_answer_holds_for_its_token_and_30_s(own_home: Path, late: timedelta, digest_: str, *, known: bool) -> None:
    """An old answer, one from the future and one of another token count as none."""
    file = own_home / "x.probe.json"
    probe.share(file, "d1", GOOD, NOW)
    assert (probe.shared(file, digest_, NOW + late) == GOOD) is known


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"at": 5}', '{"schema": 2}', '{"at": "2026-03-02T12:00:00"}'])
def test_a_broken_answer_is_none(own_home: Path, text: str) -> None:
    """A file that cannot be read costs a call and nothing else."""
    file = own_home / "x.probe.json"
    probe.share(file, "d1", GOOD, NOW)
    whole = json.loads(file.read_text())
    file.write_text(json.dumps({**whole, **json.loads(text)}) if text[:3] in {'{"a', '{"s'} else text)
    assert probe.shared(file, "d1", NOW) is None


def test_a_stale_answer_is_not_shared(own_home: Path) -> None:
    """STALE is about the moment, not about the token."""
    probe.share(own_home / "x.probe.json", "d1", Outcome(Result.STALE), clock.now())
    assert not (own_home / "x.probe.json").exists()


def test_nothing_secret_is_written_down(own_home: Path) -> None:
    """Our own folder holds no token and no key after a question."""
    with laptop(own_home) as mine:
        mine.sign_in()
        probe.accepted(mine.paths, work(mine), digest(mine), 30.0)
        written = "".join(
            path.read_text() for path in mine.paths.own.iterdir() if not path.name.endswith(".token.json")
        )
        assert [secret for secret in mine.sandbox.secrets() if secret in written] == []
