"""The row of the oracle: a tool under keeplit's own rules, with the same person, that knows every end and every outage.

The rules that bind it are those of section 3 of the design:
1. a token is renewed 30 min after it was issued; no sign-in counts before the end of the last one, unless the person
   takes the offer to extend the day, made 30 and 10 min before that end;
2. a browser opens unasked once for an ended token, as soon as the sign-in is over: at once where the token outlives it,
   else 5 s after the end; a notice that can be declined stands for 20 s before it, and at both moments the person is at
   the desk by the rule of presence, and truly;
3. after a tab that was not answered, or a declined notice, only a button is shown, to a person who is there.

Law: it knows ends and outages, and nothing else. So it renews and bridges at the last moment that the network leaves
before an end, is told of an end at that end, looks at the desk without pause and shows nothing in an outage; but what
the person does with a notice, a tab or a button, and when a lid is shut, it learns as keeplit does. It shares no code
with keeplit's plan.
"""

from dataclasses import dataclass, field

from keeplit.core.model import SignInCode, Verb
from tests.bench.laptop import Life
from tests.bench.row import EARLY, NOTICE, Row
from tests.bench.service import Terms
from tests.bench.spans import DAY, HOUR, MINUTE, NEVER, Spans

AFTER_END = 5.0
RENEWED_AFTER = 30 * MINUTE
OFFERS = (30 * MINUTE, 10 * MINUTE)
ANSWERS_OFFER = 20.0
DECLINES = 8.0
LATER = 15 * MINUTE


def foresee(life: Life, terms: Terms) -> Row:
    """Return what the oracle comes to on a laptop."""
    oracle = _Oracle(life, terms)
    began = life.start
    while began < life.end:
        began = oracle.next_sign_in(began)
    return oracle.row


@dataclass(slots=True)
class _Oracle:
    life: Life
    terms: Terms
    row: Row = field(init=False)
    desk: Spans = field(init=False)  # the person is there, by the rule and truly, and online
    reach: Spans = field(init=False)  # awake and online
    asks: Spans = field(init=False)  # and Claude Code wants credentials
    extended: float = -NEVER  # when the person last took the offer to extend the day
    held: float = -NEVER  # until when Claude Code works on with what was taken

    def __post_init__(self) -> None:
        self.row = Row(self.life)
        self.desk = self.life.permitted.both(self.life.there).both(self.life.online)
        self.reach = self.life.awake.both(self.life.online)
        self.asks = self.life.running.both(self.life.online)

    def next_sign_in(self, began: float) -> float:
        """Live through the sign-in that began then; return when the next one begins."""
        revoked = next((cut for cut in self.life.revoked if cut > began), NEVER)
        end = min(began + self.terms.limit, revoked)
        outlives = self.terms.outlives and revoked > end
        extends = self.extension(began, end)
        if extends < end:
            self.keep(began, extends, extends)
            return self.signed_in(extends, NEVER, extends)
        self.keep(began, end, revoked if outlives else end)
        return self.signed_in(end, self.allowed(end if outlives else end + AFTER_END), NEVER)

    def keep(self, began: float, end: float, dead: float) -> None:
        """Renew the token while the sign-in lives and take role credentials; no token is accepted from `dead` on."""
        renewed = began
        while (due := self.reach.first(renewed + RENEWED_AFTER)) < end:
            renewed = due
            self.row.calls += 1
        last = self.life.online.last(end)
        if dead > end and last in self.life.awake:
            renewed = last
        dies = min(renewed + HOUR, dead)
        asked = self.asks.first(began)
        while asked < dies:
            self.take(asked)
            asked = self.asks.first(asked + self.terms.role - EARLY)
        last = self.life.online.last(dies)
        if last in self.life.awake:
            self.take(last)
        self.held = max(self.held, dies)
        self.row.calls += 2
        self.row.held.append((began, self.held))

    def take(self, at: float) -> None:
        """Take role credentials."""
        self.row.calls += 1
        self.held = max(self.held, at + self.terms.role - EARLY)

    def signed_in(self, over: float, opens: float, clicked: float) -> float:
        """Return when the next sign-in begins, the last being over: unasked, by a button, by hand or for impatience."""
        hand = next((at for at in self.life.by_hand if at >= over), NEVER)
        lost = self.life.impatient(self.asks.first(self.held))
        while (at := min(opens, clicked, lost)) < min(hand, self.life.end):
            verb = self.declined(at - NOTICE) if at == opens else None
            if verb is not None:
                opens, clicked = NEVER, self.reminder(verb, at - NOTICE + DECLINES)
                continue
            self.row.tabs.append(at)
            done, code = self.life.tab(at, asked=at != opens)
            stay = self.life.stay_at(lost) if at < lost < done else None
            if stay is not None:  # it signs in where it was asked to before
                done, code = lost + stay.reaction, SignInCode.SIGNED_IN
            if code is SignInCode.SIGNED_IN or hand < done:
                return min(done, hand)
            opens, clicked, lost = NEVER, self.button(done), lost if lost > at else NEVER
        return hand

    def allowed(self, at: float) -> float:
        """Return the first moment from `at` on at which a tab may open unasked."""
        begins = self.desk.first(at - NOTICE)
        while begins < NEVER:
            opens = self.life.online.first(max(at, begins + NOTICE))
            if opens in self.desk:
                return opens
            begins = self.desk.first(max(begins + 1, opens - NOTICE))
        return NEVER

    def declined(self, at: float) -> Verb | None:
        """Return the person's no to the notice of a tab; None: it may open."""
        stay = self.life.stay_at(at)
        return stay.notice if stay is not None else None

    def reminder(self, verb: Verb, declined: float) -> float:
        """Return when the button is clicked that is shown once more after "later" or "not today"."""
        again = {Verb.LATER: declined + LATER, Verb.NOT_TODAY: (declined // DAY + 1) * DAY}
        return self.button(again[verb]) if verb in again else NEVER

    def button(self, at: float) -> float:
        """Return when a button is clicked that is shown from `at` on, to a person who is there."""
        shown = self.desk.first(at)
        return self.life.click(shown) if shown < NEVER else NEVER

    def extension(self, began: float, end: float) -> float:
        """Return when the day is extended because the person takes the offer; NEVER where not."""
        for before in OFFERS:
            offered = self.desk.first(end - before)
            stay = self.life.stay_at(offered)
            taken = stay is not None and stay.extends and offered > self.extended + HOUR
            if taken and began < end - before and offered < end:
                self.extended = offered
                return self.life.online.first(offered + ANSWERS_OFFER)
        return NEVER
