from __future__ import annotations

import pytest

from keeplit.core.explain_details import Details, details

HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Details()),
        (f"({HAIKU})", Details(model=HAIKU)),
        (f"Try switching to {HAIKU}.", Details(model=HAIKU)),
        (f"{HAIKU}\n", Details()),  # it may go on in the next line
        ("model ID amazon.nova-pro-v1:0 with", Details(model="amazon.nova-pro-v1:0")),
        (
            "Could not connect to https://bedrock.us-gov-west-1.amazonaws.com/x",
            Details("", "us-gov-west-1", "bedrock.us-gov-west-1.amazonaws.com"),
        ),
        ("region = 'eu-central-1'", Details(region="eu-central-1")),
        ("getaddrinfo ENOTFOUND sts.amazonaws.com", Details(host="sts.amazonaws.com")),
        ("The config profile (my work) could not be found", Details(profile="my work")),
        ("using profile: [work] in", Details(profile="work")),
        ("failed to get shared config profile, a.b", Details(profile="a.b")),
        ('Profile "x" not found', Details(profile="x")),
        ("associated with profile=work was not found", Details(profile="work")),
        ("arn:aws:iam::111122223333:role/x", Details(account="111122223333")),
        ("limited to 20,000 tokens per minute", Details(limit="20,000")),
        ("The config profile (\x1b[31m) could not", Details()),
    ],
)
def test_each_name_is_found(text: str, expected: Details) -> None:
    """Names are taken by their own grammar, and half of one never is."""
    assert details(text) == expected
