from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given, reject
from hypothesis import strategies as st

from keeplit.adapters import config_edit
from keeplit.adapters.config_edit import NotToml, Value
from keeplit.adapters.files import FileTrouble

WORK = """\
# what I keep
[claude]
profile = "work"  # mine

# sessions that matter
[sessions]
keep = ["acme"]
"""
ENV = """\
[claude]
  profile = 'work'

  # a gateway
  [claude.env]
  A = "1"
"""
PARTED = """\
[claude]
profile = "work"

[log]
level = "info"

[claude.env]
A = "1"
"""
PIECES = (
    '[claude]\nprofile = "work"  # mine\nisolate = true\n',
    "[claude]\n# nothing yet\n",
    '[claude]\nregion = "us-east-1"\n\n[claude.env]\n# a gateway\nA = "1"\n',
    '[claude.env]\nA = """\nlong\n"""\n',
    'claude = { profile = "work" } # one line\n',
    '[[preset]]\nname = "a"\n# the end of a\n',
    '[sessions]\nkeep = [\n  "acme", # old\n]\n',
    "# a comment alone\n",
    "\n\n",
    '[log]\nlevel = "info"',
)
KEYS = ("claude.profile", "claude.region", "claude.isolate", "claude.env.A", "claude.env.B_2")
VALUES = st.one_of(st.none(), st.booleans(), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))


def held(data: bytes, key: str) -> object:
    """Return what a dotted key holds, as the standard library reads it."""
    found: Any = tomllib.loads(data.decode("utf-8-sig"))
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def changed(text: str, **changes: Value) -> str:
    """Return a text with keys of [claude] changed."""
    return config_edit.change(text.encode(), {f"claude.{key}": value for key, value in changes.items()}).decode()


def test_a_value_is_replaced_in_its_place() -> None:
    """Comments, also the one on the line itself, stay where they are."""
    assert WORK.replace('"work"', '"play"') == changed(WORK, profile="play")


def test_a_new_key_stands_behind_its_siblings() -> None:
    """A comment after an empty line belongs to what follows, and no key is put beneath it."""
    assert WORK.replace("# mine\n", '# mine\nregion = "eu-west-1"\n') == changed(WORK, region="eu-west-1")


def test_a_new_table_stands_behind_its_parent() -> None:
    """[claude.env] is made within [claude], before the comment of the next table."""
    text = config_edit.change(WORK.encode(), {"claude.env.FOO": "bar"}).decode()
    assert WORK.replace("# mine\n", '# mine\n\n[claude.env]\nFOO = "bar"\n') == text


def test_a_new_key_is_indented_like_its_siblings() -> None:
    """A file that is indented stays so."""
    text = config_edit.change(ENV.encode(), {"claude.region": "x", "claude.env.B": "2"}).decode()
    assert ENV.replace("'work'\n", "'work'\n  region = \"x\"\n") + '  B = "2"\n' == text


def test_a_table_in_two_places_gets_each_key_where_it_belongs() -> None:
    """TOML lets [claude.env] stand far from [claude]."""
    text = config_edit.change(PARTED.encode(), {"claude.region": "x", "claude.env.B": "2"}).decode()
    assert PARTED.replace('"work"\n', '"work"\nregion = "x"\n') + 'B = "2"\n' == text


def test_a_file_that_is_not_there_begins_with_its_table() -> None:
    """None is an empty file."""
    assert config_edit.change(None, {"claude.profile": "work"}) == b'[claude]\nprofile = "work"\n'


def test_line_ends_and_byte_order_mark_stay() -> None:
    """A file of Windows stays one."""
    data = b"\xef\xbb\xbf" + WORK.replace("\n", "\r\n").encode()
    after = config_edit.change(data, {"claude.region": "eu-west-1", "claude.env.A": "1"})
    assert after.startswith(b"\xef\xbb\xbf#")
    assert b"\n" not in after.replace(b"\r\n", b"")
    assert [held(after, "claude.region"), held(after, "claude.env.A")] == ["eu-west-1", "1"]


def test_the_last_key_takes_its_table_along() -> None:
    """What was made for one key goes with it; a table with a person's comment stays."""
    made = config_edit.change(b"", {"claude.env.A": "1"})
    assert config_edit.change(made, {"claude.env.A": None}).strip() == b""
    assert changed("[claude]\n# mine\nprofile = 'x'\n", profile=None) == "[claude]\n# mine\n"


def test_what_is_so_already_changes_nothing() -> None:
    """The very same bytes come back."""
    data = WORK.encode()
    assert config_edit.change(data, {"claude.profile": "work", "claude.region": None}) is data


@given(
    st.lists(st.sampled_from(PIECES), unique=True, max_size=5),
    st.dictionaries(st.sampled_from(KEYS), VALUES, min_size=1, max_size=4),
)
def test_every_file_means_what_was_asked_for_and_keeps_its_comments(
    pieces: list[str], changes: dict[str, Value]
) -> None:
    """Whatever the file looks like, the keys are so afterwards, all others as before, and no comment is lost."""
    text = "\n".join(pieces)
    after = b""
    try:
        before = tomllib.loads(text)
        after = config_edit.change(text.encode(), changes)
    except tomllib.TOMLDecodeError:
        reject()  # two pieces that make no file together
    except NotToml:
        event("refused")  # a table that stands before its parent: one file in two thousand
        return
    assert {key: held(after, key) for key in changes} == changes
    others = {key: held(text.encode(), key) for key in KEYS if key not in changes}
    assert others == {key: held(after, key) for key in others}
    rest = tomllib.loads(after.decode())
    assert {key: value for key, value in before.items() if key != "claude"} == {
        key: value for key, value in rest.items() if key != "claude"
    }
    removed = {"mine", "one line"} if "claude.profile" in changes else set()
    for comment in ("mine", "nothing yet", "a gateway", "one line", "the end of a", "old", "a comment alone"):
        if f"# {comment}" in text and comment not in removed:
            assert f"# {comment}" in after.decode()


@pytest.mark.parametrize(
    ("text", "key"),
    [("claude = 3\n", "claude.profile"), ("[claude]\nenv = 'x'\n", "claude.env.A"), ("[[claude]]\n", "claude.profile")],
)
def test_what_cannot_be_edited_safely_is_refused(text: str, key: str) -> None:
    """A file in which the key has no place is left to the person."""
    with pytest.raises(NotToml, match="change these keys there yourself"):
        config_edit.change(text.encode(), {key: "x"})


@pytest.mark.parametrize(("data", "says"), [(b"[claude\n", "at line 1"), (b"\xff", "UTF-8")])
def test_what_is_no_toml_is_refused(tmp_path: Path, data: bytes, says: str) -> None:
    """A broken file is never taken for an empty one; its name and line are said."""
    file = tmp_path / "config.toml"
    file.write_bytes(data)
    with pytest.raises(FileTrouble, match=says):
        config_edit.read(file)
    with pytest.raises(FileTrouble, match=r"config\.toml"):
        config_edit.change(data, {"claude.profile": "x"})


def test_a_file_is_read_with_its_values_and_digest(tmp_path: Path) -> None:
    """Dotted keys lead to values; a file that is not there has no digest."""
    file = tmp_path / "config.toml"
    assert (config_edit.read(file).data, config_edit.read(file).digest) == (None, "")
    file.write_text(WORK)
    found = config_edit.read(file)
    assert [found.value("claude.profile"), found.value("claude.env.A"), found.value("sessions.keep.x")] == [
        "work",
        None,
        None,
    ]
    assert found.digest == config_edit.digest(WORK.encode())
    assert "work" not in repr(found)
