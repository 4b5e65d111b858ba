from __future__ import annotations

import calendar
import json
import os
import shlex
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit import __version__
from keeplit.engine import credentials, warm
from tests.engine.lit_laptop import HOUR, laptop, said

NOW = 1_800_000_000.0
VERSION = "1.2.3"
FIELDS = {"AccessKeyId": "ASIA1", "SecretAccessKey": "secret", "SessionToken": "token"}


def utc(at: float) -> str:
    """Return a time as the cache has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


class Ready:
    """A home in which everything is so that the warm path serves; each test spoils one thing."""

    def __init__(self, home: Path) -> None:
        self.own = home / ".aws" / "sso" / "keeplit"
        self.cache = home / ".aws" / "cli" / "cache" / "abc123.json"
        self.config = home / ".aws" / "config"
        self.asked = home / "asked"
        for folder in (self.own, self.cache.parent):
            folder.mkdir(parents=True)
        self.config.write_text("[profile work]")
        self.asked.touch()
        os.utime(self.asked, (NOW - 60, NOW - 60))
        self.environ = {"HOME": str(home), "USERPROFILE": str(home), "AWS_PROFILE": "work"}
        self.role({**FIELDS, "Expiration": utc(NOW + 901)})
        self.entry = {
            "profile": "work",
            "role": self.cache.name,
            "asked": str(self.asked),
            "files": warm.stamps([str(self.config), str(home / "absent")]),
        }
        self.index()

    def role(self, fields: object) -> None:
        self.cache.write_text(json.dumps({"ProviderType": "sso", "Credentials": fields}))

    def index(self, **changes: object) -> None:
        file = self.own / warm.INDEX
        file.write_bytes(warm.indexed(None, VERSION, warm.request(None, self.environ), {**self.entry, **changes}))
        file.chmod(0o600)

    def serve(self, form: str = "claude", profile: str | None = None, now: float = NOW) -> str | None:
        return warm.serve(self.environ, profile, form, VERSION, now)


@pytest.fixture
def ready(own_home: Path) -> Ready:
    """Give a home where all is ready."""
    return Ready(own_home)


def test_what_lies_ready_is_served(ready: Ready) -> None:
    """Both JSON forms hold the four fields of the cache and nothing else."""
    fields = {**FIELDS, "Expiration": utc(NOW + 901)}
    assert json.loads(ready.serve() or "") == {"Credentials": fields}
    assert json.loads(ready.serve("process") or "") == {"Version": 1, **fields}


def test_the_last_fifteen_minutes_are_not_served(ready: Ready) -> None:
    """At 15 min to the end the slow path has to look for fresh ones."""
    assert [ready.serve(now=NOW + late) is None for late in (0.9, 1, 2000)] == [False, True, True]


def test_another_request_is_not_served(ready: Ready) -> None:
    """The entry is for this profile in this environment alone."""
    assert ready.serve(profile="work") is None
    ready.environ["AWS_PROFILE"] = "play"
    assert ready.serve() is None


def test_a_changed_file_ends_the_entry(ready: Ready) -> None:
    """A file that changed, went or came makes the slow path read it."""
    kept = ready.config.read_text()
    ready.config.write_text("[profile other]")
    assert ready.serve() is None
    ready.config.unlink()
    assert ready.serve() is None
    ready.config.write_text(kept)
    ready.index(files=warm.stamps([str(ready.config), str(ready.asked.parent / "absent")]))
    assert ready.serve() is not None
    (ready.asked.parent / "absent").touch()
    assert ready.serve() is None


def test_a_change_of_equal_size_and_time_is_seen(ready: Ready) -> None:
    """A tool that keeps the time of a file cannot hide a change."""
    seen = ready.config.stat()
    ready.config.write_text("[profile kraw]")
    os.utime(ready.config, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert ready.serve() is None


@pytest.mark.parametrize("late", [3600, 90_000, -120])
def test_an_old_note_of_use_goes_the_slow_way(ready: Ready, late: float) -> None:
    """Once an hour, and when the clock was set back, the slow path notes that the profile is in use."""
    os.utime(ready.asked, (NOW - late, NOW - late))
    assert ready.serve() is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"schema": 2}',
        b"\xff\xfe",
        b'{"schema": 1, "version": "1.2.3", "profiles": []}',
        b'{"schema": 1, "version": "1.2.2", "profiles": {}}',
        b"[" * 100_000,
        b" " * (warm.LIMIT + 1),
    ],
)
def test_a_bad_index_goes_the_slow_way(ready: Ready, text: bytes) -> None:
    """Whatever stands in the index, nothing is raised and nothing is served."""
    (ready.own / warm.INDEX).write_bytes(text)
    assert ready.serve() is None


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "../../secret.json"},
        {"role": 7},
        {"role": "abc123.txt"},
        {"asked": None},
        {"asked": "/nonexistent/asked"},
        {"files": []},
        {"files": {"/": []}},
        {"files": {"\0": None}},
    ],
)
def test_a_bad_entry_goes_the_slow_way(ready: Ready, changes: dict[str, object]) -> None:
    """An entry that leads out of the cache, or makes no sense, is not followed."""
    ready.index(**changes)
    assert ready.serve() is None


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_an_index_that_others_can_touch_is_not_believed(ready: Ready) -> None:
    """An index of another mode, or behind a link, was not written by keeplit."""
    file = ready.own / warm.INDEX
    file.chmod(0o644)
    assert ready.serve() is None
    file.chmod(0o600)
    assert ready.serve() is not None
    moved = file.rename(file.with_name("elsewhere"))
    file.symlink_to(moved)
    assert ready.serve() is None


@pytest.mark.parametrize(
    "changes",
    [
        {"Expiration": ""},
        {"Expiration": None},
        {"Expiration": "2099-01-01T00:00:00+00:00"},
        {"Expiration": "2099-02-30T00:00:00Z"},
        {"SecretAccessKey": ""},
        {"SessionToken": 5},
        {"AccessKeyId": None},
    ],
)
def test_odd_role_credentials_go_the_slow_way(ready: Ready, changes: dict[str, object]) -> None:
    """Credentials that lack something, or date themselves otherwise, are for the slow path to judge."""
    ready.role({**FIELDS, "Expiration": utc(NOW + 4000), **changes})
    assert ready.serve() is None


@pytest.mark.parametrize("name", ["HOME", "USERPROFILE"])
def test_without_a_home_nothing_is_served(ready: Ready, name: str) -> None:
    """A home that is missing or relative is for the slow path to complain of."""
    mine = "USERPROFILE" if os.name == "nt" else "HOME"
    ready.environ[mine] = "relative"
    assert ready.serve() is None
    del ready.environ[mine]
    assert ready.serve() is None


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell is asked")
@given(value=st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_the_shell_reads_back_what_was_exported(value: str) -> None:
    """Whatever the values hold, quoting keeps it together and runs nothing."""
    lines = warm.printed("env", "ASIA1", value, "token", "then").splitlines()
    assert [shlex.split(line)[1] for line in lines] == [
        "AWS_ACCESS_KEY_ID=ASIA1",
        f"AWS_SECRET_ACCESS_KEY={value}",
        "AWS_SESSION_TOKEN=token",
        "AWS_CREDENTIAL_EXPIRATION=then",
    ]


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell is asked")
def test_a_real_shell_reads_it_too() -> None:
    """sh evaluates the lines to the very values."""
    value = "a'b\"c$(touch x)`d`\\n e\n!*"
    script = warm.printed("env", "ASIA1", value, "t", "e") + '\nprintf %s "$AWS_SECRET_ACCESS_KEY"'
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout == value


@given(at=st.integers(min_value=0, max_value=253402300799))
def test_times_are_counted_as_the_calendar_counts(at: int) -> None:
    """The arithmetic agrees with the standard library from 1970 to 9999."""
    assert warm.epoch(utc(at)) == calendar.timegm(time.gmtime(at)) == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-02T12:00:00",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02 12:00:00Z",
        "2026-03-02T12:00:0\N{ARABIC-INDIC DIGIT THREE}Z",
        "2026-03-02T12:00:60Z",
    ],
)
def test_no_other_time_is_read(text: str) -> None:
    """A day that is none, or another form, is refused."""
    with pytest.raises(ValueError, match=r"^$"):
        warm.epoch(text)


def test_a_file_that_changed_just_now_is_not_settled(own_home: Path) -> None:
    """Two changes within the grain of a file's time look like one, so a young file is not indexed."""
    file = own_home / "config"
    file.touch()
    seen = warm.stamps([str(file), str(own_home / "absent")])
    written = file.stat().st_mtime
    assert [warm.settled(seen, written + later) for later in (0, 1.9, 2.5)] == [False, False, True]


def test_the_index_keeps_the_last_entries() -> None:
    """It holds the last 50 requests, is begun anew by another version, and over one that cannot be read."""
    data = None
    for number in range(60):
        data = warm.indexed(data, VERSION, f"r{number}", {"number": number})
    assert list(json.loads(data or b"")["profiles"]) == [f"r{number}" for number in range(10, 60)]
    again = json.loads(warm.indexed(data, VERSION, "r11", {"number": 1}))["profiles"]
    assert (len(again), list(again)[-1], again["r11"]) == (50, "r11", {"number": 1})
    for bad in (data, b"{", b"[]", b'{"schema": 1, "version": "2", "profiles": 5}', None):
        assert list(json.loads(warm.indexed(bad, "2", "r", {}))["profiles"]) == ["r"]


def test_a_path_that_depends_on_the_working_folder_is_not_indexed() -> None:
    """A relative AWS_CONFIG_FILE leads elsewhere from elsewhere."""
    assert warm.repeatable({"AWS_CONFIG_FILE": "~/x", "CLAUDE_CONFIG_DIR": os.path.abspath("x")})  # noqa: PTH100
    assert warm.repeatable({"AWS_CONFIG_FILE": ""})
    assert not warm.repeatable({"AWS_SHARED_CREDENTIALS_FILE": "x"})


def test_an_isolated_profile_is_served_at_once_and_not_a_moment_longer(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second answer needs no configuration read; what ends the isolation ends it too."""
    monkeypatch.setattr(warm, "SETTLED_SECONDS", -1)
    with laptop(own_home) as mine:
        mine.environ["AWS_PROFILE"] = "play"
        mine.configure('[claude]\nprofile = "work"\nisolate = true\n')
        kept = mine.cache_role(2 * HOUR)
        out, err = said()

        assert credentials.run(mine.paths, mine.environ, None, "claude", out, err) == 0
        now = time.time()
        assert out.getvalue() == f"{warm.serve(mine.environ, None, 'claude', __version__, now)}\n"
        assert json.loads(out.getvalue())["Credentials"]["AccessKeyId"] == kept["AccessKeyId"]

        mine.configure('[claude]\nprofile = "work"\n')
        assert warm.serve(mine.environ, None, "claude", __version__, now) is None
