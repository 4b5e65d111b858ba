"""The row of the reactive way: `awsAuthRefresh = aws sso login`, run when a call has failed.

Law: the SDK renews a token silently only when a call needs it and under 5 min are left; where the sign-in is over, a
browser opens at once whoever is there, is killed after 180 s, and opens again at the next failure.
"""

from heapq import heappop, heappush

from keeplit.core.model import SignInCode
from tests.bench.laptop import Life
from tests.bench.row import ClaudeCode, Row
from tests.bench.service import Service, Terms
from tests.bench.spans import MINUTE, NEVER

KILLED_AFTER = 180.0
NEXT_FAILURE = 30.0
TRIES_ALONE = 3  # then it waits for its person


def react(life: Life, terms: Terms) -> Row:
    """Return what the reactive way comes to on a laptop."""
    return _Reactive(life, terms).run()


class _Reactive:
    def __init__(self, life: Life, terms: Terms) -> None:
        self.life = life
        self.service = Service(life, terms)
        self.row = Row(life)
        self.claude = ClaudeCode(self.row)
        self.tries = 0
        self.stood = NEVER  # since when work stands
        self.service.sign_in(life.start)

    def run(self) -> Row:
        at = self.life.start
        by_hand = list(self.life.by_hand)
        heappush(by_hand, NEVER)
        while True:
            asks = self.life.awake.first(self.claude.asks_at(at)) if not self.claude.blocked else at
            if min(by_hand[0], asks) >= self.life.end:
                self.row.calls = self.service.calls
                return self.row
            if by_hand[0] <= asks:
                at = max(at, heappop(by_hand))
                self.service.sign_in(at)
            else:
                at = self.asked(asks)

    def asked(self, at: float) -> float:
        """Let Claude Code call; return when it goes on from there."""
        online = self.life.online.first(at)
        if online > at:
            self.claude.blocked = False
            return self.life.awake.first(online)
        if self.service.token.end - at < 5 * MINUTE:
            self.service.renew(at)
        end = self.service.role_credentials(at) if self.service.token.end > at else None
        if self.claude.gets(at, end):
            self.tries = 0
            self.stood = NEVER
            return at
        self.stood = min(self.stood, at)
        return self.browser(at)

    def browser(self, at: float) -> float:
        """Open the browser that the failed call asked for; return when the next call comes."""
        self.row.tabs.append(at)
        self.tries += 1
        done, code = self.life.tab(at, KILLED_AFTER)
        if code is SignInCode.SIGNED_IN:
            self.service.sign_in(done)
            return done
        after = at + KILLED_AFTER + NEXT_FAILURE
        if self.tries >= TRIES_ALONE:
            self.tries = 0
            free = next((stay for stay in self.life.stays_from(done, NEVER) if stay.start > done), None)
            after = free.start + NEXT_FAILURE if free is not None else NEVER
        after = self.life.running.first(self.life.awake.first(after))
        return self.person_acts(at, after)

    def person_acts(self, at: float, after: float) -> float:
        """Let the person sign in unprompted before `after`: as planned, or because work has stood too long."""
        hand = next((hand for hand in self.life.by_hand if hand > at), NEVER)
        lost = self.life.impatient(self.stood)
        stay = self.life.stay_at(lost) if lost > at else None
        if stay is not None and lost + stay.reaction < min(after, hand):
            self.row.tabs.append(lost)
            self.service.sign_in(lost + stay.reaction)
            return lost + stay.reaction
        return min(after, hand)
