from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import files, token_cache
from keeplit.core import registration_file, token_file
from keeplit.core.aws_dates import write_date
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Kind, Session
from keeplit.core.secrets import NewToken, Secrets
from keeplit.engine import renew, renewal
from tests import conftest
from tests.engine.lit_laptop import Laptop, laptop

URL = "https://d-1234567890.awsapps.com/start"
ACME = Session("a" * 40, "acme", Kind.SSO_SESSION, URL, "eu-west-1", ("sso:account:access",))
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FULL: dict[str, object] = {
    "startUrl": URL,
    "region": "eu-west-1",
    "accessToken": "access-one",
    "expiresAt": "2026-01-05T09:20:00Z",
    "clientId": "client-one",
    "clientSecret": "secret-one",
    "registrationExpiresAt": "2026-04-05T09:00:00Z",
    "refreshToken": "refresh-one",
}
OURS = NewToken("access-two", 3600, "refresh-two")
THEIRS = {**FULL, "accessToken": "access-theirs", "expiresAt": "2026-01-05T10:00:03Z", "refreshToken": "refresh-theirs"}
SECRETS = Secrets("access-one", "refresh-one", "client-one", "secret-one")
DONE, OVER = Outcome(Result.DONE), Outcome(Result.OVER, "InvalidGrantException")
ONE = token_file.digest("access-one")
Answer = tuple[Outcome, NewToken | None]


@dataclass
class Desk:
    """A home with one token, a service that answers what it is told to, and the waits that were asked for."""

    home: Path
    answers: list[Answer] = field(default_factory=lambda: [(DONE, OURS)])
    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    asleep: list[Callable[[], object]] = field(default_factory=list)
    sent: list[Secrets] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    @property
    def cache(self) -> Path:
        return self.home / ".aws" / "sso" / "cache"

    @property
    def own(self) -> Path:
        return self.home / ".aws" / "sso" / "keeplit"

    @property
    def file(self) -> Path:
        return token_cache.path(self.cache, ACME)

    @property
    def fields(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file.read_bytes())
        return found

    def put(self, fields: dict[str, object] | bytes) -> None:
        """Write the token file in place, as the AWS CLI does."""
        self.file.write_bytes(fields if isinstance(fields, bytes) else json.dumps(fields).encode())

    def create_token(self, secrets: Secrets) -> Answer:
        """Answer, after what happens meanwhile."""
        self.sent.append(secrets)
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return self.answers.pop(0)

    def sleep(self, seconds: float) -> None:
        """Note the wait; things happen during it."""
        self.slept.append(seconds)
        if self.asleep:
            self.asleep.pop(0)()

    def refresh(self, digest: str = ONE, lock_seconds: float = 0.0) -> Outcome:
        """Renew the token."""
        return renewal.refresh(
            self.cache, self.own, ACME, digest, self.create_token, lambda: NOW, self.sleep, lock_seconds
        )

    def left(self) -> list[str]:
        """Return the names of what lies in the cache besides the token file."""
        return sorted(place.name for place in self.cache.iterdir() if place != self.file)


@pytest.fixture
def desk(own_home: Path) -> Desk:
    """Give a desk with a whole token."""
    made = Desk(own_home)
    made.cache.mkdir(mode=0o700, parents=True)
    made.put(FULL)
    return made


def digest_of(fields: dict[str, Any]) -> str:
    """Return what the token of a file is known by."""
    return token_file.digest(fields["accessToken"])


def test_a_renewal_replaces_the_token_and_nothing_else(desk: Desk) -> None:
    """Unknown fields stay, the file is only ours to read, and nothing is left lying about."""
    desk.put({**FULL, "issuer": {"name": "idp"}})
    outcome = desk.refresh()
    assert desk.fields == {
        **FULL,
        "issuer": {"name": "idp"},
        "accessToken": "access-two",
        "expiresAt": "2026-01-05T10:00:00Z",
        "refreshToken": "refresh-two",
    }
    token = token_file.parse(desk.file.read_bytes(), ACME).token
    assert outcome == Outcome(Result.DONE, token=token, life=timedelta(hours=1))
    assert (desk.sent, desk.slept) == ([SECRETS], [])
    assert desk.file.stat().st_mode & 0o777 == 0o600
    assert (desk.left(), [place.name for place in desk.own.iterdir()]) == ([], [f"{ACME.key}.lock"])


def test_an_answer_without_a_refresh_token_keeps_the_old_one(desk: Desk) -> None:
    """Other tools drop it there, and are locked out an hour later."""
    desk.answers = [(DONE, NewToken("access-two", 1800))]
    assert desk.refresh().result is Result.DONE
    assert (desk.fields["refreshToken"], desk.fields["expiresAt"]) == ("refresh-one", "2026-01-05T09:30:00Z")


def test_a_stripped_refresh_token_is_used_and_written_back(desk: Desk) -> None:
    """Our private copy gives back what another tool dropped."""
    files.private_folder(desk.own)
    token_cache.keep(desk.own, desk.cache, ACME)
    stripped = {name: value for name, value in FULL.items() if name != "refreshToken"} | {"accessToken": "access-js"}
    desk.put(stripped)
    desk.answers = [(DONE, NewToken("access-two", 3600))]
    assert desk.refresh(token_file.digest("access-js")).result is Result.DONE
    assert (desk.sent[0].refresh_token, desk.fields["refreshToken"]) == ("refresh-one", "refresh-one")


@pytest.mark.parametrize("content", [THEIRS, b"", b'{"accessT', b"[]", {**FULL, "region": "us-east-1"}, None])
def test_what_is_not_the_token_that_was_decided_on_is_left_alone(desk: Desk, content: Any) -> None:
    """Another token, a torn file, another session's or none: AWS is not asked, and the file stays as it is."""
    desk.file.unlink() if content is None else desk.put(content)
    before = desk.file.read_bytes() if desk.file.exists() else None
    assert desk.refresh().result is Result.STALE
    assert (desk.file.read_bytes() if desk.file.exists() else None) == before
    assert (desk.sent, desk.left()) == ([], [])


def test_a_file_that_cannot_be_read_is_left_alone(desk: Desk) -> None:
    """A folder in its place, or root's file, is looked at for two seconds and no more."""
    desk.file.unlink()
    desk.file.mkdir()
    assert (desk.refresh().result, desk.sent, desk.slept) == (Result.STALE, [], [0.5] * 4)


def test_a_file_that_is_being_written_is_awaited(desk: Desk) -> None:
    """A half file is whole a moment later."""
    desk.put(b'{"accessT')
    desk.asleep = [lambda: None, lambda: desk.put(FULL)]
    assert (desk.refresh().result, desk.slept) == (Result.DONE, [0.5, 0.5])


@pytest.mark.parametrize("name", ["refreshToken", "clientId", "clientSecret"])
def test_without_what_a_renewal_sends_there_is_none(desk: Desk, name: str) -> None:
    """A token that cannot be renewed is not tried."""
    desk.put({**FULL, name: ""})
    assert (desk.refresh().result, desk.sent) == (Result.CANNOT, [])


REFUSALS = [
    Outcome(Result.TRANSIENT, "timeout", "AWS did not answer"),
    Outcome(Result.THROTTLED, "SlowDownException", retry_after=timedelta(seconds=9)),
    Outcome(Result.REFUSED, "AccessDeniedException"),
    Outcome(Result.REFUSED, "InvalidRequestException"),
    Outcome(Result.UNEXPECTED, "KeyError"),
]


@pytest.mark.parametrize("said", REFUSALS, ids=lambda said: f"{said.code}")
def test_a_refusal_is_passed_on_and_changes_nothing(desk: Desk, said: Outcome) -> None:
    """The token lives on as it was, and it was asked once."""
    before = desk.file.read_bytes()
    desk.answers = [(said, None)]
    assert desk.refresh() == said
    assert (desk.file.read_bytes(), desk.left(), len(desk.sent)) == (before, [], 1)


def test_a_dead_registration_is_deleted(desk: Desk) -> None:
    """The next sign-in registers anew; the token lives on."""
    for name in registration_file.names(ACME):
        (desk.cache / name).write_text("{}")
    desk.answers = [(Outcome(Result.REGISTRATION_DEAD, "InvalidClientException"), None)]
    assert desk.refresh().result is Result.REGISTRATION_DEAD
    assert (desk.left(), desk.fields) == ([], FULL)


def test_a_refusal_is_final_after_three_seconds_and_a_second_one(desk: Desk) -> None:
    """The sign-in is over when AWS says so twice with the file unchanged."""
    desk.answers = [(OVER, None), (OVER, None)]
    assert (desk.refresh(), desk.slept, len(desk.sent)) == (OVER, [3.0], 2)
    assert (desk.fields, desk.left()) == (FULL, [])


def test_the_second_answer_may_be_a_token(desk: Desk) -> None:
    """A refusal in passing costs three seconds."""
    desk.answers = [(OVER, None), (DONE, OURS)]
    assert (desk.refresh().result, desk.fields["accessToken"]) == (Result.DONE, "access-two")


def test_the_second_answer_may_be_a_failure(desk: Desk) -> None:
    """What is not known to be over is tried again later."""
    desk.answers = [(OVER, None), (REFUSALS[0], None)]
    assert desk.refresh() == REFUSALS[0]


@pytest.mark.parametrize(
    ("when", "slept", "calls"),
    [("call", [], 1), ("sleep", [3.0], 1), ("second call", [3.0], 2), ("torn sleep", [3.0, 0.5], 1)],
)
def test_who_was_refused_because_another_tool_was_faster_takes_its_token(
    desk: Desk, when: str, slept: list[float], calls: int
) -> None:
    """Rotating refresh tokens work once: the file tells who used ours."""
    desk.answers = [(OVER, None), (OVER, None)]

    def theirs() -> None:
        desk.put(THEIRS)

    match when:
        case "call":
            desk.meanwhile = [theirs]
        case "sleep":
            desk.asleep = [theirs]
        case "second call":
            desk.meanwhile = [lambda: None, theirs]
        case _:
            desk.asleep = [lambda: desk.put(b""), theirs]
    outcome = desk.refresh()
    assert (outcome.result, outcome.token and outcome.token.digest) == (Result.SUPERSEDED, digest_of(THEIRS))
    assert (desk.slept, len(desk.sent), desk.fields, desk.left()) == (slept, calls, THEIRS, [])


def test_a_newer_token_in_the_file_is_never_replaced_by_ours(desk: Desk) -> None:
    """What came during the call stays, and ours is forgotten."""
    desk.meanwhile = [lambda: desk.put(THEIRS)]
    outcome = desk.refresh()
    assert (outcome.result, outcome.token and outcome.token.digest) == (Result.SUPERSEDED, digest_of(THEIRS))
    assert (desk.fields, desk.left(), token_cache.kept_answer(desk.own, ACME, ONE)) == (THEIRS, [], None)


def test_who_signs_out_during_the_call_stays_signed_out(desk: Desk) -> None:
    """A token file that was deleted does not come back."""
    desk.meanwhile = [desk.file.unlink]
    assert (desk.refresh().result, desk.file.exists(), desk.left()) == (Result.STALE, False, [])


def test_another_sessions_token_during_the_call_stays(desk: Desk) -> None:
    """Someone changed the config and signed in under the same name."""
    foreign = {**THEIRS, "startUrl": "https://d-9999999999.awsapps.com/start"}
    desk.meanwhile = [lambda: desk.put(foreign)]
    assert (desk.refresh().result, desk.fields) == (Result.STALE, foreign)


def test_a_sign_in_that_is_being_written_is_awaited(desk: Desk) -> None:
    """The AWS CLI empties the file first; ours must not take its place while it writes."""
    desk.meanwhile = [lambda: desk.put(b"")]
    desk.asleep = [lambda: desk.put(json.dumps(THEIRS).encode()[:50]), lambda: desk.put(THEIRS)]
    assert (desk.refresh().result, desk.slept, desk.fields) == (Result.SUPERSEDED, [0.5, 0.5], THEIRS)


def test_a_file_that_stays_torn_is_healed(desk: Desk) -> None:
    """Its writer was killed: the token that AWS gave is written."""
    desk.meanwhile = [lambda: desk.put(json.dumps(FULL).encode() + b'"}')]
    assert (desk.refresh().result, desk.fields["accessToken"]) == (Result.DONE, "access-two")


def test_what_others_add_to_the_same_token_stays(desk: Desk) -> None:
    """The fields are those of the file after the call."""
    desk.meanwhile = [lambda: desk.put({**FULL, "note": "added"})]
    assert (desk.refresh().result, desk.fields["note"]) == (Result.DONE, "added")


def test_an_error_of_the_call_leaves_nothing(desk: Desk) -> None:
    """The temporary file goes with it, and the lock is free."""
    desk.answers = []
    with pytest.raises(IndexError):
        desk.refresh()
    desk.answers = [(DONE, OURS)]
    assert (desk.left(), desk.refresh().result) == ([], Result.DONE)


def test_no_outcome_shows_a_secret(desk: Desk) -> None:
    """Outcomes are logged."""
    shown = repr(desk.refresh())
    assert [word for word in ("access-", "refresh-", "secret-", "client-") if word in shown] == []


@pytest.mark.parametrize("kept", ["in a file", "in memory", "after a restart"])
def test_what_could_not_be_written_at_last_is_written_by_the_next_try(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    """The old refresh token is dead by then: AWS is not asked again, and no second answer is needed."""
    real = Path.replace
    broken = [desk.file] if kept != "in memory" else [desk.file, token_cache.answer_path(desk.own, ACME)]

    def replace(self: Path, target: Path) -> Path:
        if target in broken:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    assert desk.refresh().result is Result.NOT_WRITABLE
    assert (desk.fields, desk.left(), len(desk.sent)) == (FULL, [], 1)
    monkeypatch.setattr(Path, "replace", real)
    if kept == "after a restart":
        token_cache._answers.clear()
    token_cache.keep(desk.own, desk.cache, ACME)  # what a new daemon does first must not cost the answer
    outcome = desk.refresh()
    assert (outcome.result, outcome.token and outcome.token.digest) == (Result.DONE, token_file.digest("access-two"))
    assert (desk.fields["refreshToken"], len(desk.sent)) == ("refresh-two", 1)
    assert token_cache.kept_answer(desk.own, ACME, ONE) is None


def test_an_answer_belongs_to_the_token_that_it_replaces(desk: Desk) -> None:
    """After a sign-in by another tool it is of no use, whatever its date."""
    files.private_folder(desk.own)
    token_cache.keep_answer(desk.own, ACME, ONE, token_file.renewed(FULL, OURS, NOW + timedelta(days=1)))
    desk.put(THEIRS)
    desk.answers = [(DONE, NewToken("access-three", 3600))]
    assert desk.refresh(digest_of(THEIRS)).result is Result.DONE
    assert (desk.fields["accessToken"], desk.sent[0].refresh_token) == ("access-three", "refresh-theirs")


# What cannot be written costs no refresh token: the folder, the disk, the mount.

AS_NOBODY = """
import os, sys, pathlib
import filelock
from datetime import UTC, datetime
from keeplit.core.model import Kind, Session
from keeplit.engine import renewal
os.setgid(65534); os.setuid(65534)
home = pathlib.Path(sys.argv[1])
acme = Session("a" * 40, "acme", Kind.SSO_SESSION, sys.argv[2], "eu-west-1")
def asked(secrets): print("asked"); sys.exit()
now = lambda: datetime.now(UTC)
print(renewal.refresh(home / "cache", home / "keeplit", acme, sys.argv[3], asked, now, print).result)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
@pytest.mark.parametrize("shut", ["cache", "keeplit"])
def test_no_refresh_token_is_burnt_where_nothing_can_be_written(shut: str) -> None:
    """A user who may read a folder but not write there gets an answer, and AWS is not asked."""
    conftest.real_part("another user to be (root)", found=os.geteuid() == 0)
    import tempfile

    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are shut to other users
        home = Path(folder)
        home.chmod(0o755)
        for name in ("cache", "keeplit"):
            (home / name).mkdir()
            os.chown(home / name, 65534, 65534)
        place = home / "cache" / f"{ACME.key}.json"
        place.write_text(json.dumps(FULL))
        os.chown(place, 65534, 65534)
        (home / shut).chmod(0o500)
        said = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, home, URL, ONE], capture_output=True, text=True, check=False, timeout=60
        )
        assert (said.stdout, json.loads(place.read_text())) == ("not_writable\n", FULL)


@contextmanager
def mounted(place: Path, *options: str) -> Iterator[None]:
    """Give a mount of this test's own."""
    done = subprocess.run(["mount", *options, place], capture_output=True, check=False)
    conftest.real_part("a mount of one's own (root)", found=done.returncode == 0)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a disk of its own")
def test_no_refresh_token_is_burnt_on_a_full_disk(desk: Desk) -> None:
    """The room for the new token is taken before the call."""
    with mounted(desk.cache, "-t", "tmpfs", "-o", "size=16k", "tmpfs"):
        desk.put(FULL)
        with pytest.raises(OSError, match="No space"):
            (desk.cache / "filler").write_bytes(b"x" * (1 << 16))
        outcome = desk.refresh()
        assert (outcome.result, outcome.code, desk.sent) == (Result.NOT_WRITABLE, "token_cache", [])
        assert (desk.fields, desk.left()) == (FULL, ["filler"])


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a folder read-only")
@pytest.mark.parametrize("folder", ["cache", "all"])
def test_no_refresh_token_is_burnt_on_a_read_only_mount(desk: Desk, folder: str) -> None:
    """Containers mount ``~/.aws`` so, and root is no exception there."""
    place = desk.cache if folder == "cache" else desk.home / ".aws"
    files.private_folder(desk.own)
    with mounted(place, "--bind", str(place)):
        subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
        assert (desk.refresh().result, desk.sent, desk.fields) == (Result.NOT_WRITABLE, [], FULL)


# More than one process.

HOLDER = """
import sys, pathlib
from keeplit.adapters import files
with files.lock(pathlib.Path(sys.argv[1]), 5):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_who_finds_the_lock_taken_does_not_wait_for_ever(desk: Desk) -> None:
    """Another process renews this token just now; it is looked at again later."""
    files.private_folder(desk.own)
    command = [sys.executable, "-c", HOLDER, str(desk.own / f"{ACME.key}.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        outcome = desk.refresh(lock_seconds=0.1)
        holder.communicate()
    assert (outcome.result, outcome.code, desk.sent) == (Result.TRANSIENT, "busy", [])


STEPS = ("asked", "answered", "kept", "committed", "dropped")
KILLED = """
import os, sys, time, pathlib
from datetime import UTC, datetime
from keeplit.adapters import files, token_cache
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Kind, Session
from keeplit.core.secrets import NewToken
from keeplit.engine import renewal
home, step = pathlib.Path(sys.argv[1]), sys.argv[4]
place = home / "cache" / ("a" * 40 + ".json")

def stop(at):
    if at == step:
        print("here", flush=True)
        time.sleep(60)

def create_token(secrets):
    stop("asked")
    return Outcome(Result.DONE), NewToken("access-two", 3600, "refresh-two")

def after(owner, name, at):
    real = getattr(owner, name)
    def wrapped(self, *args):
        real(self, *args)
        if getattr(self, "path", place) == place:
            stop(at)
    setattr(owner, name, wrapped)

real_renewed = renewal.token_file.renewed
def renewed(*args):
    stop("answered")
    return real_renewed(*args)
renewal.token_file.renewed = renewed
after(token_cache, "keep_answer", "kept")
after(files.Prepared, "commit", "committed")
after(token_cache, "drop_answer", "dropped")
acme = Session("a" * 40, "acme", Kind.SSO_SESSION, sys.argv[2], "eu-west-1", ("sso:account:access",))
now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
renewal.refresh(home / "cache", home / "keeplit", acme, sys.argv[3], create_token, lambda: now, time.sleep)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_leaves_the_old_token_or_the_new_one(desk: Desk, step: str) -> None:
    """The file is whole at every step, and once the answer is kept the next try needs no second one."""
    home = desk.cache.parent
    with subprocess.Popen([sys.executable, "-c", KILLED, home, URL, ONE, step], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"here\n"
        child.send_signal(signal.SIGKILL)
    new = step in {"committed", "dropped"}
    assert desk.fields["accessToken"] == ("access-two" if new else "access-one")
    outcome = desk.refresh()
    expected = Result.STALE if new else Result.DONE
    asked = 0 if step in {"kept", "committed", "dropped"} else 1
    assert (outcome.result, len(desk.sent), desk.left()) == (expected, asked, [])
    assert (desk.fields["accessToken"], desk.fields["refreshToken"]) == ("access-two", "refresh-two")


RENEW = """
import os, sys
from keeplit.adapters import aws_config, paths
from keeplit.engine import renew
acme = next(one for one in aws_config.read(os.environ).sessions if one.name == "acme")
print("ready", flush=True)
sys.stdin.readline()
print(renew.refresh(paths.find(os.environ), os.environ, acme, sys.argv[1]).result)
"""
BOTOCORE = """
import sys
import botocore.session, botocore.tokens
provider = botocore.tokens.SSOTokenProvider(botocore.session.Session(profile="work"))
provider.load_token()
provider._client
print("ready", flush=True)
sys.stdin.readline()
print(len(provider.load_token().get_frozen_token().token) > 20)
"""


def race(mine: Laptop, *scripts: str) -> list[str]:
    """Let processes begin at one moment, and return what each of them said."""
    digest = digest_of(mine.token)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", script, digest],
            env=mine.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for script in scripts
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    with ThreadPoolExecutor(len(children)) as threads:
        return list(threads.map(lambda child: child.communicate("go\n", timeout=100)[0].strip(), children))


def test_of_two_processes_one_renews_and_none_is_locked_out(own_home: Path) -> None:
    """Refresh tokens work once here: the second finds the first one's token, and AWS is asked once."""
    with laptop(own_home) as mine:
        mine.sign_in(timedelta(minutes=10))
        assert sorted(race(mine, RENEW, RENEW)) == ["done", "stale"]
        assert mine.calls("CreateToken") == ["200"]
        assert race(mine, RENEW) == ["done"]


def test_in_a_race_with_botocore_none_is_locked_out(own_home: Path) -> None:
    """botocore knows no lock; whoever comes second takes the other's token, and the next renewal works."""
    with laptop(own_home) as mine:
        mine.sign_in(timedelta(minutes=10))
        said = race(mine, RENEW, BOTOCORE)
        assert (said[0] in {"done", "superseded", "stale"}, said[1]) == (True, "True")
        assert mine.calls("CreateToken").count("200") == 1
        assert race(mine, RENEW) == ["done"]


def test_botocore_reads_and_renews_what_we_wrote(own_home: Path) -> None:
    """The file is botocore's own in every field."""
    with laptop(own_home) as mine:
        mine.sign_in(timedelta(minutes=10))
        assert race(mine, RENEW) == ["done"]
        ours = mine.token
        ends = write_date(datetime.now(UTC) + timedelta(minutes=10))
        mine.token_file.write_text(json.dumps({**ours, "expiresAt": ends}))
        assert race(mine, BOTOCORE) == ["True"]
        theirs = mine.token
        kept = {name for name in theirs if theirs[name] == ours[name]} - {"expiresAt"}  # maybe of the same second
        assert (theirs.keys(), kept) == (ours.keys(), ours.keys() - {"accessToken", "expiresAt", "refreshToken"})


def test_the_engine_renews_by_the_same_rules(own_home: Path) -> None:
    """`renew` asks the real service in a worker of its own."""
    with laptop(own_home) as mine:
        mine.sign_in(timedelta(minutes=10))
        session = Session(mine.token_file.stem, "acme", Kind.SSO_SESSION, mine.token["startUrl"], "us-east-1")
        outcome = renew.refresh(mine.paths, mine.environ, session, digest_of(mine.token))
        assert (outcome.result, outcome.token and outcome.token.digest) == (Result.DONE, digest_of(mine.token))
