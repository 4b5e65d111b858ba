import json
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path

import pytest

from keeplit.adapters import clock, login
from keeplit.core.aws_cli import Cli, Found
from keeplit.core.model import Kind, Session, SignInCode
from keeplit.core.sign_in_flow import Page
from keeplit.sandbox.clients import ACME, BETA, LEGACY, environment, write_home
from keeplit.sandbox.server import Sandbox

posix = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")


def file_stem(text: str) -> str:
    """Return what botocore names a token's file after."""
    return sha1(text.encode(), usedforsecurity=False).hexdigest()


ACME_SESSION = Session(file_stem("acme"), "acme", Kind.SSO_SESSION, ACME, "us-east-1")
OLD_SESSION = Session(file_stem(LEGACY), "old", Kind.LEGACY, LEGACY, "us-east-1")
LONG = 60.0


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Give an Identity Center of our own."""
    with Sandbox() as running:
        yield running


@dataclass
class Desk:
    """A home folder, whoever sits there, and what they saw."""

    home: Path
    environ: dict[str, str]
    decide: Callable[[str], object]
    pages: list[Page] = field(default_factory=list)
    cancelled: bool = False
    by_hand: bool = False

    def look(self, page: Page) -> None:
        self.pages.append(page)
        if page.user_code:
            self.decide(page.user_code)

    def sign_in(self, cli: Cli, session: Session, deadline: float = LONG) -> tuple[SignInCode, str]:
        """Run the CLI, with a check of the token's file as the caller has it."""
        file = self.home / ".aws" / "sso" / "cache" / f"{session.key}.json"
        begun = datetime.now(UTC)

        def signed_in() -> bool:
            try:
                ends = json.loads(file.read_text())["expiresAt"].replace("UTC", "Z")
            except (OSError, ValueError):
                return self.by_hand
            return datetime.fromisoformat(ends) > begun

        return login.run(cli, session, self.environ, deadline, self.look, lambda: self.cancelled, signed_in)


@pytest.fixture
def desk(own_home: Path, sandbox: Sandbox) -> Desk:
    """Give a home whose AWS CLI reaches the sandbox, and somebody who approves."""
    write_home(own_home, sandbox.url)
    named = {**environment(own_home, sandbox.url, base=os.environ), "BROWSER": "true"}
    return Desk(own_home, named, lambda code: sandbox.identity.decide(code, "sam", approve=True))


@pytest.fixture
def real(aws_cli_v2: Path) -> Cli:
    """Give the real AWS CLI v2."""
    found = login.find({**os.environ, "PATH": str(aws_cli_v2.parent)})
    assert found.cli is not None
    return found.cli


def script(folder: Path, text: str, name: str = "aws") -> Path:
    """Write a shell script that stands for a command."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(stat.S_IRWXU)
    return path


def lives(process: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return Path("/proc").exists() is False
    except ProcessLookupError:
        return False


def number_in(path: Path) -> int:
    """Wait for a script to write its process id."""
    until = clock.monotonic() + 20
    while clock.monotonic() < until:
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        clock.sleep(0.02)
    pytest.fail(f"{path} was never written")


# The real AWS CLI v2


@pytest.mark.parametrize("session", [ACME_SESSION, OLD_SESSION], ids=["sso-session", "legacy"])
def test_the_real_cli_signs_in(desk: Desk, real: Cli, session: Session) -> None:
    """The page and its code come from its output, the success from the token's file."""
    ended = desk.sign_in(real, session)

    assert ended == (SignInCode.SIGNED_IN, "")
    assert desk.pages[-1].url.startswith("http://127.0.0.1:")
    assert [len(page.user_code) for page in desk.pages[-1:]] == [9]


def test_a_wrong_profile_or_key_in_the_environment_does_no_harm(desk: Desk, real: Cli) -> None:
    """The CLI fails with a profile that does not exist even where a session is named."""
    desk.environ |= {"AWS_PROFILE": "gone", "AWS_DEFAULT_PROFILE": "gone too", "AWS_ACCESS_KEY_ID": "half a key"}

    assert desk.sign_in(real, ACME_SESSION) == (SignInCode.SIGNED_IN, "")


def test_denied_in_the_browser_is_denied(desk: Desk, real: Cli, sandbox: Sandbox) -> None:
    """The service's name for it is read from the error output."""
    desk.decide = lambda code: sandbox.identity.decide(code, "sam", approve=False)

    assert desk.sign_in(real, ACME_SESSION)[0] == SignInCode.DENIED


def test_nobody_there_times_out(desk: Desk, real: Cli) -> None:
    """The CLI polls for ever; the deadline ends it, with its group."""
    desk.decide = len
    begun = clock.monotonic()

    ended = desk.sign_in(real, ACME_SESSION, deadline=3)

    assert (ended[0], bool(desk.pages), clock.monotonic() - begun < 12) == (SignInCode.TIMED_OUT, True, True)
    assert children_of(desk.home) == []


def test_a_cancel_ends_it(desk: Desk, real: Cli) -> None:
    """As soon as the page is there, the person thinks better of it."""

    def cancel(_: str) -> None:
        desk.cancelled = True

    desk.decide = cancel

    assert desk.sign_in(real, ACME_SESSION)[0] == SignInCode.CANCELLED
    assert children_of(desk.home) == []


def test_a_sign_in_by_hand_ends_it_well(desk: Desk, real: Cli) -> None:
    """The caller finds an accepted later token, whoever wrote it, and the CLI is not waited for."""

    def sign_in_elsewhere(_: str) -> None:
        desk.by_hand = True

    desk.decide = sign_in_elsewhere

    assert desk.sign_in(real, ACME_SESSION) == (SignInCode.SIGNED_IN, "")
    assert children_of(desk.home) == []


def test_a_session_that_the_config_does_not_have_is_misconfigured(desk: Desk, real: Cli) -> None:
    """The CLI says so, and nobody is asked for anything."""
    gone = Session("0" * 40, "gone", Kind.SSO_SESSION, BETA, "us-east-1")

    assert (desk.sign_in(real, gone)[0], desk.pages) == (SignInCode.MISCONFIGURED, [])


def test_a_cli_that_reaches_nobody_is_offline(desk: Desk, real: Cli) -> None:
    """The port has no listener."""
    write_home(desk.home, "http://127.0.0.1:1")
    desk.environ |= environment(desk.home, "http://127.0.0.1:1") | {"AWS_MAX_ATTEMPTS": "1", "BROWSER": "true"}

    assert desk.sign_in(real, ACME_SESSION)[0] == SignInCode.OFFLINE


@posix
def test_a_browser_command_that_never_returns_stops_nothing(desk: Desk, real: Cli, tmp_path: Path) -> None:
    """It goes on in a group of its own, as a browser does; the CLI would have waited for it."""
    noted = tmp_path / "browser"
    hung = script(tmp_path, f'echo "$$" > {noted}.new; mv {noted}.new {noted}; exec sleep 300', "browser-that-hangs")
    desk.environ["BROWSER"] = f"{hung} %s"

    ended = desk.sign_in(real, ACME_SESSION)

    browser = number_in(noted)
    try:
        assert (ended, lives(browser)) == ((SignInCode.SIGNED_IN, ""), True)
    finally:
        os.kill(browser, 9)


def children_of(home: Path) -> list[int]:
    """Return the processes that have `home` for their home folder, but for this one."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            own = f"HOME={home}".encode() in (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if own and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


# Stand-ins: a CLI that does what the real one does only on bad days


@posix
def test_a_group_that_will_not_end_is_killed(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leader and child ignore every polite signal."""
    monkeypatch.setattr(login, "GRACE_SECONDS", 0.2)
    stubborn = "trap '' INT TERM; "
    path = script(
        tmp_path,
        f'{stubborn} echo "$$" > {tmp_path}/leader\n'
        f'sh -c "{stubborn} echo \\$\\$ > {tmp_path}/child; sleep 300" & wait',
    )

    ended = desk.sign_in(Cli(str(path), (2, 99, 0)), ACME_SESSION, deadline=1)

    left = [one for one in (number_in(tmp_path / "leader"), number_in(tmp_path / "child")) if lives(one)]
    assert (ended[0], left) == (SignInCode.TIMED_OUT, [])


@posix
def test_what_a_dead_cli_left_behind_is_ended_too(desk: Desk, tmp_path: Path) -> None:
    """Its leader was killed; a child of its group still holds the pipes."""
    path = script(tmp_path, f"sh -c 'echo $$ > {tmp_path}/child; exec sleep 300' & sleep 0.5; kill -9 $$")

    ended = desk.sign_in(Cli(str(path), (2, 99, 0)), ACME_SESSION)

    assert (ended[0], lives(number_in(tmp_path / "child"))) == (SignInCode.FAILED, False)


@posix
@pytest.mark.parametrize("name", ["--debug", "two words", 'a"b', "a'b", "a\nb", "$HOME"])
def test_a_name_is_one_argument_whatever_is_in_it(desk: Desk, tmp_path: Path, name: str) -> None:
    """No shell sees it, and no dash makes an option of it."""
    path = script(tmp_path, f'for one in "$@"; do printf "%s\\0" "$one"; done > {tmp_path}/arguments')
    sessions = [Session("0" * 40, name, kind, ACME, "us-east-1") for kind in (Kind.SSO_SESSION, Kind.LEGACY)]

    told = []
    for session in sessions:
        desk.sign_in(Cli(str(path), (2, 99, 0)), session)
        told.append((tmp_path / "arguments").read_text().split("\0"))

    assert told == [["sso", "login", f"--sso-session={name}", ""], ["sso", "login", f"--profile={name}", ""]]


@posix
@pytest.mark.parametrize(
    ("named", "ignored"), [("AWS_ENDPOINT_URL", None), ("AWS_ENDPOINT_URL_SSO", None), ("AWS_ENDPOINT_URL_STS", "true")]
)
def test_the_environment_is_cleaned(desk: Desk, tmp_path: Path, named: str, ignored: str | None) -> None:
    """No prompts, no pager, no input, no BROWSER=true; a file's endpoints only where the environment has one."""
    path = script(tmp_path, f"cat > {tmp_path}/input; env -0 > {tmp_path}/environment")
    for name in [name for name in desk.environ if name.startswith("AWS_ENDPOINT_URL")]:
        del desk.environ[name]
    desk.environ[named] = "http://127.0.0.1:1"

    desk.sign_in(Cli(str(path), (2, 99, 0)), ACME_SESSION)

    told = dict(line.split("=", 1) for line in (tmp_path / "environment").read_text().split("\0") if line)
    names = ("AWS_CLI_AUTO_PROMPT", "AWS_PAGER", "BROWSER", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
    assert [told.get(name) for name in names] == ["off", "", None, ignored]
    assert (tmp_path / "input").read_bytes() == b""


@posix
def test_address_and_code_are_shown_together(desk: Desk, tmp_path: Path) -> None:
    """They are two lines of one writing: nobody is to see a page without the code that it must show."""
    cli = script(
        tmp_path / "bin", 'printf "Open:\\n\\nhttps://device.example/\\n\\nThen enter:\\n\\nABCD-EFGH\\n"; exit 1'
    )
    desk.sign_in(Cli(str(cli), (2, 9, 19)), ACME_SESSION)

    assert desk.pages == [Page("https://device.example/", "ABCD-EFGH")]


@posix
def test_success_without_a_token_is_none(desk: Desk, tmp_path: Path) -> None:
    """What the CLI says is not believed."""
    path = script(tmp_path, "echo Successfully logged into Start URL: x; exit 0")

    assert desk.sign_in(Cli(str(path), (2, 99, 0)), ACME_SESSION)[0] == SignInCode.FAILED


@posix
def test_a_flood_of_output_is_no_trouble(desk: Desk, tmp_path: Path) -> None:
    """Both pipes are read all the time, and bytes that are no text are text enough."""
    path = script(
        tmp_path,
        "yes 'a line of output' | head -c 3000000; head -c 3000000 /dev/zero >&2\n"
        "echo 'Read-only file system' >&2; exit 255",
    )

    assert desk.sign_in(Cli(str(path), (2, 99, 0)), ACME_SESSION)[0] == SignInCode.CACHE_NOT_WRITABLE


def test_a_cli_that_is_gone_fails(desk: Desk, tmp_path: Path) -> None:
    """It was uninstalled since it was found."""
    ended = desk.sign_in(Cli(str(tmp_path / "gone"), (2, 99, 0)), ACME_SESSION)

    assert ended == (SignInCode.FAILED, "The AWS CLI could not be started (FileNotFoundError).")


def test_an_old_v2_does_not_suit_an_sso_session(desk: Desk, tmp_path: Path) -> None:
    """It is not even started."""
    assert desk.sign_in(Cli(str(tmp_path / "gone"), (2, 8, 0)), ACME_SESSION)[0] == SignInCode.MISCONFIGURED


def test_an_endpoint_that_may_not_have_tokens_stops_the_sign_in(desk: Desk, tmp_path: Path) -> None:
    """The CLI would obey it."""
    desk.environ["AWS_ENDPOINT_URL_SSO_OIDC"] = "http://collector.invalid"

    assert desk.sign_in(Cli(str(tmp_path / "gone"), (2, 99, 0)), ACME_SESSION)[0] == SignInCode.MISCONFIGURED


# Finding it


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Mapping[str, str]]:
    """Give a function that returns an environment with just these folders, the usual places left out."""
    monkeypatch.setattr(login, "_USUAL_PLACES", ())
    return lambda *folders: {**os.environ, "PATH": os.pathsep.join(map(str, folders))}


@posix
def test_v1_is_passed_over_and_remembered(tmp_path: Path, only: Callable[..., Mapping[str, str]]) -> None:
    """Version 1 stands first on many a PATH; one that says nothing sensible counts for nothing."""
    silent = script(tmp_path / "silent", "exit 1")
    old = script(tmp_path / "old", "echo 'aws-cli/1.22.34 Python/3.10.12' >&2")
    new = script(tmp_path / "new", "echo aws-cli/2.31.7 Python/3.13.7 Linux/6.1 exe/x86_64")

    told = [login.find(only(*folders)) for folders in ((silent.parent, old.parent, new.parent), (old.parent,), ())]

    assert told == [Found(Cli(str(new), (2, 31, 7)), str(old)), Found(v1=str(old)), Found()]


@posix
def test_a_version_is_asked_for_once_until_the_file_changes(
    tmp_path: Path, only: Callable[..., Mapping[str, str]]
) -> None:
    """The real one takes most of a second to say it."""
    path = script(tmp_path / "bin", f"echo asked >> {tmp_path}/asked; echo aws-cli/2.31.7")
    for _ in range(3):
        login.find(only(path.parent))
    script(tmp_path / "bin", f"echo asked >> {tmp_path}/asked; echo aws-cli/2.32.0")
    changed = datetime.now(UTC) + timedelta(seconds=5)
    os.utime(path, (changed.timestamp(), changed.timestamp()))

    found = login.find(only(path.parent))

    assert ((tmp_path / "asked").read_text().split(), found.cli) == (["asked"] * 2, Cli(str(path), (2, 32, 0)))


@posix
def test_a_python_script_need_not_be_run_to_know_its_version(
    tmp_path: Path, only: Callable[..., Mapping[str, str]]
) -> None:
    """The package beside it says it, as to the script itself; one whose Python is gone is run, and says nothing."""
    (tmp_path / "bin" / "awscli").mkdir(parents=True)
    (tmp_path / "bin" / "awscli" / "__init__.py").write_text('__version__ = "2.30.1"\n')
    path = tmp_path / "bin" / "aws"
    for python, brief in ((sys.executable, Found(Cli(str(path), (2, 30, 1)))), ("/gone/python3", Found())):
        path.write_text(f"#!{python}\nimport awscli.clidriver\n")
        path.chmod(stat.S_IRWXU)

        assert (login.find(only(path.parent), brief=True), login.find(only(path.parent))) == (brief, Found())


@posix
def test_a_program_that_is_no_script_is_run_all_the_same(
    tmp_path: Path, only: Callable[..., Mapping[str, str]]
) -> None:
    """A shell script as well as one that is larger than any script."""
    path = script(tmp_path / "bin", f"echo aws-cli/2.31.7; exit\n#{'x' * login.MOST_OF_A_SCRIPT}")

    assert login.find(only(path.parent), brief=True).cli == Cli(str(path), (2, 31, 7))


@posix
def test_the_real_one_says_the_same_in_brief(real: Cli, aws_cli_v2: Path) -> None:
    """Whichever way it is packed."""
    environ = {**os.environ, "PATH": str(aws_cli_v2.parent)}
    login._versions.clear()

    assert login.find(environ, brief=True).cli == real


@posix
def test_a_command_that_does_not_answer_is_none(
    tmp_path: Path, only: Callable[..., Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrapper that waits for a network drive does not hold up a sign-in."""
    monkeypatch.setattr(login, "VERSION_SECONDS", 0.3)
    path = script(tmp_path / "bin", "exec sleep 60")

    assert login.find(only(path.parent, "relative/folder")) == Found()


def test_whether_a_browser_can_be_opened_is_asked_of_the_environment(tmp_path: Path) -> None:
    """BROWSER names one, or under WSL the command that opens Windows' own."""
    wslview = script(tmp_path, "", "wslview")
    environs: list[dict[str, str]] = [
        {"BROWSER": "firefox"},
        {"WSL_DISTRO_NAME": "Debian", "PATH": str(wslview.parent), "SSH_TTY": "x"},
        {"PATH": str(wslview.parent), "SSH_TTY": "x"},
    ]

    expected = [True, sys.platform != "win32", False]
    assert [login.can_open_browser(environ) for environ in environs] == expected
