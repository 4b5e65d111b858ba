"""Thirty settings files as people and Claude Code write them: each can be edited, and not a byte else changes."""

import json
from pathlib import Path
from typing import Any

import pytest

from keeplit.core.json_edit import Change, Remove, Set, edit, encode, inverse
from keeplit.core.json_text import decode, parse
from keeplit.core.layers import KEYS
from keeplit.core.own_command import commands

FOLDER = Path(__file__).parent.parent / "data" / "settings"
FILES = sorted(FOLDER.glob("*.json"))
WORDS = (
    "work",
    "",
    'arn:aws:bedrock:us-west-2:111122223333:application-inference-profile/"quoted\\"',
    "équipe été 🔥",
    *commands(r"C:\Program Files\100% R&D\keeplit.exe", windows=True).values(),
    *commands("/opt/it's here/keeplit", windows=False).values(),
)
TOUCHED = (
    "env.AWS_PROFILE",
    "env.AWS_REGION",
    "env.NEVER_SEEN_BEFORE",
    "model",
    "awsAuthRefresh",
    "awsCredentialExport",
)
every_file = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


def text_of(path: Path) -> str:
    """Return a file's text, its line ends as they are."""
    return decode(path.read_bytes())


def with_value(document: dict[str, Any], key: str, value: str | None) -> dict[str, Any]:
    """Return what a document is to mean after one change, key by key in their order; `env` goes with nothing."""
    place, name = (document.get("env", {}), key[4:]) if key.startswith("env.") else (document, key)
    changed = {**place, name: value}
    if value is None:
        del changed[name]
    return {**document, "env": changed} if key.startswith("env.") else changed


def held(document: dict[str, Any], key: str) -> str | None:
    """Return the value of a key, None where it is absent."""
    place = document.get("env", {}) if key.startswith("env.") else document
    found: str | None = place.get(key.removeprefix("env."))
    return found


def common(one: str, other: str) -> int:
    """Return how many characters two texts share, at their begin and at their end together."""
    shorter = min(len(one), len(other))
    first = next((at for at in range(shorter) if one[at] != other[at]), shorter)
    last = next((at for at in range(shorter - first) if one[-1 - at] != other[-1 - at]), shorter - first)
    return first + last


def into_nothing(document: dict[str, Any], key: str) -> bool:
    """Whether a key comes into an object that holds nothing but white space, which may then change."""
    place = document.get("env", document) if key.startswith("env.") else document
    return place == {}


@every_file
def test_each_is_understood(path: Path) -> None:
    """Its pieces put together are its text, and it means what JSON says."""
    text = text_of(path)
    document = parse(text)
    assert (document.text, document.value) == (text, json.loads(text))


@every_file
@pytest.mark.parametrize("key", TOUCHED)
def test_a_key_that_is_set_is_all_that_changes(path: Path, key: str) -> None:
    """The file means what it should, in its order; what was there before is there, in one piece or around one gap."""
    text = text_of(path)
    before = json.loads(text)
    old = held(before, key)
    for word in WORDS:
        edited = edit(text, [Set(key, encode(word))])
        after = json.loads(edited.text)
        assert after == with_value(before, key, word)
        assert [name for name in after if name in before] == list(before)
        if old is not None:
            spelled = next((change.before for change in edited.changed if change.before), encode(word))
            assert json.loads(spelled) == old
            assert common(text, edited.text) >= len(text) - len(spelled)
        elif not into_nothing(before, key):
            assert common(text, edited.text) == len(text)
        assert edit(edited.text, inverse(edited.changed)).text == text


@every_file
@pytest.mark.parametrize("key", TOUCHED)
def test_a_key_that_is_removed_is_all_that_goes(path: Path, key: str) -> None:
    """What stays is the text from before without one piece, and the inverse puts the very bytes back."""
    text = text_of(path)
    before = json.loads(text)
    edited = edit(text, [Remove(key)])
    if held(before, key) is None:
        assert (edited.text, edited.changed) == (text, ())
        return
    assert json.loads(edited.text) == with_value(before, key, None)
    assert common(text, edited.text) == len(edited.text)
    assert edit(edited.text, inverse(edited.changed)).text == text


@every_file
def test_what_is_as_wanted_is_left_alone(path: Path) -> None:
    """A value that is written as it is spelled already changes nothing."""
    text = text_of(path)
    document = parse(text)
    own = [Set(member.name, member.value) for member in document.root.members if member.name in KEYS]
    inner = [Set(f"env.{member.name}", member.value) for member in (document.env.members if document.env else ())]
    assert edit(document, [*own, *inner]).text == text


@every_file
def test_all_keys_at_once_and_back(path: Path) -> None:
    """Every key of ours set, then every one removed; each taken back gives the bytes from before."""
    text = text_of(path)
    before = json.loads(text)
    setting: list[Change] = [Set(key, encode(f"value of {key}")) for key in KEYS]
    full = edit(text, setting)
    after = json.loads(full.text)
    assert [held(after, key) for key in KEYS] == [f"value of {key}" for key in KEYS]
    foreign = [name for name in before if name not in KEYS and name != "env"]
    assert [after[name] for name in foreign] == [before[name] for name in foreign]

    empty = edit(full.text, [Remove(key) for key in KEYS])
    assert [held(json.loads(empty.text), key) for key in KEYS] == [None] * len(KEYS)

    assert edit(empty.text, inverse(empty.changed)).text == full.text
    assert edit(full.text, inverse(full.changed)).text.encode() == path.read_bytes()


@every_file
def test_a_new_member_looks_like_its_neighbours(path: Path) -> None:
    """Line ends and tabs are the file's own; a file on one line stays on one line."""
    text = text_of(path)
    added = edit(text, [Set("env.AWS_PROFILE", '"new"'), Set("env.NEVER_SEEN_BEFORE", '"new"'), Set("model", '"new"')])
    if "\n" in text:
        assert ("\r" in added.text, "\t" in added.text) == ("\r" in text, "\t" in text)
        assert added.text.count("\r") in {0, added.text.count("\n")}
    elif json.loads(text):
        assert "\n" not in added.text
    assert added.text.endswith("\n") == text.endswith("\n")


def test_there_are_thirty_and_they_are_odd() -> None:
    """Nobody has tidied them: what makes each a trap is still in it."""
    texts = {path.stem: path.read_bytes() for path in FILES}
    assert len(texts) == 30
    assert texts["crlf"].count(b"\r\n") == texts["crlf"].count(b"\n") > 10
    assert texts["empty_object"] == b"{}"
    assert {name for name, data in texts.items() if b"\t" in data} == {"tabs"}
    assert {name for name, data in texts.items() if not data.endswith(b"\n")} == {
        "crlf_without_final_newline",
        "empty_env",
        "empty_object",
        "minified",
        "no_final_newline",
    }
    assert {name for name, data in texts.items() if not data.isascii()} == {"non_ascii"}
    assert {name for name, data in texts.items() if rb"\u00" in data} == {"escapes", "status_line"}
    assert b"  ,  \n" in texts["braces_on_their_own_lines"]
    assert {path.name for path in FOLDER.iterdir() if path not in FILES} == {".gitattributes"}
