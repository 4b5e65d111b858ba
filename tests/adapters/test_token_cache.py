"""AWS's token cache: read, kept, signed in and out of, shared with botocore."""

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.tokens import SSOTokenProvider
from botocore.utils import JSONFileCache, SSOTokenLoader
from hypothesis import given
from hypothesis import strategies as st

from keeplit.adapters import clock, files, token_cache
from keeplit.core import registration_file
from keeplit.core.aws_profiles import cache_key
from keeplit.core.deeds import Result
from keeplit.core.model import Kind, Reading, Session
from keeplit.core.secrets import NewToken, Registration, Secrets
from keeplit.core.token_file import digest
from tests import conftest

URL = "https://d-1234567890.awsapps.com/start"
ACME = Session(cache_key("acme"), "acme", Kind.SSO_SESSION, URL, "eu-west-1", ("sso:account:access",))
LEGACY = Session(cache_key(URL), "old", Kind.LEGACY, URL, "eu-west-1")
NOW = datetime(2126, 1, 5, 9, 0, tzinfo=UTC)
FULL: dict[str, Any] = {
    "startUrl": URL,
    "region": "eu-west-1",
    "accessToken": "access-one",
    "expiresAt": "2126-01-05T10:00:00Z",
    "clientId": "client-one",
    "clientSecret": "secret-one",
    "registrationExpiresAt": "2126-04-05T09:00:00Z",
    "refreshToken": "refresh-one",
}
STRIPPED = {name: value for name, value in FULL.items() if name != "refreshToken"} | {"accessToken": "access-two"}
REGISTRATION = Registration("client-one", "secret-one", NOW + timedelta(days=90), ACME.scopes)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="modes and links are POSIX's")


class Home:
    """A cache and our own folder, and what a test does to them."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / ".aws" / "sso" / "cache"
        self.own = folder / ".aws" / "sso" / "keeplit"
        self.cache.mkdir(parents=True)

    def put(self, content: bytes | dict[str, Any], session: Session = ACME) -> Path:
        """Write a token file in place, as the AWS CLI does."""
        place = token_cache.path(self.cache, session)
        place.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return place

    def look(self, session: Session = ACME) -> token_cache.Look:
        return token_cache.look(self.cache, self.own, session)

    def keep(self) -> bytes:
        """Keep our copy and return it."""
        token_cache.keep(self.own, self.cache, ACME)
        return token_cache.kept_path(self.own, ACME).read_bytes()

    def secrets(self) -> Secrets | None:
        return token_cache.secrets(self.cache, self.own, ACME)[1]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Give an empty cache."""
    return Home(tmp_path)


# Reading.


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.sampled_from(Kind))
def test_every_token_file_has_botocores_name(name: str, kind: Kind) -> None:
    """Whatever a session is called, both mean the same file."""
    session = Session(cache_key(name), name, kind, name, "eu-west-1")
    theirs = SSOTokenLoader()._generate_cache_key(name, name if kind is Kind.SSO_SESSION else None)
    assert token_cache.path(Path("cache"), session) == Path("cache", f"{theirs}.json")


def test_a_token_is_seen(home: Home) -> None:
    """By its digest, its end, and whether it can be renewed."""
    home.put(FULL)
    seen = home.look()
    assert (seen.reading, token_cache.is_writable(home.cache)) == (Reading.PRESENT, True)
    assert seen.token is not None
    assert (seen.token.digest, seen.token.refreshable) == (digest("access-one"), True)


@pytest.mark.parametrize("there", [True, False])
def test_no_file_is_absent(home: Home, there: bool) -> None:  # noqa: FBT001  # a case of the test
    """With and without the folder, which can be made."""
    if not there:
        home.cache.rmdir()
    assert home.look() == token_cache.Look(Reading.ABSENT)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 300, b"null", b"\xff\xfe{", json.dumps(FULL).encode()[:200], json.dumps(FULL).encode() + b'"}'],
    ids=["empty", "zeros", "no object", "not UTF-8", "half", "another writer's end"],
)
def test_what_is_not_whole_is_torn(home: Home, content: bytes) -> None:
    """It is looked at again, never taken for a sign-out; there is nothing to send either."""
    home.put(content)
    assert (home.look(), home.secrets()) == (token_cache.Look(Reading.TORN), None)


def test_a_huge_file_is_torn(home: Home) -> None:
    """It is not read to its end."""
    home.put(json.dumps(FULL).encode() + b" " * files.LIMIT)
    assert home.look().reading is Reading.TORN


def test_a_folder_in_the_files_place_is_torn(home: Home) -> None:
    """It cannot be read."""
    token_cache.path(home.cache, ACME).mkdir()
    assert home.look().reading is Reading.TORN


def test_another_start_url_is_foreign(home: Home) -> None:
    """There is a file, and no token for this session."""
    home.put({**FULL, "startUrl": "https://d-9999999999.awsapps.com/start"})
    assert (home.look(), home.secrets()) == (token_cache.Look(Reading.FOREIGN), None)


def test_every_change_is_seen_at_once(home: Home) -> None:
    """Two writes within one tick of the file's clock, of the same length, in place, are two readings."""
    place = home.put(FULL)
    seen = [home.look().token]
    moment = place.stat()
    home.put({**FULL, "accessToken": "access-two"})
    os.utime(place, ns=(moment.st_atime_ns, moment.st_mtime_ns))
    seen.append(home.look().token)
    assert [token.digest if token else "" for token in seen] == [digest("access-one"), digest("access-two")]


def test_a_settled_file_is_read_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred sessions cost two hundred looks at a folder, not as many files; a change is read again."""
    place = home.put(FULL)
    settled = clock.now().timestamp() - 60
    os.utime(place, (settled, settled))
    reads: list[Path] = []
    really: Callable[..., bytes | None] = files.read

    def read(path: Path, *rest: int) -> bytes | None:
        reads.append(path)
        return really(path, *rest)

    monkeypatch.setattr(files, "read", read)
    first = [home.look() for _ in range(3)]
    assert (len(reads), len(set(first))) == (1, 1)
    assert home.look(replace(ACME, region="us-east-1")).reading is Reading.FOREIGN
    home.put({**FULL, "accessToken": "access-two"})
    assert home.look() != first[0]


def test_nothing_shows_a_secret(home: Home) -> None:
    """What is returned may be logged."""
    home.put(FULL)
    shown = repr(home.look()) + repr(token_cache.secrets(home.cache, home.own, ACME))
    assert [value for value in ("access-one", "refresh-one", "secret-one", "client-one") if value in shown] == []


LOOK_AS_NOBODY = """
import os, sys, pathlib
from keeplit.adapters import token_cache
from keeplit.core.model import Kind, Session
os.setgid(65534); os.setuid(65534)
home = pathlib.Path(sys.argv[1])
acme = Session(sys.argv[2], "acme", Kind.SSO_SESSION, "https://other", "eu-west-1")
look = token_cache.look(home / ".aws/sso/cache", home / ".aws/sso/keeplit", acme)
print(look.reading.value, token_cache.is_writable(home / ".aws/sso/cache"))
"""


@POSIX
@pytest.mark.parametrize(
    ("shut", "mode", "said"),
    [
        (".aws/sso/cache", 0o755, "foreign False"),
        (".aws/sso/cache", 0o700, "torn False"),
        (".aws/sso", 0o700, "torn False"),
        (".aws", 0o700, "torn False"),
        (".aws/sso/cache", 0o777, "foreign True"),
    ],
)
def test_what_sudo_left_behind_is_said(shut: str, mode: int, said: str) -> None:
    """Folders and files of root are read as far as that is allowed, and known not to be writable; nothing is raised."""
    conftest.real_part("another user to be (root)", found=os.geteuid() == 0)
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are shut to other users
        Path(folder).chmod(0o755)
        place = Home(Path(folder)).put(FULL)
        place.chmod(0o644)
        (Path(folder) / shut).chmod(mode)
        command = [sys.executable, "-c", LOOK_AS_NOBODY, folder, ACME.key]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.strip(), done.stderr) == (said, "")


@POSIX
@pytest.mark.parametrize("there", ["file", "link to nothing", "file above"])
def test_a_cache_that_cannot_be_made_is_known(tmp_path: Path, there: str) -> None:
    """Before a browser opens: what stands in the folder's place is no folder, for root too."""
    cache = tmp_path / "sso" / "cache"
    place = cache if there != "file above" else tmp_path / "sso"
    place.parent.mkdir(exist_ok=True)
    if there == "link to nothing":
        place.symlink_to(tmp_path / "gone")
    else:
        place.write_text("")
        place.chmod(0o777)
    assert not token_cache.is_writable(cache)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a folder read-only")
def test_a_read_only_mount_is_known_to_root(home: Home) -> None:
    """Containers mount ``~/.aws`` so; the folder's mode says nothing of it."""
    home.put(FULL)
    done = subprocess.run(["mount", "--bind", home.cache, home.cache], capture_output=True, check=False)
    conftest.real_part("a mount of one's own (root)", found=done.returncode == 0)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", home.cache], check=True)
        seen, writable = home.look(), token_cache.is_writable(home.cache)
    finally:
        subprocess.run(["umount", home.cache], check=True)
    assert (seen.reading, writable, token_cache.is_writable(home.cache)) == (Reading.PRESENT, False, True)


# Our private copy.


def test_a_complete_token_is_kept(home: Home) -> None:
    """Only for the owner, all fields, and not written again while nothing changed."""
    home.put(FULL)
    assert json.loads(home.keep()) == FULL
    place = token_cache.kept_path(home.own, ACME)
    before = place.stat()
    home.keep()
    assert place.stat().st_mtime_ns == before.st_mtime_ns
    if sys.platform != "win32":
        assert [stat.S_IMODE(path.stat().st_mode) for path in (home.own, place)] == [0o700, 0o600]


@pytest.mark.parametrize(
    "content", [b"", STRIPPED, {**FULL, "startUrl": "https://other"}], ids=["torn", "stripped", "foreign"]
)
def test_only_a_complete_token_is_kept(home: Home, content: bytes | dict[str, Any]) -> None:
    """What is torn, stripped or foreign leaves the copy as it was."""
    home.put(FULL)
    kept = home.keep()
    home.put(content)
    assert home.keep() == kept


def test_a_stripped_refresh_token_is_restored(home: Home) -> None:
    """Another tool's renewal dropped it: the token still counts as renewable, and the secrets are whole."""
    home.put(FULL)
    home.keep()
    home.put({name: value for name, value in STRIPPED.items() if name != "registrationExpiresAt"})
    token = home.look().token
    assert token is not None
    assert (token.digest, token.refreshable) == (digest("access-two"), True)
    assert token.registration_expires_at == datetime(2126, 4, 5, 9, 0, tzinfo=UTC)
    assert home.secrets() == Secrets("access-two", "refresh-one", "client-one", "secret-one")


@pytest.mark.parametrize("spoil", ["absent", "corrupt", "other client", "foreign", "link", "folder"])
def test_a_copy_that_is_not_right_restores_nothing(home: Home, spoil: str, tmp_path: Path) -> None:
    """Nothing is guessed, nothing is raised, and a planted link is not followed."""
    home.put(FULL)
    home.keep()
    place = token_cache.kept_path(home.own, ACME)
    place.unlink()
    match spoil:
        case "corrupt":
            place.write_bytes(b'{"refreshToken": ')
        case "other client":
            place.write_text(json.dumps({**FULL, "clientId": "client-two"}))
        case "foreign":
            place.write_text(json.dumps({**FULL, "region": "us-east-1"}))
        case "link":
            (tmp_path / "planted").write_text(json.dumps(FULL))
            with suppress(OSError):  # Windows may forbid links, and there is then none to follow
                place.symlink_to(tmp_path / "planted")
        case "folder":
            place.mkdir()
    home.put(STRIPPED)
    token = home.look().token
    assert (token is not None and token.refreshable, home.secrets()) == (
        False,
        Secrets("access-two", "", "client-one", "secret-one"),
    )


def test_the_secrets_are_those_of_the_token_that_was_seen(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that changed between two readings gives none: the next turn sees it whole."""
    home.put(FULL)
    really = token_cache.look

    def meanwhile(*where: Any) -> token_cache.Look:
        home.put({**FULL, "accessToken": "access-two"})
        return really(*where)

    monkeypatch.setattr(token_cache, "look", meanwhile)
    seen, found = token_cache.secrets(home.cache, home.own, ACME)
    assert seen.token is not None
    assert (seen.token.digest, found) == (digest("access-two"), None)


# AWS's answer that could not be written.

ANSWER = json.dumps({**FULL, "accessToken": "access-two", "refreshToken": "refresh-two"}).encode()


@pytest.mark.parametrize("own_folder", [True, False])
def test_an_answer_is_kept_for_the_token_that_it_replaces(home: Home, own_folder: bool) -> None:  # noqa: FBT001  # a case
    """On the disk, or in memory where there is none; for no other token, and not after it was dropped."""
    if own_folder:
        files.private_folder(home.own)
    token_cache.keep_answer(home.own, ACME, digest("access-one"), ANSWER)
    assert token_cache.answer_path(home.own, ACME).exists() is own_folder
    kept = token_cache.kept_answer(home.own, ACME, digest("access-one"))
    assert kept is not None
    assert kept.fields["refreshToken"] == "refresh-two"
    assert token_cache.kept_answer(home.own, ACME, digest("access-zero")) is None
    token_cache.drop_answer(home.own, ACME)
    assert token_cache.kept_answer(home.own, ACME, digest("access-one")) is None


def test_an_answer_survives_the_process_that_got_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next daemon finds it; a spoiled one is none."""
    files.private_folder(home.own)
    token_cache.keep_answer(home.own, ACME, digest("access-one"), ANSWER)
    monkeypatch.setattr(token_cache, "_answers", {})
    assert token_cache.kept_answer(home.own, ACME, digest("access-one")) is not None
    token_cache.answer_path(home.own, ACME).write_bytes(digest("access-one").encode() + b"\n{")
    assert token_cache.kept_answer(home.own, ACME, digest("access-one")) is None


def test_another_process_may_have_a_newer_answer(home: Home) -> None:
    """What lies on the disk counts where our own is of an older token."""
    files.private_folder(home.own)
    token_cache.keep_answer(home.own, ACME, digest("access-zero"), ANSWER)
    token_cache.answer_path(home.own, ACME).write_bytes(digest("access-one").encode() + b"\n" + ANSWER)
    kept = [token_cache.kept_answer(home.own, ACME, digest(name)) for name in ("access-zero", "access-one")]
    assert [answer is not None for answer in kept] == [True, True]


# Signing in and out.


def botocore_token(monkeypatch: pytest.MonkeyPatch, home: Home, tmp_path: Path) -> Any:
    """Return the token that botocore's own provider finds in the cache, at `NOW`, for a profile of `ACME`."""
    config = tmp_path / "config"
    config.write_text(
        f"[sso-session acme]\nsso_start_url = {URL}\nsso_region = eu-west-1\n[profile work]\nsso_session = acme\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    session = botocore.session.Session(profile="work")
    provider = SSOTokenProvider(session, cache=JSONFileCache(str(home.cache)), time_fetcher=lambda: NOW)
    return provider.load_token().get_frozen_token()


def test_botocore_takes_what_a_sign_in_wrote(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real provider of the SDK finds the token, whole and alive, and needs no call."""
    home.cache.rmdir()
    new = NewToken("access-one", 3600, "refresh-one")
    outcome = token_cache.save_sign_in(home.cache, home.own, ACME, new, REGISTRATION, NOW)
    assert (outcome.result, outcome.life, outcome.token) == (Result.DONE, timedelta(hours=1), home.look().token)
    found = botocore_token(monkeypatch, home, tmp_path)
    assert (found.token, found.expiration) == ("access-one", NOW + timedelta(hours=1))
    assert json.loads(token_cache.path(home.cache, ACME).read_bytes()) == FULL


def test_a_sign_in_leaves_its_registration_as_the_aws_cli_does(home: Home) -> None:
    """The next ``aws sso login`` goes on with it. Both files are the owner's alone."""
    token_cache.save_sign_in(home.cache, home.own, ACME, NewToken("access-one", 3600), REGISTRATION, NOW)
    place = home.cache / registration_file.name(ACME)
    assert json.loads(place.read_bytes()) == {
        "clientId": "client-one",
        "clientSecret": "secret-one",
        "expiresAt": "2126-04-05T09:00:00Z",
        "scopes": ["sso:account:access"],
    }
    if sys.platform != "win32":
        both = (place, token_cache.path(home.cache, ACME))
        assert [stat.S_IMODE(path.stat().st_mode) for path in both] == [0o600, 0o600]


@pytest.mark.parametrize("blocked", ["cache", "own"])
def test_a_sign_in_that_cannot_be_written_is_said(tmp_path: Path, blocked: str) -> None:
    """A file stands where a folder should be."""
    folders = {"cache": tmp_path / "c", "own": tmp_path / "o"}
    folders[blocked].write_text("")
    new = NewToken("access-one", 3600)
    outcome = token_cache.save_sign_in(folders["cache"], folders["own"], ACME, new, REGISTRATION, NOW)
    assert outcome.result is Result.NOT_WRITABLE
    assert str(folders[blocked]) in outcome.detail


def test_who_holds_the_lock_is_waited_for_but_not_for_ever(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process that renews is no fault of the disk: it is tried again."""
    home.put(FULL)
    files.private_folder(home.own)
    for patience in ("LOCK_SECONDS", "SIGN_IN_LOCK_SECONDS"):
        monkeypatch.setattr(token_cache, patience, 0.05)
    with files.lock(home.own / f"{ACME.key}.lock", 1):
        outcomes = (
            token_cache.save_sign_in(home.cache, home.own, ACME, NewToken("access-two", 60), REGISTRATION, NOW),
            token_cache.delete_token(home.cache, home.own, ACME, digest("access-one")),
        )
    assert [(outcome.result, outcome.code) for outcome in outcomes] == [(Result.TRANSIENT, "busy")] * 2
    assert home.secrets() == Secrets("access-one", "refresh-one", "client-one", "secret-one")


def test_a_token_is_deleted_with_all_that_we_kept_of_it(home: Home) -> None:
    """After signing out nothing brings it back; other sessions' files stay."""
    home.put(FULL)
    other = home.put(FULL, LEGACY)
    home.keep()
    token_cache.keep_answer(home.own, ACME, digest("access-one"), ANSWER)
    assert token_cache.delete_token(home.cache, home.own, ACME, digest("access-one")).result is Result.DONE
    assert home.look().reading is Reading.ABSENT
    assert token_cache.private_copy(home.own, ACME) is None
    assert token_cache.kept_answer(home.own, ACME, digest("access-one")) is None
    assert other.exists()
    assert token_cache.delete_token(home.cache, home.own, ACME, digest("access-one")).result is Result.DONE


def test_another_token_is_not_deleted(home: Home) -> None:
    """Someone signed in meanwhile."""
    home.put(FULL)
    assert token_cache.delete_token(home.cache, home.own, ACME, digest("access-zero")).result is Result.DONE
    assert home.look().reading is Reading.PRESENT


@pytest.mark.parametrize(("copy_of", "stays"), [("access-two", True), ("access-one", False)])
def test_the_copy_of_another_token_is_not_deleted(home: Home, copy_of: str, stays: bool) -> None:  # noqa: FBT001  # a column
    """Who signed in meanwhile keeps what a tool may strip later; a copy of the old token goes."""
    home.put({**FULL, "accessToken": copy_of})
    home.keep()
    home.put({**FULL, "accessToken": "access-two"})
    token_cache.delete_token(home.cache, home.own, ACME, digest("access-one"))
    assert (token_cache.private_copy(home.own, ACME) is not None, home.look().reading) == (stays, Reading.PRESENT)


def refuse(*_: object, **__: object) -> None:
    """Stand for a disk that refuses."""
    raise PermissionError(13, "Permission denied")


def test_a_token_that_cannot_be_deleted_is_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is named."""
    home.put(FULL)
    monkeypatch.setattr(Path, "unlink", refuse)
    outcome = token_cache.delete_token(home.cache, home.own, ACME, digest("access-one"))
    assert (outcome.result, outcome.detail) == (
        Result.NOT_WRITABLE,
        f"{home.cache} cannot be written: Permission denied",
    )


# Client registrations.


@pytest.mark.parametrize("session", [ACME, LEGACY, replace(ACME, scopes=())], ids=["scopes", "legacy", "no scopes"])
@pytest.mark.parametrize("content", [b"", b'{"clientId": "cli', b"\xff", b"[]", b" " * (files.LIMIT + 1)])
def test_a_registration_that_stops_every_login_is_deleted(home: Home, session: Session, content: bytes) -> None:
    """Under each of its names; a token file with a like fault is not touched."""
    names = registration_file.names(session)
    for name in names:
        (home.cache / name).write_bytes(content)
    token = home.put(b"")
    assert token_cache.mend_registration(home.cache, session, NOW)
    assert [place for place in home.cache.iterdir() if place.suffix == ".json"] == [token]
    assert not token_cache.mend_registration(home.cache, session, NOW)


@pytest.mark.parametrize(("days", "goes"), [(29, True), (31, False)])
def test_a_registration_that_soon_ends_is_deleted(home: Home, days: int, goes: bool) -> None:  # noqa: FBT001  # a column
    """The login then registers anew, for 90 days."""
    place = home.cache / registration_file.name(ACME)
    place.write_bytes(registration_file.spelled(replace(REGISTRATION, expires_at=NOW + timedelta(days=days))))
    assert (token_cache.mend_registration(home.cache, ACME, NOW), place.exists()) == (goes, not goes)


def test_a_dead_registration_is_deleted_under_every_name(home: Home) -> None:
    """AWS no longer knows it, however whole it looks; where there is none that is no matter."""
    token_cache.delete_registration(home.cache, ACME)
    for name in registration_file.names(ACME):
        (home.cache / name).write_bytes(registration_file.spelled(REGISTRATION))
    token_cache.delete_registration(home.cache, ACME)
    assert list(home.cache.iterdir()) == []


def test_a_registration_that_cannot_be_deleted_stops_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged by its name, and the login says itself what is wrong."""
    name = registration_file.name(ACME)
    (home.cache / name).write_bytes(b"")
    monkeypatch.setattr(Path, "unlink", refuse)
    assert not token_cache.mend_registration(home.cache, ACME, NOW)
    assert [name in message and "Permission denied" in message for message in caplog.messages] == [True]


MEND_AS_NOBODY = """
import os, sys, pathlib
from datetime import UTC, datetime
from keeplit.adapters import token_cache
from keeplit.core.model import Kind, Session
os.setgid(65534); os.setuid(65534)
session = Session(sys.argv[2], "", Kind.LEGACY, "", "")
token_cache.mend_registration(pathlib.Path(sys.argv[1]), session, datetime.now(UTC))
"""


@POSIX
@pytest.mark.parametrize(("mode", "left"), [(0o600, None), (0o644, FULL)])
def test_a_token_file_of_root_does_not_stop_a_login(mode: int, left: dict[str, Any] | None) -> None:
    """After ``sudo aws`` the CLI would fail when the person has signed in: it writes in place."""
    conftest.real_part("another user to be (root)", found=os.geteuid() == 0)
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are shut to other users
        Path(folder).chmod(0o755)
        home = Home(Path(folder))
        os.chown(home.cache, 65534, 65534)
        place = home.put(FULL)
        place.chmod(mode)
        command = [sys.executable, "-c", MEND_AS_NOBODY, str(home.cache), ACME.key]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        found = (json.loads(place.read_bytes()), place.stat().st_uid) if place.exists() else (None, 65534)
    assert (found, done.stderr) == ((left, 65534), "")


def test_our_own_token_file_is_left_alone_before_a_login(home: Home) -> None:
    """Only what the CLI could not write is touched."""
    place = home.put(FULL)
    before = place.stat()
    token_cache.mend_registration(home.cache, ACME, NOW)
    assert place.stat() == before
