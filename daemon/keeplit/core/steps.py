"""What a rule can say: do this now, or look again then. Pure."""

from dataclasses import dataclass
from datetime import datetime

from keeplit.core.clocks import Case, alive, refused, registration_dead, rejected
from keeplit.core.deeds import Action, Do, Notice
from keeplit.core.memory import Asked
from keeplit.core.model import Reading


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing now; look again at `at`, and every 5 s where a person is awaited."""

    at: datetime | None
    reason: str = ""
    for_person: bool = False


Step = Action | Wait | None


def act(case: Case, do: Do, reason: str, sentence: str) -> Action:
    """Return an action for this case's session, decided on its token."""
    return Action(do, case.key, reason, sentence, token=_digest(case))


def as_asked(case: Case, do: Do, asked: Asked, sentence: str) -> Action:
    """Return an action that a person `asked` for."""
    about = _digest(case)
    return Action(do, case.key, "asked", sentence, about, asked=True, wish=asked.wish, not_after=asked.not_after)


def tell(case: Case, notice: Notice, cause: str, sentence: str, about: datetime | None = None) -> Action:
    """Return the action of showing `notice`; its `cause` is what makes it be shown once."""
    return Action(Do.NOTIFY, case.key, cause, sentence, token=_digest(case), notice=notice, about=about)


def why(case: Case) -> tuple[str, str]:
    """Return the code and the sentence of why a person has to sign in."""
    if case.seen.reading is Reading.TORN:
        return "unreadable", "The token file cannot be read."
    if refused(case):
        return "over", "The sign-in is over."
    if rejected(case):
        return "rejected", "AWS ended the sign-in before its time."
    if registration_dead(case):
        return "registration_dead", "The client registration has ended; a new sign-in registers anew."
    if alive(case):
        return "ends_soon", "The sign-in ends soon and cannot be renewed silently."
    return ("over", "The sign-in is over.") if case.token is not None else ("signed_out", "You are not signed in.")


def _digest(case: Case) -> str:
    return case.token.digest if case.token is not None else ""
