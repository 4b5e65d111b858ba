"""Facts, memories and outcomes drawn at random: anything that the types allow, near the truth and far from it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import strategies as st

from keeplit.core.backoff import Backoff
from keeplit.core.deeds import Notice, Outcome, Result
from keeplit.core.journal_entry import Changed, Entry, Phase
from keeplit.core.memory import Answer, Asked, Memory, SessionMemory, Unshown
from keeplit.core.model import (
    FOREVER,
    Desk,
    Extend,
    Facts,
    Kind,
    Mode,
    Network,
    Policy,
    Problem,
    Reading,
    Role,
    Seen,
    Session,
    SignIn,
    SignInCode,
    Token,
    Verb,
    Wish,
)
from keeplit.core.settings_keys import (
    AUTH_REFRESH,
    CREDENTIAL_EXPORT,
    LAUNCH_MODEL,
    MODEL,
    PROFILE,
    REGION,
    RIVALS,
    USE_BEDROCK,
)
from keeplit.core.settings_model import Agreed, FileState, Repair, Repaired, Settings, SettingsMemory

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URL = "https://d-1234567890.awsapps.com/start"
OTHER_URL = "https://d-0987654321.awsapps.com/start"
ACME = Session("a1" * 20, "acme", Kind.SSO_SESSION, URL, "eu-central-1")
SAME_URL = URL + "/#/"  # another spelling, as a person copies it from the browser
TWIN = Session("b2" * 20, "acme-admin", Kind.SSO_SESSION, SAME_URL, "eu-central-1")
OLD = Session("c3" * 20, "old", Kind.LEGACY, OTHER_URL, "us-east-1")
SESSIONS = (ACME, TWIN, OLD)
DIGESTS = ("t1", "t2", "t3")
MINUTE = timedelta(minutes=1)

spans = st.one_of(
    st.timedeltas(-timedelta(days=2), timedelta(days=2)),
    st.integers(-60, 60).map(lambda minutes: timedelta(minutes=minutes)),
    st.sampled_from([timedelta.min, timedelta.max, timedelta(0), timedelta(hours=1), timedelta(hours=8)]),
)
near = st.one_of(
    st.timedeltas(-timedelta(hours=2), timedelta(hours=2)).map(lambda away: NOON + away),
    st.integers(-70, 70).map(lambda minutes: NOON + timedelta(minutes=minutes)),
)
times = st.one_of(
    near,
    st.timedeltas(-timedelta(days=400), timedelta(days=400)).map(lambda away: NOON + away),
    st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), FOREVER, NOON]),
)
digests = st.sampled_from(DIGESTS)
named = st.sampled_from(("", *DIGESTS))
floats = st.one_of(st.floats(-1, 1), st.floats())
texts = st.sampled_from(["", "x", "InvalidGrantException", "sign_in_needed:t1", "expiring:1:600", "ended:r1"])
keys = st.sampled_from([session.key for session in SESSIONS])

tokens = st.builds(Token, digests, times, st.booleans(), st.none() | times)
roles = st.builds(Role, texts, st.sampled_from(["", "111122223333"]), st.sampled_from(["", "Dev"]), st.none() | times)
records = st.builds(
    SignIn,
    st.sampled_from(["r1", "r2"]),
    keys,
    st.sampled_from([URL, SAME_URL, OTHER_URL]),
    times,
    asked=st.booleans(),
    fresh=st.booleans(),
    token=named,
    code=st.sampled_from(SignInCode),
    ended_at=st.none() | times,
    has_page=st.booleans(),
)
desks = st.builds(
    Desk,
    st.none() | times,
    st.booleans(),
    st.none() | times,
    st.sampled_from(Network),
    st.just(timedelta(0)) | spans,
    notices=st.sampled_from([None, True, False]),
    blind=st.sampled_from(["", "Nobody tells."]),
)
clock_times = st.times()
policies = st.builds(
    Policy,
    st.sampled_from(Mode),
    st.booleans(),
    st.none() | st.tuples(clock_times, clock_times),
    spans,
    st.sampled_from(Extend),
    st.booleans(),
    st.lists(spans, max_size=3).map(tuple),
)
wishes = st.builds(
    Wish,
    st.sampled_from(["w1", "w2", "w3"]),
    st.sampled_from(Verb),
    st.sampled_from(["", "nobody", *[session.key for session in SESSIONS]]),
    st.none() | spans,
    named,
    st.none() | times,
)
backoffs = st.builds(
    Backoff, st.integers(), st.none() | times, spans, st.sampled_from(["", *map(str, Result)]), texts, texts
)
asked = st.builds(Asked, st.sampled_from(Verb), st.sampled_from(["", "w1", "w9"]), times)
told = st.lists(texts, max_size=30).map(tuple)
session_memories = st.builds(
    SessionMemory,
    token=named,
    first_seen_at=st.none() | times,
    token_end=st.none() | times,
    life=spans,
    jitter=floats,
    torn_since=st.none() | times,
    refused=named,
    dead_registration=named,
    rejected=named,
    capped=named,
    signed_in_at=st.none() | times,
    began_after_end=st.booleans(),
    last_good_at=st.none() | times,
    ends_at=st.none() | times,
    length=st.none() | spans,
    end_did_not_move=st.booleans(),
    refresh=backoffs,
    bridge=backoffs,
    bridged=named,
    bridged_at=st.none() | times,
    start=backoffs,
    asked=st.none() | asked,
    announced=named,
    announced_at=st.none() | times,
    spent=named,
    told=told,
    later_until=st.none() | times,
    reminder=st.booleans(),
    not_before=st.none() | times,
    sign_in=st.sampled_from(["", "r1", "r2"]),
    skew=spans,
)
answers = st.builds(Answer, st.sampled_from(["w1", "w9"]), st.sampled_from(["waiting", "done"]), texts)
KEYS = (USE_BEDROCK, PROFILE, REGION, MODEL, LAUNCH_MODEL, AUTH_REFRESH, CREDENTIAL_EXPORT, "env.MY_OWN", *RIVALS)
OURS = {AUTH_REFRESH: "/new/keeplit login --for-claude", CREDENTIAL_EXPORT: "/new/keeplit credentials"}
values = st.sampled_from(["a", "b", "1", "0", "/old/keeplit login --for-claude", *OURS.values()])
setting_keys = st.sampled_from(KEYS)
said = st.dictionaries(setting_keys, values, max_size=6)
raws = st.none() | values.map(lambda value: f'"{value}"') | st.sampled_from(["1", "{"])
entries = st.builds(
    Entry,
    st.sampled_from(["e1", "e2", "e3", "e4"]),
    st.just("g"),
    near,
    st.sampled_from(["use", "setup", "repair", "undo", "reset", "accept", "rule"]),
    st.just("/s.json"),
    st.lists(st.builds(Changed, setting_keys, raws, raws), max_size=3).map(tuple),
    digests,
    digests,
    st.sampled_from(["", "missing", "config", "missing+stale_copy"]),
    st.sampled_from(Phase),
)
settings = st.builds(
    Settings,
    path=st.sampled_from(["/s.json", "/s.json", "/s.json", "/other.json", ""]),
    state=st.sampled_from([FileState.PRESENT, FileState.PRESENT, *FileState]),
    digest=digests,
    values=said,
    fault=texts,
    fix=texts,
    wanted=st.dictionaries(setting_keys, st.none() | values, max_size=4),
    commands=st.just(OURS) | st.just({}),
    stale=st.frozensets(st.sampled_from([AUTH_REFRESH, CREDENTIAL_EXPORT])),
    sure=st.sampled_from([True, True, False]),
    repair=st.sampled_from([Repair.AUTO, Repair.AUTO, *Repair]),
    journal=st.lists(entries, max_size=3, unique_by=lambda entry: entry.id).map(tuple),
    shadowed=st.dictionaries(setting_keys, texts, max_size=1),
    bypassed=st.dictionaries(setting_keys, texts, max_size=1),
)
agreed = st.builds(
    Agreed, st.none() | values, st.none() | values, names=st.booleans(), released=st.sampled_from([False, False, True])
)
settings_memories = st.builds(
    SettingsMemory,
    path=st.just("/s.json") | st.just(""),
    agreed=st.dictionaries(setting_keys, agreed, max_size=6),
    rivals=st.lists(st.sampled_from(RIVALS), unique=True).map(tuple),
    seen=st.sampled_from(["", "present", "absent", "broken"]),
    since=st.none() | times,
    repaired=st.lists(st.builds(Repaired, setting_keys, times), max_size=6).map(tuple),
    written_at=st.none() | times,
    told=told,
    entry=st.sampled_from(["", "e1", "e2", "gone"]),
    last_good=named,
    write=backoffs,
)
unshown = st.builds(
    Unshown,
    texts,
    times,
    keys | st.just(""),
    st.sampled_from(["", "polished", *map(str, Notice)]),
    texts,
    st.none() | times,
    st.sampled_from(["", "no_service", "not_taken", "no_answer"]),
    st.integers(),
)
memories = st.builds(
    Memory,
    st.dictionaries(keys, session_memories),
    st.none() | times,
    st.lists(answers, max_size=4).map(tuple),
    settings_memories,
    st.lists(unshown, max_size=3).map(tuple),
)
problems = st.builds(Problem, st.sampled_from(["config_wrong", "network"]), texts, texts, texts)
outcomes = st.builds(
    Outcome,
    st.sampled_from(Result),
    texts,
    texts,
    st.none() | spans,
    st.none() | tokens,
    st.none() | spans,
    st.integers(0, 9),
    st.none() | spans,
)


@st.composite
def views(draw: st.DrawFn, session: Session) -> Seen:
    """Draw what is seen of one session; a file that is not there holds no token."""
    reading = draw(st.sampled_from([Reading.PRESENT, *Reading]))
    token = draw(tokens) if reading is Reading.PRESENT else draw(st.none() | tokens)
    return Seen(
        session,
        reading,
        token,
        draw(st.lists(roles, max_size=5).map(tuple)),
        draw(st.none() | records),
        draw(st.booleans()),
    )


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Draw all that a turn may see, each session at most once."""
    chosen = draw(st.lists(st.sampled_from(SESSIONS), max_size=3, unique=True))
    return Facts(
        tuple(draw(views(session)) for session in chosen),
        draw(desks),
        draw(policies),
        tuple(draw(st.lists(wishes, max_size=3, unique_by=lambda wish: wish.id))),
        tuple(draw(st.lists(problems, max_size=2))),
        tuple(draw(st.lists(records, max_size=1))),
        draw(st.booleans()),
        draw(settings),
    )


def quiet_hours(start: int, end: int) -> tuple[time, time]:
    """Return quiet hours from one full hour to another."""
    return time(start), time(end)
