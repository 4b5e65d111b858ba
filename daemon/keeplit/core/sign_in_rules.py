"""The rules that open a browser, or end a sign-in, for a person: what was asked for, and a session that is over.

Law: a person's request is held up by nothing but another tab for the same start URL. Unasked, a browser opens only as
`keeplit.core.permission` allows, 20 s after it was announced, once for an ended token. Who asks to sign out wants out
of whatever token the file holds by then: it may have been renewed meanwhile, and nothing seen tells that from a login
that reused the live sign-in. So the request's own end bounds it, and no digest does.
"""

from datetime import datetime

from keeplit.core.clocks import NOTICE_TIME, Case, announced_at, browser_due_at, extends_by_itself
from keeplit.core.deeds import Do, Notice
from keeplit.core.model import Verb
from keeplit.core.permission import Objection, got_up, held_until, objection, quiet_until, sign_in_runs
from keeplit.core.silent_rules import LOOK_AGAIN
from keeplit.core.steps import Step, Wait, act, as_asked, tell, why

EXTENDS = "The sign-in ends soon: you are signed out and in again, as the configuration says."


def asked_logout_is_done(case: Case) -> Step:
    """Sign out because a person asked."""
    asked = case.memory.asked
    if asked is None or asked.verb is not Verb.LOGOUT:
        return None
    return as_asked(case, Do.LOGOUT, asked, "You asked to sign out.")


def asked_sign_in_is_started(case: Case) -> Step:
    """Sign in, or extend the day, because a person asked; only another tab for the same start URL holds it up."""
    asked = case.memory.asked
    if asked is None or asked.verb not in {Verb.SIGN_IN, Verb.EXTEND}:
        return None
    if sign_in_runs(case):
        return Wait(case.now + LOOK_AGAIN, "under_way")
    if asked.verb is Verb.EXTEND:
        return as_asked(case, Do.EXTEND, asked, "You asked to extend the day: signing out and in again.")
    return as_asked(case, Do.SIGN_IN, asked, "You asked to sign in.")


def over_session_is_signed_in(case: Case) -> Step:
    """Announce an unasked sign-in 20 s ahead, then start it, once for an ended token, as `permission` allows."""
    due = browser_due_at(case)
    if due is None or case.token is None:
        return None
    begin = due - NOTICE_TIME
    if begin > case.now:
        return Wait(begin, "sign_in")
    against = objection(case)
    if against is not None:
        return Wait(_lifted_at(case, against), against.value, for_person=against is Objection.NOBODY_THERE)
    again = case.memory.start.until(case.now)
    if again is not None:
        return Wait(again, "sign_in")
    if got_up(case):
        return Wait(None, "nobody_there", for_person=True)
    announced = announced_at(case)
    extends = extends_by_itself(case)
    code, sentence = ("extend", EXTENDS) if extends else why(case)
    if announced is None:
        cause = f"signing_in:{case.token.digest}"
        opens = max(due, case.now + NOTICE_TIME)
        return tell(case, Notice.SIGNING_IN, cause, f"{sentence} A browser tab opens.", opens)
    opens = max(due, announced + NOTICE_TIME)
    if opens > case.now:
        return Wait(opens, "sign_in", for_person=True)
    return act(case, Do.EXTEND if extends else Do.SIGN_IN, code, f"{sentence} Opening the browser.")


def _lifted_at(case: Case, against: Objection) -> datetime | None:
    if against is Objection.NOT_TODAY:
        return held_until(case.memory.not_before, case.now)
    if against is Objection.LATER:
        return held_until(case.memory.later_until, case.now)
    return quiet_until(case) if against is Objection.QUIET_HOURS else None
