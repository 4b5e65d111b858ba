"""What a turn reads is watched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from keeplit.engine.living import prepare
from keeplit.engine.watching import watched
from keeplit.engine.world import RealWorld
from tests.engine.lit_laptop import Laptop, laptop


@pytest.fixture
def lit(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, its profile in use."""
    with laptop(own_home) as mine:
        mine.configure('[claude]\nprofile = "work"\n')
        prepare(mine.paths)
        yield mine


def test_everything_that_a_turn_reads_is_watched(lit: Laptop) -> None:
    """The token files of every session, the configs, Claude Code's settings, wishes, what was asked, and records."""
    world = RealWorld(lit.paths, lit.environ, publishes=True)
    world.observe(world.now())
    found = watched(world)
    paths = lit.paths
    inside = {folder: seen for folder, seen in found.items() if not callable(seen)}
    assert lit.token_file.name in inside[paths.sso_cache]
    assert len(inside[paths.sso_cache]) == 3
    assert {"config", "credentials"} <= inside[lit.home / ".aws"]
    assert inside[paths.config_file.parent] == {"config.toml"}
    assert inside[lit.home / ".claude"] == {"settings.json"}
    assert inside[paths.state] == {"journal.jsonl"}
    matters = {
        paths.wishes: ("a1.json", ".a1.json.keeplit"),
        paths.asked: ("a" * 40, f".{'a' * 40}.keeplit"),
        paths.own: (f"{'a' * 40}.sign-in.json", f"{'a' * 40}.token.json"),
    }
    for folder, (ours, other) in matters.items():
        wanted = found[folder]
        assert callable(wanted)
        assert (wanted(ours), wanted(other)) == (True, False)


def test_a_link_is_watched_where_it_leads_too(lit: Laptop) -> None:
    """A settings file among the dotfiles changes there, and the link may be put elsewhere."""
    folder = lit.home / "dotfiles"
    folder.mkdir()
    (folder / "claude.json").write_text("{}")
    settings = lit.home / ".claude" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    settings.unlink(missing_ok=True)
    settings.symlink_to(folder / "claude.json")
    world = RealWorld(lit.paths, lit.environ, publishes=True)
    world.observe(world.now())
    found = watched(world)
    assert found[settings.parent] == frozenset({"settings.json"})
    assert found[folder] == frozenset({"claude.json"})
