"""The row of the oracle: what a tool under keeplit's rules could do if it knew every end, outage and mood beforehand.

The rules that bind it:
1. no sign-in counts before the end of the last one, unless the person takes the offer to extend the day, which is made
   30 and 10 min before that end;
2. an unasked browser needs a person there for the 20 s of the notice and at its opening, by the rule of presence;
3. a dead token is not left dead while a person is there: the first moment that rule 2 allows is taken. Where the token
   outlives the sign-in, a moment may be chosen while it lives.

Law: it pays for nothing else. Renewing and bridging take no time and always come at the last useful moment; it never
opens a tab that the person would not answer; of the moments that rule 3 leaves, it takes the last at which no work
stands, which by exchange needs the fewest sign-ins: a later sign-in never makes a following one earlier.
"""

from dataclasses import dataclass

from keeplit.core.model import SignInCode
from tests.bench.laptop import Life, Stay
from tests.bench.row import EARLY, NOTICE, Row
from tests.bench.service import Terms
from tests.bench.spans import HOUR, MINUTE, NEVER

OFFERS = (30 * MINUTE, 10 * MINUTE)
ANSWERS_OFFER = 20.0


@dataclass(frozen=True, slots=True)
class _SignIn:
    """One that ends well: its tab, or a person's own command without one."""

    done: float
    tab: float | None


def foresee(life: Life, terms: Terms) -> Row:
    """Return what the oracle comes to on a laptop."""
    row = Row(life)
    reach = life.online.both(life.awake)
    began = life.start
    while began < life.end:
        revoked = next((cut for cut in life.revoked if cut > began), NEVER)
        end = min(began + terms.limit, revoked)
        dies = min(reach.last(end) + HOUR, revoked) if terms.outlives else end
        bridged = reach.last(dies) + terms.role - EARLY
        held = max(dies, bridged)
        following = _next(life, began, end, dies, held)
        row.held.append((began, held))
        row.calls += _calls(life, terms, began, min(following.done, held), dies)
        if following.tab is not None and following.tab < life.end:
            row.tabs.append(following.tab)
        began = following.done
    return row


def _next(life: Life, began: float, end: float, dies: float, held: float) -> _SignIn:
    """Return the next sign-in after one whose end, token's death and last credentials' end these are."""
    hand = next((at for at in life.by_hand if at >= end), NEVER)
    chosen = _sooner(_first_after(life, dies, held), hand)
    if not _lost(life, held, chosen):
        return chosen
    before = _last_before(life, end, dies)
    if before is not None:
        return _sooner(before, hand)
    extended = _extended(life, began, end)
    return chosen if extended is None else extended


def _sooner(chosen: _SignIn, hand: float) -> _SignIn:
    return _SignIn(hand, None) if hand <= chosen.done else chosen


def _lost(life: Life, held: float, following: _SignIn) -> bool:
    """Whether work stands between the end of the last credentials and the next sign-in."""
    lost = life.need.first(held)
    return lost < following.done


def _opens(life: Life, stay: Stay, at: float, held: float) -> float:
    """Return the first moment from `at` on at which a tab may open in `stay` and will be answered."""
    willing = stay.tab is SignInCode.SIGNED_IN and stay.notice is None
    clicks = max(at, stay.start) + stay.button if stay.button is not None else NEVER
    gives_up = life.need.first(max(at, stay.start, held)) + stay.patience
    opens = min(clicks, gives_up, _unasked(life, stay, at) if willing else NEVER)
    opens = life.online.first(opens)
    return opens if opens + stay.reaction < stay.end else NEVER


def _unasked(life: Life, stay: Stay, at: float) -> float:
    """Return the first moment of `stay` from `at` on before which a person was there for the notice."""
    begins = max(at - NOTICE, stay.start)
    while begins < stay.end:
        begins = life.permitted.first(begins)
        opens = life.online.first(begins + NOTICE)
        if life.permitted.first(opens) == opens:
            return opens
        begins = max(begins + 1, opens - NOTICE)
    return NEVER


def _first_after(life: Life, at: float, held: float) -> _SignIn:
    """Return the first sign-in from `at` on."""
    for stay in life.stays_from(at, NEVER):
        opens = _opens(life, stay, at, held)
        if opens < NEVER:
            return _SignIn(life.online.first(opens + stay.reaction), opens)
    return _SignIn(NEVER, None)


def _last_before(life: Life, end: float, dies: float) -> _SignIn | None:
    """Return the last sign-in between an end and the death of the token that outlives it, None where there is none."""
    for stay in reversed(life.stays_from(end, dies)):
        earliest = _opens(life, stay, end, NEVER) if stay.tab is SignInCode.SIGNED_IN else NEVER
        latest = min(dies, stay.end) - stay.reaction - 1
        opens = min(life.online.last(latest), life.permitted.last(latest))
        if earliest <= opens and opens in life.permitted and opens in life.online:
            return _SignIn(opens + stay.reaction, opens)
    return None


def _extended(life: Life, began: float, end: float) -> _SignIn | None:
    """Return the sign-in of an extended day, where the person takes the offer."""
    for before in OFFERS:
        stay = life.stay_at(end - before)
        if stay is not None and stay.extends:
            opens = end - before + ANSWERS_OFFER
            if opens > began and opens in life.online and opens + stay.reaction < min(stay.end, end):
                return _SignIn(opens + stay.reaction, opens)
    return None


def _calls(life: Life, terms: Terms, began: float, until: float, dies: float) -> int:
    """Return how many calls the oracle needs for one sign-in: renewals just when credentials are asked for."""
    calls = 2
    token = began + HOUR
    at = life.running.first(began)
    while at < min(until, dies):
        if at >= token:
            calls += 1
            token = at + HOUR
        calls += 1
        at = life.running.first(at + terms.role - EARLY)
    return calls
