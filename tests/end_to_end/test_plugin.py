"""The plugin for Claude Code: its files are what the documentation asks for, and name commands that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest

from keeplit.ui import cli

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "installers" / "claude-code"
COMMANDS = sorted((PLUGIN / "commands").glob("*.md"))


def read(*names: str) -> Any:
    """Return a JSON file of the tree."""
    return json.loads(ROOT.joinpath(*names).read_text("utf-8"))


@pytest.fixture(scope="module")
def known() -> dict[str, click.Command]:
    """Give the commands of keeplit by name."""
    context = click.Context(cli.cli)
    found = {name: cli.cli.get_command(context, name) for name in cli.cli.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def test_the_marketplace_leads_to_the_plugin() -> None:
    """Its source is a folder of this tree with a plugin of that name; the version is the package's alone."""
    (listed,) = read(".claude-plugin", "marketplace.json")["plugins"]
    told = json.loads((ROOT / listed["source"] / ".claude-plugin" / "plugin.json").read_text("utf-8"))
    assert (told["name"], (ROOT / listed["source"]).resolve()) == (listed["name"], PLUGIN)
    assert "version" not in told


def test_the_hooks_run_commands_that_exist(known: dict[str, click.Command]) -> None:
    """Exec form, seconds that leave the recovery its 175, and the kind of failure that we look after."""
    hooks = read("installers", "claude-code", "hooks", "hooks.json")["hooks"]
    events = known["hook"].params[0].type
    assert isinstance(events, click.Choice)
    given = {event: (group["matcher"], one) for event, (group,) in hooks.items() for one in group["hooks"]}
    assert [one["command"] for _, one in given.values()] == ["keeplit", "keeplit"]
    assert [one["args"] for _, one in given.values()] == [["hook", name] for name in events.choices]
    assert given["StopFailure"][0] == "authentication_failed"
    assert given["StopFailure"][1]["timeout"] > 175
    assert given["SessionStart"][1]["timeout"] <= 5


@pytest.mark.parametrize("file", COMMANDS, ids=lambda file: file.stem)
def test_a_slash_command_names_what_exists(file: Path, known: dict[str, click.Command]) -> None:
    """Every `keeplit X` in it is a command with those options, and it may run what it runs."""
    head, _, body = file.read_text("utf-8").removeprefix("---\n").partition("\n---\n")
    settings = dict(line.split(": ", 1) for line in head.splitlines())
    assert {"description", "allowed-tools"} <= settings.keys()
    for run in re.findall(r"!`([^`]+)`", body):
        assert f"Bash({run.removesuffix(' || true')})" in settings["allowed-tools"]
    named = re.findall(r"[`(]keeplit ([a-z]+)((?: --[a-z-]+)*)", settings["allowed-tools"] + body)
    assert named
    for name, options in named:
        there = {option for one in known[name].params for option in one.opts}
        assert set(options.split()) <= there, name


def test_the_commands_of_the_plugin() -> None:
    """Those that the README names."""
    assert [file.stem for file in COMMANDS] == ["doctor", "login", "status", "use"]
