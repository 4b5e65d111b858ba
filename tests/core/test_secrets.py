"""What is secret shows nothing of itself."""

from dataclasses import fields
from datetime import UTC, datetime

import pytest

from keeplit.core.secrets import Hidden, NewToken, Registration, RoleCredentials, Secrets

THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ALL = (
    Secrets("access-one", "refresh-one", "client-one", "secret-one"),
    Registration("client-one", "secret-one", THEN, ("sso:account:access",)),
    NewToken("access-one", 3600, "refresh-one"),
    RoleCredentials("AKIDONE", "secret-one", "session-one", THEN, "111122223333"),
)


@pytest.mark.parametrize("secret", ALL, ids=lambda secret: type(secret).__name__)
def test_nothing_but_the_name_is_shown(secret: Hidden) -> None:
    """A log line, an exception or an assertion that holds one tells its kind alone."""
    name = type(secret).__name__
    assert [f"{secret}", repr(secret), repr([secret]), f"{secret!r}"] == [
        f"{name}(...)",
        f"{name}(...)",
        f"[{name}(...)]",
        f"{name}(...)",
    ]


@pytest.mark.parametrize("secret", ALL, ids=lambda secret: type(secret).__name__)
def test_a_failure_to_change_one_shows_nothing_either(secret: Hidden) -> None:
    """The error of a frozen class names the field, not what stands in it."""
    first = fields(secret)[0].name  # type: ignore[arg-type]  # all of them are dataclasses
    with pytest.raises(AttributeError) as caught:
        setattr(secret, first, "other")
    assert str(caught.value) == f"cannot assign to field '{first}'"


def test_two_of_the_same_are_equal() -> None:
    """They are compared by what they hold, though none of it is shown."""
    assert NewToken("access-one", 60) == NewToken("access-one", 60)
    assert NewToken("access-one", 60) != NewToken("access-two", 60)
