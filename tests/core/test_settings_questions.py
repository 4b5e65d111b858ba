"""The questions in words."""

from __future__ import annotations

import pytest

from keeplit.core.settings_model import Why
from keeplit.core.settings_questions import Question, fix_of, names, said


@pytest.mark.parametrize("why", Why)
def test_every_question_can_be_said(why: Why) -> None:
    """In a sentence that names no value."""
    sentence = said(Question(why, ("env.AWS_PROFILE",), "cause"))
    assert sentence.endswith(".")
    assert ("AWS_PROFILE" in sentence) == (why is not Why.OFF)


def test_a_rival_is_answered_in_its_own_way() -> None:
    """No command takes a credential out of the file."""
    assert "--accept" in fix_of(Question(Why.RIVAL, (), ""))
    assert fix_of(Question(Why.GONE, (), "")) == ""


def test_many_keys_are_not_all_named() -> None:
    """Four, and how many more there are."""
    assert names(["env.A", "model"]) == "A, model"
    assert names(f"env.K{number}" for number in range(6)) == "K0, K1, K2, K3 and 2 more"
