"""What the AWS CLI says, read: its version, the page it sends a person to, and why it ended. Pure.

Law: its wording varies from version to version, so a sentence never decides that a sign-in succeeded, only why it
failed; and nothing it wrote is repeated, since an address can hold a code.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from keeplit.core.model import Kind, Session, SignInCode
from keeplit.core.sign_in_flow import Page

SSO_SESSIONS_SINCE = (2, 9, 0)

SAYS = "import awscli; print(f'aws-cli/{awscli.__version__}')"

_SCRIPT = re.compile(rb"#![ \t]*(/[^ \t\n]*python[0-9.]*)(?:[ \t]+([^\n]*?))?[ \t]*\n")
_VERSION = re.compile(r"aws-cli/(\d+)\.(\d+)\.(\d+)")
_URL = re.compile(r"https?://\S+")
_USER_CODE = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}")
_ERROR = re.compile(r"\((\w{1,60})\) when calling the (\w{1,60}) operation")

_DEAD = (SignInCode.REGISTRATION_DEAD, "AWS does not accept the AWS CLI's client registration.")
_NAMED: Mapping[str, tuple[SignInCode, str]] = {
    "AccessDeniedException": (SignInCode.DENIED, "It was denied in the browser."),
    "ExpiredTokenException": (SignInCode.TIMED_OUT, "Nobody signed in before the code ran out."),
    "InvalidRequestException": (SignInCode.MISCONFIGURED, "AWS does not know this start URL in this sso_region."),
    "InvalidClientException": _DEAD,
    "UnauthorizedClientException": _DEAD,
}
# Ordered: the first that is found counts. Seen in awscli 2.9 to 2.36 and botocore's exceptions.
_SAID: tuple[tuple[str, SignInCode, str], ...] = (
    ("could not connect to the endpoint", SignInCode.OFFLINE, "AWS could not be reached."),
    ("connect timeout", SignInCode.OFFLINE, "AWS could not be reached."),
    ("read timeout", SignInCode.OFFLINE, "AWS did not answer in time."),
    ("connection was closed", SignInCode.OFFLINE, "The connection to AWS was cut."),
    ("ssl validation failed", SignInCode.OFFLINE, "No trusted connection to AWS: look at the proxy and AWS_CA_BUNDLE."),
    ("failed to connect to proxy", SignInCode.OFFLINE, "The proxy could not be reached."),
    ("permission denied", SignInCode.CACHE_NOT_WRITABLE, "~/.aws/sso/cache cannot be written."),
    ("read-only file system", SignInCode.CACHE_NOT_WRITABLE, "~/.aws/sso/cache cannot be written."),
    ("no space left", SignInCode.CACHE_NOT_WRITABLE, "The disk is full."),
    ("pending authorization", SignInCode.TIMED_OUT, "Nobody signed in before the code ran out."),
    ("retrieve an authorization code", SignInCode.DENIED, "The browser brought no authorization back."),
    ("could not be found", SignInCode.MISCONFIGURED, "The AWS CLI does not find the profile in its config."),
    ("does not exist", SignInCode.MISCONFIGURED, "The AWS CLI does not find the sso-session in its config."),
)
_USAGE, _CONFIGURATION = 252, 253


@dataclass(frozen=True, slots=True)
class Cli:
    """An AWS CLI v2: its command, and its version such as (2, 9, 19)."""

    path: str
    version: tuple[int, ...]

    def suits(self, session: Session) -> bool:
        """Whether it can sign in to this session: `--sso-session` came with 2.9.0."""
        return session.kind is Kind.LEGACY or self.version >= SSO_SESSIONS_SINCE


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: the first AWS CLI v2, and the first command that is only v1, which has no ``sso login``."""

    cli: Cli | None = None
    v1: str = ""

    @property
    def sentence(self) -> str:
        """Return what is missing, for a person; empty where nothing is."""
        if self.cli is not None:
            return ""
        if self.v1:
            return f"{self.v1} is AWS CLI v1, which cannot sign in; install AWS CLI v2, or use the printed code."
        return "No AWS CLI is installed; install AWS CLI v2, or use the printed code."


def version_in(text: str) -> tuple[int, ...]:
    """Return the version that ``aws --version`` prints, such as (2, 9, 19); empty where there is none."""
    found = _VERSION.search(text)
    return tuple(int(part) for part in found.groups()) if found else ()


def briefly(script: bytes) -> tuple[str, ...]:
    """Return the command that asks for the version only, of a CLI that is this Python script; else nothing.

    It is the Python that the script names, asked for the package that the script imports: run in the script's folder
    it finds the very same one, without what that imports in its turn, which takes ten times as long.
    """
    named = _SCRIPT.match(script)
    if named is None or b"awscli.clidriver" not in script:
        return ()
    options = [named[2].decode(errors="replace")] if named[2] else []
    return (named[1].decode(errors="replace"), *options, "-c", SAYS)


def read_page(page: Page | None, line: str) -> Page | None:
    """Return the page as it is known after one more line of output.

    An address stands alone on its line, as the code does; of two addresses the later one has the code filled in.
    """
    line = line.strip()
    if _URL.fullmatch(line):
        return Page(line, page.user_code if page else "")
    if page is not None and _USER_CODE.fullmatch(line):
        return Page(page.url, line)
    return page


def why_it_ended(exit_code: int, said: str) -> tuple[SignInCode, str]:
    """Return why ``aws sso login`` ended without a sign-in, from its exit code and what it wrote to stderr."""
    named = _ERROR.search(said)
    if named is not None:
        name = named[1]
        return _NAMED.get(name, (SignInCode.FAILED, f"AWS answered {name} to {named[2]}."))
    text = said.lower()
    for words, code, sentence in _SAID:
        if words in text:
            return code, sentence
    if exit_code == 0:
        return SignInCode.FAILED, "The AWS CLI ended well, but there is no new token in ~/.aws/sso/cache."
    if exit_code in {_USAGE, _CONFIGURATION}:
        return SignInCode.MISCONFIGURED, f"The AWS CLI did not accept its configuration (exit {exit_code})."
    if exit_code < 0:
        return SignInCode.FAILED, f"The AWS CLI was ended by signal {-exit_code}."
    return SignInCode.FAILED, f"The AWS CLI failed (exit {exit_code})."
