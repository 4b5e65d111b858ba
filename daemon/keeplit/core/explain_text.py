"""A pasted text made ready to be read: secrets out, colours, frames and line ends gone. Pure.

Law: what looks like a secret is replaced before anything is looked for, so that no sentence can repeat one. What is
then read has no white space at all, because terminals break lines in the middle of words and of ARNs.
"""

import re

from keeplit.core.redaction import HIDDEN, SECRET_VALUE, USER_IN_URL

MOST = 64 * 1024
"""No more of a text is read: the first error of a log says what happened."""
ESCAPES = re.compile(
    r"(?:\x1b|\\u001b|\\x1b|\\033)(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\|$)|[@-Z\\-_])?"
)
# What tools draw around a message, and what JSON writes for a character that stands in one.
DRAWN = re.compile(r"[\u2500-\u259f\u23bf\u23fa\u2022\u00b7\u200b-\u200f\u2060\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f]|[|]")
# What JSON writes for a character, once or, in JSON inside JSON, several times over.
WRITTEN = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|([\"'/])|([nrt]))")
QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})
SPACE = re.compile(r"\s+")

NAMED = (
    r"(?:aws_?)?(?:secret(?:_?access)?(?:_?key)?|client_?(?:secret|id)|(?:session|access|refresh|id|bearer"
    r"|security)_?token"
    r"|(?:aws_)?bearer_token_bedrock|pass(?:word|wd|phrase)|api_?key|x-amz-sso_bearer_token|x-amz-security-token"
    r"|x-api-key|signature|cookie|device_?code|user_?code)"
)
KEY_ID = re.compile(r"(?:AKIA|ASIA|ABIA|ACCA|ABSK)[A-Za-z0-9+/]{8,}=*")
SECRETS = (
    re.compile(SECRET_VALUE.pattern + r"[\w./+=-]*"),
    re.compile(
        r"(?<![A-Za-z0-9])(?:gh[opsur]_|github_pat_|sk-|xox[abeoprs]-)[\w-]{12,}"
    ),  # in the middle of a path, too
    KEY_ID,
    re.compile(r"bedrock-api-key-[A-Za-z0-9+/=_-]+"),
    re.compile(r"\b(?:aoa|aor|ao[A-Z])[A-Za-z0-9+/=_:.\-]{8,}"),  # access and refresh tokens of IAM Identity Center
    re.compile(r"eyJ[A-Za-z0-9_-]{6,}={0,2}(?:\.[A-Za-z0-9_-]*={0,2}){0,4}"),  # a JSON Web Token, or its beginning
    re.compile(r"(?i)\b(?:bearer|basic)\s+(?!token\b|auth)[A-Za-z0-9+/=_.:~\-]{6,}"),
    re.compile(rf"(?i)(?<![A-Za-z0-9]){NAMED}[\"']*\s*[:=]\s*[\"']*[^\s\"',;&)}}\]]{{6,}}"),
    re.compile(r"(?<![\w/+.:@-])(?=[A-Za-z/+]*[0-9])(?=[a-z0-9/+]*[A-Z])[A-Za-z0-9/+]{40}(?![\w/+=])"),  # a secret key
)
# A run that no word is as long as, unless it is the path of a role and its session, which may be longer.
LONG = re.compile(r"arn:aws[\w:.*<>{}-]*:[a-z-]+/[\w+=,.@/*-]{1,160}(?![\w+/=-])|[A-Za-z0-9+/=_-]{90,}")


def without_secrets(text: str) -> str:
    """Return a text in which whatever looks like a secret is hidden, and user names in addresses."""
    for secret in SECRETS:
        text = secret.sub(HIDDEN, text)
    return USER_IN_URL.sub("...", LONG.sub(lambda found: found[0] if found[0].startswith("arn:") else HIDDEN, text))


def _meant(found: "re.Match[str]") -> str:
    """Return the character that an escape stands for."""
    code, itself, _ = found.groups()
    return chr(int(code, 16)) if code else itself or "\n"


def plain(text: str) -> str:
    """Return a text as it was meant: its first part, without secrets, colours, frames and escapes."""
    text = ESCAPES.sub("", WRITTEN.sub(_meant, text[:MOST])).translate(QUOTES)
    return without_secrets(DRAWN.sub(" ", text))


def squashed(text: str) -> str:
    """Return a plain text without its white space; what became a secret only now is hidden too."""
    return KEY_ID.sub(HIDDEN, SPACE.sub("", text))


def pattern(written: str) -> "re.Pattern[str]":
    """Compile a pattern for a squashed text: written with spaces, read without."""
    return re.compile(SPACE.sub("", written), re.IGNORECASE)
