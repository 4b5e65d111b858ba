"""What can be chosen in the menu, read from the files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from keeplit.adapters import autostart, files, own_command
from keeplit.adapters.autostart.xdg import Xdg
from keeplit.core.json_edit import Set
from keeplit.core.settings_memory import RULE
from keeplit.core.switching import Asked
from keeplit.core.tray_entries import Choices, ProfileChoice
from keeplit.engine import guarded, models, undo, use
from keeplit.engine.tray_choices import Chooser
from keeplit.engine.use import Used
from tests.engine.lit_laptop import Laptop, laptop

FIXED = Choices(commands=frozenset({"logs"}))


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, signed in to acme, with a profile in use."""
    with laptop(own_home) as found:
        found.configure('[claude]\nprofile = "work"\n')
        found.sign_in()
        yield found


def chosen(mine: Laptop) -> Choices:
    """Return what can be chosen."""
    return Chooser(mine.paths, mine.environ, FIXED).look()


def test_profiles_with_a_session_can_be_chosen(mine: Laptop) -> None:
    """With their account; one that nothing renews is not offered."""
    with (mine.home / ".aws" / "config").open("a") as file:
        file.write("\n[profile keys]\naws_access_key_id = AKIAKEPT\naws_secret_access_key = kept\n")
    found = chosen(mine)

    assert ProfileChoice("work", "acme", "111122223333") in found.profiles
    assert "keys" not in {profile.name for profile in found.profiles}


def test_what_no_file_says_is_passed_on(mine: Laptop) -> None:
    """The commands that can be run."""
    assert chosen(mine).commands == FIXED.commands


def test_models_are_those_of_the_kept_list_with_its_time(mine: Laptop) -> None:
    """Nobody asks AWS for it here."""
    region = models.region(mine.paths, mine.environ)
    assert (chosen(mine).models, chosen(mine).models_at) == ((), None)
    kept = models.listing(mine.paths, mine.environ, None, region)
    asked = len(mine.calls("ListFoundationModels"))

    found = chosen(mine)

    assert {model.id for model in found.models} <= {one.id for one in kept.profiles}
    assert {"opus", "sonnet", "haiku"} <= {model.family for model in found.models}
    assert found.models_at == (kept.asked_at and kept.asked_at.replace(microsecond=0))
    assert len(mine.calls("ListFoundationModels")) == asked


def test_regions_begin_with_those_that_are_named(mine: Laptop) -> None:
    """The one in use, the presets', the profiles'; closed parts of AWS are left out."""
    mine.configure(
        '[claude]\nprofile = "work"\nregion = "eu-west-1"\n[[preset]]\nname = "far"\nregion = "ap-south-1"\n'
    )
    found = chosen(mine).regions

    assert found[:2] == ("eu-west-1", "ap-south-1")
    assert len(found) == len(set(found)) > 20
    assert not [region for region in found if "gov" in region or "-iso" in region]


def test_a_government_region_has_regions_of_its_kind(mine: Laptop) -> None:
    """And of no other."""
    mine.configure('[claude]\nprofile = "work"\nregion = "us-gov-west-1"\n')

    named_by_profiles = {"us-east-1", "us-west-2", "eu-central-1"}

    assert set(chosen(mine).regions) - named_by_profiles == {"us-gov-west-1", "us-gov-east-1"}


def test_a_preset_is_in_use_where_all_of_it_is(mine: Laptop) -> None:
    """One key that differs is another choice."""
    presets = '[[preset]]\nname = "here"\nregion = "us-east-1"\n[[preset]]\nname = "there"\nregion = "eu-west-1"\n'
    mine.configure(f'[claude]\nprofile = "work"\nregion = "eu-west-1"\n{presets}[[preset]]\nname = "empty"\n')
    found = chosen(mine)

    assert (found.presets, found.preset) == (("here", "there", "empty"), "there")


def test_isolation_is_what_the_config_says(mine: Laptop) -> None:
    """It stands there alone."""
    mine.configure('[claude]\nprofile = "work"\nisolate = true\n')

    assert chosen(mine).isolated


def test_the_last_change_can_be_undone_until_it_is(mine: Laptop) -> None:
    """It is named by its command and keys."""
    assert chosen(mine).can_undo == ""
    used = use.use(mine.paths, mine.environ, Asked(region="eu-west-1"))
    assert isinstance(used, Used), used

    assert chosen(mine).can_undo.startswith("use (")
    assert "AWS_REGION" in chosen(mine).can_undo
    undo.undo(mine.paths)
    assert chosen(mine).can_undo == ""


def test_what_the_daemon_repaired_since_is_not_what_is_undone(mine: Laptop) -> None:
    """The entry names the change that its click takes back: the last one that a person made."""
    used = use.use(mine.paths, mine.environ, Asked(region="eu-west-1"))
    assert isinstance(used, Used), used
    before = chosen(mine)
    file, changes = mine.home / ".claude" / "settings.json", [Set("model", '"opus"')]
    guarded.edit(mine.paths, file, changes, expected=None, command=RULE, group="by itself", reason="missing")
    found = undo.history(mine.paths)

    assert [one.command for one in found] == ["rule", "use"]
    assert chosen(mine).can_undo == before.can_undo
    assert chosen(mine).undoes == found[1].group


def test_a_file_that_changed_gives_another_stamp(mine: Laptop) -> None:
    """Else nothing need be read again."""
    chooser = Chooser(mine.paths, mine.environ, FIXED)
    chooser.look()
    before = chooser.stamp()
    assert chooser.stamp() == before

    files.replace(mine.paths.config_file, b"# changed\n")

    assert chooser.stamp() != before


def test_broken_files_hide_what_they_hold_and_no_more(own_home: Path) -> None:
    """Nothing is raised."""
    with laptop(own_home) as mine:
        (mine.home / ".aws" / "config").write_text("[profile")
        mine.configure("= broken")
        found = Chooser(mine.paths, {**os.environ, **mine.environ}, FIXED).look()

    assert (found.profiles, found.presets, found.can_undo) == ((), (), "")


def test_the_start_at_login_is_seen_as_soon_as_it_changes(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever changes it, by what lies on the disk; a keeplit that cannot be started so is not asked about."""
    desktop = Xdg(mine.home, mine.environ)
    monkeypatch.setattr(autostart, "find", lambda *_: (desktop,))
    monkeypatch.setattr(own_command, "program", lambda _: None)
    assert chosen(mine).at_login is None
    monkeypatch.setattr(own_command, "program", lambda _: "/opt/keeplit")
    chooser = Chooser(mine.paths, mine.environ, FIXED)
    before = chooser.stamp()
    assert chooser.look().at_login is False

    desktop.enable("/opt/keeplit")

    assert chooser.stamp() != before
    assert chooser.look().at_login is True
