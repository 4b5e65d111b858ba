from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, files, sign_in_files
from keeplit.core.model import SignIn
from keeplit.core.sign_in_flow import Page
from keeplit.core.view import NoticeStatus
from keeplit.engine import untold

KEY, ACME = "a" * 40, "https://acme.awsapps.com/start"
RUNNING = SignIn("r1", KEY, ACME, clock.now() - timedelta(minutes=1))
PAGE = Page("https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH", "ABCD-EFGH")
WAITS = "A sign-in waits for you in the browser."


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Give the folder of the records."""
    return tmp_path / "keeplit"


def notice(cause: str) -> NoticeStatus:
    """Return a published notice."""
    return {"id": cause, "title": "Signing in", "text": WAITS, "not_after": "2026-03-02T12:10:00Z"}


def test_the_page_of_a_sign_in_that_runs_is_said_with_its_code(own: Path) -> None:
    """The terminal is the person's own; another sign-in's page is not."""
    files.private_folder(own)
    with files.lock(sign_in_files.sign_in_lock(own, ACME), timeout=5):
        sign_in_files.write(own, RUNNING, PAGE)
        mine, other = untold.text(own, notice("page:r1")), untold.text(own, notice("page:r2"))

        line = untold.line(own, notice("page:r1"))

    host = "device.sso.us-east-1.amazonaws.com"
    assert line == f"Code ABCD-EFGH at {host}: allow no other"
    assert mine == f"The page begins at {host}. Allow it only if it shows the code ABCD-EFGH."
    assert other == WAITS


def test_once_it_has_ended_there_is_no_code(own: Path) -> None:
    """Its runner is gone, and the record with it."""
    sign_in_files.write(own, RUNNING, PAGE)

    assert untold.text(own, notice("page:r1")) == WAITS


def test_other_notices_are_said_as_they_are_published(own: Path) -> None:
    """No record is looked for."""
    assert untold.text(own / "nowhere", notice("ended:r1")) == WAITS
    assert untold.line(own / "nowhere", notice("ended:r1")) == f"Signing in. {WAITS}"
