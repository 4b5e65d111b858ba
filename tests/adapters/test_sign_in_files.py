import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keeplit.adapters import files, sign_in_files
from keeplit.adapters.sign_in_files import Joined
from keeplit.core.model import SignIn, SignInCode, portal
from keeplit.core.sign_in_flow import Page

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ACME, BETA = "https://acme.awsapps.com/start", "https://beta.awsapps.com/start"
KEY, OTHER = "a" * 40, "b" * 40
PAGE = Page("https://device.example/?user_code=ABCD-EFGH", "ABCD-EFGH")
RUNNING = SignIn("one", KEY, ACME, NOON, asked=False, fresh=True, token="digest")
ENDED = replace(RUNNING, code=SignInCode.DENIED, ended_at=NOON + timedelta(minutes=1), detail="It was denied.")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Give the folder of our own, which nobody has made yet."""
    return tmp_path / "keeplit"


def held(own: Path, start_url: str = ACME) -> files.Held:
    """Hold the lock of a start URL, as a runner does."""
    files.private_folder(own)
    lock = files.try_lock(sign_in_files.sign_in_lock(own, start_url))
    assert lock is not None
    return lock


def test_everyone_who_joins_sees_the_page_and_the_end(own: Path) -> None:
    """The page is there while it runs, and gone with the end."""
    seen: list[Joined | None] = [sign_in_files.look(own, KEY)]
    with held(own):
        sign_in_files.write(own, RUNNING, None, 4711)
        seen.append(sign_in_files.look(own, KEY))
        sign_in_files.write(own, RUNNING, PAGE, 4711)
        seen.append(sign_in_files.look(own, KEY))
        sign_in_files.write(own, ENDED, PAGE, 4711)
    seen.append(sign_in_files.look(own, KEY))

    assert seen == [None, Joined(RUNNING, None, 4711), Joined(RUNNING, PAGE, 4711), Joined(ENDED, None, 4711)]


def test_the_record_can_be_asked_for_alone(own: Path) -> None:
    """A session without a sign-in has none."""
    with held(own):
        sign_in_files.write(own, RUNNING, PAGE)
        told = sign_in_files.read(own, KEY)

    assert told == replace(RUNNING, has_page=True)
    assert (sign_in_files.read(own, OTHER), sign_in_files.look(own, OTHER)) == (None, None)


def test_the_sessions_that_have_a_record_are_known(own: Path) -> None:
    """By their names alone, whatever a record says; a folder that nobody has made yet holds none."""
    before = sign_in_files.recorded(own)
    with held(own):
        sign_in_files.write(own, ENDED)
    for name in (f"{OTHER}{sign_in_files.RECORD}", f"{OTHER}.token.json", f".other-x{sign_in_files.RECORD}"):
        (own / name).write_bytes(b"torn")
    assert (before, sign_in_files.recorded(own)) == (frozenset[str](), frozenset({KEY, OTHER}))


def test_the_file_is_private_and_holds_what_a_runner_knows(own: Path) -> None:
    """It has an address with a code in it."""
    with held(own):
        sign_in_files.write(own, RUNNING, PAGE)

    (path,) = own.glob("*.sign-in.json")
    assert (path.name, json.loads(path.read_text())["schema"]) == (f"{KEY}.sign-in.json", 1)
    assert sys.platform == "win32" or (path.stat().st_mode & 0o777, own.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_runner_that_died_has_failed(own: Path) -> None:
    """Nobody holds the lock, whatever the record says; each look tells the same."""
    with held(own):
        sign_in_files.write(own, RUNNING, PAGE)

    told = {sign_in_files.look(own, KEY) for _ in range(2)}

    failed = replace(RUNNING, code=SignInCode.FAILED, ended_at=NOON, detail=sign_in_files.RUNNER_DIED)
    assert told == {Joined(failed)}


def test_a_runner_that_is_killed_is_seen_at_once(own: Path) -> None:
    """The lock dies with its process, kill -9 included."""
    lock = sign_in_files.sign_in_lock(own, ACME)
    files.private_folder(own)
    holder = (
        "import time; from pathlib import Path; from keeplit.adapters import files\n"
        f"held = files.try_lock(Path({str(lock)!r})); print(held is not None, flush=True); time.sleep(60)"
    )
    runner = subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE, text=True)
    with runner:
        assert runner.stdout is not None
        assert runner.stdout.readline() == "True\n"
        sign_in_files.write(own, RUNNING, PAGE, runner.pid)
        before = sign_in_files.read(own, KEY)
        runner.kill()
        runner.wait(20)

    after = sign_in_files.read(own, KEY)
    assert (before, after and after.code) == (replace(RUNNING, has_page=True), SignInCode.FAILED)


def test_one_that_ends_between_two_looks_is_told_as_it_ended(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is free because the runner was done, not because it died."""
    files.private_folder(own)
    sign_in_files.write(own, RUNNING)

    def ends_now(_: Path) -> bool:
        sign_in_files.write(own, ENDED)
        return False

    monkeypatch.setattr(files, "is_held", ends_now)

    assert sign_in_files.read(own, KEY) == ENDED


def test_the_next_runner_of_a_portal_ends_the_record_of_a_dead_one(own: Path) -> None:
    """Both sessions have one start URL and so one lock, which would make the dead one look alive."""
    with held(own):
        sign_in_files.write(own, RUNNING, PAGE)
    elsewhere = replace(RUNNING, id="three", session="c" * 40, start_url=BETA)
    with held(own, BETA):
        sign_in_files.write(own, elsewhere)
        with held(own):
            begun = SignIn("two", OTHER, f"{ACME}/", NOON + timedelta(minutes=3))
            sign_in_files.write(own, begun)

            told = [sign_in_files.read(own, key) for key in (KEY, OTHER, "c" * 40)]
            under_way = sign_in_files.running(own)

    assert [one and one.code for one in told] == [SignInCode.FAILED, SignInCode.RUNNING, SignInCode.RUNNING]
    assert under_way == (begun, elsewhere)


def test_none_runs_where_nobody_ever_signed_in(own: Path) -> None:
    """Not even the folder is there."""
    assert sign_in_files.running(own) == ()


@pytest.mark.parametrize("spelling", [ACME, f"{ACME}/", f"{ACME}#", f"{ACME}#/", f"{ACME}/#", f"{ACME}/#/"])
def test_a_portal_has_one_lock_however_it_is_spelled(own: Path, spelling: str) -> None:
    """Two spellings would open two browsers; two portals have two locks. The decision means the same by one portal."""
    lock = sign_in_files.sign_in_lock(own, spelling)

    assert (lock, lock.parent) == (sign_in_files.sign_in_lock(own, ACME), own)
    assert lock != sign_in_files.sign_in_lock(own, BETA)
    assert portal(spelling) == portal(ACME)


def spoiled(change: Callable[[dict[str, object]], object]) -> bytes:
    """Return a record in which something is not as it should be."""
    sign_in: dict[str, object] = {
        "id": "one",
        "session": KEY,
        "start_url": ACME,
        "started_at": NOON.isoformat(),
        "asked": True,
        "fresh": False,
        "token": "",
        "code": "denied",
        "ended_at": None,
        "detail": "",
    }
    document: dict[str, object] = {"schema": 1, "sign_in": sign_in, "page": None, "runner": 1}
    change(sign_in)
    document |= {key: sign_in.pop(key) for key in ("schema", "page", "runner") if key in sign_in}
    return json.dumps(document).encode()


def test_what_is_not_spoiled_is_read(own: Path) -> None:
    """The record that the next test spoils is a good one."""
    files.private_folder(own)
    (own / f"{KEY}.sign-in.json").write_bytes(spoiled(lambda _: None))

    assert sign_in_files.read(own, KEY) == SignIn("one", KEY, ACME, NOON, code=SignInCode.DENIED)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b'{"schema": 1',
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{}",
        b" " * (sign_in_files.MOST_BYTES + 1),
        spoiled(lambda one: one.update(schema=2)),
        spoiled(lambda one: one.update(page={"url": 7, "user_code": ""})),
        spoiled(lambda one: one.update(page="here")),
        spoiled(lambda one: one.update(id=None)),
        spoiled(lambda one: one.update(code="dancing")),
        spoiled(lambda one: one.update(asked="yes")),
        spoiled(lambda one: one.update(started_at=12)),
        spoiled(lambda one: one.update(started_at="noon")),
        spoiled(lambda one: one.update(started_at="0001-01-01T00:00:00+23:00")),
        spoiled(lambda one: one.update(session=OTHER)),
        spoiled(lambda one: one.pop("token")),
    ],
)
def test_a_record_that_cannot_be_read_is_no_record(own: Path, data: bytes) -> None:
    """Empty, half, huge, of a newer version, of another session, or with anything of a wrong type."""
    files.private_folder(own)
    (own / f"{KEY}.sign-in.json").write_bytes(data)

    assert (sign_in_files.read(own, KEY), sign_in_files.running(own)) == (None, ())


def test_a_runner_number_that_is_none_does_not_spoil_a_record(own: Path) -> None:
    """It is only for show."""
    files.private_folder(own)
    (own / f"{KEY}.sign-in.json").write_bytes(spoiled(lambda one: one.update(runner="me")))

    joined = sign_in_files.look(own, KEY)

    assert joined is not None
    assert joined.runner == 0


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_link_planted_for_a_record_or_a_request_is_not_followed(own: Path, tmp_path: Path) -> None:
    """Neither reading nor writing leaves our folder."""
    files.private_folder(own)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(spoiled(lambda _: None))
    (own / f"{KEY}.sign-in.json").symlink_to(elsewhere)
    (own / f"{KEY}.cancel").symlink_to(elsewhere)
    before = (sign_in_files.read(own, KEY), sign_in_files.cancel_asked(own, RUNNING))

    sign_in_files.write(own, ENDED)
    sign_in_files.ask_cancel(own, RUNNING)

    assert (before, elsewhere.read_bytes()) == ((None, False), spoiled(lambda _: None))
    assert (sign_in_files.read(own, KEY), sign_in_files.cancel_asked(own, RUNNING)) == (ENDED, True)


def test_a_cancel_is_for_one_sign_in(own: Path) -> None:
    """A later one of the same session goes on, and the request is gone once it was dropped."""
    before = sign_in_files.cancel_asked(own, RUNNING)
    sign_in_files.ask_cancel(own, RUNNING)
    told = [sign_in_files.cancel_asked(own, one) for one in (RUNNING, replace(RUNNING, id="two"))]
    sign_in_files.drop_cancel(own, RUNNING)
    sign_in_files.drop_cancel(own, RUNNING)

    assert (before, told, sign_in_files.cancel_asked(own, RUNNING)) == (False, [True, False], False)


@pytest.mark.parametrize("key", ["", "../../x", "a/b", "a\0b", "."])
def test_a_key_that_leads_elsewhere_is_refused(own: Path, key: str) -> None:
    """A key is a file's stem, never a path."""
    with pytest.raises(ValueError, match="letters and digits"):
        sign_in_files.look(own, key)
