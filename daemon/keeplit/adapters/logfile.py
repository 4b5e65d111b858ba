"""The log file: 0600, rotated, and the last belt against secrets.

Law: nothing secret is ever handed to the log; this filter is for the day someone else's library breaks that.
"""

import logging
import os
import re
import sys
from pathlib import Path

from keeplit.adapters import files

MOST_BYTES = 1 << 20
KEPT = 2
FORMAT = "%(asctime)s %(levelname).1s %(name)s: %(message)s"
HIDDEN = "[hidden]"
NOISY = ("apscheduler", "watchdog", "botocore", "urllib3", "filelock")
SECRETS = re.compile(
    r"""(?ix)
    (?P<name> ["']? (?: access_?token | refresh_?token | client_?secret | client_?id | session_?token
        | secret_?access_?key | access_?key_?id | device_?code | x-amz-sso_bearer_token ) ["']? \s* [:=] \s* )
    (?P<value> "[^"]*" | '[^']*' | [^\s,}]+ )
    | \b (?: AKIA | ASIA ) [A-Z0-9]{12,} \b
    | \b eyJ [\w-]{10,} \. [\w.-]+
    | \b ao[ar] [\w-]{20,}
    """
)


class Redacted(logging.Formatter):
    """A formatter that hides whatever looks like a secret, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without secrets."""
        return redact(super().format(record))


def redact(text: str) -> str:
    """Return `text` with whatever looks like a token, key or client secret hidden."""
    return SECRETS.sub(lambda found: (found["name"] or "") + HIDDEN, text)


class PrivateFile(logging.FileHandler):
    """A file that is 0600 from its first byte and never follows a planted link."""

    def _open(self):  # type: ignore[no-untyped-def]  # noqa: ANN202  # the library's own untyped hook
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self.baseFilename, flags, 0o600)
        if sys.platform != "win32" and os.fstat(descriptor).st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the library's name
        """Lose the line: a full disk stops nothing, and the library would print the line with all that is in it."""


def open_log(path: Path, *, level: str = "info", console: bool = False, rotate: bool = True) -> None:
    """Send this process's log to `path` (about 1 MiB, two older ones kept), and to stderr as well with `console`.

    Raises `files.FileTrouble`. Only the daemon rotates: of two that do, one would lose what the other wrote.
    """
    try:
        handlers: list[logging.Handler] = [_rotating(path) if rotate else PrivateFile(path, encoding="utf-8")]
    except OSError as error:
        if path.is_symlink():
            raise files.NotPrivate(f"{path} is a link, and nobody but keeplit may write there: remove it") from None
        raise files.NotWritable(f"the log {path} cannot be written: {error.strerror}") from None
    if console:
        handlers.append(logging.StreamHandler())
    root = logging.getLogger()
    for handler in handlers:
        handler.setFormatter(Redacted(FORMAT, "%Y-%m-%dT%H:%M:%S%z"))
        root.addHandler(handler)
    set_level(level)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _rotating(path: Path) -> PrivateFile:
    from logging.handlers import RotatingFileHandler  # with pickle and sockets: only the daemon pays for them

    class Rotating(PrivateFile, RotatingFileHandler):
        """A private file that is put aside when it is full."""

    return Rotating(path, maxBytes=MOST_BYTES, backupCount=KEPT, encoding="utf-8")


def set_level(level: str) -> None:
    """Log from `level` on: a word of config.toml; one that is none counts as info."""
    wanted = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    root = logging.getLogger()
    if root.level != wanted:
        root.setLevel(wanted)
