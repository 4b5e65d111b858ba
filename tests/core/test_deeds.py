"""The nouns of what is done."""

from __future__ import annotations

import dataclasses

import pytest

from keeplit.core.deeds import Action, Do, Outcome, Result


def test_an_outcome_of_nothing_special_is_its_result_alone() -> None:
    """What a caller does not say is empty: two plain outcomes are equal."""
    assert Outcome(Result.DONE) == Outcome(Result.DONE, "", "", None, None, None, 0)


def test_an_action_cannot_be_changed_after_it_was_decided() -> None:
    """What is performed is what was planned."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Action(Do.REFRESH, "a", "due", "…").token = "other"  # type: ignore[misc]  # that it is an error is the point
