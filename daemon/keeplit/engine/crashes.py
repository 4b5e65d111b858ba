"""How the daemon's runs ended: noted when one begins, when it ends well, and by systemd whenever one ends.

Law: a run that nobody said to have ended has crashed. Nothing that goes wrong here keeps the daemon from its work, and
the third crash within ten minutes is told to the person with the log's last lines, once.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from keeplit.adapters import files, logfile
from keeplit.adapters.paths import Paths
from keeplit.core.service_files import CRASHES, WITHIN_SECONDS

NAME = "runs.json"
WITHIN = timedelta(seconds=WITHIN_SECONDS)
KEPT = 10
LINES, LONGEST_LINE = 3, 120
TAIL = 4096
NO_WORD = "without a word"
AS_ASKED = "as it was asked to"
HOW = {"exited": "exit", "killed": "signal", "dumped": "signal"}
STUCK = "it was stuck, and ended by the watchdog"
TITLE = f"keeplit ended by itself {CRASHES} times"


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended, and when that was noted."""

    at: datetime
    how: str


@dataclass(frozen=True, slots=True)
class Runs:
    """When the run that goes on began; how the last one ended; and the crashes, the latest at the end."""

    began_at: datetime | None = None
    last: End | None = None
    crashes: tuple[End, ...] = ()

    def last_end(self, *, runs: bool) -> str:
        """Return how the last run ended, empty where none did: one that began, and `runs` no more, without a word."""
        if self.began_at is not None and not runs:
            return NO_WORD
        return self.last.how if self.last is not None else ""

    def crashed(self, crash: End, began_at: datetime | None = None) -> "Runs":
        """Return this with one crash more."""
        return Runs(began_at, crash, (*self.crashes, crash)[-KEPT:])

    def lately(self, now: datetime) -> int:
        """Return how many crashes there were lately; those of a clock that was set back do not count."""
        return sum(now - WITHIN <= crash.at <= now for crash in self.crashes)


def read(paths: Paths) -> Runs:
    """Return what is noted; nothing where that cannot be read."""
    try:
        told: dict[str, Any] = json.loads(files.read_own(paths.state / NAME) or b"{}")
        began_at, last = told.get("began_at"), told.get("last")
        crashes = tuple(_end(one) for one in told.get("crashes", ()))
        return Runs(_time(began_at) if began_at else None, _end(last) if last else None, crashes)
    except (files.FileTrouble, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Runs()


def began(paths: Paths, now: datetime) -> bool:
    """Note that a run begins, and that the last one crashed where nobody noted its end; whether to tell of that."""
    runs = read(paths)
    if runs.began_at is None:
        _write(paths, replace(runs, began_at=now))
        return False
    after = runs.crashed(End(now, NO_WORD), now)
    _write(paths, after)
    return after.lately(now) == CRASHES


def ended(paths: Paths, now: datetime) -> None:
    """Note that the run ended as it was asked to."""
    _write(paths, replace(read(paths), began_at=None, last=End(now, AS_ASKED)))


def stopped(paths: Paths, environ: Mapping[str, str], now: datetime) -> bool:
    """Note what systemd says of a run's end (systemd.exec(5), SERVICE_RESULT); whether to tell of it."""
    result = environ.get("SERVICE_RESULT", "")
    if result in {"", "success"}:
        ended(paths, now)
        return False
    how = f"{HOW.get(environ.get('EXIT_CODE', ''), result)} {environ.get('EXIT_STATUS', '')}".strip()
    after = read(paths).crashed(End(now, f"{STUCK}: {how}" if result == "watchdog" else how))
    _write(paths, after)
    return after.lately(now) == CRASHES


def tell(paths: Paths, environ: Mapping[str, str]) -> None:
    """Show a notice with the log's last lines, which hold no secret, where notices can be shown."""
    from keeplit.adapters import notify
    from keeplit.core.deeds import Action, Do

    text = f"{last_lines(paths)}\nSee more: keeplit logs"
    notifier = notify.find(lambda *_: None, lambda: notify.served(environ))
    notifier.show(Action(Do.NOTIFY, "", "crashed", TITLE), TITLE, text.strip(), ())
    notifier.stop()


def last_lines(paths: Paths) -> str:
    """Return the log's last lines, their beginnings: what is cut off before it is looked at for secrets hides one."""
    with suppress(OSError):
        said = logfile.redact(paths.log.read_bytes().decode("utf-8", "replace"))
        return "\n".join(line[:LONGEST_LINE] for line in said[-TAIL:].splitlines()[-LINES:])
    return ""


def _write(paths: Paths, runs: Runs) -> None:
    began_at = runs.began_at.isoformat() if runs.began_at is not None else None
    crashes = [_told(crash) for crash in runs.crashes]
    told = {"began_at": began_at, "last": _told(runs.last) if runs.last is not None else None, "crashes": crashes}
    with suppress(files.FileTrouble):
        files.replace(paths.state / NAME, json.dumps(told).encode())


def _told(end: End) -> dict[str, str]:
    return {"at": end.at.isoformat(), "how": end.how}


def _end(told: Mapping[str, Any]) -> End:
    return End(_time(told["at"]), str(told["how"]))


def _time(text: object) -> datetime:
    found = datetime.fromisoformat(str(text))
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
