"""The laws of the decision, for every state: nothing due is held up, no browser opens where none may, nothing loops."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import assume, example, given
from hypothesis import strategies as st

from keeplit.core.backoff import LONGEST_BACKOFF
from keeplit.core.deeds import Action, Do, Notice, Outcome, Plan, Result
from keeplit.core.learn import learn
from keeplit.core.memory import Memory, SessionMemory
from keeplit.core.model import (
    Desk,
    Extend,
    Facts,
    Mode,
    Network,
    Policy,
    Reading,
    Role,
    Seen,
    SignIn,
    SignInCode,
    Token,
    Verb,
    Wish,
    portal,
)
from keeplit.core.notice import notice
from keeplit.core.plan import NEVER, State, opens_browser, plan
from tests.core import drawn, made
from tests.core.drawn import ACME, NOON, TWIN, URL

BROWSERS = {Do.SIGN_IN, Do.EXTEND}
SLICE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def unasked_browsers(planned: Plan) -> list[Action]:
    """Return the actions that open a browser, or announce one, that nobody asked for."""
    return [action for action in planned.actions if opens_browser(action) and not action.asked]


# Same in, same out; the next time is ahead.


@given(drawn.facts(), drawn.memories, drawn.near)
def test_the_same_state_gives_the_same_plan(facts: Facts, memory: Memory, now: datetime) -> None:
    """A plan depends on nothing but its arguments, and changes none of them."""
    state = State(facts, memory)
    twin = copy.deepcopy(state)
    assert plan(state, now) == plan(twin, now)
    assert state == twin


@given(drawn.facts(), drawn.memories, drawn.near)
def test_the_wake_is_ahead_and_no_session_acts_twice(facts: Facts, memory: Memory, now: datetime) -> None:
    """`wake_at` is later than now, and each session has one outward action at most and one entry of what comes next."""
    planned = plan(State(facts, memory), now)
    assert planned.wake_at > now
    acting = [action.session for action in planned.actions]
    assert len(acting) == len(set(acting))
    assert [key for key, _, _ in planned.next_actions] == [seen.session.key for seen in facts.sessions]
    assert all(action.reason and action.sentence for action in planned.actions)


# A due refresh is never held up.


def refresh_within(facts: Facts, memory: Memory, now: datetime, *, notices: bool) -> bool:
    """Whether a refresh of ACME is planned at some wake until the longest back-off has passed."""
    last = now + LONGEST_BACKOFF
    while True:
        if notices:
            memory = notice(memory, facts, 0.3, now)
        planned = plan(State(facts, memory), now)
        if any(action.do is Do.REFRESH and action.session == ACME.key for action in planned.actions):
            return True
        if now >= last:
            return False
        now = min(planned.wake_at, now + SLICE, last)


def due(facts: Facts, token: Token) -> Facts:
    """Return the facts with ACME's token in its file."""
    mine = [seen for seen in facts.sessions if seen.session == ACME] or [Seen(ACME, Reading.PRESENT)]
    others = [seen for seen in facts.sessions if seen.session != ACME]
    return replace(facts, sessions=(*others, replace(mine[0], reading=Reading.PRESENT, token=token)))


def lands_on_old_end(memory: Memory, token: Token) -> bool:
    """Whether what is remembered amounts to a proof that this token's end is the sign-in's own."""
    mine = memory.sessions.get(ACME.key, SessionMemory())
    return mine.token_end is not None and abs(mine.token_end - token.expires_at) < timedelta(minutes=10)


@given(drawn.facts(), drawn.memories, st.timedeltas(timedelta(days=-400), timedelta(0)), st.booleans())
def test_no_state_holds_up_a_due_refresh(facts: Facts, memory: Memory, left: timedelta, notices: bool) -> None:  # noqa: FBT001
    """Whatever is remembered and seen, a dead token that can be renewed is renewed within the longest back-off.

    Conclusions about this very token (refused, capped, a dead registration) are left out: with one it is not due.
    """
    token = Token("due", NOON + left, refreshable=True)
    assume(not lands_on_old_end(memory, token))
    assert refresh_within(due(facts, token), memory, NOON, notices=notices)


@given(
    drawn.facts(),
    drawn.memories,
    drawn.session_memories,
    st.sampled_from(["", "due"]),
    st.timedeltas(timedelta(days=-400), timedelta(0)),
    st.booleans(),
)
def test_what_was_concluded_of_other_tokens_holds_nothing_up(
    facts: Facts,
    memory: Memory,
    mine: SessionMemory,
    named: str,
    left: timedelta,
    notices: bool,  # noqa: FBT001
) -> None:
    """Nor does anything else that is remembered of the token itself: attempts, notices, a browser that was spent."""
    token = Token("due", NOON + left, refreshable=True)
    mine = replace(mine, token="due", announced=named, spent=named, bridged=named)
    memory = replace(memory, sessions={**memory.sessions, ACME.key: mine})
    assert refresh_within(due(facts, token), memory, NOON, notices=notices)


@given(drawn.facts(), drawn.memories, st.timedeltas(timedelta(0), timedelta(minutes=13)), st.none() | drawn.spans)
def test_no_state_holds_up_a_token_at_its_margin(
    facts: Facts, memory: Memory, left: timedelta, life: timedelta | None
) -> None:
    """So is a living one whose margin is reached; a remembered life that cannot be true counts as an hour."""
    assume(life is None or not timedelta(0) < life < timedelta(minutes=30))
    mine = memory.sessions.get(ACME.key, SessionMemory())
    mine = replace(mine, token="due", life=HOUR if life is None else life)
    memory = replace(memory, sessions={**memory.sessions, ACME.key: mine})
    token = Token("due", NOON + left, refreshable=True)
    assert refresh_within(due(facts, token), memory, NOON, notices=False)


@given(
    drawn.facts(),
    drawn.memories,
    drawn.outcomes.filter(lambda outcome: outcome.result not in {Result.OVER, Result.REGISTRATION_DEAD}),
    drawn.times.filter(lambda at: 2000 < at.year < 3000),
)
def test_a_failure_before_the_clock_was_set_holds_nothing_up(
    facts: Facts, memory: Memory, outcome: Outcome, now: datetime
) -> None:
    """After a failed renewal and any jump of the clock, a dead token is tried again within the longest back-off."""
    token = Token("due", min(NOON, now), refreshable=True)
    assume(not lands_on_old_end(memory, token))
    facts = due(facts, token)
    outcome = replace(outcome, token=None)
    memory = notice(memory, facts, 0.3, NOON)
    action = Action(Do.REFRESH, ACME.key, "due", "…", token="due")
    memory = learn(memory, action, outcome, NOON)
    assert refresh_within(facts, memory, now, notices=True)


# Nothing loops.


def same(one: Action, other: Action) -> bool:
    """Whether two actions would be the same to a person and to AWS."""
    return (one.do, one.session, one.reason, one.token) == (other.do, other.session, other.reason, other.token)


@given(drawn.facts(), drawn.memories, drawn.outcomes, drawn.near)
def test_an_action_is_not_planned_again_at_once(facts: Facts, memory: Memory, outcome: Outcome, now: datetime) -> None:
    """Whatever came of an action, the next plan at the same moment does not hold it."""
    for action in plan(State(facts, memory), now).actions:
        learned = learn(memory, action, outcome, now)
        assert not [again for again in plan(State(facts, learned), now).actions if same(action, again)]


@given(drawn.facts(), drawn.memories, drawn.outcomes, drawn.near)
def test_what_is_seen_again_plans_nothing_again(facts: Facts, memory: Memory, outcome: Outcome, now: datetime) -> None:
    """Nor does it after the next look, at a file that holds what the action left there."""
    memory = notice(memory, facts, 0.3, now)
    for action in plan(State(facts, memory), now).actions:
        learned = learn(memory, action, outcome, now)
        left = facts
        if action.do is Do.REFRESH and outcome.token is not None:
            left = replace(
                facts,
                sessions=tuple(
                    replace(seen, reading=Reading.PRESENT, token=outcome.token)
                    if seen.session.key == action.session and outcome.result in {Result.DONE, Result.SUPERSEDED}
                    else seen
                    for seen in facts.sessions
                ),
            )
        learned = notice(learned, left, 0.3, now)
        assert not [again for again in plan(State(left, learned), now).actions if same(action, again)]


# Browsers.


@given(drawn.facts(), drawn.memories, drawn.near)
def test_one_browser_at_most_for_a_start_url(facts: Facts, memory: Memory, now: datetime) -> None:
    """A plan opens or announces one browser for a start URL, and none while a sign-in for it runs."""
    urls = {seen.session.key: portal(seen.session.start_url) for seen in facts.sessions}
    opened = [urls[action.session] for action in plan(State(facts, memory), now).actions if opens_browser(action)]
    records = [*(seen.sign_in for seen in facts.sessions), *facts.other_sign_ins]
    running = {
        portal(record.start_url) for record in records if record is not None and record.code is SignInCode.RUNNING
    }
    assert len(opened) == len(set(opened))
    assert not running & set(opened)


@given(drawn.facts(), drawn.memories, drawn.near)
def test_no_unasked_browser_where_none_may_open(facts: Facts, memory: Memory, now: datetime) -> None:
    """None at an empty or unknown desk, with the network down, paused, in quiet hours, not today, without a token."""
    for action in unasked_browsers(plan(State(facts, memory), now)):
        mine = memory.sessions.get(action.session, SessionMemory())
        seen = next(seen for seen in facts.sessions if seen.session.key == action.session)
        desk, policy = facts.desk, facts.policy
        assert policy.mode is Mode.AUTO
        assert desk.network is not Network.DOWN
        assert memory.paused_until is None or memory.paused_until <= now
        assert mine.not_before is None or not now < mine.not_before <= now + timedelta(days=1)
        assert mine.later_until is None or not now < mine.later_until <= now + timedelta(days=1)
        assert seen.reading is Reading.PRESENT
        assert seen.token is not None
        assert mine.spent != seen.token.digest
        if not policy.always_present:
            assert desk.last_input_at is not None
            assert abs(now - desk.last_input_at) <= timedelta(minutes=1)
            assert not desk.locked
            assert desk.woke_at is None or desk.woke_at > now or desk.last_input_at > desk.woke_at
        if policy.quiet is not None:
            offset = min(max(desk.utc_offset, timedelta(days=-1)), timedelta(days=1))
            local, (start, end) = (now + offset).time(), policy.quiet
            assert not (start <= local < end if start <= end else local >= start or local < end)


def open_state(now: datetime = NOON) -> tuple[Facts, Memory]:
    """Return a state in which an unasked browser has been announced and is due: the baseline that each veto breaks."""
    token = Token("t1", NOON + timedelta(minutes=20), refreshable=True)
    mine = SessionMemory("t1", refused="t1", token_end=token.expires_at, announced="t1", announced_at=now - SLICE / 2)
    facts = Facts((Seen(ACME, Reading.PRESENT, token),), made.there(now))
    return facts, Memory({ACME.key: mine})


def test_the_baseline_does_open_a_browser() -> None:
    """With everything in its favour the browser opens, so that the laws above are about something."""
    facts, memory = open_state()
    assert [action.do for action in plan(State(facts, memory), NOON).actions] == [Do.SIGN_IN]


looks = st.tuples(
    st.timedeltas(timedelta(0), timedelta(hours=2)),
    st.sampled_from(["there", "away", "unknown"]),
    st.lists(st.sampled_from([Verb.SIGN_IN, Verb.LATER, Verb.CANCEL, Verb.REJECTED, Verb.RESUME]), max_size=2),
    st.sampled_from([None, *SignInCode]),
)


@given(st.lists(looks, max_size=8), st.sampled_from([Result.DONE, Result.UNEXPECTED]))
@example([(timedelta(minutes=20), "there", [], SignInCode.OFFLINE)] * 3, Result.DONE)
def test_an_ended_token_has_one_unasked_browser(
    looks: list[tuple[timedelta, str, list[Verb], SignInCode | None]], opened: Result
) -> None:
    """Once a browser opened for a token, nothing that happens while it lies there opens another one unasked."""
    facts, memory = open_state()
    now = NOON
    (action,) = plan(State(facts, memory), now).actions
    memory = learn(memory, action, Outcome(opened), now)
    for number, (passed, who, verbs, code) in enumerate(looks):
        now += passed
        desk = {"there": made.there(now), "away": Desk(NOON), "unknown": Desk()}[who]
        record = (
            SignIn(f"r{number}", ACME.key, URL, NOON, asked=False, token="t1", code=code, ended_at=now)
            if code
            else None
        )
        facts = replace(
            facts,
            sessions=(replace(facts.sessions[0], sign_in=record),),
            desk=desk,
            wishes=tuple(Wish(f"w{number}{verb}", verb, ACME.key, token="t1") for verb in verbs),
        )
        memory = notice(memory, facts, 0.3, now)
        for action in plan(State(facts, memory), now).actions:
            assert action.asked or not opens_browser(action)
            memory = learn(memory, action, Outcome(Result.DONE), now)


# A session's end costs little: no Zeno.


@given(
    st.floats(0.25, 14),
    st.booleans(),
    st.floats(0, 1, exclude_max=True),
    st.timedeltas(timedelta(0), timedelta(minutes=30)),
    st.sampled_from([timedelta(hours=1), timedelta(minutes=15)]),
)
@example(length=8.0, survives=False, draw=0.5, first=timedelta(0), full=HOUR)
@example(length=8.0, survives=True, draw=0.5, first=timedelta(0), full=HOUR)
def test_the_end_of_a_session_costs_two_refreshes_at_most(
    length: float,
    survives: bool,  # noqa: FBT001
    draw: float,
    first: timedelta,
    full: timedelta,
) -> None:
    """After the first token that ends with the session, or after the end where it survives, two are tried at most."""
    end = NOON + timedelta(hours=length)
    expires = NOON + full if survives else min(NOON + full, end)
    token = Token("n0", max(expires - first, NOON + SLICE), refreshable=True)
    facts = Facts((Seen(ACME, Reading.PRESENT, token),), Desk())
    memory, now, count, more = Memory(), NOON, 0, 0
    while now < end + 2 * HOUR:
        memory = notice(memory, facts, draw, now)
        planned = plan(State(facts, memory), now)
        for action in planned.actions:
            outcome = Outcome(Result.DONE)
            if action.do is Do.REFRESH:
                more += token.expires_at >= end and (now >= end or not survives)
                count += 1
                if now >= end:
                    outcome = Outcome(Result.OVER)
                else:
                    lives = full if survives else min(full, end - now)
                    token = Token(f"n{count}", now + lives, refreshable=True)
                    facts = replace(facts, sessions=(replace(facts.sessions[0], token=token),))
                    outcome = Outcome(Result.DONE, token=token, life=lives)
            memory = learn(memory, action, outcome, now)
        now = planned.wake_at
    assert more <= 2
    # Lit to the end: a token that was renewed in time reaches it.
    assert token.expires_at >= end


# What a plan says about the time after it.


def alone(token: Token | None, mine: SessionMemory, policy: Policy | None = None) -> tuple[Facts, Memory]:
    """Return a state of ACME alone, with somebody at the desk."""
    return made.facts(made.seen(token), policy=policy), Memory({ACME.key: mine})


def test_a_fresh_token_waits_for_its_margin() -> None:
    """The wake is the margin, and status can say so."""
    token = Token("t1", NOON + HOUR, refreshable=True)
    facts, memory = alone(token, SessionMemory("t1"))
    planned = plan(State(facts, memory), NOON)
    at = NOON + HOUR / 2
    assert (planned.actions, planned.wake_at) == ((), at)
    assert planned.next_actions == ((ACME.key, "refresh", at),)


def test_nothing_in_use_wakes_once_a_day_and_at_the_end_of_a_pause() -> None:
    """With nothing to keep there is nothing to do; a pause that ends is shown when it ends."""
    assert plan(State(Facts(), Memory()), NOON).wake_at == NOON + timedelta(days=1)
    paused = Memory(paused_until=NOON + SLICE)
    assert plan(State(Facts(), paused), NOON).wake_at == NOON + SLICE
    assert plan(State(Facts(), Memory(paused_until=NOON)), NOON).wake_at == NOON + timedelta(days=1)


def test_an_action_is_what_comes_next() -> None:
    """While an action is planned, the status shows it as now, and the loop looks again in a second."""
    facts, memory = alone(None, SessionMemory())
    planned = plan(State(facts, memory), NOON)
    assert [action.notice for action in planned.actions] == [Notice.SIGN_IN_NEEDED]
    assert planned.next_actions == ((ACME.key, "notify", NOON),)
    assert planned.wake_at == NOON + timedelta(seconds=1)


def test_nothing_to_come_is_said_so() -> None:
    """A session that waits for a person's click has nothing planned."""
    facts, memory = alone(None, SessionMemory(told=("sign_in_needed:",)))
    planned = plan(State(facts, memory), NOON)
    assert planned.actions == ()
    assert planned.next_actions == ((ACME.key, NEVER, NOON),)


def test_two_sessions_with_one_start_url_take_turns() -> None:
    """The second of two that are over at once is held back while the first is announced."""
    token = Token("t1", NOON + HOUR / 3, refreshable=True)
    mine = SessionMemory("t1", refused="t1", token_end=token.expires_at)
    sessions = tuple(Seen(session, Reading.PRESENT, token) for session in (ACME, TWIN))
    facts = Facts(sessions, made.there(NOON))
    memory = Memory({ACME.key: mine, TWIN.key: mine})
    planned = plan(State(facts, memory), NOON)
    assert [(action.session, action.notice) for action in planned.actions] == [(ACME.key, Notice.SIGNING_IN)]
    memory = learn(memory, planned.actions[0], Outcome(Result.DONE), NOON)
    planned = plan(State(facts, memory), NOON + timedelta(seconds=1))
    assert planned.actions == ()
    assert planned.watch_person


def test_an_empty_desk_is_watched() -> None:
    """A session that is over waits for a person, who is looked for every few seconds."""
    facts, memory = open_state()
    facts = replace(facts, desk=Desk(NOON - HOUR))
    planned = plan(State(facts, memory), NOON)
    assert planned.actions == ()
    assert planned.watch_person


def test_the_day_is_extended_where_the_config_says_so() -> None:
    """With ``extend = "auto"`` a known end is met by a sign-out and sign-in at `lead`, announced as any browser."""
    token = Token("t1", NOON + timedelta(minutes=9), refreshable=True)
    mine = SessionMemory("t1", capped="t1", token_end=token.expires_at, life=HOUR, told=())
    facts, memory = alone(token, mine, policy=Policy(extend=Extend.AUTO, warn_before=()))
    (action,) = plan(State(facts, memory), NOON).actions
    assert action.notice is Notice.SIGNING_IN
    memory = learn(memory, action, Outcome(Result.DONE), NOON)
    later = NOON + timedelta(seconds=20)
    (action,) = plan(State(replace(facts, desk=made.there(later)), memory), later).actions
    assert (action.do, action.asked) == (Do.EXTEND, False)


def test_a_bridge_stands_before_everything_that_waits_for_a_person() -> None:
    """At a refusal fresh role credentials are taken first, while the token still opens the door."""
    facts, memory = open_state()
    role = Role("work", "111122223333", "Developer")
    facts = replace(facts, sessions=(replace(facts.sessions[0], roles=(role,)),))
    assert [action.do for action in plan(State(facts, memory), NOON).actions] == [Do.BRIDGE]
