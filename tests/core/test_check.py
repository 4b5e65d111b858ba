"""Tests of the noun that every check of `keeplit doctor` ends in."""

from keeplit.core.check import Check, State


def test_the_states_are_those_of_the_command_contract() -> None:
    """The words that `doctor --json` prints."""
    assert [str(one) for one in State] == ["ok", "warn", "fail", "skipped"]


def test_a_check_that_is_well_has_nothing_to_mend() -> None:
    """The fix is empty unless one is given."""
    assert Check("network", State.OK, "AWS answers.").fix == ""
