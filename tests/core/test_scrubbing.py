"""What goes to a stranger holds nobody's business."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.redaction import HIDDEN
from keeplit.core.scrubbing import OF_AWS, scrubbed, secrets_in, without_values


@given(st.text(), st.text(min_size=6), st.text())
def test_a_known_secret_goes_wherever_it_stands(before: str, secret: str, after: str) -> None:
    """Whatever is around it; a shorter one would take words apart."""
    assert secret in HIDDEN or secret not in scrubbed(f"{before}{secret}{after}", [secret]).replace(HIDDEN, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"a\\"b/c+d"', f'"{HIDDEN}"'),
        ("x=a%22b%2Fc%2Bd", f"x={HIDDEN}"),
        ("https://me:word@proxy:3128/", "https://...@proxy:3128/"),
        ("key AKIAABCDEFGHIJKLMNOP.", f"key {HIDDEN}."),
        ("role 111122223333 of sam.doe@acme.example", "role ........3333 of (somebody)"),
        ("1111222233334", "1111222233334"),
        ("/home/sam/.aws", "~/.aws"),
    ],
)
def test_what_is_nobodys_business_goes(text: str, expected: str) -> None:
    """Secrets in each of their spellings, what looks like one, people, accounts, the home folder."""
    assert scrubbed(text, ['a"b/c+d'], "/home/sam") == expected


def test_a_home_that_is_the_root_is_left() -> None:
    """Else every path would lose its slashes."""
    assert scrubbed("/etc/x", [], "/") == "/etc/x"


def test_secrets_are_found_by_their_names() -> None:
    """However deep they stand, and in lists."""
    document = {
        "accessToken": "a",
        "region": "r",
        "Credentials": {"SecretAccessKey": ["b", 3]},
        "list": [{"clientId": "c"}],
    }

    assert list(secrets_in(document)) == ["a", "b", "c"]


def test_lines_lose_their_values() -> None:
    """A secret's always; with a list of names, every other one's, and what is no line of that kind too."""
    text = '[profile work]\nregion = us-east-1\naws_secret_access_key = x\n  GATEWAY_TOKEN="x"\nodd line\n\n# a note'

    assert without_values(text).splitlines() == [
        "[profile work]",
        "region = us-east-1",
        f"aws_secret_access_key = {HIDDEN}",
        f"  GATEWAY_TOKEN={HIDDEN}",
        "odd line",
        "",
        "# a note",
    ]
    assert without_values(text, OF_AWS).splitlines()[3:] == [f"  GATEWAY_TOKEN={HIDDEN}", HIDDEN, "", HIDDEN]
