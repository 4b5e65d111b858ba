"""Accounts and the roles in them."""

from __future__ import annotations

import pytest

from keeplit.sandbox.clients import CONFIG
from keeplit.sandbox.directory import SMALL_COMPANY


@pytest.mark.parametrize(
    ("account", "role", "allowed"),
    [
        ("111122223333", "ReadOnly", True),
        ("111122223333", "Administrator", False),
        ("000000000000", "ReadOnly", False),
    ],
)
def test_roles_are_assigned_by_account(account: str, role: str, *, allowed: bool) -> None:
    """A role of one account is not a role of another."""
    assert SMALL_COMPANY.allows(account, role) == allowed


def test_every_profile_of_the_sandbox_may_be_used() -> None:
    """The configuration written into the sandbox's home names only roles that are assigned."""
    values = [line.partition(" = ")[2] for line in CONFIG.splitlines() if line.startswith(("sso_account", "sso_role"))]
    pairs = list(zip(values[::2], values[1::2], strict=True))
    assert [pair for pair in pairs if SMALL_COMPANY.allows(*pair)] == pairs != []
