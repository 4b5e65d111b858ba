from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from keeplit import __version__
from keeplit.adapters import files
from keeplit.core.folders import state_folder
from keeplit.engine import warm
from keeplit.ui import fast

POSIX = pytest.mark.skipif(os.name == "nt", reason="simulated on POSIX, whose paths it compares")
PUBLISHED = {"schema": 1, "daemon": {"running": True, "version": __version__}, "sessions": []}


@pytest.fixture
def state(own_home: Path) -> Path:
    """Give the state folder with a whole status in it."""
    folder = state_folder(os.environ, sys.platform)
    assert folder is not None
    Path(folder).mkdir(parents=True)
    Path(folder, "status.json").write_text(json.dumps(PUBLISHED))
    return Path(folder)


@pytest.fixture
def daemon(state: Path) -> Iterator[None]:
    """Let a daemon live: its lock is held."""
    held = files.try_lock(state / "daemon.lock")
    assert held is not None
    with held:
        yield


def hot(*arguments: str) -> bytes | None:
    """Ask the hot commands here and now."""
    return fast.hot(arguments, os.environ, sys.platform)


@pytest.mark.usefixtures("daemon")
def test_the_published_status_is_printed_as_it_is(state: Path) -> None:
    """With a daemon, the status is what it published, byte for byte and one line's end."""
    (state / "status.json").write_bytes(json.dumps(PUBLISHED).encode() + b"\n")
    assert hot("status", "--json") == json.dumps(PUBLISHED).encode() + b"\n"


def test_without_a_daemon_the_files_are_asked(state: Path) -> None:
    """A status that a daemon left behind is not told as true."""
    assert hot("status", "--json") is None
    held = files.try_lock(state / "daemon.lock")
    assert held is not None
    held.close()
    (state / "daemon.lock").touch()
    assert hot("status", "--json") is None


@pytest.mark.usefixtures("daemon")
@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        json.dumps({**PUBLISHED, "schema": 2}).encode(),
        json.dumps({**PUBLISHED, "daemon": {"running": True, "version": "99.0"}}).encode(),
        json.dumps({**PUBLISHED, "daemon": {"running": False, "version": __version__}}).encode(),
        json.dumps({**PUBLISHED, "daemon": []}).encode(),
        b" " * (fast.LIMIT + 1),
    ],
)
def test_a_broken_or_newer_status_is_left_to_the_whole(state: Path, text: bytes) -> None:
    """Whatever stands there, nothing is raised and nothing wrong is printed."""
    (state / "status.json").write_bytes(text)
    assert hot("status", "--json") is None


@POSIX
@pytest.mark.usefixtures("daemon")
def test_a_planted_link_is_not_followed(state: Path, tmp_path: Path) -> None:
    """A link in place of the status is nobody's word."""
    moved = (state / "status.json").rename(tmp_path / "elsewhere")
    (state / "status.json").symlink_to(moved)
    assert hot("status", "--json") is None


def test_a_look_does_not_keep_a_daemon_from_starting(state: Path) -> None:
    """After a look the lock is free, and a look at a held one leaves it held."""
    lock = state / "daemon.lock"
    lock.touch()
    assert fast.daemon_lives(str(lock)) is False
    held = files.try_lock(lock)
    assert held is not None
    with held:
        assert [fast.daemon_lives(str(lock)), files.is_held(lock)] == [True, True]


def test_the_version_is_the_packages() -> None:
    """`--version` says the package's own version."""
    assert hot("--version") == f"keeplit, version {__version__}\n".encode()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["status"],
        ["status", "--json", "--watch"],
        ["--version", "x"],
        ["credentials", "--help"],
        ["credentials", "--format", "xml"],
        ["credentials", "--profile"],
        ["credentials", "--profile", "--format"],
        ["credentials", "work"],
        ["login"],
        ["credentials", "--profile="],
        ["credentials", "--profile", ""],
    ],
)
def test_everything_else_is_left_to_the_whole(arguments: list[str]) -> None:
    """What is not one of the hot commands, or is wrong, is for the whole to do or to refuse."""
    assert hot(*arguments) is None


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ([], (None, "claude")),
        (["--profile", "a b"], ("a b", "claude")),
        (["--profile=--x", "--format=env"], ("--x", "env")),
        (["--format", "process", "--profile", "work"], ("work", "process")),
        (["--profile", "a", "--profile", "b"], ("b", "claude")),
    ],
)
def test_options_are_read_as_the_whole_reads_them(
    arguments: list[str], asked: tuple[str | None, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both spellings of an option, in any order, the last one counting."""
    seen: list[tuple[str | None, str]] = []

    def serve(environ: Mapping[str, str], profile: str | None, form: str, version: str, now: float) -> str:
        seen.append((profile, form))
        return "{}"

    monkeypatch.setattr(warm, "serve", serve)
    assert hot("credentials", *arguments) == b"{}\n"
    assert seen == [asked]


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the whole as a process."""
    command = [sys.executable, "-m", "keeplit.ui.fast", *arguments]
    return subprocess.run(command, capture_output=True, check=False, timeout=60)


@pytest.mark.usefixtures("daemon")
def test_a_process_prints_it_and_imports_little(state: Path) -> None:
    """The whole command prints the status, and loads none of what makes a start slow."""
    assert (run("status", "--json").stdout, run("--version").returncode) == (json.dumps(PUBLISHED).encode() + b"\n", 0)
    asked = "import sys; sys.argv = ['keeplit', 'status', '--json']; from keeplit.ui import fast; fast.main()"
    said = "; print(sorted({'pathlib', 'dataclasses', 'typing', 'keeplit.ui.cli'} & set(sys.modules)))"
    # Without `site`: an editable install of the developer's own may import what a person's does not.
    folder = str(Path(fast.__file__).parent.parent.parent)
    command = [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {folder!r}); {asked}{said}"]
    assert subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.splitlines()[-1] == b"[]"


@pytest.mark.usefixtures("own_home")
def test_without_a_daemon_both_ways_say_the_same() -> None:
    """The look that spares the command line's library prints what the command prints."""
    from click.testing import CliRunner

    from keeplit.ui.cli import cli

    said = CliRunner().invoke(cli, ["status", "--json"])  # alone, it would keep its help without -h for all that follow
    assert (said.exit_code, said.stdout_bytes) == (0, fast.looked(os.environ))
    assert run("status", "--json").stdout == said.stdout_bytes


def test_a_missing_home_is_left_to_the_whole(tmp_path: Path) -> None:
    """What is wrong with the home is said by the command line, in its words."""
    assert fast.looked({"HOME": str(tmp_path / "none"), "USERPROFILE": str(tmp_path / "none")}) is None


@POSIX
@pytest.mark.usefixtures("daemon")
def test_a_reader_that_has_gone_is_no_traceback(state: Path) -> None:
    """A closed pipe ends the command with 1 and without a word."""
    (state / "status.json").write_text(json.dumps({**PUBLISHED, "more": "x" * 1_000_000}))
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "keeplit.ui.fast", "status", "--json"]
    with os.fdopen(writer, "wb") as gone:
        ended = subprocess.run(command, stdout=gone, stderr=subprocess.PIPE, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (1, b"")


@pytest.mark.usefixtures("daemon")
def test_the_row_and_the_hook_of_a_start(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From what a daemon of any version published; a row always, of the hook nothing while all is well."""
    monkeypatch.setenv("NO_COLOR", "1")
    session = {"name": "acme", "state": "signed_out", "profiles": ["work"]}
    told = {"schema": 1, "daemon": {"running": True, "version": "99.0"}, "profile": "work", "sessions": [session]}
    (state / "status.json").write_text(json.dumps(told))
    row, said = hot("statusline"), hot("hook", "session-start")
    assert row is not None
    assert said is not None
    assert row.decode().startswith("\N{FIRE} work \N{MIDDLE DOT} signed out: keeplit login")
    assert "signed out of acme" in json.loads(said)["systemMessage"]
    (state / "status.json").write_text(json.dumps({**told, "sessions": [{**session, "state": "fresh"}]}))
    assert (hot("statusline"), hot("hook", "session-start")) == ("\N{FIRE} work\n".encode(), b"")
    (state / "status.json").write_text(json.dumps(told)[:40])
    assert b"of another version" in (hot("statusline") or b"")


@pytest.mark.usefixtures("state")
def test_a_row_without_a_daemon() -> None:
    """It says so; what is spelled otherwise, and what changes files, goes the slow way."""
    assert b"keeplit is not running" in (hot("statusline") or b"")
    assert hot("hook", "session-start") == b""
    assert [hot("statusline", "--install"), hot("statusline", "--with"), hot("hook", "stop-failure")] == [None] * 3


def test_without_a_home_the_whole_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to set; an empty HOME is none."""
    lines = (("statusline",), ("hook", "session-start"), ("status", "--json"), ("credentials",))
    assert [fast.hot(line, {}, "win32") for line in lines] == [None] * 4
    monkeypatch.setenv("HOME", "")
    assert [fast.hot(line, os.environ, system) for line in lines for system in ("linux", "darwin")] == [None] * 8
    if os.name != "nt":
        assert fast.looked(os.environ) is None


def test_ctrl_c_before_the_command_line_is_there_is_no_traceback() -> None:
    """While it is imported nothing else would take it: it ends as everywhere, with 1 and a sentence."""
    code = """
import sys
class Early:
    def find_spec(self, name, path=None, target=None):
        if name == "keeplit.ui.cli":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Early())
from keeplit.ui import fast
sys.argv = ["keeplit", "status"]
sys.exit(fast.main())
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "Interrupted; nothing is left half done.\n")


def test_digests_without_openssl_are_the_same() -> None:
    """A look loads no OpenSSL for them where Python has its own; who needs OpenSSL afterwards gets it."""
    code = """
import sys
from keeplit.ui import fast
fast.own_hashes()
import hashlib
print(hashlib.sha256(b"flame").hexdigest()[:8], hashlib.sha1(b"flame", usedforsecurity=False).hexdigest()[:8])
print("_hashlib" in sys.modules)
import ssl
print(bool(ssl.OPENSSL_VERSION))
"""
    said = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=60)
    digests = [hashlib.sha256(b"flame"), hashlib.sha1(b"flame", usedforsecurity=False)]
    first, *rest = said.stdout.splitlines()
    assert first == " ".join(one.hexdigest()[:8] for one in digests)
    assert rest[1] == "True"
