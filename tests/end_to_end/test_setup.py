from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keeplit.sandbox.clients import ACME, CONFIG, environment, write_home
from keeplit.sandbox.directory import SMALL_COMPANY, Account, Directory
from keeplit.sandbox.server import Sandbox
from tests.end_to_end.machine import KEEPLIT, Machine, stand_in, until
from tests.engine.lit_laptop import Laptop

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is a thing of POSIX")
if sys.platform != "win32":
    from tests.end_to_end.terminal import CTRL_C, DOWN, ENTER, WITHOUT_CLI, Terminal, terminal

V1 = '#!/bin/sh\n[ "$1" = --version ] && echo "aws-cli/1.32.0 Python/3.11.6 Linux/6 botocore/1.34.0"\nexit 2\n'
V2 = '#!/bin/sh\n[ "$1" = --version ] && echo "aws-cli/2.15.0 Python/3.11.6 Linux/6 exe/x86_64"\nexit 2\n'
MANY = Directory(
    tuple(Account(f"{number:012}", f"Account {number:02}", ("ClaudeCode", "Other")) for number in range(1, 19))
)
ONLY = Directory((Account("111122223333", "Acme Production", ("ClaudeCode",)),))
NEW = ("setup", "--start-url", ACME, "--sso-region", "us-east-1", "--session", "acme")
CHOSEN = (*NEW, "--account", "111122223333", "--role", "ClaudeCode", "--region", "us-east-1", "--no-autostart")
LEGACY = f"""\
# since 2021
[profile old]
sso_start_url = {ACME}#/
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = ClaudeCode
region = us-east-1
"""
ONE = (
    CONFIG.partition("[sso-session beta]")[0]
    + "[profile work]\n"
    + CONFIG.split("[profile work]\n")[1].split("\n\n")[0]
)
KEYS = "[profile keys]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\nregion = us-east-1\n"


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Give a sandbox of the small company, or of the directory that the test names."""
    with Sandbox(directory=getattr(request, "param", SMALL_COMPANY)) as running:
        yield running


@pytest.fixture
def desk(own_home: Path, sandbox: Sandbox) -> Iterator[Machine]:
    """Give a newcomer's machine: no AWS config, no settings, an AWS CLI that is only asked for its version."""
    write_home(own_home, sandbox.url, config="")
    (own_home / ".aws" / "config").unlink()
    (own_home / ".aws").rmdir()
    environ = environment(own_home, sandbox.url)
    del environ["BROWSER"]  # a code is typed by hand
    environ["PATH"] = f"{stand_in(own_home / 'v2', 'aws', V2)}:/bin"
    found = Machine(Laptop(own_home, sandbox, environ))
    try:
        yield found
    finally:
        found.end()


@pytest.fixture
def signed_in(desk: Machine) -> Machine:
    """Give the machine with a token of acme, as a sign-in before left it."""
    desk.laptop.sign_in()
    return desk


def config(desk: Machine, text: str | None = None) -> str:
    """Return the AWS config, written first where a text is given."""
    file = desk.home / ".aws" / "config"
    if text is not None:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return file.read_text()


def settings(desk: Machine) -> dict[str, object]:
    """Return Claude Code's settings."""
    told: dict[str, object] = json.loads((desk.home / ".claude" / "settings.json").read_text())
    return told


def files(desk: Machine) -> dict[str, bytes]:
    """Return what a person has: config, settings and keeplit's own configuration; what keeplit remembers is its own."""
    return {
        str(path.relative_to(desk.home)): path.read_bytes()
        for place in (".aws/config", ".claude", ".config")
        for path in [desk.home / place, *(desk.home / place).rglob("*")]
        if path.is_file()
    }


def by_hand(desk: Machine, at: Terminal) -> None:
    """Sign in with the code that is shown."""
    at.sees("The page shows this code:")
    at.child.expect("[A-Z]{4}-[A-Z]{4}")
    assert desk.laptop.sandbox.identity.decide(at.child.after, "sam", approve=True) is not None


def rest(at: Terminal) -> None:
    """Answer all that is asked after the profile, as it is proposed."""
    at.answers("Which region's Bedrock", ENTER)
    at.answers("Where may requests travel?", ENTER)
    at.answers("Which model for your work?", ENTER)
    at.answers("Which small model", ENTER)
    at.answers("Keep the profile for", ENTER)
    at.answers("Show the time left", ENTER)
    at.answers("Start keeplit at login?", "n")
    at.answers("Call it once to be sure?", ENTER)


def test_a_newcomer_gets_from_nothing_to_a_lit_flame(desk: Machine) -> None:
    """One command, arrow keys and Enter: config, settings and pins are written, and one undo takes them back."""
    with terminal(desk, "setup") as at:
        at.answers("Start URL", ACME, ENTER)
        at.answers("Region of that portal", ENTER)
        by_hand(desk, at)
        at.answers("Which account?", DOWN, ENTER)
        at.answers("Which role?", ENTER)
        at.answers("Name of the profile:", ENTER)
        rest(at)
        at.answers("Shall it be so?", ENTER)
        at.sees("/status")
        at.sees("keeplit undo")
        assert at.ends() == 0, at.plain
    assert "[profile acme-production]\nsso_session = sso\nsso_account_id = 111122223333\n" in config(desk)
    assert settings(desk)["model"] == "us.anthropic.claude-sonnet-5"
    assert str(settings(desk)["statusLine"]["command"]).endswith("keeplit statusline")  # type: ignore[index]
    assert str(settings(desk)["awsAuthRefresh"]).endswith("keeplit login --for-claude")
    assert desk.laptop.calls("Converse") == []
    assert sorted(at.waits)[len(at.waits) // 2] < 0.2
    given = desk.run("credentials", "--profile", "acme-production")
    assert "AccessKeyId" in given.stdout, given.stderr
    undone = desk.run("undo")
    assert (undone.returncode, files(desk)) == (0, {}), undone


def test_what_is_typed_is_judged_while_it_is_typed(desk: Machine) -> None:
    """What is still wrong stands below it before Enter, and goes as soon as nothing is; Enter waits for that."""
    with terminal(desk, "setup") as at:
        at.answers("Start URL", "https://acme.awsapps.com")
        at.becomes("what is still missing", lambda shown: "it ends in /start" in shown)
        at.child.send(ENTER)
        at.child.send("/start")
        at.becomes("nothing is missing", lambda shown: "/start\n" in shown and "it ends in" not in shown)
        at.child.send(ENTER)
        at.answers("Region of that portal", "x")
        at.becomes("no region", lambda shown: "AWS has no region 'us-east-1x'; did you mean 'us-east-1'" in shown)
        at.child.send(CTRL_C)
        assert at.ends() == 1
    assert files(desk) == {}


def test_back_proposes_what_was_answered(signed_in: Machine) -> None:
    """Nobody types a start URL twice; the last page itself begins at Apply again."""
    known = [word for question, words in FLAGS.items() if question not in ASKED for word in words]
    with terminal(signed_in, "setup", "--session", "acme", *known) as at:
        at.answers(ASKED[0], ACME, ENTER)
        at.answers(ASKED[1], "\x15", "mine", ENTER)
        at.answers("Shall it be so?", DOWN, DOWN, ENTER)
        for question in (*ASKED, "Shall it be so?"):
            at.answers(question, ENTER)
        assert at.ends() == 0, at.plain
    assert "[profile mine]" in config(signed_in)


def test_the_row_of_the_status_line_comes_by_a_flag(signed_in: Machine) -> None:
    """Beside a person's own, in the plan's diff and in the settings, once; one undo takes it back."""
    place = signed_in.home / ".claude" / "settings.json"
    place.parent.mkdir()
    place.write_text('{"statusLine": {"type": "command", "command": "mine"}}')
    known = (*CHOSEN, "--model", "sonnet", "--haiku", "haiku")
    plan = signed_in.run(*known, "--statusline", "--plan")
    assert "keeplit statusline --with 'mine'" in plan.stdout, plan
    said = signed_in.run(*known, "--statusline", "--yes")
    assert (said.returncode, "keeplit's row is added" in said.stdout) == (0, True), said
    assert str(settings(signed_in)["statusLine"]["command"]).endswith("statusline --with 'mine'")  # type: ignore[index]
    again = signed_in.run("setup", "--statusline", "--no-autostart", "--yes")
    assert "all is so already" in again.stdout
    assert signed_in.run("undo").returncode == 0
    assert settings(signed_in)["statusLine"] == {"type": "command", "command": "mine"}


def test_a_second_run_changes_nothing(signed_in: Machine) -> None:
    """Nor does it write: the same bytes, the same journal."""
    assert signed_in.run(*CHOSEN, "--yes").returncode == 0
    before, journal = files(signed_in), signed_in.laptop.paths.journal.read_bytes()
    for given in (("setup", "--no-autostart"), CHOSEN):
        again = signed_in.run(*given, "--yes")
        assert (again.returncode, "all is so already" in again.stdout) == (0, True), again
    assert (files(signed_in), signed_in.laptop.paths.journal.read_bytes()) == (before, journal)
    assert "statusLine" not in settings(signed_in)
    assert signed_in.laptop.calls("Converse") == []


def test_a_plan_shows_every_file_and_writes_none(desk: Machine) -> None:
    """Nobody signs in, nobody is asked, and nothing of it is left."""
    before = sorted(desk.home.rglob("*"))
    said = desk.run(*CHOSEN, "--plan")
    assert said.returncode == 0, said
    for line in (
        "+[sso-session acme]",
        "+[profile claudecode]",
        '+profile = "claudecode"',
        '+    "AWS_REGION": "us-east-1"',
    ):
        assert line in said.stdout
    assert sorted(desk.home.rglob("*")) == before
    assert desk.laptop.sandbox.log.of("RegisterClient") == ()


def test_a_plan_shows_no_secret(signed_in: Machine) -> None:
    """Whatever stands beside what is changed, in one line or many."""
    place = signed_in.home / ".claude" / "settings.json"
    place.parent.mkdir()
    place.write_text('{"env": {"MY_API_TOKEN": "hush-hush", "A": "shown"}}')
    said = signed_in.run(*CHOSEN, "--plan")
    assert ("hush-hush" in said.stdout, "(hidden)" in said.stdout, "shown" in said.stdout) == (False, True, True)


def test_one_profile_that_is_there_takes_one_answer(signed_in: Machine) -> None:
    """Everything else is known or proposed, and stands on the last page."""
    config(signed_in, ONE)
    with terminal(signed_in, "setup", "--no-autostart", "--no-call", "--no-statusline") as at:
        at.answers("Shall it be so?", ENTER)
        assert at.ends() == 0, at.plain
    assert settings(signed_in)["env"]["AWS_PROFILE"] == "work"  # type: ignore[index]


def test_a_legacy_profile_is_upgraded_after_a_yes(desk: Machine) -> None:
    """It is said why; the comment stays, the start URL moves, and the new sign-in can be renewed."""
    config(desk, LEGACY)
    with terminal(desk, "setup", "--no-autostart") as at:
        at.sees("a browser opens every 8 hours")
        at.answers("Upgrade it?", ENTER)
        by_hand(desk, at)
        at.answers("Show the time left", ENTER)
        at.answers("Call it once to be sure?", "n")
        at.answers("Shall it be so?", DOWN, ENTER)
        at.sees("+sso_session = sso")
        at.answers("Shall it be so?", ENTER)
        assert at.ends() == 0, at.plain
    text = config(desk)
    assert desk.run("undo").returncode == 0
    assert config(desk) == LEGACY
    assert text.startswith("# since 2021\n[profile old]\nsso_account_id")
    assert "sso_session = sso\n\n[sso-session sso]\nsso_start_url = " + ACME in text


def test_of_two_sessions_a_person_chooses_the_profile(signed_in: Machine) -> None:
    """The list tells account and role of each; nothing of the other session is touched."""
    text = config(signed_in, CONFIG)
    with terminal(signed_in, "setup", "--no-autostart", "--region", "us-east-1") as at:
        at.answers("Which profile shall Claude Code use?", ENTER)
        at.answers("Show the time left", "n")
        at.answers("Call it once to be sure?", "n")
        at.answers("Shall it be so?", ENTER)
        assert at.ends() == 0, at.plain
    assert config(signed_in) == text
    assert "another one: sign in and make it" in at.plain
    assert settings(signed_in)["env"]["AWS_PROFILE"] == "work"  # type: ignore[index]


@pytest.mark.parametrize("sandbox", [MANY], indirect=True)
def test_of_eighteen_accounts_one_is_found_by_typing(signed_in: Machine) -> None:
    """All of them are there, page by page, and a few letters find one."""
    with terminal(signed_in, *NEW, "--role", "ClaudeCode", "--profile", "mine", "--region", "us-east-1") as at:
        at.answers("Which account?", "17", ENTER)
        at.answers("Which model for your work?", CTRL_C)
        assert at.ends() == 1
    assert "Which account? Account 17" in at.plain
    assert signed_in.laptop.calls("ListAccounts") == ["200", "200"]


@pytest.mark.parametrize("sandbox", [ONLY], indirect=True)
def test_a_single_account_and_role_are_taken_unasked(signed_in: Machine) -> None:
    """Nothing is asked that has one answer."""
    said = signed_in.run(*NEW, "--region", "us-east-1", "--no-autostart", "--yes")
    assert said.returncode == 0, said
    assert "Account: Acme Production (111122223333)\n" in said.stdout
    assert "Role: ClaudeCode\n" in said.stdout


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        (".aws/config", "nonsense\n[default]\n", "line 1"),
        (".claude/settings.json", '{"env": {,}}', "settings.json"),
        (".config/keeplit/config.toml", "[claude", "config.toml"),
    ],
)
def test_a_broken_file_is_said_before_anything_is_asked(desk: Machine, file: str, text: str, said: str) -> None:
    """With where it is broken; it stays as it is."""
    (desk.home / file).parent.mkdir(parents=True, exist_ok=True)
    (desk.home / file).write_text(text)
    with terminal(desk, "setup") as at:
        assert at.ends() == 1
    assert said in at.plain.replace("\n", "")
    assert "Start URL" not in at.plain
    assert (desk.home / file).read_text() == text


@pytest.mark.parametrize(("program", "said"), [("", "No AWS CLI is installed"), (V1, "is AWS CLI v1")])
def test_without_aws_cli_v2_a_code_is_as_good(desk: Machine, program: str, said: str) -> None:
    """It is said what is missing, and the sign-in goes on with a code."""
    desk.environ["PATH"] = str(stand_in(desk.home / "bin", "aws" if program else "other", program or "#!/bin/sh\n"))
    with terminal(desk, *CHOSEN, keeplit=WITHOUT_CLI) as at:
        at.sees(said)
        by_hand(desk, at)
        at.answers("Name of the profile:", CTRL_C)
        assert at.ends() == 1
    assert "shows a code, which is as good" in at.plain.replace("\n", " ")


QUESTIONS = (
    "Start URL",
    "Region of that portal",
    "Which account?",
    "Which role?",
    "Name of the profile:",
    "Which region's Bedrock",
    "Where may requests travel?",
    "Which model for your work?",
    "Which small model",
    "Keep the profile for",
    "Show the time left",
    "Start keeplit at login?",
    "Call it once to be sure?",
    "Shall it be so?",
)
FLAGS: dict[str, tuple[str, ...]] = {
    "Start URL": ("--start-url", ACME),
    "Region of that portal": ("--sso-region", "us-east-1"),
    "Which account?": ("--account", "111122223333"),
    "Which role?": ("--role", "ClaudeCode"),
    "Name of the profile:": ("--profile", "mine"),
    "Which region's Bedrock": ("--region", "us-east-1"),
    "Which model for your work?": ("--model", "sonnet"),
    "Which small model": ("--haiku", "haiku"),
    "Keep the profile for": ("--no-isolate",),
    "Show the time left": ("--no-statusline",),
    "Start keeplit at login?": ("--no-autostart",),
    "Call it once to be sure?": ("--no-call",),
}


ASKED = ("Start URL", "Name of the profile:")


@pytest.mark.parametrize("questions", [QUESTIONS[:5], QUESTIONS[5:9], QUESTIONS[9:]])
def test_ctrl_c_at_any_question_leaves_nothing(signed_in: Machine, questions: tuple[str, ...]) -> None:
    """Whoever leaves before the end has changed nothing, and no draft is left; flags answer what was asked before."""
    for question in questions:
        travels = question == "Where may requests travel?"  # it is asked of whoever chose the region by hand
        known = [word for each in QUESTIONS[: QUESTIONS.index(question) - travels] for word in FLAGS.get(each, ())]
        with terminal(signed_in, "setup", "--session", "acme", *known, TMPDIR=str(signed_in.home)) as at:
            if travels:
                at.answers("Which region's Bedrock", ENTER)
            at.answers(question, CTRL_C)
            assert at.ends() == 1, at.plain
        assert "nothing is left half done" in at.plain
        assert not any(f"? {each}" in at.plain for each in QUESTIONS if each in FLAGS and FLAGS[each][0] in known)
        assert files(signed_in) == {}
        assert list(signed_in.home.glob("keeplit-setup-*")) == []


@pytest.mark.parametrize(
    ("text", "refresh", "question"),
    [
        (LEGACY, "", "Upgrade it?"),
        (CONFIG, "", "Which profile shall Claude Code use?"),
        (ONE.replace("sso_registration_scopes = sso:account:access\n", ""), "", "Add it?"),
        (ONE, "aws sso login", "Put keeplit's in its place?"),
    ],
)
def test_ctrl_c_at_a_question_that_few_are_asked(signed_in: Machine, text: str, refresh: str, question: str) -> None:
    """What is there stays as it is."""
    config(signed_in, text)
    place = signed_in.home / ".claude" / "settings.json"
    place.parent.mkdir()
    place.write_text(json.dumps({"awsAuthRefresh": refresh} if refresh else {}))
    before = files(signed_in)
    with terminal(signed_in, "setup", TMPDIR=str(signed_in.home)) as at:
        at.answers(question, CTRL_C)
        assert at.ends() == 1, at.plain
    assert files(signed_in) == before
    assert list(signed_in.home.glob("keeplit-setup-*")) == []


def test_a_terminal_that_is_closed_leaves_nothing(signed_in: Machine) -> None:
    """The draft goes with it, as after Ctrl-C."""
    with terminal(signed_in, *NEW, TMPDIR=str(signed_in.home)) as at:
        at.sees("Which account?")
        assert list(signed_in.home.glob("keeplit-setup-*")) != []
        os.kill(at.child.pid, signal.SIGHUP)
        until(lambda: list(signed_in.home.glob("keeplit-setup-*")) == [], what="the end of the draft")
    assert files(signed_in) == {}


def test_ctrl_c_while_a_person_signs_in_ends_the_sign_in(desk: Machine) -> None:
    """Nobody waits for it any more, so no process of it is left."""
    with terminal(desk, *CHOSEN) as at:
        at.sees("The page shows this code:")
        at.child.send(CTRL_C)
        assert at.ends() == 1
    assert desk.record().sign_in.code in {"cancelled", "running"}
    assert files(desk) == {}


def test_three_lines_are_enough(signed_in: Machine) -> None:
    """In a terminal too small for lists, numbers do."""
    with terminal(signed_in, "setup", "--session", "acme", "--no-isolate", lines=3) as at:
        at.answers("Start URL", ACME, ENTER)
        at.answers("Region of that portal", ENTER)
        at.answers("Which account?", "2", ENTER)
        at.answers("Which role?", "1", ENTER)
        for question in ("Name of the profile:", *QUESTIONS[5:9]):
            at.answers(question, ENTER)
        at.answers("Show the time left", "n", ENTER)
        at.answers("Start keeplit at login?", "n", ENTER)
        at.answers("Call it once to be sure?", ENTER)
        at.answers("Shall it be so?", "1", ENTER)
        assert at.ends() == 0, at.plain
        assert len(at.screen) == 3
    assert "[profile acme-production]" in config(signed_in)


def test_no_color_is_obeyed(signed_in: Machine) -> None:
    """Not one colour is sent to a terminal that wants none (no-color.org)."""
    with terminal(signed_in, *NEW, "--account", "111122223333", NO_COLOR="1") as at:
        at.answers("Which role?", CTRL_C)
        assert at.ends() == 1
    assert "\x1b[3" not in at.seen.text
    assert "\x1b[38" not in at.seen.text


FILLED = "https://acme.awsapps.com/start\nyes\n"


@pytest.mark.parametrize(
    ("given", "flag", "stdin"),
    [
        (("setup",), "--start-url URL", ""),
        (("setup",), "--start-url URL", FILLED),
        (NEW[:3], "--sso-region R", FILLED),
        (NEW, "--account ID", ""),
        (CHOSEN, "--yes", FILLED),
    ],
)
def test_where_nobody_can_be_asked_the_flag_is_named(
    signed_in: Machine, given: tuple[str, ...], flag: str, stdin: str
) -> None:
    """Neither an empty nor a filled pipe is a person: exit 2, and nothing is written."""
    said = signed_in.program(*KEEPLIT, *given, input=stdin, stdin=None)
    assert (said.returncode, f"Say it: {flag}" in said.stderr) == (2, True), said
    assert files(signed_in) == {}


def test_yes_never_calls_the_model(signed_in: Machine) -> None:
    """To ask for both is wrong usage."""
    said = signed_in.run(*CHOSEN, "--yes", "--call")
    assert (said.returncode, "--yes never calls" in said.stderr) == (2, True)
    assert signed_in.laptop.calls("Converse") == []  # nor does --yes alone: test_a_second_run_changes_nothing


def test_other_credentials_go_through_and_it_is_said_what_nothing_renews(desk: Machine) -> None:
    """Access keys are taken as they are, and no helper is written for them."""
    text = config(desk, KEYS)
    said = desk.run("setup", "--profile", "keys", "--yes")
    assert said.returncode == 0, said
    assert "access keys: nothing renews them" in said.stdout
    assert "At login       nothing starts" in said.stdout
    assert (settings(desk)["env"]["AWS_PROFILE"], "awsAuthRefresh" in settings(desk)) == ("keys", False)  # type: ignore[index]
    assert config(desk) == text


def test_a_step_that_this_machine_cannot_do_is_told(signed_in: Machine) -> None:
    """No start at login: the rest is done, and setup ends well."""
    (signed_in.home / ".config").mkdir()
    (signed_in.home / ".config" / "autostart").write_text("a file where a folder belongs")
    said = signed_in.run(*CHOSEN[:-1], "--yes")
    assert said.returncode == 0, said
    assert "does not start at login here" in said.stdout
    assert settings(signed_in)["model"]


def test_a_name_that_is_none_gets_the_nearest(signed_in: Machine) -> None:
    """A typing error makes no new profile."""
    config(signed_in, CONFIG)
    said = signed_in.run("setup", "--profile", "wrok", "--yes")
    assert (said.returncode, "did you mean 'work'" in said.stderr) == (1, True), said


def test_a_model_that_the_region_lacks_gets_the_nearest(signed_in: Machine) -> None:
    """Nothing is written for it."""
    said = signed_in.run(*CHOSEN, "--yes", "--model", "eu.anthropic.claude-opus-5")
    assert (said.returncode, "us.anthropic.claude-opus-5" in said.stderr) == (1, True), said
    assert files(signed_in) == {}


def test_the_flame_is_lit_at_the_end(signed_in: Machine) -> None:
    """It starts at login and now: the daemon keeps the new session from that moment on; one undo takes all back."""
    said = signed_in.run(*CHOSEN[:-1], "--yes")
    assert said.returncode == 0, said
    assert "Take it back: keeplit undo\nNo start at login: keeplit autostart disable\n" in said.stdout
    until(signed_in.is_fresh, what="the new session in the status")
    again = signed_in.run("setup", "--yes")
    assert (again.returncode, "all is so already" in again.stdout) == (0, True), again
    undone = signed_in.run("undo")
    assert undone.returncode == 0, undone
    assert [name for name in files(signed_in) if not name.startswith(".config/autostart/")] == []
