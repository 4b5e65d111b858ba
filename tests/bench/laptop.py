"""A working person's laptop over many days: who sits there, what wakes and sleeps, when the network is gone.

Law: everything is drawn once from the seed, before any tool runs. What the person would do belongs to the stay at the
desk in which it is asked, so every tool meets the same person in the same mood at the same moment.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from random import Random

from keeplit.core.model import SignInCode, Verb
from tests.bench.spans import DAY, HOUR, MINUTE, NEVER, Spans

PRESENT_FOR = 5 * MINUTE
BROWSER_PAGE = 10 * MINUTE  # how long the page of a sign-in can be answered


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay at the desk, and the person's mood in it."""

    start: float
    end: float
    call: bool  # in a call: little input, little patience
    tab: SignInCode  # what becomes of a browser tab; RUNNING: it is ignored
    reaction: float  # from the tab to signed in
    notice: Verb | None  # the answer to "a browser opens in 20 s"; None: it may
    button: float | None  # from a notice with a button to the click; None: no click
    extends: bool  # takes the offer to extend the day
    patience: float  # how long work stands before the person signs in unasked


@dataclass(frozen=True, slots=True)
class Life:
    """A laptop's days: spans of everything, drawn before any tool runs."""

    start: float
    end: float
    stays: tuple[Stay, ...]
    there: Spans  # the person is at the desk
    inputs: Spans
    locked: Spans
    permitted: Spans  # a person is there by the rule: input after the wake, under 5 min ago, unlocked
    awake: Spans
    online: Spans
    known_outages: Spans
    running: Spans  # Claude Code wants credentials and the machine is awake
    need: Spans  # and the network is there, and the person
    by_hand: tuple[float, ...]  # the person runs `aws sso login` unprompted
    revoked: tuple[float, ...]  # the administrator ends the sign-in
    knocks: tuple[float, ...]  # wake, unlock, network up or down: what a daemon is told of

    def stay_at(self, at: float) -> Stay | None:
        """Return the stay that holds `at`."""
        index = bisect_right(self.stays, at, key=lambda stay: stay.start) - 1
        return self.stays[index] if index >= 0 and at < self.stays[index].end else None

    def stays_from(self, at: float, until: float) -> tuple[Stay, ...]:
        """Return the stays that are not over at `at` and begin before `until`."""
        first = bisect_right(self.stays, at, key=lambda stay: stay.end)
        last = bisect_right(self.stays, until, key=lambda stay: stay.start)
        return self.stays[first:last]

    def knock_after(self, at: float) -> float:
        """Return the first knock later than `at`."""
        index = bisect_right(self.knocks, at)
        return self.knocks[index] if index < len(self.knocks) else NEVER

    def tab(self, opened: float, page: float = BROWSER_PAGE, *, asked: bool = False) -> tuple[float, SignInCode]:
        """Return when and how a tab opened at `opened` ends; it waits for a person, the network and a better mood.

        Whoever asked for it signs in, whatever the mood.
        """
        for stay in self.stays_from(opened, opened + page):
            code = SignInCode.SIGNED_IN if asked else stay.tab
            done = self.online.first(max(opened, stay.start) + stay.reaction)
            if code is not SignInCode.RUNNING and done < min(stay.end, opened + page):
                return done, code
        return opened + page, SignInCode.TIMED_OUT

    def click(self, shown: float) -> float:
        """Return when the button of a notice is clicked: now, or on coming back within hours; never while offline."""
        for stay in self.stays_from(shown, shown + 12 * HOUR):
            if stay.button is not None:
                at = self.online.first(max(shown, stay.start) + stay.button)
                if at < stay.end:
                    return at
        return NEVER

    def impatient(self, stood: float) -> float:
        """Return when a person whose work stands since `stood` signs in without being asked."""
        for stay in self.stays_from(stood, stood + 4 * DAY):
            lost = self.need.first(max(stood, stay.start)) + stay.patience
            if lost < stay.end and lost in self.need:
                return lost
        return NEVER


def mood(random: Random, start: float, end: float, *, call: bool, willing: bool) -> Stay:
    """Return a stay with a drawn mood; a `willing` person is never against anything, only slower in a call."""
    tabs = [SignInCode.SIGNED_IN, SignInCode.CLOSED, SignInCode.DENIED, SignInCode.RUNNING]
    verbs = [None, Verb.LATER, Verb.CANCEL, Verb.NOT_TODAY]
    tab = random.choices(tabs, [55, 12, 1, 32] if call else [95, 2, 1, 2])[0]
    notice = random.choices(verbs, [72, 20, 6, 2] if call else [96, 2.5, 1, 0.5])[0]
    reaction = min(180.0, random.lognormvariate(3.9 if call else 3.2, 0.5))
    clicks = random.random() < (0.3 if call else 0.85)
    button = random.uniform(5, 60)
    extends = random.random() < (0.02 if call else 0.1)
    patience = random.uniform(10, 30) * MINUTE if call else random.uniform(2, 6) * MINUTE
    stay = Stay(start, end, call, tab, reaction, notice, button if clicks else None, extends, patience)
    return replace(stay, tab=SignInCode.SIGNED_IN, notice=None, button=button, extends=False) if willing else stay
