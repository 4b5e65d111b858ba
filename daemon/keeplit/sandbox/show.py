"""What a person sees of the play: a line for each happening, the lamps, and at the end a summary with the verdict.

Law: what stands here was read where it shows, and no line holds a secret. Without a terminal, or with NO_COLOR, it is
plain text, a line at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import TextIO

from keeplit.sandbox.claude import Second
from keeplit.sandbox.clockwork import Now, wall
from keeplit.sandbox.happenings import Happening, What
from keeplit.sandbox.scene import PROFILES, Tempo
from keeplit.sandbox.verdict import UNASKED, Verdict

GREEN, RED, YELLOW, CYAN, MAGENTA, DIM, BOLD = "32", "31", "33", "36", "35", "2", "1"
STRIP = 60
LAMPS = {True: "●", False: "○", None: "·"}
PLAIN = str.maketrans("●○·✓✗↻↯▣◷◔⇢■▶▮▯", "*o.+x~!#::>=>|-")

MARKS: Mapping[What, tuple[str, str]] = {
    What.STARTED: ("▶", BOLD),
    What.ASKED: ("$", BOLD),
    What.TAB: ("▣", BOLD),
    What.SIGNED_IN: ("✓", GREEN),
    What.RENEWED: ("↻", CYAN),
    What.FAULT: ("↯", MAGENTA),
    What.MENDED: ("↯", MAGENTA),
    What.FAILED: ("✗", YELLOW),
    What.RECOVERED: ("✓", GREEN),
    What.END_PROVEN: ("◷", YELLOW),
    What.REFUSED: ("◷", YELLOW),
    What.ANNOUNCED: ("◔", YELLOW),
    What.NEEDED: ("◔", YELLOW),
    What.BRIDGED: ("⇢", CYAN),
    What.OVER: ("■", YELLOW),
    What.DARK: ("○", RED),
    What.LIT: ("●", GREEN),
    What.FORGOT: ("✗", MAGENTA),
    What.REPAIRED: ("✓", GREEN),
}

WHO = {What.STARTED: "keeper", What.FORGOT: "claude", What.REPAIRED: "keeper"}

SENTENCES: Mapping[tuple[What, str], str] = {
    (What.STARTED, ""): "keeplit daemon starts; nobody is signed in yet",
    (What.ASKED, ""): "you type: keeplit login --session {session}",
    (What.TAB, ""): "a browser tab opens, since you asked",
    (What.TAB, UNASKED): "one browser tab opens by itself, 20 s after the notice",
    (What.SIGNED_IN, ""): "you approve: signed in",
    (What.RENEWED, ""): "renewed silently",
    (What.FAULT, ""): "AWS now answers {detail} to every renewal",
    (What.FAULT, "drop"): "AWS will cut the next connection",
    (What.MENDED, ""): "AWS is well again",
    (What.FAILED, ""): "a renewal failed: no browser for that, again in {detail} s",
    (What.RECOVERED, ""): "recovered: renewed silently",
    (What.END_PROVEN, ""): "the sign-in ends in {detail} s: a renewal no longer moves it",
    (What.REFUSED, ""): "AWS refuses: the sign-in is over, its last token lives {detail} s more",
    (What.ANNOUNCED, ""): "notice: a browser tab opens in 20 s, unless you say no",
    (What.NEEDED, ""): "notice: you need to sign in",
    (What.BRIDGED, ""): "fresh role credentials taken over the end: work goes on for {role} without a sign-in",
    (What.OVER, ""): "the sign-in is over",
    (What.DARK, ""): "{profile} is dark: {detail}",
    (What.LIT, ""): "{profile} is lit again",
    (What.FORGOT, ""): "rewrites its settings.json and loses env.{detail}",
    (
        What.REPAIRED,
        "",
    ): "the lost key is back after {detail} s, 2 s of them for Claude Code to finish; nothing else was touched",
}


@dataclass(slots=True)
class Show:
    """The play on one terminal, or file."""

    out: TextIO
    tempo: Tempo
    coloured: bool = False
    outlives: bool = False
    device: bool = False
    now: Now = wall
    _began: datetime = field(init=False)
    _lamps: Mapping[str, bool] = field(default_factory=dict)
    _tabs: dict[str, int] = field(default_factory=dict)
    _live: str = ""

    def __post_init__(self) -> None:
        """Start the clock of the left column."""
        self._began = self.now()

    def introduce(self) -> None:
        """Say what is about to be seen."""
        session, legacy = _seconds(self.tempo.session), _seconds(self.tempo.legacy)
        ends = f"its first sign-in ends after {session}"
        world = "; the last token outlives it" if self.outlives else ""
        self._line(self._ink("keeplit sandbox", BOLD) + ": a day of sign-ins in about a minute, on 127.0.0.1 alone.")
        self._line("The keeper is the real one, a process of its own; AWS, the browser and you are played.")
        self._line()
        self._line(f"  acme  profile work    renewable; {ends}{world}")
        self._line("  beta  profile client  renewable; AWS will fail it twice")
        self._line(f"  old   profile old     legacy: a token of {legacy} that nothing can renew")
        self._line()
        self._line("Each lamp is a Claude Code that calls AWS every second with what `keeplit credentials` gives it.")
        if self.device:
            self._line()
            self._line("No AWS CLI v2 is used here: keeplit signs in by a printed code, which it never does unasked.")
            self._line("So you, played, type `keeplit login` when `keeplit status` says that a sign-in is needed.")
        self._line()
        self._line(self._ink("   time  " + " ".join(PROFILES.values()), DIM))

    def tell(self, happening: Happening) -> None:
        """Show one happening."""
        mark, colour = MARKS[happening.what]
        seconds = (happening.at - self._began) / timedelta(seconds=1)
        who = happening.session or WHO.get(happening.what, "aws")
        said = self._ink(f"{mark} {self.sentence(happening)}", colour)
        self._line(f"{max(0.0, seconds):6.1f}s  {self._lamps_line()}  {who:<6} {said}")

    def look(self, lamps: Mapping[str, bool]) -> None:
        """Take in the lamps, and on a terminal keep them moving below the last line."""
        self._lamps = lamps
        if not self.coloured:
            return
        elapsed = (self.now() - self._began) / timedelta(seconds=1)
        live = f"{elapsed:6.0f}s  {self._lamps_line()}"
        if live != self._live:
            self.out.write(f"\r\x1b[K{live}")
            self.out.flush()
            self._live = live

    def summarize(self, verdict: Verdict, log_tail: tuple[str, ...] = ()) -> None:
        """Show each profile's seconds, the figures, and the verdict."""
        self._line()
        for profile in PROFILES.values():
            seconds = verdict.seconds.get(profile, ())
            lit = sum(second.lit for second in seconds)
            self._line(f"  {profile:<7} {self._strip(seconds)}  {lit} of {len(seconds)} s lit")
        self._line()
        for sentence in figures(verdict):
            self._line(f"  {sentence}")
        self._line()
        if verdict.lit:
            self._line(self._ink("● Every session stayed lit.", f"{BOLD};{GREEN}"))
            return
        self._line(self._ink("○ Not all was well:", f"{BOLD};{RED}"))
        for complaint in verdict.complaints:
            self._line(f"  - {complaint}")
        if log_tail:
            self._line(self._ink("The last lines of the keeper's log:", DIM))
            for line in log_tail:
                self._line(self._ink(f"  {line}", DIM))

    def sentence(self, happening: Happening) -> str:
        """Return a happening in words."""
        what, detail = happening.what, happening.detail
        words = SENTENCES.get((what, detail)) or SENTENCES[what, ""]
        return words.format(
            session=happening.session,
            profile=PROFILES.get(happening.session, ""),
            detail=detail,
            access=_seconds(self.tempo.access),
            role=_seconds(self.tempo.role),
        )

    def _lamps_line(self) -> str:
        cells = []
        for profile in PROFILES.values():
            lit = self._lamps.get(profile)
            cells.append(self._ink(LAMPS[lit], {True: GREEN, False: RED, None: DIM}[lit]) + " " * (len(profile) - 1))
        return " ".join(cells)

    def _strip(self, seconds: tuple[Second, ...]) -> str:
        """Return the seconds as a strip of at most `STRIP` cells; a cell is dark where any of its seconds is."""
        width = min(STRIP, len(seconds))
        cells = [
            all(second.lit for second in seconds[len(seconds) * i // width : len(seconds) * (i + 1) // width])
            for i in range(width)
        ]
        return "".join(
            self._ink(("▮" if lit else "▯") * len(tuple(run)), GREEN if lit else RED) for lit, run in groupby(cells)
        )

    def _ink(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self.coloured else text

    def _line(self, text: str = "") -> None:
        if self._live:
            self.out.write("\r\x1b[K")
            self._live = ""
        try:
            text.encode(self.out.encoding or "utf-8")
        except UnicodeEncodeError:
            text = text.translate(PLAIN).encode("ascii", "replace").decode()
        self.out.write(f"{text}\n")
        self.out.flush()


def figures(verdict: Verdict) -> tuple[str, ...]:
    """Return what was seen, in figures."""
    count = verdict.count
    tabs, unasked = count(What.TAB), count(What.TAB, UNASKED)
    asked_for = f"{tabs - unasked} because you asked, {unasked} announced 20 s ahead"
    return (
        f"{_many(count(What.RENEWED) + count(What.RECOVERED), 'renewal')} in silence",
        f"{_many(count(What.FAILED), 'failed renewal')}, {count(What.RECOVERED)} recovered",
        f"{_many(count(What.REPAIRED), 'lost key')} put back into Claude Code's settings",
        f"{_many(count(What.BRIDGED), 'end')} of a token or sign-in bridged with fresh role credentials",
        f"{_many(tabs, 'browser tab')} for {_many(count(What.SIGNED_IN), 'sign-in')}: {asked_for}",
    )


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _seconds(length: timedelta) -> str:
    return f"{length / timedelta(seconds=1):.0f} s"
