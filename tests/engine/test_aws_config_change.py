from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from keeplit.adapters import aws_config_edit, journal
from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.engine import aws_config_change, guarded
from keeplit.engine.aws_config_change import NotWritten, Unwritable

BEFORE = "# mine\n[default]\nregion = eu-west-1\n"


@pytest.fixture
def paths(own_home: Path) -> Paths:
    """Give a home without an AWS config."""
    return places.find(os.environ)


def config(paths: Paths) -> Path:
    """Return the AWS config."""
    return paths.home / ".aws" / "config"


def after(text: str) -> str:
    """Return the text with a session."""
    return aws_config_edit.add_session(text, name="acme", start_url="https://a.awsapps.com/start", region="us-east-1")


def write(paths: Paths, before: str, text: str, group: str = "g") -> None:
    """Write as setup does."""
    aws_config_change.write(paths, os.environ, before, text, because="a new profile", group=group)


def test_the_config_is_written_and_journalled_by_section(paths: Paths) -> None:
    """The mode stays, and each option has its key in the journal, so that it can be taken back."""
    config(paths).parent.mkdir()
    config(paths).write_text(BEFORE)
    config(paths).chmod(0o640)
    write(paths, BEFORE, after(BEFORE))
    assert aws_config_change.read(os.environ) == (config(paths), after(BEFORE))
    if sys.platform != "win32":
        assert stat.S_IMODE(config(paths).stat().st_mode) == 0o640
    (entry,) = journal.read(paths)
    assert (entry.command, entry.reason, entry.group, entry.done) == ("setup", "a new profile", "g", True)
    assert entry.changed[0].key == "[sso-session acme] sso_start_url"
    assert (entry.changed[0].before, entry.changed[0].after) == (None, '"https://a.awsapps.com/start"')


def test_a_config_that_is_not_there_is_made_for_its_owner_alone(paths: Paths) -> None:
    """The folder comes too; put back, both are gone again."""
    write(paths, "", after(""))
    assert config(paths).read_text() == after("")
    if sys.platform != "win32":
        assert stat.S_IMODE(config(paths).stat().st_mode) == 0o600
    assert aws_config_change.put_back(paths, os.environ, "", after(""), group="g")
    assert not config(paths).exists()


def test_a_config_that_changed_meanwhile_is_left_alone(paths: Paths) -> None:
    """What another program wrote stays, before the write and before it would be put back."""
    config(paths).parent.mkdir()
    config(paths).write_text("[default]\n")
    with pytest.raises(NotWritten, match="changed by another program"):
        write(paths, BEFORE, after(BEFORE))
    assert not aws_config_change.put_back(paths, os.environ, BEFORE, after(BEFORE), group="g")
    assert (config(paths).read_text(), journal.read(paths)) == ("[default]\n", ())


def test_nothing_is_written_where_nothing_differs(paths: Paths) -> None:
    """No file, no journal."""
    write(paths, BEFORE, BEFORE)
    assert aws_config_change.put_back(paths, os.environ, BEFORE, BEFORE, group="g")
    assert (config(paths).exists(), journal.read(paths)) == (False, ())


def test_what_was_written_is_put_back(paths: Paths) -> None:
    """The old text stands again, and the journal says that the group is undone."""
    config(paths).parent.mkdir()
    config(paths).write_text(BEFORE)
    write(paths, BEFORE, after(BEFORE))
    assert aws_config_change.put_back(paths, os.environ, BEFORE, after(BEFORE), group="g")
    assert config(paths).read_text() == BEFORE
    assert [(one.command, one.undoes) for one in journal.read(paths)] == [("setup", ""), ("undo", "g")]


def test_a_config_that_cannot_be_written_says_why(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only one is left so."""
    config(paths).parent.mkdir()
    config(paths).write_text(BEFORE)
    config(paths).chmod(0o400)
    with pytest.raises(NotWritten, match=r"read-only.*Do: "):
        write(paths, BEFORE, after(BEFORE))
    config(paths).chmod(0o600)
    monkeypatch.setattr(guarded, "put", lambda *_, **__: pytest.fail("it was written"))
    config(paths).write_bytes(b"\xff")
    with pytest.raises(NotWritten, match="not UTF-8"):
        aws_config_change.read(os.environ)


def test_the_journal_s_keys_are_read_and_set() -> None:
    """What an undo compares and writes: by section and option, whatever signs a name holds."""
    text = '[profile "a] b"]\nregion = x\n' + BEFORE
    assert aws_config_change.said(BEFORE) == {"[default] region": "eu-west-1"}
    assert aws_config_change.with_keys(text, {"[default] region": None}) == text.replace(
        "region = eu-west-1\n", ""
    ).replace("[default]\n", "")
    with pytest.raises(Unwritable):
        aws_config_change.said("nonsense")
