"""Draws the days of a laptop: workdays and holidays, lunch, calls, breaks, evenings, nights, outages.

Law: one `Random` for each seed, used in one order; the lid is shut when the person takes the laptop along.
"""

from dataclasses import dataclass, field
from random import Random

from tests.bench.laptop import PRESENT_FOR, Life, Stay, mood
from tests.bench.spans import DAY, MINUTE, Spans

Pair = tuple[float, float]


@dataclass(slots=True)
class _Drawn:
    """What has been drawn so far."""

    random: Random
    willing: bool
    stays: list[Stay] = field(default_factory=list)
    inputs: list[Pair] = field(default_factory=list)
    locks: list[float] = field(default_factory=list)
    awake: list[Pair] = field(default_factory=list)
    wakes: list[float] = field(default_factory=list)
    work: list[Pair] = field(default_factory=list)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def minutes(self, low: float, high: float) -> float:
        return self.random.uniform(low, high) * MINUTE


def draw_life(seed: int, days: int, *, willing: bool = False) -> Life:
    """Return the life of laptop `seed` over `days` days from a Monday; a `willing` person never declines anything."""
    random = Random(seed)
    drawn = _Drawn(random, willing)
    holidays = set(random.sample(range(1, max(2, days)), k=min(days // 15, days - 1)))
    away_from = random.randrange(max(1, days))
    holidays |= set(range(away_from, away_from + 7)) if drawn.chance(0.5) and away_from > 1 else set()
    lid_open_since: float | None = None
    for day in range(days):
        works = day % 7 < 5 and day not in holidays
        if works or drawn.chance(0.04):
            arrive = day * DAY + drawn.minutes(8.25 * 60, 9.75 * 60)
            leave = day * DAY + drawn.minutes(16.75 * 60, 18.75 * 60)
            lid_open_since = _worked(drawn, arrive, leave, lid_open_since)
        if works and drawn.chance(0.2):
            start = (day + 20 / 24) * DAY + drawn.minutes(0, 60)
            lid_open_since = _worked(drawn, start, start + drawn.minutes(45, 150), lid_open_since)
    if lid_open_since is not None:
        drawn.awake.append((lid_open_since, days * DAY))
    return _put_together(drawn, days)


def _worked(drawn: _Drawn, arrive: float, leave: float, lid_open_since: float | None) -> float | None:
    """Draw a stretch of work; return since when the machine is awake where it is left so, else None."""
    since = lid_open_since
    if since is None:
        since = arrive - drawn.random.uniform(3, 15)
        drawn.wakes.append(since)
    lunch = arrive + drawn.minutes(150, 240)
    at = arrive
    while at < leave:
        gone, shuts = 0.0, 0.0
        if at >= lunch:
            lunch, gone, shuts = leave, drawn.minutes(30, 65), 0.2
        elif drawn.chance(0.1):
            gone, shuts = drawn.minutes(25, 60), 0.3
        elif drawn.chance(0.5):
            gone = drawn.minutes(2, 12)
        if gone and at > arrive:
            if drawn.chance(0.6):
                drawn.locks.append(at)
            if drawn.chance(shuts):
                drawn.awake.append((since, at + 5))
                since = at + gone - drawn.random.uniform(3, 15)
                drawn.wakes.append(since)
            at += gone
        at = _sat(drawn, at, min(leave, at + drawn.minutes(15, 80)))
    end = _claude_worked(drawn, arrive, leave)
    if end > leave or drawn.chance(0.12):
        drawn.locks.append(leave)
        return since
    drawn.awake.append((since, leave + drawn.random.uniform(1, 10)))
    return None


def _sat(drawn: _Drawn, start: float, end: float) -> float:
    """Draw a stay and its input: steady, with pauses for reading; in a call only now and then."""
    call = drawn.chance(0.22)
    drawn.stays.append(mood(drawn.random, start, end, call=call, willing=drawn.willing))
    if call:
        at = start
        while at < end:
            drawn.inputs.append((at, min(end, at + 10)))
            at += drawn.minutes(2, 12)
    elif end - start > 25 * MINUTE and drawn.chance(0.3):
        pause = start + drawn.minutes(3, 10)
        drawn.inputs += [(start, pause), (pause + drawn.minutes(6, 14), end)]
    else:
        drawn.inputs.append((start, end))
    return end + 1


def _claude_worked(drawn: _Drawn, arrive: float, leave: float) -> float:
    """Draw when Claude Code wants to run, sometimes on through the night; return when it ends."""
    at = arrive + (drawn.random.uniform(20, 120) if drawn.chance(0.5) else drawn.minutes(2, 30))
    end = leave
    if drawn.chance(0.08):
        end = leave + drawn.minutes(120, 540)
    while at < end:
        stop = min(end, at + drawn.minutes(60, 200)) if at < leave else end
        drawn.work.append((at, stop))
        at = stop + drawn.minutes(15, 50)
    return end


def _put_together(drawn: _Drawn, days: int) -> Life:
    random = drawn.random
    end = days * DAY
    start = drawn.stays[0].start + 1
    inputs = Spans.of(drawn.inputs)
    awake = Spans.of(drawn.awake)
    there = Spans.of((stay.start, stay.end) for stay in drawn.stays)
    locked = Spans.of((at, inputs.first(at)) for at in drawn.locks)
    outages: list[Pair] = []
    known: list[Pair] = [(wake, wake + random.uniform(1, 6)) for wake in drawn.wakes]
    at = random.expovariate(1 / (2 * DAY))
    while at < end:
        length = MINUTE * 240.0 ** random.random()
        (known if random.random() < 0.75 else outages).append((at, at + length))  # three of four
        at += length + random.expovariate(1 / (2 * DAY))
    known_outages = Spans.of(known)
    online = Spans.of([*outages, *known]).gaps()
    asleep = awake.gaps()
    permitted = Spans.of(
        (since, min(until + PRESENT_FOR, locked.first(until), asleep.first(until))) for since, until in inputs
    )
    running = Spans.of(drawn.work).both(awake)
    by_hand = [stay.start + random.uniform(1, stay.end - stay.start) for stay in drawn.stays if random.random() < 0.006]
    revoked: list[float] = []
    at = random.expovariate(1 / (60 * DAY))
    while at < end:
        revoked.append(at)
        at += random.expovariate(1 / (60 * DAY))
    knocks = [*drawn.wakes, *known_outages.starts, *known_outages.ends, *locked.ends]
    return Life(
        start,
        end,
        tuple(drawn.stays),
        there,
        inputs,
        locked,
        permitted,
        awake,
        online,
        known_outages,
        running,
        running.both(online).both(there),
        tuple(at for at in by_hand if at in online and at in awake and at > start),
        tuple(at for at in revoked if at > start),
        tuple(sorted(knocks)),
    )
