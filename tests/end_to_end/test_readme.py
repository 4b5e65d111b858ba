"""The README is true: what it names exists, what it shows is what is printed, and no command is left out."""

from __future__ import annotations

import ast
import os
import re
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from botocore import xform_name
from botocore.session import get_session

from keeplit import __version__
from keeplit.adapters import bedrock, clock, config, files, paths
from keeplit.adapters.their_statusline import PATIENCE
from keeplit.adapters.watch import LOOK_SECONDS
from keeplit.core.clocks import LONGEST_MARGIN, NOTICE_TIME
from keeplit.core.explain import explain
from keeplit.core.folders import config_folder, state_folder
from keeplit.core.in_use import ASKED_FOR
from keeplit.core.permission import AT_HAND_FOR
from keeplit.core.settings import MOST_REPAIRS, SETTLE
from keeplit.core.settings_compared import STALE_COPY_WITHIN
from keeplit.core.statusline import CLOSE
from keeplit.core.tray_help import INSTALL
from keeplit.core.usage import STEPS
from keeplit.engine import crashes
from keeplit.ui import cli, looking
from keeplit.ui.tray_whole import PICTURES
from keeplit.ui.usage_command import LISTED_DAYS
from tests.desktop.kept_picture import ASSETS, kept, timeless

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
TEXT = " ".join(README.split())
NAMED = re.compile(r"`(?:[a-z]+ \| )?keeplit ((?:\\\||[^`])+)`")


@pytest.fixture(scope="module")
def commands() -> dict[str, click.Command]:
    """Give every command by name, those of groups as "autostart enable"."""
    context = click.Context(cli.cli)
    found: dict[str, click.Command] = {}
    for name in cli.cli.list_commands(context):
        command = cli.cli.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {one}": below for one, below in command.commands.items()}
    return found


def spelled(text: str) -> list[str]:
    """Return the words of a command as a table spells it: alternatives apart, brackets off."""
    return re.sub(r"\\?\||[\[\]\"…]", " ", text).split()


def test_every_command_and_option_that_it_names_exists(commands: dict[str, click.Command]) -> None:
    """In sentences, tables and code."""
    shown = [line.removeprefix("$ ").partition("#")[0] for block in code("sh") for line in block.splitlines()]
    named = [found[1] for found in NAMED.finditer(README)]
    named += [line.removeprefix("keeplit ") for line in shown if line.startswith("keeplit ")]
    assert len(named) > 60
    for text in named:
        words = spelled(text)
        if words[0].startswith("-"):
            continue
        name = next((" ".join(words[:2]) for _ in "x" if " ".join(words[:2]) in commands), words[0])
        assert name in commands, text
        groups = [commands[name], commands[name.split()[0]]]
        known = {option for one in groups for param in one.params for option in (*param.opts, *param.secondary_opts)}
        options = {word.partition("=")[0] for word in words if word.startswith("--") and len(word) > 2}
        assert options <= known, text


def test_the_table_of_commands_leaves_none_out(commands: dict[str, click.Command]) -> None:
    """One row for each."""
    table = README[README.index("## Commands") : README.index("Exit codes: 0 done")]
    assert [name for name in commands if " " not in name and f"keeplit {name}" not in table] == []


def code(language: str = "") -> list[str]:
    """Return the blocks of code."""
    return re.findall(rf"```{language or '[a-z]*'}\n(.*?)```", README, re.DOTALL)


def test_links_lead_somewhere() -> None:
    """Files of this tree, and headings of this page."""
    headings = {re.sub(r"[^a-z0-9 -]", "", line.strip("# ").lower()).replace(" ", "-") for line in titles()}
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert len(links) > 10
    for link in links:
        if link.startswith("#"):
            assert link[1:] in headings, link
        elif not link.startswith("https://"):
            assert (ROOT / link).exists(), link
    scripts = {script.replace("\\", "/") for script in re.findall(r"`(installers[/\\][\w./\\]+)`", README)}
    assert len(scripts) == 3
    assert [script for script in scripts if not (ROOT / script).is_file()] == []


def titles() -> list[str]:
    """Return the headings."""
    return [line for line in README.splitlines() if line.startswith("#")]


def test_the_config_that_it_shows_is_read_without_a_fault(tmp_path: Path) -> None:
    """Every key of it, and every table that there is."""
    place = tmp_path / "config.toml"
    place.write_text("\n".join(code("toml")), "utf-8")
    assert config.read(place).problems == ()


def test_the_status_that_it_shows_is_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Word for word, from a status document; the picture itself is taken anew by a test of the desktop."""
    now = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    monkeypatch.setattr(clock, "utc_offset", lambda at: timedelta(0))
    acme = {
        "name": "acme",
        "state": "fresh",
        "profiles": ["work", "staging"],
        "next_action": "refresh",
        "next_action_at": "2026-11-20T13:34:00Z",
        "session_ends_at": "2026-11-20T17:40:00Z",
        "session_ends_known": "estimated",
        "access_expires_at": "2026-11-20T14:04:00Z",
    }
    globex: dict[str, object] = {
        "name": "globex",
        "state": "signed_out",
        "profiles": [],
        "next_action": "notify",
        "next_action_at": "2026-11-20T13:00:00Z",
        "session_ends_at": None,
        "access_expires_at": None,
    }
    trouble = {
        "severity": "error",
        "title": "Signed out of globex",
        "detail": "There is no sign-in for globex.",
        "fix": "keeplit login --session globex",
    }
    daemon = {"running": True, "version": __version__}
    told: Any = {"daemon": daemon, "paused_until": None, "sessions": [acme, globex], "troubles": [trouble]}
    printed = click.unstyle(looking.screen(told)).splitlines()
    assert timeless(("$ keeplit status", *printed, "$")) == timeless(kept(ASSETS / "screenshot-status.png").words)


def test_pictures_are_there_and_small() -> None:
    """A page that loads fast; each says for whoever does not see it what is on it, and is one that a test takes."""
    pictures = dict(re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", README))
    assert sorted(pictures.values()) == sorted(f"assets/{place.name}" for place in ASSETS.glob("screenshot-*.png"))
    taken = (ROOT / "tests/desktop/test_pictures.py").read_text("utf-8")
    for said, picture in pictures.items():
        assert (len(said) > 20, 0 < (ROOT / picture).stat().st_size < 60_000) == (True, True), picture
        assert Path(picture).name in taken


def minutes(length: timedelta) -> float:
    """Return a length of time in minutes."""
    return length.total_seconds() / 60


def test_figures_are_those_of_the_code() -> None:
    """Each sentence with a number stands beside the constant that makes it true."""
    steps = ", ".join(str(step) for step in STEPS[:-1])
    for said in (
        f"asked for in the last {ASKED_FOR.total_seconds() / 3600:.0f} hours",
        f"A notice with buttons precedes it by {NOTICE_TIME.total_seconds():.0f} s",
        f"warned at {steps} and {STEPS[-1]} %",
        f"says at a session's start that under {minutes(CLOSE):.0f} minutes are left",
        f"takes more than {PATIENCE:.0f} s",
    ):
        assert said in TEXT, said
    assert (AT_HAND_FOR, "within the last minute" in TEXT) == (timedelta(minutes=1), True)
    assert (SETTLE, "it is back two seconds later" in TEXT) == (timedelta(seconds=2), True)
    assert (STALE_COPY_WITHIN, "undone as a whole within ten minutes" in TEXT) == (timedelta(minutes=10), True)
    assert (MOST_REPAIRS, "repaired three times in an hour" in TEXT) == (3, True)
    assert (LONGEST_MARGIN, "half an hour ahead of its end" in TEXT) == (timedelta(minutes=30), True)
    loud = "two seconds later; six, where programs write in that folder all the time"
    assert (SETTLE.total_seconds() + LOOK_SECONDS, loud in TEXT) == (6, True)
    assert (LISTED_DAYS, "nobody called for two weeks" in TEXT) == (14, True)


def test_packages_are_those_that_the_tray_names() -> None:
    """The row of a distribution, and what `keeplit tray` says there."""
    lines = [line for line in README.splitlines() if line.startswith("| ") and "appindicator" in line.lower()]
    rows = {line.split("|")[1].strip(): line.split("`")[1] for line in lines}
    families = {"Debian, Ubuntu": "debian", "Fedora": "fedora", "Arch": "arch", "openSUSE": "suse"}
    assert rows == {name: f"{INSTALL[key].typelib} {INSTALL[key].headers}" for name, key in families.items()}


def test_places_are_those_that_are_written(own_home: Path) -> None:
    """The folders of this system, and every file of the state folder that has a name of its own."""
    found = paths.find(os.environ)
    places = (found.status, found.wishes, found.asked, found.memory, found.journal, found.backups, found.daemon_lock)
    names = [*(place.name for place in places), bedrock.FOLDER, crashes.NAME, PICTURES]
    assert [name for name in names if f"`{name}" not in README] == []
    mac, windows = {"HOME": "/mac"}, {"LOCALAPPDATA": "C:\\Local"}
    assert config_folder(mac, "darwin") == state_folder(mac, "darwin") == "/mac/Library/Application Support/keeplit"
    assert state_folder(windows, "win32") == "C:\\Local\\keeplit"
    assert "`~/Library/Application Support/keeplit` (macOS) or `%LOCALAPPDATA%\\keeplit` (Windows)" in TEXT
    if sys.platform == "linux":
        assert f"`~/{found.state.relative_to(own_home)}` on Linux, else that of `config.toml`" in README
        assert f"`~/{found.config_file.parent.relative_to(own_home)}` (Linux)" in README


def test_locks_are_empty(tmp_path: Path) -> None:
    """While they are held, and after it."""
    with files.lock(tmp_path / "edit-1.lock", 1.0):
        assert (tmp_path / "edit-1.lock").stat().st_size == 0
    assert [place.stat().st_size for place in tmp_path.glob("*.lock")] in ([], [0])


def test_what_it_never_does_stands_nowhere_in_the_package() -> None:
    """No module names Claude Code's own file or another `aws sso` than the login, or changes a thing of IAM."""
    package = ROOT / "daemon" / "keeplit"
    of_iam = {xform_name(name) for name in get_session().get_service_model("iam").operation_names}
    writes = {name for name in of_iam if not name.startswith(("get_", "list_", "simulate_"))}
    assert "put_role_policy" in writes
    for path in package.rglob("*.py"):
        if path.relative_to(package).parts[0] != "sandbox":
            tree = ast.parse(path.read_text("utf-8"))
            texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
            assert [text for text in texts if isinstance(text, str) and ".claude.json" in text] == [], path
            assert (texts & writes, "'sso', 'logout'" in ast.unparse(tree)) == (set(), False), path


def test_what_it_says_was_run_is_run_here() -> None:
    """Where nothing may be skipped, each of them is fetched."""
    fetched = (ROOT / ".ci" / "run").read_text("utf-8")
    assert [
        name for name in ("awscli", "dbus", "systemd", "xvfb", "dunst", "trayer") if f"({name}" not in fetched
    ] == []
    assert "KEEPLIT_REQUIRE_REAL=1 make test" in fetched


def test_the_python_the_targets_and_the_license_that_it_names() -> None:
    """Those of pyproject.toml, and of the Makefile."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"Python {project['requires-python'].removeprefix('>=')} or newer" in README
    assert f"License: {project['license']}." in README
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)`|^make ([a-z]+)", README, re.MULTILINE))
    assert {one or other for one, other in named} - targets == set()


def test_the_errors_that_it_quotes_are_explained() -> None:
    """Each text of the table of symptoms is one that `keeplit explain` knows; none is told as unknown."""
    table = README[README.index("## Something is wrong") : README.index("### If you followed")]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")]
    quoted = {text: explain(text).code for row in rows for text in re.findall(r'"([^"]+)"', row)}
    expected = {
        "Token is expired": "credentials_expired",
        "on-demand throughput isn't supported": "on_demand_unsupported",
        "The config profile (X) could not be found": "profile_missing",
    }
    assert quoted == expected
