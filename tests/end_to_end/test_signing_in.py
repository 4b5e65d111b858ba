from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from time import monotonic

import pytest

from keeplit.adapters import sign_in_files
from keeplit.sandbox.clients import ACME, CONFIG
from keeplit.sandbox.nouns import Lifetimes
from keeplit.sandbox.person import Person
from tests.end_to_end.conftest import TAB_OPENED
from tests.end_to_end.machine import HOUR, Machine, machine, seconds, stand_in, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the AWS CLI is found another way there")

V1 = '#!/bin/sh\n[ "$1" = --version ] && echo "aws-cli/1.32.0 Python/3.11.6 Linux/6 botocore/1.34.0"\nexit 2\n'


@pytest.fixture
def with_cli(desk: Machine, aws_cli_v2: Path) -> Machine:
    """Give a machine with a real AWS CLI v2 first on its PATH."""
    folder = desk.home / "v2"
    folder.mkdir()
    (folder / "aws").symlink_to(aws_cli_v2)
    desk.put_first(folder)
    return desk


@pytest.fixture
def without_cli(desk: Machine) -> Machine:
    """Give a machine on whose PATH there is no AWS CLI at all."""
    desk.environ["PATH"] = str(stand_in(desk.home / "none", "true", "#!/bin/sh\n"))
    return desk


def by_hand(desk: Machine, process: object, *, approve: bool = True) -> str:
    """Read the code that a command shows, decide on it, and return it."""
    line = ""
    while not line.startswith("The page shows this code"):
        line = process.stdout.readline()  # type: ignore[attr-defined]
        assert line, process.communicate()  # type: ignore[attr-defined]
    code = line.rpartition(" ")[2].strip()
    assert desk.laptop.sandbox.identity.decide(code, "sam", approve=approve) is not None
    return code


def test_the_daemon_signs_in_through_the_real_cli(own_home: Path, aws_cli_v2: Path) -> None:
    """A sign-in that an administrator ends is renewed by one tab of AWS CLI v2, and AWS commands work again."""
    lives = Lifetimes(access_token=seconds(20))
    with machine(own_home, lifetimes=lives) as desk:
        (desk.home / "v2").mkdir()
        (desk.home / "v2" / "aws").symlink_to(aws_cli_v2)
        desk.put_first(desk.home / "v2")
        desk.laptop.sign_in(seconds(20))
        desk.daemon()
        until(desk.is_fresh)
        assert desk.laptop.sandbox.sessions.revoke(ACME) == 1
        until(lambda: desk.tabs, within=60, what="the tab")
        until(lambda: desk.record() and desk.record().sign_in.code == "signed_in", what="the sign-in's end")
        until(desk.is_fresh)
        told = desk.program(str(aws_cli_v2), "sts", "get-caller-identity", "--profile", "work")
        assert json.loads(told.stdout)["Account"] == "111122223333", told.stderr
        assert desk.tabs == 1
        assert not desk.record().sign_in.asked


def test_three_logins_at_once_are_one_tab(with_cli: Machine) -> None:
    """Of three `keeplit login` at once one opens a tab, and all three end well."""
    with_cli.laptop.person(Person(after=1.0))
    commands = [with_cli.start("login") for _ in range(3)]
    said = [command.communicate(timeout=60) for command in commands]
    assert [command.returncode for command in commands] == [0, 0, 0], said
    assert with_cli.tabs == 1
    assert all("Signed in to acme." in out for out, _ in said)


def test_a_login_without_patience_leaves_the_runner(desk: Machine, waiting_cli: Path) -> None:
    """`login --timeout 1` ends with 3 while its runner goes on; the next login joins it, and a cancel ends both."""
    desk.put_first(waiting_cli)
    desk.laptop.sign_in()
    impatient = desk.run("login", "--timeout", "1")
    assert impatient.returncode == 3
    assert "goes on by itself" in impatient.stderr
    record = desk.record().sign_in
    assert record.running
    joined = desk.start("login")
    assert joined.stdout.readline().startswith("Sign in here:")  # type: ignore[union-attr]
    sign_in_files.ask_cancel(desk.laptop.paths.own, record)
    out, err = joined.communicate(timeout=20)
    assert (joined.returncode, "cancelled" in err) == (1, True), (out, err)
    assert (desk.home / "tabs").read_text().count("\n") == 1
    assert desk.record().sign_in.code == "cancelled"
    until(lambda: desk.processes("sleep") == [], what="the end of the CLI")


def test_a_denied_login_says_so(with_cli: Machine) -> None:
    """A sign-in that the person denies ends with 1 and says so; the token cache stays as it was."""
    with_cli.laptop.person(Person("deny"))
    said = with_cli.run("login")
    assert (said.returncode, "denied" in said.stderr) == (1, True), said
    assert not with_cli.laptop.token_file.exists()
    assert with_cli.record().sign_in.code == "denied"


@pytest.mark.parametrize("which", [("--session", "beta"), ("--profile", "old")])
def test_a_registration_that_aws_forgot_costs_a_login_nothing(with_cli: Machine, which: tuple[str, str]) -> None:
    """A real AWS CLI fails for ever with a registration that AWS forgot; `login` replaces it, and opens one tab."""
    assert with_cli.run("login", *which).returncode == 0
    assert with_cli.run("logout", *which).returncode == 0
    assert with_cli.laptop.sandbox.identity.forget_registrations() == 1
    aws = with_cli.program("aws", "sso", "login", "--profile", "client" if "beta" in which else "old")
    assert "InvalidClientException" in aws.stderr
    again = with_cli.run("login", *which)
    assert again.returncode == 0, again.stderr
    assert with_cli.tabs == 2
    assert with_cli.laptop.calls("StartDeviceAuthorization") == ["200", *["InvalidClientException"] * 2, "200"]


def test_a_closed_tab_is_waited_for_until_the_code_ends(own_home: Path, aws_cli_v2: Path) -> None:
    """A tab that is closed looks like one that nobody answered: the login ends when the code does."""
    with machine(own_home, lifetimes=Lifetimes(device_code=seconds(3))) as desk:
        desk.laptop.person(Person("close"))
        (desk.home / "v2").mkdir()
        (desk.home / "v2" / "aws").symlink_to(aws_cli_v2)
        desk.put_first(desk.home / "v2")
        said = desk.run("login")
        assert said.returncode == 1
        assert desk.record().sign_in.code in {"timed_out", "closed", "failed"}
        assert desk.tabs == 1


def test_a_code_is_enough_without_any_cli(without_cli: Machine) -> None:
    """`login --no-browser` without an AWS CLI shows address and code at once, opens nothing, and ends well."""
    login = without_cli.start("login", "--no-browser")
    by_hand(without_cli, login)
    out, err = login.communicate(timeout=30)
    assert login.returncode == 0, err
    assert "Signed in to acme." in out
    assert without_cli.laptop.token["refreshToken"]
    assert without_cli.laptop.token_file.stat().st_mode & 0o777 == 0o600
    assert without_cli.tabs == 0


def test_a_code_is_enough_with_an_old_cli(desk: Machine) -> None:
    """With AWS CLI v1 alone, which cannot sign in, `login --no-browser` takes our own device flow."""
    desk.environ["PATH"] = str(stand_in(desk.home / "v1", "aws", V1))
    login = desk.start("login", "--no-browser")
    by_hand(desk, login)
    out, err = login.communicate(timeout=30)
    assert login.returncode == 0, (out, err)


def test_a_code_that_is_denied_says_so(without_cli: Machine) -> None:
    """A device code that the person denies ends with 1."""
    login = without_cli.start("login", "--no-browser")
    by_hand(without_cli, login, approve=False)
    out, err = login.communicate(timeout=30)
    assert (login.returncode, "denied" in err) == (1, True), (out, err)


def test_a_token_of_our_own_code_is_renewed(without_cli: Machine) -> None:
    """What our own device flow wrote is a token that the daemon renews silently."""
    login = without_cli.start("login", "--no-browser")
    by_hand(without_cli, login)
    assert login.wait(30) == 0
    before = without_cli.digest
    token = without_cli.laptop.token
    token["expiresAt"] = "2020-01-01T00:00:00Z"
    without_cli.laptop.token_file.write_text(json.dumps(token))
    assert without_cli.run("daemon", "--once").returncode == 0
    assert without_cli.digest not in {before, ""}, without_cli.log


def test_extend_moves_the_end(own_home: Path) -> None:
    """`extend` names every session that it ends, signs out of the old sign-in alone, and begins a new one."""
    twin = CONFIG + f"[sso-session twin]\nsso_start_url = {ACME}\nsso_region = us-east-1\n"
    with machine(own_home) as desk:
        (desk.home / ".aws" / "config").write_text(twin)
        desk.laptop.sign_in()
        other = desk.laptop.token_file.with_name("f" * 40 + ".json")
        other.write_text("{}")
        first = desk.laptop.sandbox.sessions.all()[0]
        extend = desk.start("extend", "--no-browser")
        shown = extend.stdout.readline()  # type: ignore[union-attr]
        assert "acme" in shown
        assert "twin" in shown
        by_hand(desk, extend)
        out, err = extend.communicate(timeout=30)
        assert extend.returncode == 0, (out, err)
        sessions = desk.laptop.sandbox.sessions.all()
        assert [one.ended for one in sessions] == [True, False]
        assert sessions[1].ends_at > first.ends_at
        assert other.read_text() == "{}"


def test_logout_deletes_this_token_alone(desk: Machine) -> None:
    """`logout` ends the sign-in at the portal and deletes its token file and our copy; all other files stay."""
    desk.laptop.sign_in()
    assert desk.run("daemon", "--once").returncode == 0
    paths = desk.laptop.paths
    kept = paths.own / f"{desk.laptop.token_file.stem}.token.json"
    assert kept.exists()
    other = desk.laptop.token_file.with_name("f" * 40 + ".json")
    other.write_text("{}")
    said = desk.run("logout")
    assert (said.returncode, said.stdout) == (0, "Signed out of acme.\n")
    assert desk.laptop.calls("Logout") == ["200"]
    assert not desk.laptop.token_file.exists()
    assert not kept.exists()
    assert other.exists()
    assert desk.run("daemon", "--once").returncode == 0
    assert desk.session()["state"] == "signed_out"
    assert desk.tabs == 0


def test_two_sessions_of_one_portal_sign_in_one_after_the_other(own_home: Path) -> None:
    """Two sessions with one start URL never have two codes open at once, and both end well."""
    twin = CONFIG + f"[sso-session twin]\nsso_start_url = {ACME}/\nsso_region = us-east-1\n"
    twin += "sso_registration_scopes = sso:account:access\n"
    with machine(own_home) as desk:
        (desk.home / ".aws" / "config").write_text(twin)
        first = desk.start("login", "--session", "acme", "--no-browser")
        until(lambda: desk.laptop.calls("StartDeviceAuthorization"), what="the first code")
        second = desk.start("login", "--session", "twin", "--no-browser")
        until(lambda: len(desk.runners()) > 1 or desk.processes("twin"), what="the second login")
        until(lambda: len(desk.runners()) == 1, what="a second runner that does not wait")
        assert len(desk.laptop.calls("StartDeviceAuthorization")) == 1
        by_hand(desk, first)
        assert first.wait(30) == 0
        by_hand(desk, second)
        assert second.wait(30) == 0, second.communicate()
        assert len(desk.laptop.calls("StartDeviceAuthorization")) == 2
        assert len(list(desk.laptop.token_file.parent.glob("*.json"))) == 4


def test_a_login_waits_while_another_session_signs_in(desk: Machine, waiting_cli: Path) -> None:
    """A login that another session of the portal holds up starts no process after process, and says whose it is."""
    config = desk.home / ".aws" / "config"
    config.write_text(CONFIG + f"[sso-session twin]\nsso_start_url = {ACME}\nsso_region = us-east-1\n")
    desk.put_first(waiting_cli)
    assert desk.run("login", "--session", "twin", "--timeout", "1").returncode == 3
    began = monotonic()
    held_up = desk.run("login", "--session", "acme", "--timeout", "3")
    assert (held_up.returncode, "twin" in held_up.stderr) == (3, True), held_up
    assert monotonic() - began < 8
    assert (desk.home / "tabs").read_text().count("\n") == 1
    assert len(desk.runners()) == 1


def test_a_killed_runner_is_a_failed_sign_in(desk: Machine, waiting_cli: Path) -> None:
    """Who waits for a runner that is killed is told so at once, and whoever joined it too."""
    desk.put_first(waiting_cli)
    first = desk.start("login")
    until(lambda: (desk.home / "tabs").exists() and desk.record().page, what="the page")
    second = desk.start("login")
    second.stdout.readline()  # type: ignore[union-attr]
    os.kill(desk.record().runner, signal.SIGKILL)
    for command in (first, second):
        out, err = command.communicate(timeout=10)
        assert (command.returncode, "failed" in err) == (1, True), (out, err)
    assert desk.record().sign_in.code == "failed"


def test_a_runner_that_is_told_to_end_takes_the_cli_along(desk: Machine, waiting_cli: Path) -> None:
    """SIGTERM of the runner ends the AWS CLI too, and its record says how it ended."""
    desk.put_first(waiting_cli)
    assert desk.run("login", "--timeout", "1").returncode == 3
    until((desk.home / "tabs").exists)
    (runner,) = desk.runners()
    os.kill(runner, signal.SIGTERM)
    until(lambda: not desk.runners(), within=10, what="the runner's end")
    assert desk.processes("sleep") == []
    assert desk.record().sign_in.code == "failed"


def test_a_sign_in_by_hand_ends_the_one_that_waits(desk: Machine, waiting_cli: Path) -> None:
    """A login that waits ends well as soon as somebody signed in by another way."""
    desk.put_first(waiting_cli)
    login = desk.start("login")
    until((desk.home / "tabs").exists, what="the tab")
    desk.laptop.sign_in(2 * HOUR)
    out, err = login.communicate(timeout=20)
    assert login.returncode == 0, (out, err)
    assert desk.processes("sleep") == []


@pytest.mark.parametrize(
    "name", ["it's", 'a "b"', "two words", "-x", "--json", "naïve ✓", "$(touch pwned)", "a;b|c", "%s%n", "line\nbreak"]
)
def test_no_name_of_a_profile_is_more_than_a_name(own_home: Path, name: str) -> None:
    """Whatever a profile's name holds, `login --profile=` and `profiles --json` take it for a name and nothing else."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    more = f'\n[profile "{quoted}"]\nsso_session = acme\nsso_account_id = 111122223333\nsso_role_name = ClaudeCode\n'
    with machine(own_home) as desk:
        (desk.home / ".aws" / "config").write_text(CONFIG + (more if "\n" not in name else ""), "utf-8")
        desk.put_first(stand_in(desk.home / "waiting", "aws", TAB_OPENED))
        listed = desk.run("profiles", "--json")
        names = [profile["name"] for profile in json.loads(listed.stdout)["profiles"]]
        login = desk.run("login", f"--profile={name}", "--timeout", "1")
        assert "Traceback" not in login.stderr + listed.stderr
        if name in names:
            assert login.returncode == 3, login
        else:
            assert login.returncode == 1, login
            assert "no profile" in login.stderr
        assert not (desk.home / "pwned").exists()


@pytest.mark.soak
def test_many_logins_at_once_are_one_tab(own_home: Path, aws_cli_v2: Path) -> None:
    """Ten logins at once, ten times over: one tab each time, and all end well."""
    with machine(own_home) as desk:
        (desk.home / "v2").mkdir()
        (desk.home / "v2" / "aws").symlink_to(aws_cli_v2)
        desk.put_first(desk.home / "v2")
        desk.laptop.person(Person(after=2.0))
        for number in range(1, 11):
            commands = [desk.start("login") for _ in range(10)]
            said = [command.communicate(timeout=110) for command in commands]
            assert [command.returncode for command in commands] == [0] * 10, said
            assert desk.tabs == number
