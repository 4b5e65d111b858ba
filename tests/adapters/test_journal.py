import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keeplit.adapters import files, journal, paths
from keeplit.core.journal_entry import Changed, Entry, Phase, Place

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FILE = "/home/me/.claude/settings.json"
PLACED = Changed("env.AWS_PROFILE", '"w\u00f6rk"', None, Place('"A"', "\n  ", " : ", "\r\n"))


def entry(name: str, *changed: Changed, phase: Phase = Phase.DONE, command: str = "use", file: str = FILE) -> Entry:
    """Return an edit of that id."""
    return Entry(name, f"g-{name}", NOW, command, file, changed, "b" * 64, "a" * 64, "", phase, "")


def key(name: str) -> Changed:
    """Return a change of one key."""
    return Changed(name, None, '"x"')


@pytest.fixture
def where(own_home: Path) -> paths.Paths:
    """Give the paths of an empty home."""
    return paths.find(os.environ)


def test_an_edit_comes_back_as_it_was(where: paths.Paths) -> None:
    """With every field, and a name that is no UTF-8."""
    one = Entry(
        "1", "g", NOW, "rule", "/home/m\udcff/x.json", (PLACED, key("model")), "b", "", "missing", Phase.BEGUN, "g0"
    )
    journal.append(where, one)
    assert journal.read(where) == (one,)
    assert where.journal.stat().st_mode & 0o777 == 0o600
    assert where.journal.read_bytes().endswith(b"}\n")


def test_no_journal_is_an_empty_one(where: paths.Paths) -> None:
    """Nothing was ever changed."""
    assert journal.look(where) == journal.Journal()


def test_begun_and_done_are_one_edit(where: paths.Paths) -> None:
    """The last line of an edit counts, at the place of its first."""
    first, second = entry("1", key("model"), phase=Phase.BEGUN), entry("2")
    later = replace(first, phase=Phase.DONE, digest_before="c" * 64)
    for one in (first, second, later):
        journal.append(where, one)
    assert journal.read(where) == (later, second)


def test_an_edit_that_changed_nothing_is_taken_back(where: paths.Paths) -> None:
    """It began, and the file had moved."""
    journal.append(where, entry("1"))
    journal.append(where, entry("2", phase=Phase.BEGUN))
    journal.drop(where, entry("2"))
    assert [one.id for one in journal.read(where)] == ["1"]
    assert journal.look(where).problem is None


@pytest.mark.parametrize(
    "line",
    [
        b'{"id":"2","gro',
        b"\xff\xfe",
        b"[]",
        b"7",
        b"{}",
        b'{"phase":"dropped"}',
        b'{"phase":"dropped","id":[]}',
        b"[" * 100_000,
        b'{"id":"2","file":"/f","at":"2026-03-02T12:00:00","changed":[],"phase":"done"}',
        b'{"id":"2","file":"/f","at":"2026-03-02T12:00:00+00:00","changed":{},"phase":"done"}',
        b'{"id":"2","file":"/f","at":"2026-03-02T12:00:00+00:00","changed":[],"phase":"later"}',
        b'{"id":"2","file":"/f","at":"2026-03-02T12:00:00+00:00","changed":[{"key":"a","before":7}],"phase":"done"}',
        b'{"id":"2","file":"/","at":"2026-03-02T12:00:00Z","changed":[{"key":"","before":null,"after":"","place":7}],"phase":"done"}',
        b'{"id":"2","file":"/f","at":"2026-03-02T12:00:00Z","changed":[7],"phase":"done"}',
        b'{"id":"","file":"/f","at":"2026-03-02T12:00:00+00:00","changed":[],"phase":"done"}',
    ],
    ids=range(15),
)
def test_a_broken_line_costs_itself_alone(where: paths.Paths, line: bytes) -> None:
    """The others are used, the next is not glued to it, and a person is told."""
    journal.append(where, entry("1"))
    with where.journal.open("ab") as file:
        file.write(line)
    journal.append(where, entry("3"))
    found = journal.look(where)
    assert [one.id for one in found.entries] == ["1", "3"]
    assert found.problem is not None
    assert (found.problem.code, found.problem.where) == ("journal_unreadable", str(where.journal))
    assert "one line of it is not" in found.problem.sentence
    with where.journal.open("ab") as file:
        file.write(line)
    problem = journal.look(where).problem
    assert problem is not None
    assert "2 lines of it are not" in problem.sentence


def test_a_journal_that_cannot_be_read_is_told(where: paths.Paths, own_home: Path) -> None:
    """A planted link is not followed, neither to read nor to write."""
    journal.append(where, entry("1"))
    where.journal.rename(own_home / "elsewhere")
    where.journal.symlink_to(own_home / "elsewhere")
    found = journal.look(where)
    assert (found.entries, found.problem is not None) == ((), True)
    before = (own_home / "elsewhere").read_bytes()
    with pytest.raises(files.NotPrivate):
        journal.append(where, entry("2"))
    assert (own_home / "elsewhere").read_bytes() == before


def test_a_journal_that_did_not_change_is_not_read_again(where: paths.Paths) -> None:
    """A turn looks at it twice a minute."""
    journal.append(where, entry("1"))
    first = journal.read(where)
    assert journal.read(where) is first
    journal.append(where, entry("2"))
    assert len(journal.read(where)) == 2


def test_a_long_journal_is_shortened(where: paths.Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last edits stay, each key's first, what a person took back, and each key's first after that."""
    monkeypatch.setattr(journal, "MOST_LINES", 30)
    monkeypatch.setattr(journal, "KEPT_LAST", 5)
    accepted = replace(entry("accepted", key("model"), command="accept"), digest_after="b" * 64)
    journal.append(where, accepted)
    for name, command in (
        ("first", "use"),
        ("again", "rule"),
        ("back", "reset"),
        ("anew", "use"),
        ("once more", "rule"),
    ):
        journal.append(where, entry(name, key("model"), command=command))
    journal.append(where, entry("other", key("model"), file="/etc/other.json"))
    for number in range(25):
        journal.append(where, entry(str(number), key("model"), command="rule"))
    ids = [one.id for one in journal.read(where)]
    assert ids == ["first", "back", "anew", "other", "18", "19", "20", "21", "22", "23", "24"]
    assert journal.look(where).problem is None


def test_a_large_journal_is_shortened_too(where: paths.Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long values count by their size."""
    monkeypatch.setattr(journal, "COMPACTED_BYTES", 5000)
    monkeypatch.setattr(journal, "KEPT_LAST", 1)
    for number in range(40):
        journal.append(where, entry(str(number), key("model")))
    assert journal.read(where)[0].id == "0"
    assert len(journal.read(where)) < 20


def test_a_file_is_untouched_until_it_is_changed_and_once_it_is_given_back() -> None:
    """Then what is there may be what was there before keeplit, and is kept for good."""
    used, back = entry("1"), entry("2", command="reset")
    accepted = replace(entry("3", command="accept"), digest_after=used.digest_before)
    assert journal.untouched([], FILE) is True
    assert journal.untouched([used], FILE) is False
    assert journal.untouched([used], "/other") is True
    assert journal.untouched([used, back], FILE) is True
    assert journal.untouched([accepted], FILE) is True
    assert journal.untouched([used, accepted], FILE) is False
    assert journal.untouched([used, back, replace(used, at=NOW + timedelta(1))], FILE) is False
    mend = replace(used, command="rule", reason="missing", changed=(Changed("model", None, '"opus"'),))
    assert journal.untouched([mend], FILE) is True
    let_go = replace(back, digest_before="", digest_after="", changed=(Changed("model", None, None),))
    assert journal.untouched([used, let_go], FILE) is True


def test_what_is_promised_stands_apart_until_it_is_dropped(where: paths.Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no edit, and outlives a journal that is shortened."""
    monkeypatch.setattr(journal, "MOST_LINES", 5)
    monkeypatch.setattr(journal, "KEPT_LAST", 1)
    promise = entry("promised", key("model"), phase=Phase.PROMISED)
    journal.append(where, promise)
    for number in range(8):
        journal.append(where, entry(str(number), key("model")))
    found = journal.look(where)
    assert (found.promises, promise in found.entries, len(found.entries) < 8) == ((promise,), False, True)
    journal.drop(where, promise)
    assert journal.look(where).promises == ()
