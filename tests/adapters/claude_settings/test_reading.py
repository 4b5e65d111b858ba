import json
import os
import sys
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from keeplit.adapters import claude_settings, clock, files
from keeplit.core.settings_model import FileState


def settings(own_home: Path, text: str | bytes) -> dict[str, str]:
    """Write the user's settings file and return the environment that leads to it."""
    place = own_home / ".claude" / "settings.json"
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return {"HOME": str(own_home)}


def test_the_users_file_is_the_usual_one(own_home: Path) -> None:
    """~/.claude/settings.json, or where CLAUDE_CONFIG_DIR moved it, or the file that config.toml names."""
    environ = {"HOME": str(own_home)}
    assert claude_settings.path(environ) == own_home / ".claude" / "settings.json"
    moved = {**environ, "CLAUDE_CONFIG_DIR": str(own_home / "elsewhere")}
    assert claude_settings.path(moved, "user") == own_home / "elsewhere" / "settings.json"
    assert claude_settings.path(environ, "/project/.claude/settings.json") == Path("/project/.claude/settings.json")


def test_a_relative_place_is_named_in_full(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal names the file, and an undo is asked for in another folder; in one that is gone nothing fails."""
    monkeypatch.chdir(own_home)
    assert claude_settings.path({"CLAUDE_CONFIG_DIR": "rel"}) == own_home / "rel" / "settings.json"
    assert claude_settings.path({}, "x/../y.json") == own_home / "y.json"

    def gone() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(os, "getcwd", gone)
    assert claude_settings.path({"CLAUDE_CONFIG_DIR": "rel"}) == Path("rel") / "settings.json"


def test_a_user_that_is_not_known_is_no_error(own_home: Path) -> None:
    """Whatever config.toml names, a turn does not fail for it."""
    assert claude_settings.path({}, "~nobody-of-that-name/x.json") == Path.cwd() / "~nobody-of-that-name" / "x.json"
    assert claude_settings.profile({}, "~nobody-of-that-name/x.json") == ""
    assert claude_settings.profile({"HOME": str(own_home)}, "a\0b") == ""


def test_the_profile_is_read_from_env(own_home: Path) -> None:
    """What Claude Code's sessions get is what counts."""
    environ = settings(own_home, json.dumps({"env": {"AWS_PROFILE": "work", "AWS_REGION": "us-west-2"}}))
    assert claude_settings.profile(environ) == "work"
    assert claude_settings.value(environ, "user", "AWS_REGION") == "us-west-2"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", "null", '{"env": 1}', '{"env": {"AWS_PROFILE": 7}}', "{}", b"\xff\xfe", "[" * 100_000],
    ids=range(10),
)
def test_a_file_that_says_nothing_names_no_profile(own_home: Path, text: str | bytes) -> None:
    """Torn, wrong-typed or empty: nothing is guessed, and the file stays as it is."""
    environ = settings(own_home, text)
    before = claude_settings.path(environ).read_bytes()
    assert claude_settings.profile(environ) == ""
    assert claude_settings.path(environ).read_bytes() == before


def test_no_file_names_no_profile(own_home: Path) -> None:
    """Somebody without Claude Code has no settings."""
    assert claude_settings.profile({"HOME": str(own_home)}) == ""


def test_what_the_file_says_comes_with_its_digest(own_home: Path) -> None:
    """A good file: its bytes, what they are known by, and its keys."""
    place = claude_settings.path(settings(own_home, '{"model": "opus", "env": {"AWS_PROFILE": "work"}}'))
    found = claude_settings.read(place)
    assert (found.state, found.target, found.fault) == (FileState.PRESENT, place, "")
    assert found.digest == sha256(place.read_bytes()).hexdigest()
    assert found.document is not None
    assert found.document.strings() == {"model": "opus", "env.AWS_PROFILE": "work"}


def test_no_file_is_absent(own_home: Path) -> None:
    """That is no fault, with the folder or without it."""
    place = own_home / ".claude" / "settings.json"
    for _ in range(2):
        found = claude_settings.read(place)
        assert (found.state, found.digest, found.data, found.fault) == (FileState.ABSENT, "", None, "")
        place.parent.mkdir(exist_ok=True)
    (own_home / "file").touch()
    assert claude_settings.read(own_home / "file" / "settings.json").state is FileState.ABSENT


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "line 1, column 1: the file is empty"),
        ('{\n  "env": {},\n  "env": {}\n}', 'line 3, column 3: the key "env" stands twice'),
        ("[]", "line 1, column 1: the settings are no object in braces"),
    ],
)
def test_a_broken_file_is_told_with_line_and_column(own_home: Path, text: str, fault: str) -> None:
    """Perhaps half written, perhaps wrong: it is never taken for an empty one, and its bytes are known."""
    place = claude_settings.path(settings(own_home, text))
    found = claude_settings.read(place)
    assert (found.state, found.document, found.data) == (FileState.BROKEN, None, text.encode())
    assert found.fault == f"{place}, {fault}"
    assert found.fix


def test_a_file_that_is_too_large_is_closed(own_home: Path) -> None:
    """Claude Code itself cannot start with more than 2 MiB; with exactly so much it can."""
    place = claude_settings.path(settings(own_home, "{" + " " * ((2 << 20) - 2) + "}"))
    assert claude_settings.read(place).state is FileState.PRESENT
    place.write_bytes(place.read_bytes() + b" ")
    found = claude_settings.read(place)
    assert (found.state, found.data) == (FileState.CLOSED, None)
    assert "2097153 bytes" in found.fault


def test_a_chain_of_links_is_followed(own_home: Path) -> None:
    """Dotfiles: relative and absolute links, through a linked folder, lead to one file."""
    place = claude_settings.path(settings(own_home, "{}"))
    target = own_home / "dotfiles" / "claude" / "real.json"
    target.parent.mkdir(parents=True)
    place.rename(target)
    (own_home / "linked").symlink_to(target.parent)
    (own_home / "dotfiles" / "middle").symlink_to("claude/../../linked/real.json")
    place.symlink_to("../dotfiles/middle")
    found = claude_settings.read(place)
    assert (found.state, found.target, found.path) == (FileState.PRESENT, target, place)


def test_a_circle_of_links_is_closed(own_home: Path) -> None:
    """It is said with what to look at, and nothing goes round for ever."""
    one, two = own_home / "one.json", own_home / "two.json"
    one.symlink_to(two)
    two.symlink_to(one)
    found = claude_settings.read(one)
    assert found.state is FileState.CLOSED
    assert "circle" in found.fault
    assert str(one) in found.fix


def test_a_link_that_leads_nowhere_is_absent_and_told(own_home: Path) -> None:
    """The target is where a file would come."""
    link = own_home / "settings.json"
    link.symlink_to("gone/real.json")
    found = claude_settings.read(link)
    assert (found.state, found.target) == (FileState.ABSENT, own_home / "gone" / "real.json")
    assert "no such file" in found.fault


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes with names")
def test_what_is_no_file_is_closed(own_home: Path) -> None:
    """A folder, a pipe, a device: never waited for, never replaced."""
    os.mkfifo(own_home / "pipe")
    for place in (own_home, own_home / "pipe", Path(os.devnull)):
        found = claude_settings.read(place)
        assert found.state is FileState.CLOSED
        assert "no ordinary file" in found.fault
    assert claude_settings.read(Path("a\0b")).state is FileState.CLOSED


def test_a_file_that_is_closed_to_us_is_closed(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And read as soon as it is open again, though the file is the same."""
    place = claude_settings.path(settings(own_home, "{}"))
    os.utime(place, (0, 0))

    def closed(*_: object) -> bytes:
        raise files.NotReadable(f"{place} cannot be read: Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(files, "read", closed)
        found = claude_settings.read(place)
        assert (found.state, found.fault) == (FileState.CLOSED, f"{place} cannot be read: Permission denied")
    assert claude_settings.read(place).state is FileState.PRESENT


def test_a_file_that_had_settled_is_not_read_again(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn costs little while the file is the same; any change is seen, one of equal size within a tick too."""
    place = claude_settings.path(settings(own_home, '{"model": "a"}'))
    later = clock.now() + timedelta(seconds=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    first = claude_settings.read(place)
    assert claude_settings.read(place) is first
    place.write_bytes(b'{"model": "b"}')
    assert claude_settings.read(place).digest != first.digest
    monkeypatch.undo()
    fresh = claude_settings.read(place)
    place.write_bytes(b'{"model": "c"}')
    os.utime(place, ns=(0, place.stat().st_mtime_ns))
    assert claude_settings.read(place).digest != fresh.digest


def test_nothing_of_the_contents_is_shown(own_home: Path) -> None:
    """A settings file may hold a key."""
    place = claude_settings.path(settings(own_home, '{"env": {"ANTHROPIC_API_KEY": "sk-very-secret"}}'))
    assert "sk-very" not in repr(claude_settings.read(place))
