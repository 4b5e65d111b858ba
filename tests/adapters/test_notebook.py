import json
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keeplit.adapters import files, notebook
from keeplit.core.backoff import Backoff
from keeplit.core.memory import Answer, Asked, Memory, SessionMemory, Unshown
from keeplit.core.model import FOREVER, Verb, Wish
from keeplit.core.settings_model import Agreed, Repaired, SettingsMemory

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
LOCAL = "2026-05-04T09:00:00+02:00"
KEY = "a" * 40
FULL = SessionMemory(
    token="t1",
    first_seen_at=NOW,
    token_end=NOW + timedelta(hours=1),
    jitter=-0.25,
    refused="t0",
    ends_at=NOW,
    length=timedelta(hours=8),
    refresh=Backoff(3, NOW, timedelta(seconds=17.5), "transient", "500", "again"),
    asked=Asked(Verb.SIGN_IN, "w1", NOW),
    told=("signing_in:t0", "expiring:é"),
    reminder=True,
)
SETTINGS = SettingsMemory(
    "/s.json",
    {"env.AWS_PROFILE": Agreed("work", None, names=True), "model": Agreed(None, "é", released=True)},
    ("env.AWS_BEARER_TOKEN_BEDROCK",),
    since=NOW,
    repaired=(Repaired("model", NOW),),
    written_at=NOW,
    told=("gone:x",),
    write=Backoff(1, NOW, timedelta(seconds=5), "not_writable"),
)
UNSHOWN = Unshown("page:r1", NOW, KEY, "in_browser", "é", NOW, "no_service", 2)
MEMORY = Memory(
    {KEY: FULL, "b" * 40: SessionMemory()}, FOREVER, (Answer("w1", "done", "joined"),), SETTINGS, (UNSHOWN,)
)

times = st.datetimes(timezones=st.just(UTC))
lengths = st.timedeltas()
names = st.text(max_size=9)
kinds: dict[Any, st.SearchStrategy[Any]] = {
    str: names,
    bool: st.booleans(),
    int: st.integers(-(2**40), 2**40),
    float: st.floats(allow_nan=False, allow_infinity=False),
    timedelta: lengths,
    datetime: times,
    tuple[str, ...]: st.lists(names, max_size=3).map(tuple),
    tuple[Repaired, ...]: st.lists(st.builds(Repaired, names, times), max_size=2).map(tuple),
    Mapping[str, Agreed]: st.dictionaries(
        names, st.builds(Agreed, st.none() | names, st.none() | names, names=st.booleans()), max_size=2
    ),
    Verb: st.sampled_from(Verb),
}


def drawn(kind: Any) -> st.SearchStrategy[Any]:
    """Return what a field of this kind may hold, whatever fields there are."""
    if isinstance(kind, UnionType):
        return st.one_of([st.none() if part is NoneType else drawn(part) for part in get_args(kind)])
    if kind not in kinds:
        kinds[kind] = st.builds(kind, **{name: drawn(part) for name, part in get_type_hints(kind).items()})
    return kinds[kind]


sessions = drawn(SessionMemory)
answers = drawn(Answer)
memories = st.builds(
    Memory,
    st.dictionaries(names, sessions, max_size=2),
    st.none() | times,
    st.lists(answers, max_size=3).map(tuple),
    drawn(SettingsMemory),
    st.lists(drawn(Unshown), max_size=2).map(tuple),
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Give the place of a memory."""
    return tmp_path / "memory.json"


@given(memory=memories)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_every_memory_comes_back_as_it_was(page: Path, memory: Memory) -> None:
    """What is written down is what is read, every field, to the microsecond, at any time of any clock."""
    notebook.write_memory(page, memory)
    assert notebook.read_memory(page) == (memory, None)


def test_nothing_is_remembered_at_first(page: Path) -> None:
    """No file is no problem."""
    assert notebook.read_memory(page) == (Memory(), None)


def test_an_unchanged_memory_is_not_written_again(page: Path) -> None:
    """An idle daemon writes nothing."""
    assert notebook.write_memory(page, MEMORY) is True
    assert notebook.write_memory(page, replace(MEMORY)) is False
    assert page.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"7", b'{"schema":"one"}', b"\xff\xfe{}", b'{"schema":1,"sessions":[]}', b"[" * 200_000],
    ids=["empty", "half", "list", "number", "wrong schema", "not UTF-8", "wrong sessions", "deep"],
)
def test_a_memory_that_cannot_be_read_is_kept_aside_and_said(page: Path, text: bytes) -> None:
    """keeplit goes on with an empty memory; nothing is lost, and a person is told where it is."""
    page.write_bytes(text)
    memory, problem = notebook.read_memory(page)
    assert memory == Memory()
    assert problem is not None
    assert problem.code == "memory_unreadable"
    assert page.with_name("memory.json.bad").read_bytes() == text


def test_a_memory_from_the_future_is_read_as_it_is(page: Path) -> None:
    """A clock that was set back makes no file unreadable; what such times mean is not decided here."""
    far = SessionMemory(token="t1", first_seen_at=FOREVER, refresh=Backoff(1, FOREVER, timedelta.max))
    notebook.write_memory(page, Memory({KEY: far}, FOREVER))
    assert notebook.read_memory(page) == (Memory({KEY: far}, FOREVER), None)


def test_a_huge_memory_is_put_aside_and_the_next_one_written(page: Path) -> None:
    """It is not read into memory, and does not keep the daemon from remembering."""
    with page.open("wb") as huge:
        huge.truncate(notebook.MOST_BYTES + 1)
    memory, problem = notebook.read_memory(page)
    assert memory == Memory()
    assert problem is not None
    assert "larger than" in problem.sentence
    assert page.with_name("memory.json.bad").stat().st_size == notebook.MOST_BYTES + 1
    assert notebook.write_memory(page, MEMORY) is True
    assert notebook.read_memory(page) == (MEMORY, None)


def test_a_large_memory_can_be_replaced_by_a_small_one(page: Path) -> None:
    """Being large for a while must not make it last for ever."""
    page.write_bytes(b'{"schema":1}' + b" " * (2 * files.LIMIT))
    assert notebook.read_memory(page) == (Memory(), None)
    assert notebook.write_memory(page, MEMORY) is True


def test_a_folder_in_the_memorys_place_is_put_aside(page: Path) -> None:
    """Nothing could ever be written there."""
    page.mkdir()
    memory, problem = notebook.read_memory(page)
    assert memory == Memory()
    assert problem is not None
    assert notebook.write_memory(page, MEMORY) is True


def test_a_time_of_another_zone_costs_its_session(page: Path) -> None:
    """keeplit writes UTC; near the first and the last year others cannot be moved to it."""
    page.write_text(json.dumps({"schema": 1, "sessions": {KEY: {"ends_at": "0001-01-01T00:00:00+14:00"}}}))
    memory, problem = notebook.read_memory(page)
    assert memory == Memory()
    assert problem is not None


@pytest.mark.parametrize("pause", ["7", '"soon"', '"2026-05-04T09:00:00"', "{}"])
def test_a_bad_pause_alone_is_said_too(page: Path, pause: str) -> None:
    """A person who paused learns that keeplit no longer knows of it."""
    page.write_text(f'{{"schema":1,"paused_until":{pause}}}')
    memory, problem = notebook.read_memory(page)
    assert memory == Memory()
    assert problem is not None
    assert page.with_name("memory.json.bad").exists()


def test_a_name_that_is_no_utf_8_costs_its_odd_characters_only(page: Path) -> None:
    """Folders may be called anything; a status or a memory that names one is still written."""
    odd = os.fsdecode(b"caf\xe9")
    assert notebook.write_status(page, {"path": odd, "list": [odd, 1], odd: None}) is True
    assert json.loads(page.read_bytes()) == {"path": "caf?", "list": ["caf?", 1], "caf?": None}
    memory = Memory({KEY: replace(FULL, told=(odd,))}, FOREVER)
    notebook.write_memory(page, memory)
    assert notebook.read_memory(page) == (Memory({KEY: replace(FULL, told=("caf?",))}, FOREVER), None)


def test_a_memory_of_a_newer_version_is_kept_aside(page: Path) -> None:
    """After a downgrade the newer file is not guessed at, and not lost."""
    page.write_text(json.dumps({"schema": 2, "sessions": {KEY: {}}}))
    memory, problem = notebook.read_memory(page)
    assert memory == Memory()
    assert problem is not None
    assert "version 2" in problem.sentence


def test_one_bad_session_does_not_cost_the_others(page: Path) -> None:
    """Each session is read by itself: wrong types, and times without a zone, lose that one alone."""
    notebook.write_memory(page, MEMORY)
    document = json.loads(page.read_bytes())
    document["sessions"]["c" * 40] = {"life": "for ever"}
    document["sessions"]["d" * 40] = {"first_seen_at": "2026-05-04T09:00:00"}
    document["sessions"]["e" * 40] = {"refresh": {"at": "2026-05-04T09:00:00"}}
    document["sessions"]["f" * 40] = 7
    page.write_text(json.dumps(document))
    memory, problem = notebook.read_memory(page)
    assert memory == MEMORY
    assert problem is not None


def test_bad_answers_and_a_bad_pause_cost_only_themselves(page: Path) -> None:
    """A pause that cannot be read is none: renewing goes on either way."""
    notebook.write_memory(page, MEMORY)
    document = json.loads(page.read_bytes())
    page.write_text(json.dumps({**document, "answers": "none", "paused_until": "2026-05-04T09:00:00"}))
    memory, problem = notebook.read_memory(page)
    assert memory == Memory(MEMORY.sessions, settings=SETTINGS, unshown=(UNSHOWN,))
    assert problem is not None


@pytest.mark.parametrize(
    "bad", [7, {"agreed": {"model": 1}}, {"since": "2026-05-04T09:00:00"}, {"repaired": [{"key": "a", "at": LOCAL}]}]
)
def test_a_bad_memory_of_the_settings_costs_nothing_else(page: Path, bad: object) -> None:
    """The file then wins, as at the first run."""
    notebook.write_memory(page, MEMORY)
    page.write_text(json.dumps({**json.loads(page.read_bytes()), "settings": bad}))
    memory, problem = notebook.read_memory(page)
    assert memory == replace(MEMORY, settings=SettingsMemory())
    assert problem is not None


def test_a_link_in_the_memorys_place_is_not_followed(page: Path, tmp_path: Path) -> None:
    """Whoever planted it does not decide what is remembered."""
    (tmp_path / "planted").write_bytes(b'{"schema":1}')
    page.symlink_to(tmp_path / "planted")
    memory, problem = notebook.read_memory(page)
    assert memory == Memory()
    assert problem is not None
    assert "is a link" in problem.sentence


def test_a_wish_is_read_as_it_was_written(tmp_path: Path) -> None:
    """All its fields, under its own name."""
    wish = Wish("w1", Verb.LATER, KEY, timedelta(minutes=15), "t1", NOW)
    notebook.write_wish(tmp_path, wish)
    assert notebook.read_wishes(tmp_path) == notebook.Wishes((wish,))
    assert (tmp_path / "w1.json").stat().st_mode & 0o777 == 0o600
    assert notebook.drop_wishes(tmp_path, ["w1", "never there"]) == 1
    assert notebook.read_wishes(tmp_path) == notebook.Wishes(())


def test_the_oldest_wishes_come_first_and_not_all_at_once(tmp_path: Path) -> None:
    """A thousand wishes are taken in portions, in the order in which they came."""
    for number in range(1000):
        notebook.write_wish(tmp_path, Wish(f"w{number:04}", Verb.PAUSE))
        os.utime(tmp_path / f"w{number:04}.json", (1000 - number, 1000 - number))
    first = notebook.read_wishes(tmp_path)
    assert [wish.id for wish in first.wishes] == [f"w{number:04}" for number in range(999, 899, -1)]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"7",
        b'{"id":"other","verb":"pause"}',
        b'{"id":"w1","verb":"run rm"}',
        b'{"id":"w1","verb":"pause","duration":"long"}',
        b'{"id":"w1","verb":"sign_in","not_after":"2026-05-04T09:00:00"}',
        b'{"id":"w1","verb":"pause","token":"' + b"x" * 5000 + b'"}',
        b"\xff",
    ],
    ids=["empty", "half", "number", "other id", "other verb", "wrong duration", "no zone", "huge", "not UTF-8"],
)
def test_what_is_no_wish_is_deleted(tmp_path: Path, text: bytes) -> None:
    """It is never guessed at, and does not come again."""
    (tmp_path / "w1.json").write_bytes(text)
    assert notebook.read_wishes(tmp_path) == notebook.Wishes((), ("w1.json",))
    assert not (tmp_path / "w1.json").exists()


def test_a_wish_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    """The temporary file of another process is not a wish yet."""
    (tmp_path / ".w1.json.keeplit").write_bytes(b"")
    assert notebook.read_wishes(tmp_path) == notebook.Wishes(())
    assert (tmp_path / ".w1.json.keeplit").exists()


def test_a_planted_link_is_no_wish(tmp_path: Path) -> None:
    """The link goes, what it points to stays."""
    target = tmp_path / "target"
    target.write_bytes(b'{"id":"w1","verb":"pause"}')
    (tmp_path / "w1.json").symlink_to(target)
    assert notebook.read_wishes(tmp_path).wishes == ()
    assert target.exists()


def test_no_folder_holds_no_wishes(tmp_path: Path) -> None:
    """Before the first start there is nothing; and a file in its place holds none."""
    assert notebook.read_wishes(tmp_path / "gone") == notebook.Wishes(())
    (tmp_path / "file").touch()
    assert notebook.read_wishes(tmp_path / "file") == notebook.Wishes(())
    assert notebook.asked_since(tmp_path / "file", ["work"], NOW) == frozenset()


def test_a_folder_that_is_closed_to_us_holds_no_wishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A renewal that is due does not wait until somebody opens it."""

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    assert notebook.read_wishes(tmp_path) == notebook.Wishes(())
    assert notebook.asked_since(tmp_path, ["work"], NOW) == frozenset()


def test_a_wish_that_another_took_meanwhile_is_not_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two turns may read the same folder at once."""
    notebook.write_wish(tmp_path, Wish("w1", Verb.PAUSE))
    monkeypatch.setattr(files, "read_own", lambda path, _: path.unlink())
    assert notebook.read_wishes(tmp_path) == notebook.Wishes(())


def test_a_folder_named_like_a_wish_is_passed_over(tmp_path: Path) -> None:
    """It is no wish, and costs the others nothing."""
    (tmp_path / "w0.json").mkdir()
    notebook.write_wish(tmp_path, Wish("w1", Verb.PAUSE))
    assert notebook.read_wishes(tmp_path) == notebook.Wishes((Wish("w1", Verb.PAUSE),))


def test_the_status_is_one_line_of_json_and_not_rewritten(tmp_path: Path) -> None:
    """Scripts read it whole; watchers are woken only by a change."""
    place = tmp_path / "status.json"
    assert notebook.write_status(place, {"schema": 1, "name": "é"}) is True
    assert place.read_text("utf-8") == '{"schema":1,"name":"é"}\n'
    assert notebook.write_status(place, {"schema": 1, "name": "é"}) is False


def test_asking_for_a_profile_is_noted_hourly_at_most(tmp_path: Path) -> None:
    """Its time is the note, and a note an hour old is made new; one from the future too."""
    folder = tmp_path / "asked"
    notebook.touch_asked(folder, "wörk\n--x", NOW)
    note = notebook.asked_file(folder, "wörk\n--x")
    assert note.stat().st_mtime == NOW.timestamp()
    notebook.touch_asked(folder, "wörk\n--x", NOW + timedelta(minutes=59))
    assert note.stat().st_mtime == NOW.timestamp()
    later = NOW + timedelta(minutes=61)
    notebook.touch_asked(folder, "wörk\n--x", later)
    assert note.stat().st_mtime == later.timestamp()
    notebook.touch_asked(folder, "wörk\n--x", NOW)
    assert note.stat().st_mtime == NOW.timestamp()


def test_a_link_in_a_notes_place_is_not_followed(tmp_path: Path) -> None:
    """What it points to keeps its time."""
    folder = files.private_folder(tmp_path / "asked")
    victim = tmp_path / "victim"
    victim.touch()
    os.utime(victim, (1000, 1000))
    note = notebook.asked_file(folder, "work")
    note.symlink_to(victim)
    os.utime(note, (1000, 1000), follow_symlinks=False)
    notebook.touch_asked(folder, "work", NOW)
    assert victim.stat().st_mtime == 1000
    assert not note.is_symlink()
    assert note.stat().st_mtime == NOW.timestamp()


def test_a_note_that_is_being_written_costs_no_other(tmp_path: Path) -> None:
    """Its passing name may be gone when its time is read: no session falls out of use for that."""
    folder = tmp_path / "asked"
    notebook.touch_asked(folder, "work", NOW)
    (folder / f".{'0' * 40}.keeplit").symlink_to("gone")
    (folder / ("0" * 40)).symlink_to("gone")
    assert notebook.asked_since(folder, ["work"], NOW - timedelta(hours=1)) == frozenset({"work"})


def test_who_was_asked_for_lately_is_known_by_name(tmp_path: Path) -> None:
    """Only the profiles that exist are looked for; the notes hold no names."""
    folder = tmp_path / "asked"
    assert notebook.asked_since(folder, ["work"], NOW) == frozenset()
    files.private_folder(folder)
    assert notebook.asked_since(folder, ["work"], NOW) == frozenset()
    notebook.touch_asked(folder, "work", NOW)
    notebook.touch_asked(folder, "old", NOW - timedelta(days=2))
    found = notebook.asked_since(folder, ["work", "old", "never"], NOW - timedelta(days=1))
    assert found == frozenset({"work"})


@pytest.mark.parametrize(
    "unshown",
    [
        '"none"',
        '[{"cause":"c"}]',
        f'[{{"cause":"c","at":"{LOCAL}"}}]',
        f'[{{"cause":"c","at":"2026-05-04T09:00:00Z","about":"{LOCAL}"}}]',
    ],
)
def test_notices_that_cannot_be_read_cost_themselves_alone(page: Path, unshown: str) -> None:
    """Nothing else is forgotten for them, and a person is told."""
    page.write_text(f'{{"schema":1,"sessions":{{"{KEY}":{{"token":"t1"}}}},"unshown":{unshown}}}')
    memory, problem = notebook.read_memory(page)
    assert memory == Memory({KEY: SessionMemory("t1")})
    assert problem is not None
