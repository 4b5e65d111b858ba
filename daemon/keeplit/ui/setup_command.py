"""`keeplit setup`: from nothing to a lit flame, guided in the terminal; every answer is also a flag.

Law: nothing of the person's is written before the last page's Apply, and then all of it or nothing. Whoever leaves
earlier, however, has changed nothing. A step that this machine cannot do is told, and the rest is done.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Any, TypeVar

import click

from keeplit.adapters.files import FileTrouble
from keeplit.adapters.paths import Paths
from keeplit.core.exit_codes import DONE, USAGE
from keeplit.core.models import GLOBAL, PREFIXES
from keeplit.core.setup_answers import Answers, Found, Way
from keeplit.engine import autostart, daemon_start, setup_look
from keeplit.engine import setup as engine
from keeplit.engine.choosing import Refused
from keeplit.engine.setup import Planned
from keeplit.engine.setup_look import Draft
from keeplit.ui import setup_found, setup_pages
from keeplit.ui.asking import Asker, Choice, NeedsAnswer
from keeplit.ui.cli import fail, where
from keeplit.ui.looking import printable
from keeplit.ui.setup_bedrock import ANYWHERE, BedrockHalf
from keeplit.ui.setup_portal import say
from keeplit.ui.setup_profile import ProfileHalf

APPLY, BACK, CANCEL, DIFF = "apply", "back", "cancel", "diff"
LAST = (
    Choice(APPLY, "Apply"),
    Choice(DIFF, "Show the diff of every file"),
    Choice(BACK, "Back: ask me everything again"),
    Choice(CANCEL, "Cancel: change nothing"),
)
PARTS = tuple(prefix for prefix in PREFIXES if prefix != GLOBAL)
Handler = Callable[[int, FrameType | None], None] | signal.Handlers
Command = TypeVar("Command", bound=Callable[..., Any])


def _switch(name: str, other: str, told: str) -> Callable[[Command], Command]:
    return click.option(f"--{name}/--{other}", name.replace("-", "_"), default=None, help=told)


def _text(name: str, shown: str, told: str) -> Callable[[Command], Command]:
    return click.option(f"--{name}", default="", metavar=shown, help=told)


@click.command()
@_text("profile", "NAME", "The profile, or the name of a new one.")
@_text("start-url", "URL", "For a new profile: the access portal.")
@_text("sso-region", "R", "For a new profile: the portal's region.")
@_text("session", "NAME", "The sso-session of a new profile or upgrade.")
@_text("account", "ID", "For a new profile: its 12 digits.")
@_text("role", "NAME", "For a new profile: the role there.")
@_text("region", "R", "The region whose Bedrock is called.")
@_text("model", "M", "The model: an alias, an id, an ARN.")
@_text("haiku", "M", "The small model, for work in the background.")
@click.option(
    "--residency",
    type=click.Choice([*PARTS, ANYWHERE]),
    metavar="PART",
    default=None,
    help=f"Requests stay in: {', '.join(PARTS)}, {ANYWHERE}.",
)
@_switch("upgrade", "no-upgrade", "Make a legacy profile renewable.")
@_switch("isolate", "no-isolate", "The profile for Bedrock's calls alone.")
@_switch("replace-helpers", "keep-helpers", "keeplit's awsAuthRefresh, not yours.")
@_switch("statusline", "no-statusline", "The time left in Claude Code's status line.")
@_switch("autostart", "no-autostart", "Start keeplit at login.")
@_switch("call", "no-call", "Call the model once, for one token.")
@click.option("--yes", is_flag=True, help="Ask nothing; the model is not called.")
@click.option("--plan", is_flag=True, help="Show every file's diff; write nothing.")
def setup(*, yes: bool, plan: bool, call: bool | None, **flags: Any) -> int:  # noqa: ANN401  # click gives what it read
    """Set up everything once: find what is there, and ask for the rest.

    Example: keeplit setup --profile work --region eu-central-1 --yes
    """
    if yes and call:
        raise fail(
            "--yes never calls the model, which costs: leave --call out, and try it: keeplit models --check", USAGE
        )
    paths = where()
    draft = Draft.begin(paths, os.environ)
    if isinstance(draft, Refused):
        raise fail(printable(draft.sentence), draft.exit_code)
    asker = Asker.here(yes=yes)
    with draft, on_ending(leave):
        found = setup_look.look(paths, draft)
        if isinstance(found, Refused):
            raise fail(printable(found.sentence), found.exit_code)
        setup_found.tell(found, asker, plan=plan)
        found = replace(found, starts=asker.asks and starts_already(paths))
        try:
            given = Answers(**{**flags, "residency": flags["residency"] or ""})
            return converse(paths, draft, asker, found, given, plan=plan, yes=yes, call=call)
        except NeedsAnswer as needed:
            raise fail(printable(str(needed)), USAGE) from None


def converse(  # all that was said and found
    paths: Paths,
    draft: Draft,
    asker: Asker,
    found: Found,
    given: Answers,
    *,
    plan: bool,
    yes: bool,
    call: bool | None,
) -> int:
    """Ask, show the last page, and do what it says; Back asks everything once more."""
    again = False
    while True:
        half = ProfileHalf(paths, draft, asker, found, plans=plan)
        rest = BedrockHalf(paths, draft, asker, found, plans=plan)
        answers, way = half.run(given, again=again)
        answers = rest.run(answers, way, again=again)
        half.completed(answers, way)
        planned = engine.planned(paths, draft, answers, found, way)
        if isinstance(planned, Refused):
            raise fail(printable(planned.sentence), planned.exit_code)
        if plan:
            click.echo(setup_pages.diffs(planned))
            return DONE
        if planned.differing or call:
            rest.access(answers, call=call)
        taken = last_page(asker, planned, yes=yes)
        if taken == CANCEL:
            click.echo("Nothing was changed.")
            return DONE
        if taken == APPLY:
            return finish(paths, draft, planned, found)
        again = True


def last_page(asker: Asker, planned: Planned, *, yes: bool) -> str:
    """Show the summary and return what a person chooses; where nothing is to be changed, there is nothing to choose."""
    say(setup_pages.summary(planned))
    if yes or not (planned.differing or asker.asks):
        return APPLY
    while True:
        taken = asker.afresh().choose("Shall it be so?", LAST, default=APPLY if asker.asks else None, flag="--yes")
        if taken != DIFF:
            return taken
        click.echo(setup_pages.diffs(planned))


def finish(paths: Paths, draft: Draft, planned: Planned, found: Found) -> int:
    """Write all of it, start what is to start, and say how it is seen and taken back."""
    with on_ending(signal.SIG_IGN):  # between the first file and the last lie milliseconds
        done = engine.apply(paths, draft, planned, found)
    if isinstance(done, Refused):
        raise fail(printable(done.sentence), done.exit_code)
    if not done.written:
        click.echo(setup_pages.NOTHING)
    for path in done.written:
        say(f"Written: {path}")
    for note in (*[done.note] * bool(done.note), *engine.overruled(paths, draft)):
        say(f"! {note}")
    starts = planned.answers.autostart is True and start_at_login(paths, done.group)
    if not planned.answers.autostart and planned.way is not Way.OTHER:
        say("Nothing starts at login. Keep it lit: keeplit tray, or keeplit daemon; later: keeplit autostart enable")
    say(setup_pages.last_words(planned, wrote=bool(done.written), starts=starts))
    return DONE


def starts_already(paths: Paths) -> bool:
    """Whether keeplit starts at login, as far as that can be known."""
    try:
        parts = autostart.status(paths, os.environ).parts
    except (FileTrouble, OSError):
        return False
    return bool(parts) and all(one.enabled and one.current for one in parts)


def start_at_login(paths: Paths, group: str) -> bool:
    """Start keeplit at login and now; where this machine cannot, say so: the rest is done all the same."""
    if starts_already(paths):
        say(daemon_start.begin(paths, os.environ) or "keeplit starts at login already, and runs.")
        return False
    say("Starting keeplit at login, and now …")
    try:
        report = autostart.enable(paths, os.environ, group=group)
    except (FileTrouble, OSError) as trouble:
        say(f"! keeplit does not start at login here: {trouble}")
        say("  Start it yourself: keeplit daemon. The rest is done.")
        return False
    for note in (*report.notes, *(f"{one.part}: {one.why_not}. Do: {one.fix}" for one in report.parts if one.why_not)):
        say(f"! {note}")
    return True


@contextmanager
def on_ending(then: Handler) -> Iterator[None]:
    """Let Ctrl-C, a closed terminal and a polite kill do this meanwhile, and after that what they did before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    old = {number: signal.signal(number, then) for number in numbers}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def leave(number: int, frame: FrameType | None) -> None:
    """Leave as Ctrl-C does, so that the draft goes too."""
    del number, frame
    raise KeyboardInterrupt


COMMANDS = (setup,)
