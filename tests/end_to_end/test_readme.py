"""The README is true: what it names exists, what it shows is what is printed, and no command is left out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from keeplit import __version__
from keeplit.adapters import clock, config
from keeplit.ui import cli, looking

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
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


def titles() -> list[str]:
    """Return the headings."""
    return [line for line in README.splitlines() if line.startswith("#")]


def test_the_config_that_it_shows_is_read_without_a_fault(tmp_path: Path) -> None:
    """Every key of it, and every table that there is."""
    place = tmp_path / "config.toml"
    place.write_text("\n".join(code("toml")), "utf-8")
    assert config.read(place).problems == ()


def test_the_status_that_it_shows_is_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Word for word, from a status document."""
    now = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    monkeypatch.setattr(clock, "utc_offset", lambda at: timedelta(0))
    session = {
        "name": "acme",
        "state": "fresh",
        "profiles": ["work", "staging"],
        "next_action": "refresh",
        "next_action_at": "2026-11-20T13:34:00Z",
        "session_ends_at": "2026-11-20T17:40:00Z",
        "session_ends_known": "estimated",
        "access_expires_at": "2026-11-20T14:04:00Z",
    }
    daemon = {"running": True, "version": __version__}
    told: Any = {"daemon": daemon, "paused_until": None, "sessions": [session], "troubles": []}
    block = next(block for block in code("text") if block.startswith("$ keeplit status\n"))
    assert click.unstyle(looking.screen(told)) == block.removeprefix("$ keeplit status\n").rstrip("\n")


def test_pictures_are_there_and_small() -> None:
    """A page that loads fast."""
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    for picture in pictures:
        assert 0 < (ROOT / picture).stat().st_size < 200_000
