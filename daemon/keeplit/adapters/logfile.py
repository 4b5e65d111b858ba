"""The log file: 0600, rotated, and the last belt against secrets.

Law: nothing secret is ever handed to the log; this filter is for the day someone else's library breaks that.
"""

import logging
import os
import re
import stat
from logging.handlers import RotatingFileHandler
from pathlib import Path

MOST_BYTES = 1 << 20
KEPT = 2
FORMAT = "%(asctime)s %(levelname).1s %(name)s: %(message)s"
HIDDEN = "[hidden]"
SECRETS = re.compile(
    r"""(?ix)
    (?P<name> ["']? (?: access_?token | refresh_?token | client_?secret | client_?id | session_?token
        | secret_?access_?key | access_?key_?id | device_?code | x-amz-sso_bearer_token ) ["']? \s* [:=] \s* )
    (?P<value> "[^"]*" | '[^']*' | [^\s,}]+ )
    | \b (?: AKIA | ASIA ) [A-Z0-9]{12,} \b
    | \b eyJ [\w-]{10,} \. [\w.-]+
    | \b aoa [\w-]{20,}
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


class PrivateFile(RotatingFileHandler):
    """A rotating file that is 0600 from its first byte and never follows a planted link."""

    def _open(self):  # type: ignore[no-untyped-def]  # noqa: ANN202  # the library's own untyped hook
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self.baseFilename, flags, stat.S_IRUSR | stat.S_IWUSR)
        return os.fdopen(descriptor, "a", encoding="utf-8")


def open_log(path: Path, *, level: str = "info", console: bool = False) -> None:
    """Send this process's log to `path` (about 1 MiB, two older ones kept), and to stderr as well with `console`."""
    root = logging.getLogger()
    root.setLevel(
        logging.getLevelName(level.upper()) if level.upper() in logging.getLevelNamesMapping() else logging.INFO
    )
    formatter = Redacted(FORMAT, "%Y-%m-%dT%H:%M:%S%z")
    handlers: list[logging.Handler] = [PrivateFile(path, maxBytes=MOST_BYTES, backupCount=KEPT, encoding="utf-8")]
    if console:
        handlers.append(logging.StreamHandler())
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    for noisy in ("apscheduler", "watchdog", "botocore", "urllib3", "filelock"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
