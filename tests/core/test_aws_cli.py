import pytest

from keeplit.core.aws_cli import SAYS, Cli, Found, briefly, read_page, version_in, why_it_ended
from keeplit.core.model import Kind, Session, SignInCode
from keeplit.core.sign_in_flow import Page

NEW_OUTPUT = """\
Attempting to open your default browser.
If the browser does not open, open the following URL:

https://device.sso.us-east-1.amazonaws.com/

Then enter the code:

ABCD-EFGH

Alternatively, you may visit the following URL which will autofill the code upon loading:
https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH
Successfully logged into Start URL: https://d-1234567890.awsapps.com/start
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aws-cli/2.9.19 Python/3.11.2 Linux/6.1 source/x86_64.debian.12 prompt/off", (2, 9, 19)),
        ("aws-cli/1.22.34 Python/3.10.12 Linux/5.15 botocore/1.23.34", (1, 22, 34)),
        ("aws: command not found", ()),
    ],
)
def test_the_version_is_read_from_what_the_command_says(text: str, expected: tuple[int, ...]) -> None:
    """Three numbers, or nothing."""
    assert version_in(text) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (b"#!/usr/bin/python3\nimport awscli.clidriver\n", ("/usr/bin/python3", "-c", SAYS)),
        (
            b"#! /opt/x/bin/python3.11 -sP \nfrom awscli.clidriver import main\n",
            ("/opt/x/bin/python3.11", "-sP", "-c", SAYS),
        ),
        (b"#!/usr/bin/python3\nimport os\n", ()),
        (b"#!/usr/bin/env python3\nimport awscli.clidriver\n", ()),
        (b"#!/opt/python/bin/pypy3\nimport awscli.clidriver\n", ()),
        (b"#!/usr/bin/python3-dbg\nimport awscli.clidriver\n", ()),
        (b"#!/bin/sh\nexec /a b/bin/python x\nimport awscli.clidriver\n", ()),
        (b"\x7fELF awscli.clidriver", ()),
    ],
)
def test_a_python_script_s_package_is_asked_by_the_python_that_it_names(
    script: bytes, expected: tuple[str, ...]
) -> None:
    """With its options; of whatever else stands there nothing is known before it is run."""
    assert briefly(script) == expected


def test_the_page_grows_line_by_line() -> None:
    """The address comes first, then the code, then the address that has the code in it."""
    pages: list[Page | None] = [None]
    for line in NEW_OUTPUT.splitlines(keepends=True):
        page = read_page(pages[-1], line)
        if page != pages[-1]:
            pages.append(page)

    short = "https://device.sso.us-east-1.amazonaws.com/"
    assert pages[1:] == [
        Page(short),
        Page(short, "ABCD-EFGH"),
        Page(f"{short}?user_code=ABCD-EFGH", "ABCD-EFGH"),
    ]


def test_a_code_without_an_address_is_no_page() -> None:
    """Four letters, a dash and four more can be anything."""
    assert read_page(None, "ABCD-EFGH\n") is None


@pytest.mark.parametrize(
    ("exit_code", "said", "expected"),
    [
        (254, "An error occurred (AccessDeniedException) when calling the CreateToken operation: ", SignInCode.DENIED),
        (
            254,
            "An error occurred (ExpiredTokenException) when calling the CreateToken operation:",
            SignInCode.TIMED_OUT,
        ),
        (
            254,
            "An error occurred (InvalidRequestException) when calling the StartDeviceAuthorization operation: ",
            SignInCode.MISCONFIGURED,
        ),
        (
            254,
            "An error occurred (InvalidClientException) when calling the StartDeviceAuthorization operation: ",
            SignInCode.REGISTRATION_DEAD,
        ),
        (
            254,
            "An error occurred (UnauthorizedClientException) when calling the CreateToken operation: ",
            SignInCode.REGISTRATION_DEAD,
        ),
        (254, "An error occurred (SlowDownException) when calling the RegisterClient operation: ", SignInCode.FAILED),
        (255, 'Could not connect to the endpoint URL: "https://oidc.x/"', SignInCode.OFFLINE),
        (255, "[Errno 30] Read-only file system: '/home/u/.aws/sso/cache/x.json'", SignInCode.CACHE_NOT_WRITABLE),
        (255, "[Errno 28] No space left on device", SignInCode.CACHE_NOT_WRITABLE),
        (255, "The pending authorization to retrieve an SSO token has expired.", SignInCode.TIMED_OUT),
        (255, "The config profile (gone) could not be found", SignInCode.MISCONFIGURED),
        (252, "usage: aws [options] <command>", SignInCode.MISCONFIGURED),
        (253, "Missing the following required SSO configuration values: sso_region", SignInCode.MISCONFIGURED),
        (0, "", SignInCode.FAILED),
        (130, "", SignInCode.FAILED),
        (-9, "", SignInCode.FAILED),
    ],
)
def test_the_end_without_a_sign_in_has_a_reason(exit_code: int, said: str, expected: SignInCode) -> None:
    """The error's name decides, then the words, then the exit code."""
    code, sentence = why_it_ended(exit_code, said)

    assert (code, sentence.endswith(".")) == (expected, True)


def test_what_was_said_is_not_repeated() -> None:
    """It can hold an address with a code."""
    _, sentence = why_it_ended(255, "cannot open https://device.example/?user_code=ABCD-EFGH")

    assert sentence == "The AWS CLI failed (exit 255)."


@pytest.mark.parametrize(
    ("version", "kind", "expected"),
    [
        ((2, 9, 0), Kind.SSO_SESSION, True),
        ((2, 8, 13), Kind.SSO_SESSION, False),
        ((2, 4, 0), Kind.LEGACY, True),
    ],
)
def test_sso_sessions_need_a_cli_that_knows_them(version: tuple[int, ...], kind: Kind, expected: bool) -> None:  # noqa: FBT001
    """`--sso-session` came with 2.9.0; profiles could sign in before."""
    session = Session("key", "acme", kind, "https://acme.awsapps.com/start", "us-east-1")

    assert Cli("/usr/bin/aws", version).suits(session) == expected


def test_what_is_missing_is_said() -> None:
    """A person learns that v1 is there and of no use, that there is none, or nothing where all is well."""
    sentences = [Found(v1="/usr/bin/aws").sentence, Found().sentence, Found(Cli("/usr/bin/aws", (2,))).sentence]

    assert [text[:28] for text in sentences] == ["/usr/bin/aws is AWS CLI v1, ", "No AWS CLI is installed; ins", ""]
