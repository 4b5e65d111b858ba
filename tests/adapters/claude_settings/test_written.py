import os
import sys
from pathlib import Path

import pytest

from keeplit.adapters.claude_settings.written import Kept, WriteResult, Written
from keeplit.core.journal_entry import Changed
from tests import conftest


def test_a_file_of_a_usual_kind_is_fit(tmp_path: Path) -> None:
    """Its mode is taken over; where nothing was, the file is only ours."""
    place = tmp_path / "settings.json"
    place.touch()
    place.chmod(0o644)
    kept = Kept.of(place.stat())
    assert kept.unfit(place) is None
    assert kept.mode & 0o644 == 0o644
    assert (Kept().mode, Kept().owner) == (0o600, None)


def test_a_read_only_file_is_a_persons_wish(tmp_path: Path) -> None:
    """It is refused with the command that lifts it, also for root, who could."""
    place = tmp_path / "settings.json"
    place.touch()
    place.chmod(0o444)
    unfit = Kept.of(place.stat()).unfit(place)
    assert unfit is not None
    assert (unfit.result, unfit.fix) == (WriteResult.REFUSED, f"chmod u+w {place}")


def test_a_file_with_a_second_name_is_refused(tmp_path: Path) -> None:
    """Replacing one of two names parts them, and the other program goes on with the old file."""
    place = tmp_path / "settings.json"
    place.touch()
    (tmp_path / "second").hardlink_to(place)
    unfit = Kept.of(place.stat()).unfit(place)
    assert unfit is not None
    assert (unfit.result, "has 2 names" in unfit.fault) == (WriteResult.REFUSED, True)


def test_another_users_file_is_refused(tmp_path: Path) -> None:
    """It cannot be given back to them; root can."""
    conftest.real_part("two users (run as root)", found=sys.platform != "win32" and os.geteuid() == 0)
    place = tmp_path / "settings.json"
    place.touch()
    os.chown(place, 12345, 12345)
    kept = Kept.of(place.stat())
    assert kept.unfit(place) is None
    os.seteuid(65534)
    try:
        unfit = kept.unfit(place)
    finally:
        os.seteuid(0)
    assert unfit is not None
    assert (unfit.result, unfit.fault) == (WriteResult.REFUSED, f"{place} belongs to another user")


@pytest.mark.parametrize("result", WriteResult)
def test_what_was_written_or_was_so_already_is_as_wanted(result: WriteResult) -> None:
    """The other endings are not, and no ending shows a value."""
    written = Written(result, changed=(Changed("env.ANTHROPIC_API_KEY", None, '"sk-secret"'),))
    assert written.as_wanted is (result in {WriteResult.WRITTEN, WriteResult.UNCHANGED})
    assert "sk-secret" not in repr(written)
