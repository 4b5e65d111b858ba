"""What the interfaces ask for: the verbs. A wish is written down; with no daemon the command makes its own turn.

Law: a daemon is never commanded. Whoever asks waits for the answer that the wish gets, in the memory that whoever
turned wrote, and says so where none comes.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from keeplit.adapters import clock, files, notebook
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import Do
from keeplit.core.memory import Answer
from keeplit.core.model import Session, Verb, Wish
from keeplit.engine.living import is_running, prepare
from keeplit.engine.turn import NOTHING, Only, turn
from keeplit.engine.world import RealWorld

WISH_LIFE = timedelta(minutes=2)
ANSWER_WITHIN = 5.0
LOOK_EVERY = 0.05


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
    """Write down a wish and return its answer; None where none came `within` seconds."""
    import uuid

    prepare(paths)
    until = clock.now() + WISH_LIFE if verb in {Verb.SIGN_IN, Verb.REFRESH, Verb.EXTEND, Verb.STOP} else None
    key = session.key if session is not None else ""
    wanted = Wish(uuid.uuid4().hex, verb, key, duration, token, until)
    notebook.write_wish(paths.wishes, wanted)
    return answer_to(paths, environ, wanted, clock.now() + timedelta(seconds=within))


def answer_to(paths: Paths, environ: Mapping[str, str], wanted: Wish, until: datetime) -> Answer | None:
    """Return the final answer to a wish; a turn of our own gives it where no daemon does."""
    last: Answer | None = None
    while True:
        if not is_running(paths):
            own_turn(paths, environ, Only(wanted.session, frozenset(Do) - {Do.NOTIFY}))
        memory, _ = notebook.read_memory(paths.memory)
        last = next((answer for answer in memory.answers if answer.id == wanted.id), last)
        if (last is not None and last.state != "waiting") or clock.now() >= until:
            return last
        clock.sleep(LOOK_EVERY)


def own_turn(paths: Paths, environ: Mapping[str, str], only: Only = NOTHING) -> None:
    """Make a turn in this process, while no daemon does: its own session and action only, under the memory's lock."""
    with files.lock(paths.state / "memory.lock", timeout=30.0):
        turn(RealWorld(paths, environ), only)
