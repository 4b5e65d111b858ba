"""The nouns of what is seen."""

from __future__ import annotations

import dataclasses

import pytest

from keeplit.core.model import SignInCode, portal
from tests.core.made import record, seen, token


@pytest.mark.parametrize("code", SignInCode)
def test_only_a_running_sign_in_runs(code: SignInCode) -> None:
    """Every other code is an end."""
    assert record(code).running == (code is SignInCode.RUNNING)


def test_what_was_seen_cannot_be_changed() -> None:
    """The nouns are frozen, as everything that a plan is made from."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        seen(token()).writable = False  # type: ignore[misc]  # that it is an error is the point


@pytest.mark.parametrize("end", ["", "/", "#", "#/", "/#", "/#/"])
def test_the_spellings_of_a_start_url_are_one_portal(end: str) -> None:
    """A person copies it from the browser as it stands there."""
    assert portal(f"https://acme.awsapps.com/start{end}") == "https://acme.awsapps.com/start"
