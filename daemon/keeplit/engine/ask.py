"""What the interfaces ask for: the verbs. A wish is written down; with no daemon the command makes its own turn.

Law: a daemon is never commanded. Whoever asks waits for the answer that the wish gets, in the memory that whoever
turned wrote, and says so where none comes. What ends a sign-in is done while somebody waits for it, or not at all: its
wish lives as long as that wait, and whoever gives up takes it back. A sign-in, a renewal and the daemon's end may still
come within two minutes, a pause and its end whenever a turn is made; Ctrl-C takes back those too. What was taken by
then is no wish any more, and its answer says how it stands.
"""

import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from keeplit.adapters import clock, files, notebook
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import Do
from keeplit.core.memory import Answer
from keeplit.core.model import Session, Verb, Wish
from keeplit.core.wishes import WISH_LIFE, taken_back
from keeplit.engine.living import is_running, prepare
from keeplit.engine.turn import NOTHING, Only, turn
from keeplit.engine.world import RealWorld

ANSWER_WITHIN = 5.0
LOOK_EVERY = 0.05
LOCK = "memory.lock"
ENDS = frozenset({Verb.LOGOUT, Verb.EXTEND})
BRIEF = frozenset({Verb.SIGN_IN, Verb.REFRESH, Verb.STOP})


def wish(
    paths: Paths,
    environ: Mapping[str, str],
    verb: Verb,
    *,
    session: Session | None = None,
    duration: timedelta | None = None,
    token: str = "",
    within: float = ANSWER_WITHIN,
) -> Answer | None:
    """Write down a wish and return its answer; None where none came `within` seconds.

    An answer that is still ``waiting`` says that the wish was taken, and may be met after this. Raises
    KeyboardInterrupt only where nothing will come of the wish.
    """
    import uuid

    prepare(paths)
    now = clock.now()
    until = now + timedelta(seconds=within)
    not_after = until if verb in ENDS else now + WISH_LIFE if verb in BRIEF else None
    key = session.key if session is not None else ""
    wanted = Wish(uuid.uuid4().hex, verb, key, duration, token, not_after)
    try:
        notebook.write_wish(paths.wishes, wanted)
        answer = answer_to(paths, environ, wanted, until)
    except KeyboardInterrupt:
        became = give_up(paths, wanted)
        if became is None:
            raise
        return became
    return answer if verb not in ENDS or _is_final(answer) else give_up(paths, wanted)


def answer_to(paths: Paths, environ: Mapping[str, str], wanted: Wish, until: datetime) -> Answer | None:
    """Return the final answer to a wish; a turn of our own gives it where no daemon does."""
    last: Answer | None = None
    while True:
        if not is_running(paths):
            own_turn(paths, environ, Only(wanted.session, frozenset(Do) - {Do.NOTIFY}))
        last = _answer(paths, wanted) or last
        if _is_final(last) or clock.now() >= until:
            return last
        clock.sleep(LOOK_EVERY)


def give_up(paths: Paths, wanted: Wish) -> Answer | None:
    """Take a wish back. None where nothing comes of it any more; else what became of it once it was taken.

    Without a daemon nobody is at what waits: a turn of our own left it, and the next one must not go on with it.
    """
    dropped = notebook.drop_wishes(paths.wishes, [wanted.id])
    answer = _answer(paths, wanted)
    if answer is None:
        return None if dropped else Answer(wanted.id, "waiting", "under_way")
    if is_running(paths):
        return answer
    with contextlib.suppress(files.Busy), files.lock(paths.state / LOCK, timeout=LOOK_EVERY):  # busy: a turn is at it
        memory, _ = notebook.read_memory(paths.memory)
        notebook.write_memory(paths.memory, taken_back(memory, wanted.id))
    return _answer(paths, wanted)


def _answer(paths: Paths, wanted: Wish) -> Answer | None:
    memory, _ = notebook.read_memory(paths.memory)
    return next((answer for answer in memory.answers if answer.id == wanted.id), None)


def _is_final(answer: Answer | None) -> bool:
    return answer is not None and answer.state != "waiting"


def own_turn(paths: Paths, environ: Mapping[str, str], only: Only = NOTHING) -> None:
    """Make a turn in this process, while no daemon does: its own session and action only, under the memory's lock."""
    with files.lock(paths.state / LOCK, timeout=30.0):
        turn(RealWorld(paths, environ), only)
