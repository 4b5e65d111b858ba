"""The rules that tell a person something: how a sign-in ended, that an end comes, that they have to sign in.

Law: each cause is told once, and nothing is told to a desk that is known to be empty: it waits for the person.
"""

from datetime import datetime, timedelta

from keeplit.core.causes import expiring, in_browser, needs_sign_in, sign_in_ended, warned_of
from keeplit.core.clocks import NOTICE_TIME, Case, browser_due_at, capped, sign_in_due_at, torn_for, work_ends_at
from keeplit.core.deeds import Notice
from keeplit.core.model import Mode, Reading, SignIn, SignInCode
from keeplit.core.permission import (
    WANTS_A_PERSON,
    Objection,
    held_until,
    in_quiet_hours,
    network_down,
    nobody_there,
    objection,
    quiet_until,
)
from keeplit.core.steps import Step, Wait, tell, why

PUT_OFF = frozenset({Objection.QUIET_HOURS, Objection.NOT_TODAY, Objection.LATER})
NEWS_FOR = timedelta(minutes=5)
TORN_TOLD = timedelta(minutes=1)
LATE_FOR_A_WARNING = timedelta(minutes=1)
NEXT_IS_SOON = timedelta(minutes=5)

ENDED = {
    SignInCode.DENIED: "The sign-in was denied in the browser.",
    SignInCode.CLOSED: "The sign-in was closed before it was done.",
    SignInCode.TIMED_OUT: "Nobody answered in the browser.",
    SignInCode.OFFLINE: "The network was down.",
    SignInCode.NO_BROWSER: "No browser could be opened here.",
    SignInCode.CACHE_NOT_WRITABLE: "The token cache cannot be written.",
    SignInCode.MISCONFIGURED: "AWS did not accept the session's configuration.",
    SignInCode.REGISTRATION_DEAD: "AWS did not accept the client registration.",
    SignInCode.NOT_ENDED: "The old sign-in could not be ended.",
}


def page_of_a_sign_in_is_told(case: Case) -> Step:
    """Say once where the page of a sign-in that runs must be, and its code: a person can see who asks for them."""
    record = case.seen.sign_in
    if record is None or not record.running or not record.has_page or case.paused:
        return None
    cause = in_browser(record.id)
    if cause in case.memory.told or (in_quiet_hours(case) and not record.asked):
        return None
    if nobody_there(case):
        return Wait(None, for_person=True)
    return tell(case, Notice.IN_BROWSER, cause, "A sign-in waits for you in the browser.")


def end_of_a_sign_in_is_told(case: Case) -> Step:
    """Say once how a sign-in ended, while that is news; who cancelled one knows.

    In quiet hours only who has just asked for it is told.
    """
    record = case.seen.sign_in
    if record is None or record.ended_at is None or case.paused or record.code is SignInCode.CANCELLED:
        return None
    cause = sign_in_ended(record.id)
    if cause in case.memory.told or not _is_news(case, record, record.ended_at):
        return None
    if in_quiet_hours(case) and not (record.asked and case.now - record.ended_at <= NEWS_FOR):
        return Wait(quiet_until(case))
    if nobody_there(case):
        return Wait(None, for_person=True)
    if record.code is not SignInCode.SIGNED_IN:
        due = sign_in_due_at(case)
        if case.token is not None and (due is None or due > case.now):
            return None  # signed in all the same
        return tell(case, Notice.SIGN_IN_FAILED, cause, ENDED.get(record.code, "The sign-in did not succeed."))
    if case.memory.end_did_not_move and capped(case):
        sentence = "Signed in, but the end of the sign-in did not move: it moves only once the old one is over."
        return tell(case, Notice.END_DID_NOT_MOVE, cause, sentence)
    return tell(case, Notice.SIGNED_IN, cause, "You are signed in.")


def _is_news(case: Case, record: SignIn, ended_at: datetime) -> bool:
    """Whether a person still wants to hear how a sign-in ended: for 5 min, and until they come back where it failed.

    A tab that a person had asked for, and left, ran out at an empty desk after every other notice of that token had
    been shown: nothing was said ever after.
    """
    age = case.now - ended_at
    same = case.token is None or case.token.digest == record.token
    return timedelta(0) <= age and (age <= NEWS_FOR or (record.code is not SignInCode.SIGNED_IN and same))


def coming_end_is_warned_of(case: Case) -> Step:
    """Warn before an end that no silent refresh can pass; only the nearest warning that is due is shown."""
    end = work_ends_at(case)
    if end is None or end <= case.now or case.paused or network_down(case) or _browser_is_near(case):
        return None
    held = _put_off_until(case)
    if held is not None:
        return Wait(held, "warn")
    record = case.seen.sign_in
    news = record.ended_at if record is not None and record.code is SignInCode.SIGNED_IN else None
    since = max((at for at in (case.memory.signed_in_at, news) if at is not None), default=None)
    moments = sorted((end - before, before) for before in case.facts.policy.warn_before)
    coming = next((at for at, _ in moments if at > case.now), None)
    reached = [(at, before) for at, before in moments if at <= case.now and (since is None or at > since)]
    if reached:
        at, before = reached[-1]
        superseded = case.now - at > LATE_FOR_A_WARNING and coming is not None and coming - case.now <= NEXT_IS_SOON
        if not superseded and not warned_of(case.memory.told, end, before):
            if nobody_there(case):
                return Wait(coming, "warn", for_person=True)
            return tell(case, Notice.EXPIRING, expiring(end, before), "The sign-in ends soon.", end)
    return Wait(coming, "warn") if coming is not None else None


def _put_off_until(case: Case) -> datetime | None:
    """Return until when a person wants to hear nothing that they did not ask for; None where they did not say so."""
    if in_quiet_hours(case):
        return quiet_until(case)
    return held_until(case.memory.not_before, case.now) or held_until(case.memory.later_until, case.now)


def _browser_is_near(case: Case) -> bool:
    """Whether what is said about a browser, or a button for one, says it all."""
    sign_in, browser = sign_in_due_at(case), browser_due_at(case)
    if sign_in is not None and sign_in - NOTICE_TIME <= case.now:
        return True
    return browser is not None and browser - NOTICE_TIME <= case.now and objection(case) is None


def person_is_told_to_sign_in(case: Case) -> Step:
    """Show one notice with a button where only a person's click may go on, and one more after "in 15 min".

    With ``mode = "never"`` nothing is asked: `status` says it.
    """
    due = case.now if case.token is None else sign_in_due_at(case)
    if case.facts.policy.mode is Mode.NEVER or due is None:
        return None
    if case.seen.reading is Reading.TORN and torn_for(case) < TORN_TOLD:
        return None
    if due > case.now:
        return Wait(due, "sign_in")
    cause = needs_sign_in(case.memory, reminder=case.memory.reminder)
    against = objection(case)
    if cause in case.memory.told or network_down(case):
        return None
    if against in PUT_OFF:
        return Wait(_put_off_until(case), against.value)
    if against not in WANTS_A_PERSON:
        return None
    if nobody_there(case):
        return Wait(None, for_person=True)
    return tell(case, Notice.SIGN_IN_NEEDED, cause, why(case)[1])
