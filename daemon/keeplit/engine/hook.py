"""What keeplit does when a turn of Claude Code died of its credentials: bring them back, then say that work can go on.

Law: it is not a person's request: a browser is opened by the plan's rules alone, as for `keeplit login --for-claude`,
which does the work. Claude Code ignores what the hook prints, so a person hears of it by a notice.
"""

import io
import json
import logging
from collections.abc import Callable, Mapping

from keeplit.adapters import files
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import Action, Do, Outcome
from keeplit.core.exit_codes import DONE
from keeplit.core.hooks import GO_ON, of_credentials
from keeplit.engine import for_claude
from keeplit.engine.desk import RealDesk

log = logging.getLogger(__name__)

LOCK = "hook.lock"
CAUSE = "can_continue"
NOTHING = 0
Tell = Callable[[str, str], Outcome]


def turn_failed(paths: Paths, environ: Mapping[str, str], given: bytes, tell: Tell | None = None) -> int:
    """Recover from a StopFailure, which `given` tells of in Claude Code's JSON; return the exit code of the recovery.

    Ten windows that fail at once are one failure: the first one recovers, the others are over at once.
    """
    if not of_credentials(_read(given)):
        return NOTHING
    files.private_folder(paths.state)
    held = files.try_lock(paths.state / LOCK)
    if held is None:
        return NOTHING
    with held:
        code = for_claude.run(paths, environ, None, io.StringIO(), io.StringIO())
        if code == DONE:
            said = (tell or _notice(paths, environ))(*GO_ON)
            log.info("credentials are good again after a failed turn; told: %s", said.code or said.result)
        return code


def _read(given: bytes) -> object:
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return None


def _notice(paths: Paths, environ: Mapping[str, str]) -> Tell:
    desk = RealDesk(paths, acts=True)
    desk.look(environ)

    def tell(title: str, text: str) -> Outcome:
        return desk.notifier.show(Action(Do.NOTIFY, "", CAUSE, text), title, text, ())

    return tell
