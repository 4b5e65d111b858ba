from __future__ import annotations

import pytest

from keeplit.core.journal_entry import Changed, Phase
from keeplit.core.undoing import Now
from keeplit.engine.notes import Sign, look, note, spelled
from tests.engine.written_by_commands import ODD, PROFILE, REGION, Desk, desk


@pytest.fixture
def mine(own_home: object) -> Desk:
    """Give a home whose settings are oddly spelled."""
    return desk()


def test_a_file_is_seen_by_key(mine: Desk) -> None:
    """With its digest; of config.toml it is said too whether a comment is in it. One that is not there says nothing."""
    seen = look(mine.paths, str(mine.settings))
    assert (dict(seen.now.said), len(seen.now.digest), seen.fault) == (
        {PROFILE: "home", "theme": "dark", "limit": 1.5},
        64,
        "",
    )
    assert look(mine.paths, str(mine.config)).now == Now()
    mine.config.parent.mkdir(parents=True)
    mine.config.write_bytes(b'[claude]\nprofile = "work" # mine\n')
    config = look(mine.paths, str(mine.config)).now
    assert (dict(config.said), config.more) == ({"claude.profile": "work"}, True)


def test_a_file_that_cannot_be_read_says_why(mine: Desk) -> None:
    """With what to do, for either file."""
    mine.says(b"{]")
    mine.config.parent.mkdir(parents=True)
    mine.config.write_bytes(b"[claude")
    for file in (mine.settings, mine.config):
        seen = look(mine.paths, str(file))
        assert (file.name in seen.fault, bool(seen.fix), dict(seen.now.said)) == (True, True, {})


def test_a_note_holds_what_the_file_says_and_writes_nothing(mine: Desk) -> None:
    """Its keys stand in order, one that is absent too, and it is done at once."""
    note(mine.paths, str(mine.settings), Sign("undo", "g", "first"), {REGION, PROFILE}, "kept")
    (entry,) = mine.journal
    assert entry.changed == (Changed(PROFILE, '"home"', '"home"'), Changed(REGION, None, None))
    assert (entry.command, entry.group, entry.undoes, entry.reason) == ("undo", "g", "first", "kept")
    assert (entry.phase, entry.digest_before) == (Phase.DONE, entry.digest_after)
    assert mine.settings.read_bytes() == ODD


def test_a_value_is_spelled_as_json() -> None:
    """An absent one is None."""
    values: tuple[object, ...] = (None, "a\n", 1.5, {})
    assert [spelled(value) for value in values] == [None, '"a\\n"', "1.5", "{}"]
