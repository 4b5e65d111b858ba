"""Which accounts there are in the sandbox, and which roles a person may take in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account and the roles assigned in it."""

    id: str
    name: str
    roles: tuple[str, ...]

    @property
    def email(self) -> str:
        """Return the address of the account's root user."""
        return f"aws+{self.name.lower().replace(' ', '-')}@example.com"


@dataclass(frozen=True, slots=True)
class Directory:
    """All accounts; everyone who signs in may take every role in it."""

    accounts: tuple[Account, ...]

    def account(self, account_id: str) -> Account | None:
        """Return an account by its id."""
        return next((one for one in self.accounts if one.id == account_id), None)

    def allows(self, account_id: str, role: str) -> bool:
        """Tell whether the role is assigned in the account."""
        account = self.account(account_id)
        return account is not None and role in account.roles


SMALL_COMPANY = Directory(
    accounts=(
        Account("111122223333", "Acme Production", ("ClaudeCode", "ReadOnly")),
        Account("444455556666", "Acme Development", ("Administrator", "ClaudeCode", "ReadOnly")),
        Account("777788889999", "Beta", ("ClaudeCode",)),
    ),
)
