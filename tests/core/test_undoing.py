"""A small world of files that say keys, written by keeplit with a journal and by others without one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keeplit.core.journal_entry import Changed, Entry, Phase
from keeplit.core.undoing import Back, Now, commands, held, meaning, reset, reverse, undo

FILE, OTHER = "settings.json", "config.toml"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PROFILE, REGION, MODEL = "env.AWS_PROFILE", "env.AWS_REGION", "model"


def raw(value: str | None) -> str | None:
    """Return a value as the journal spells it."""
    return None if value is None else json.dumps(value)


def digest(says: Mapping[str, str] | None) -> str:
    """Return a digest of what a file says; empty where there is none."""
    return "" if says is None else f"digest of {sorted(says.items())}"


@dataclass
class Disk:
    """The files, by what they say, and the journal."""

    says: dict[str, dict[str, str]] = field(default_factory=dict)
    journal: list[Entry] = field(default_factory=list)
    more: bool = False
    backups: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, Now]:
        """Return the files as the core is told of them."""
        return {file: Now(digest(says), says, self.more) for file, says in self.says.items()}

    def write(self, group: str, command: str, wanted: Mapping[str, str | None], **more: str) -> None:
        """Let keeplit write keys; what is so already is no change."""
        file = more.pop("file", FILE)
        old = self.says.get(file)
        changed = [Changed(k, raw((old or {}).get(k)), raw(v)) for k, v in wanted.items() if (old or {}).get(k) != v]
        new = {key: value for key, value in ((old or {}) | dict(wanted)).items() if value is not None}
        self.replace(group, command, file, None if old is None and not new else new, tuple(changed), **more)

    def replace(
        self, group: str, command: str, file: str, new: dict[str, str] | None, changed: tuple[Changed, ...], **more: str
    ) -> None:
        """Let keeplit put a file in place, with its entry in the journal."""
        at = NOON + timedelta(minutes=len(self.journal))
        before, after = digest(self.says.get(file)), digest(new)
        name = f"entry {len(self.journal)}"
        self.journal.append(Entry(name, group, at, command, file, changed, before, after, phase=Phase.DONE, **more))
        self.backups[before] = self.says.pop(file, {})
        if new is not None:
            self.says[file] = new

    def someone_writes(self, file: str = FILE, **wanted: str | None) -> None:
        """Let a third party write keys: "profile", "region", "model" or any other."""
        names = {"profile": PROFILE, "region": REGION, "model": MODEL}
        new = self.says.get(file, {}) | {names.get(key, key): value for key, value in wanted.items()}
        self.says[file] = {key: value for key, value in new.items() if value is not None}

    def take_back(self, backs: tuple[Back, ...], command: str, undoes: str = "") -> None:
        """Do what the core says."""
        group = f"group of entry {len(self.journal)}"
        for back in backs:
            inverse = {one.key: one for one in reversed(back.changed)}
            changed = tuple(Changed(key, one.after, one.before) for key, one in inverse.items())
            wanted = {key: json.loads(one.before) if one.before else None for key, one in inverse.items()}
            if back.whole is None:
                self.write(group, command, wanted, file=back.file, undoes=undoes)
            else:
                new = dict(self.backups[back.whole]) if back.whole else None
                self.replace(group, command, back.file, new, changed, undoes=undoes)

    def undo(self, number: int = 1) -> tuple[Back, ...]:
        """Undo a command, and return what the core said."""
        found = next(one for one in commands(self.journal, self.files) if one.number == number)
        backs = undo(found, self.files)
        self.take_back(backs, "undo", found.group)
        return backs

    def reset(self) -> tuple[Back, ...]:
        """Reset, and return what the core said."""
        backs = reset(self.journal, self.files)
        self.take_back(backs, "reset")
        return backs

    def numbers(self) -> list[tuple[int | None, str]]:
        """Return the numbers and groups of the commands, the last one first."""
        return [(one.number, one.group) for one in commands(self.journal, self.files)]


@pytest.fixture
def disk() -> Disk:
    """Give a disk on which a person's settings lie, and on which `use` has switched the profile and the region."""
    told = {PROFILE: "home", "theme": "dark"}
    mine = Disk({FILE: dict(told)})
    mine.write("first", "use", {PROFILE: "work", REGION: "eu-west-1"})
    return mine


def test_an_undo_takes_back_all_keys_of_a_command(disk: Disk) -> None:
    """All keys of the last command go back, in all its files, and each old text may be put back whole."""
    disk.write("first", "use", {"claude.profile": "work"}, file=OTHER)
    command = commands(disk.journal, disk.files)[0]
    assert (command.files, command.keys) == ((FILE, OTHER), (PROFILE, REGION, "claude.profile"))
    backs = disk.undo()
    assert [(back.whole, back.left) for back in backs] == [(digest({PROFILE: "home", "theme": "dark"}), ()), ("", ())]
    assert disk.says == {FILE: {PROFILE: "home", "theme": "dark"}}


def test_a_reset_that_lets_go_ends_the_history(disk: Disk) -> None:
    """Somebody removed the file, and the reset wrote that down alone: what stands there later is a person's."""
    del disk.says[FILE]
    disk.journal.append(Entry("let go", "a reset", NOON, "reset", FILE, (), "", "", phase=Phase.DONE))
    disk.someone_writes(profile="new")
    assert (reset(disk.journal, disk.files), held(disk.journal)) == ((), frozenset())
    disk.write("second", "use", {PROFILE: "work"})
    disk.reset()
    assert disk.says == {FILE: {PROFILE: "new"}}


def test_an_undo_counts_back(disk: Disk) -> None:
    """The second last command is taken back key by key, and the last one stands."""
    disk.write("second", "use", {MODEL: "opus"})
    backs = disk.undo(2)
    assert [back.whole for back in backs] == [None]
    assert disk.says[FILE] == {PROFILE: "home", "theme": "dark", MODEL: "opus"}
    assert disk.numbers() == [(1, "second"), (None, "first")]


def test_neither_undone_commands_nor_undos_are_counted(disk: Disk) -> None:
    """An undo after an undo takes back the command before; an accepted file is no command either."""
    disk.write("second", "use", {REGION: "us-east-1"})
    disk.write("third", "accept", {})
    disk.undo()
    assert disk.numbers() == [(None, "second"), (1, "first")]
    disk.undo()
    assert disk.says[FILE] == {PROFILE: "home", "theme": "dark"}
    assert disk.numbers() == [(None, "second"), (None, "first")]


def test_a_repair_of_the_daemon_is_a_command(disk: Disk) -> None:
    """What a rule wrote is counted and taken back like any command, and says its rule."""
    disk.someone_writes(profile=None)
    disk.write("of the rule", "rule", {PROFILE: "work"}, reason="settings_missing")
    newest = commands(disk.journal, disk.files)[0]
    assert (newest.number, newest.command, newest.reason) == (1, "rule", "settings_missing")
    disk.undo()
    assert PROFILE not in disk.says[FILE]


def test_what_someone_else_changed_is_left_alone(disk: Disk) -> None:
    """A key that no longer holds what the command wrote is named and kept; the others go back."""
    disk.someone_writes(profile="theirs")
    (back,) = disk.undo()
    assert (back.left, [one.key for one in back.changed], back.nothing) == ((PROFILE,), [REGION], False)
    assert disk.says[FILE] == {PROFILE: "theirs", "theme": "dark"}


def test_what_is_back_already_is_nothing_to_do(disk: Disk) -> None:
    """Where the file says again what it said before, nothing is written and nobody is blamed."""
    disk.someone_writes(profile="home", region=None, theme="light")
    (back,) = disk.undo()
    assert (back.nothing, back.left) == (True, ())


def test_several_edits_of_one_command_go_back_in_order(disk: Disk) -> None:
    """A key that one command wrote twice goes back to what it was before the first time."""
    disk.write("first", "use", {PROFILE: "third"})
    (back,) = disk.undo()
    assert [(one.key, one.after) for one in back.changed] == [
        (PROFILE, '"work"'),
        (REGION, '"eu-west-1"'),
        (PROFILE, '"third"'),
    ]
    assert back.whole == digest(disk.says[FILE]) == digest({PROFILE: "home", "theme": "dark"})


@pytest.mark.parametrize(("seen", "numbers"), [(True, [(1, "killed"), (2, "first")]), (False, [(1, "first")])])
def test_an_edit_that_was_killed_counts_where_it_is_seen(disk: Disk, seen: bool, numbers: object) -> None:  # noqa: FBT001  # a case
    """A kill between the journal and the file leaves no command; a kill after the file leaves one."""
    before = dict(disk.says[FILE])
    disk.write("killed", "use", {MODEL: "opus"})
    changed = (*disk.journal[-1].changed, Changed("theme", '"dark"', '"dark"'))
    disk.journal[-1] = replace(disk.journal[-1], phase=Phase.BEGUN, changed=changed)
    if not seen:
        disk.says[FILE] = before
    assert disk.numbers() == numbers


def test_an_edit_that_was_killed_and_done_again_is_one(disk: Disk) -> None:
    """Where the first never reached the file, a reset still puts back the bytes of before."""
    before = dict(disk.says[FILE])
    disk.write("second", "use", {MODEL: "opus"})
    disk.journal.insert(-1, replace(disk.journal[-1], id="killed", group="killed", phase=Phase.BEGUN))
    (back,) = reset(disk.journal, disk.files)
    assert back.whole == digest({PROFILE: "home", "theme": "dark"})
    (back,) = undo(commands(disk.journal, disk.files)[0], disk.files)
    assert back.whole == digest(before)


def test_an_undo_that_was_killed_halfway_is_done_again(disk: Disk) -> None:
    """A command of two files is undone only when both are."""
    disk.write("first", "use", {"claude.profile": "work"}, file=OTHER)
    first, second = undo(commands(disk.journal, disk.files)[0], disk.files)
    disk.take_back((first,), "undo", "first")
    assert disk.numbers() == [(1, "first")]
    again = undo(commands(disk.journal, disk.files)[0], disk.files)
    assert [back.nothing for back in again] == [True, False]
    disk.take_back((second,), "undo", "first")
    assert disk.numbers() == [(None, "first")]


def test_an_undo_removes_a_file_that_the_command_made() -> None:
    """Where `use` made the file and nothing else is in it, the undo removes it; else only the keys go."""
    disk = Disk()
    disk.write("first", "setup", {PROFILE: "work"})
    assert [back.whole for back in disk.undo()] == [""]
    assert disk.says == {}
    disk.write("second", "setup", {PROFILE: "work", REGION: "eu-west-1"})
    disk.write("third", "use", {REGION: "us-east-1"})
    assert [(back.whole, back.left) for back in disk.undo(2)] == [(None, (REGION,))]
    assert disk.says == {FILE: {REGION: "us-east-1"}}


def test_a_reset_restores_the_old_bytes(disk: Disk) -> None:
    """Where nobody else wrote, the bytes from before keeplit go back, whatever commands there were."""
    disk.write("second", "use", {MODEL: "opus", REGION: None})
    disk.undo()
    disk.write("third", "rule", {PROFILE: "other"})
    (back,) = disk.reset()
    assert back.whole == digest({PROFILE: "home", "theme": "dark"})
    assert disk.says[FILE] == {PROFILE: "home", "theme": "dark"}
    assert disk.reset() == ()


def test_a_reset_goes_key_by_key_where_others_wrote(disk: Disk) -> None:
    """A foreign edit since is kept; each key goes to what it was first, and a key that others changed is refused."""
    disk.write("second", "use", {REGION: "us-east-1"})
    disk.someone_writes(profile="theirs", font="large")
    (back,) = disk.reset()
    assert (back.whole, back.left) == (None, (PROFILE,))
    assert back.changed == (Changed(REGION, None, '"us-east-1"'),)
    assert disk.says[FILE] == {PROFILE: "theirs", "theme": "dark", "font": "large"}


def test_a_foreign_edit_between_ours_is_kept(disk: Disk) -> None:
    """Old bytes are not put back over what someone wrote between two of our edits."""
    disk.someone_writes(font="large")
    disk.write("second", "use", {REGION: "us-east-1"})
    (back,) = disk.reset()
    assert (back.whole, back.left) == (None, ())
    assert disk.says[FILE] == {PROFILE: "home", "theme": "dark", "font": "large"}


@pytest.mark.parametrize(
    ("others", "more", "whole"), [({}, False, ""), ({"font": "large"}, False, None), ({}, True, None)]
)
def test_a_reset_removes_a_file_that_keeplit_made(others: dict[str, str], more: bool, whole: str | None) -> None:  # noqa: FBT001  # a case
    """A file that keeplit made goes where nothing else is in it, a comment included; `env` alone is nothing."""
    disk = Disk(more=more)
    disk.write("first", "setup", {PROFILE: "work", REGION: "eu-west-1"})
    disk.someone_writes(region=None, **others)
    (back,) = disk.reset()
    assert (back.whole, [one.key for one in back.changed]) == (whole, [PROFILE])
    assert disk.says == ({} if whole == "" else {FILE: others})


def test_a_file_that_someone_removed_stays_away(disk: Disk) -> None:
    """Where the file is gone since, an undo and a reset write none; the key that was a person's is named."""
    del disk.says[FILE]
    (back,) = disk.undo()
    assert (back.nothing, back.left) == (True, (PROFILE,))
    made = Disk()
    made.write("first", "setup", {PROFILE: "work"})
    del made.says[FILE]
    assert made.reset() == ()


def test_after_a_reset_history_begins_anew(disk: Disk) -> None:
    """What a person writes after a reset, or after an undo of all, is what the next reset returns to."""
    disk.reset()
    disk.someone_writes(profile="theirs")
    disk.write("second", "use", {PROFILE: "work"})
    (back,) = disk.reset()
    assert (back.whole, disk.says[FILE][PROFILE]) == (digest(disk.says[FILE]), "theirs")
    disk.write("third", "use", {PROFILE: "work", REGION: "eu-west-1"})
    disk.someone_writes(region="theirs")
    assert [back.left for back in disk.reset()] == [(REGION,)]
    disk.someone_writes(profile="newest")
    disk.write("fourth", "use", {PROFILE: "work"})
    disk.reset()
    assert disk.says[FILE] == {PROFILE: "newest", REGION: "theirs", "theme": "dark"}


def test_a_reset_can_be_undone(disk: Disk) -> None:
    """A reset is a command: its undo brings back what was kept, a file that the reset removed included."""
    disk.reset()
    disk.undo()
    assert disk.says[FILE] == {PROFILE: "work", REGION: "eu-west-1", "theme": "dark"}
    made = Disk()
    made.write("first", "setup", {PROFILE: "work"})
    made.reset()
    assert made.says == {}
    assert [back.whole for back in made.undo()] == [digest({PROFILE: "work"})]


def test_a_repair_leaves_what_was_before_keeplit() -> None:
    """What a repair brought back stays, what came since stays, and the damaged bytes are no beginning."""
    disk = Disk({FILE: {"theme": "dark"}})
    disk.write("by itself", "rule", {PROFILE: "home"}, reason="missing")
    assert (held(disk.journal), reset(disk.journal, disk.files)) == (frozenset(), ())
    disk.someone_writes(model="opus")
    disk.write("first", "use", {PROFILE: "work"})
    (back,) = disk.reset()
    assert back.whole == digest({"theme": "dark", PROFILE: "home", MODEL: "opus"})
    assert disk.says[FILE] == {"theme": "dark", PROFILE: "home", MODEL: "opus"}


def test_a_repair_goes_on_with_a_history(disk: Disk) -> None:
    """A key that `use` wrote, and that a repair wrote again, goes back to what was there before `use`."""
    disk.someone_writes(profile=None, region=None)
    disk.write("by itself", "rule", {PROFILE: "work", REGION: "eu-west-1"}, reason="missing")
    disk.reset()
    assert disk.says[FILE] == {PROFILE: "home", "theme": "dark"}


def test_an_undone_repair_is_no_history_either() -> None:
    """What a person took out twice stays out."""
    disk = Disk({FILE: {"theme": "dark"}})
    disk.write("by itself", "rule", {PROFILE: "home"}, reason="missing")
    disk.undo()
    assert (disk.says[FILE], disk.reset()) == ({"theme": "dark"}, ())


def test_what_is_only_agreed_on_is_no_work(disk: Disk) -> None:
    """An entry that writes nothing names no key in the list, and neither begins nor breaks a history."""
    disk.reset()
    same = (Changed(PROFILE, '"home"', '"home"'),)
    disk.replace("noted", "reset", FILE, dict(disk.says[FILE]), same, reason="kept")
    assert commands(disk.journal, disk.files)[0].keys == ()
    disk.someone_writes(profile="theirs")
    disk.write("second", "use", {PROFILE: "work"})
    (back,) = disk.reset()
    assert back.whole == digest({PROFILE: "theirs", "theme": "dark"})


def test_an_accepted_file_is_not_ours_to_reset(disk: Disk) -> None:
    """What a person wrote and then accepted is theirs: a reset leaves it and names it."""
    disk.someone_writes(profile="theirs")
    disk.journal.append(
        Entry("a", "a", NOON, "accept", FILE, (Changed(PROFILE, '"work"', '"theirs"'),), "x", "x", phase=Phase.DONE)
    )
    assert [back.left for back in reset(disk.journal, disk.files)] == [(PROFILE,)]


def test_a_file_holds_something_of_ours_until_its_reset(disk: Disk) -> None:
    """Whatever a file says now, the journal tells whether something in it is keeplit's."""
    assert held(disk.journal) == {FILE}
    disk.reset()
    assert held(disk.journal) == frozenset()
    disk.replace("second", "repair", FILE, {"theme": "light"}, ())
    assert held(disk.journal) == {FILE}


def test_an_edit_in_reverse_says_each_key_once() -> None:
    """A key that was written twice goes from its last value to its first."""
    done = (Changed("a", "1", "2"), Changed("b", None, "3"), Changed("a", "2", None))
    assert reverse(done) == (Changed("a", None, "1"), Changed("b", "3", None))


def test_a_spelling_means_a_value() -> None:
    """The journal's spellings are JSON; one that is none stands for itself, and no spelling for an absent key."""
    assert [meaning(spelled) for spelled in ('"\\u0061"', "true", "'a'", None)] == ["a", True, "'a'", None]


KEYS = st.sampled_from([PROFILE, REGION, MODEL])
WANTED = st.dictionaries(KEYS, st.one_of(st.none(), st.sampled_from(["one", "two", "three"])), min_size=1)


@given(st.dictionaries(KEYS, st.just("original")), st.lists(WANTED, min_size=1, max_size=6))
def test_as_many_undos_as_commands_bring_everything_back(
    before: dict[str, str], uses: list[dict[str, str | None]]
) -> None:
    """Whatever was used, undoing each command returns to the start, and nothing is then left to reset."""
    disk = Disk({FILE: dict(before)})
    for number, wanted in enumerate(uses):
        disk.write(f"use {number}", "use", wanted)
    for _ in uses:
        disk.undo()
    assert disk.says == {FILE: before}
    assert reset(disk.journal, disk.files) == ()


STEPS = st.lists(st.tuples(st.sampled_from(["use", "undo", "someone", "rule"]), WANTED), max_size=8)


@example(
    {},
    [("someone", {REGION: "one"}), ("use", {REGION: None}), ("someone", {REGION: "one"}), ("someone", {REGION: None})],
)
@given(st.dictionaries(KEYS, st.just("original")), STEPS)
def test_a_reset_touches_nothing_that_is_not_ours(
    before: dict[str, str], steps: list[tuple[str, dict[str, str | None]]]
) -> None:
    """After any history a reset leaves what others wrote last, and leaves nothing of what keeplit wrote last."""
    disk = Disk({FILE: {**before, "theme": "dark"}})
    last = dict.fromkeys((PROFILE, REGION, MODEL), "nobody")
    ours: dict[str, str | None] = {}
    for number, (what, wanted) in enumerate(steps):
        old = dict(disk.says[FILE])
        if what == "someone":
            disk.someone_writes(FILE, **wanted)
        elif what == "undo" and any(count for count, _ in disk.numbers()):
            disk.undo()
        elif what != "undo":
            disk.write(f"{what} {number}", what, wanted)
        says = disk.says[FILE]
        for key in (key for key in last if old.get(key) != says.get(key)):
            if what != "someone":
                ours[key] = says.get(key)
            last[key] = "use" if key in ours and ours[key] == says.get(key) else what  # nobody can tell these apart
    old = dict(disk.says[FILE])
    (*_, back) = (Back(FILE), *disk.reset())
    new = disk.says[FILE]
    assert new["theme"] == "dark"
    for key, who in last.items():
        if who in {"someone", "nobody"}:
            assert new.get(key) == old.get(key) or new.get(key) == before.get(key)
    assert all(new.get(key) == old.get(key) for key in back.left)
    assert reset(disk.journal, disk.files) == ((Back(FILE, (), back.left),) if back.left else ())
