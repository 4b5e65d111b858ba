"""Commands that switch what Claude Code uses, and say it to a shell: `use`, `env`."""

import os
import sys
from collections.abc import Iterable
from dataclasses import replace

import click

from keeplit.core.exit_codes import DONE, NOT_SET_UP, USAGE
from keeplit.core.redaction import ABSENT, visible
from keeplit.core.settings_model import ENV
from keeplit.core.shells import Shell, Unsayable, exports, named
from keeplit.core.switching import Asked
from keeplit.engine import shell_environment
from keeplit.engine import use as engine
from keeplit.engine.choosing import Refused
from keeplit.engine.use import Change, Used
from keeplit.engine.using import Using, problems
from keeplit.ui import completing, json_answer
from keeplit.ui.cli import fail, not_empty, where
from keeplit.ui.looking import printable

SCHEMA = 1
SEEN_BY = {"running": "running sessions too", "new": "new sessions"}


def _named(context: click.Context, option: click.Parameter, value: str | None) -> str:
    """Return what an option says, and nothing where it is not there."""
    return not_empty(context, option, value) or ""


@click.command()
@click.option("--profile", callback=_named, shell_complete=completing.profiles, help="The profile of the AWS config.")
@click.option(
    "--region", callback=_named, shell_complete=completing.regions, help="The region whose Bedrock is called."
)
@click.option(
    "--model",
    callback=_named,
    shell_complete=completing.models,
    help="New sessions' model: an alias, an id, an ARN.",
)
@click.option(
    "--haiku",
    callback=_named,
    shell_complete=completing.models,
    help="The small model, for work in the background.",
)
@click.option(
    "--preset",
    callback=_named,
    shell_complete=completing.presets,
    help="A [[preset]] of config.toml; other options win.",
)
@click.option("--env", "pairs", multiple=True, metavar="KEY=VALUE", help="A further variable, kept like the others.")
@click.option(
    "--isolate/--no-isolate", default=None, help="The profile for Bedrock alone, not for the commands Claude runs."
)
@click.option(
    "--replace-helpers", is_flag=True, help="keeplit's awsAuthRefresh and awsCredentialExport in place of your own."
)
@click.option("--migrate-haiku", is_flag=True, help="Move ANTHROPIC_SMALL_FAST_MODEL to its new name.")
@json_answer.option()
def use(  # noqa: PLR0913  # each is an option
    *,
    profile: str,
    region: str,
    model: str,
    haiku: str,
    preset: str,
    pairs: tuple[str, ...],
    isolate: bool | None,
    replace_helpers: bool,
    migrate_haiku: bool,
    as_json: bool,
) -> int:
    """Switch what Claude Code uses; without options, show it.

    config.toml and Claude Code's settings are changed together, and `keeplit undo` takes both back.

    Example: keeplit use --profile work --region eu-central-1 --model sonnet
    """
    env = dict(map(_pair, pairs))
    asked = Asked(profile, region, model, haiku, env, isolate, replace_helpers, migrate_haiku)
    wrong = [f"{one.sentence} Do: {one.fix}" for one in problems(where())]
    looked = asked.nothing and not preset
    used = engine.now(where(), os.environ) if looked else engine.use(where(), os.environ, asked, preset)
    if isinstance(used, Refused):
        for one in wrong:
            click.echo(printable(f"! {one}"), err=True)
        raise fail(printable(used.sentence), used.exit_code)
    used = replace(used, notes=(*wrong, *used.notes)) if as_json else used
    if as_json:
        json_answer.answer(document(used))
    else:
        click.echo(screen(used, wrong, looked=looked))
    return DONE


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise fail(f"--env wants KEY=VALUE, and {printable(name)!r} has no =", USAGE)
    return name, value


def document(used: Used) -> dict[str, object]:
    """Return what was done as ``--json`` prints it; a key that is absent is null, and so is what nothing names."""
    using = used.now
    return {
        "schema": SCHEMA,
        "changed": [
            {
                "file": one.file,
                "key": one.key,
                "before": one.before,
                "after": one.after,
                "seen_by": one.seen_by or None,
            }
            for one in used.changed
        ],
        "config": str(used.config),
        "settings": str(used.settings),
        "group": used.group or None,
        "notes": list(used.notes),
        "now": {
            "profile": using.profile or None,
            "region": using.region or None,
            "model": using.model or None,
            "haiku": using.haiku or None,
            "isolate": using.isolate,
            "presets": list(using.presets),
        },
    }


def screen(used: Used, wrong: Iterable[str] = (), *, looked: bool) -> str:
    """Return what was done as a person reads it, or what is used now; what is `wrong` in config.toml comes first."""
    lines = [*(f"! {one}" for one in wrong), click.style(_headline(used.now), bold=True)]
    if looked:
        lines += [f"Presets: {', '.join(used.now.presets)}. Take one: keeplit use --preset NAME"] * bool(
            used.now.presets
        )
        lines += ["Switch: keeplit use --profile P --region R --model M"]
    elif not used.changed:
        lines += ["There is nothing to change: all is so already."]
    for file, path in (("settings", used.settings), ("config", used.config)):
        changed = [one for one in used.changed if one.file == file]
        lines += [str(path)] * bool(changed)
        lines += [f"  {_line(one)}" for one in changed]
    lines += [f"! {note}" for note in used.notes]
    lines += ["Take it back: keeplit undo"] * bool(used.changed)
    return "\n".join(map(printable, lines))


def _headline(using: Using) -> str:
    with_model = f", model {using.model}" if using.model else ""
    alone = " (for Bedrock alone)" if using.isolate else ""
    place = f" in {using.region}" if using.region else ""
    nowhere = "" if using.region else " No region is named: keeplit use --region R"
    return f"Claude Code uses profile {using.profile}{alone}{place}{with_model}.{nowhere}"


def _line(one: Change) -> str:
    key = one.key.removeprefix(ENV)
    if one.seen_by:
        gone = one.after is None and one.key.startswith(ENV)
        seen = "running sessions keep it until they end" if gone else SEEN_BY[one.seen_by]
        return f"{key}: {_text(one.before)} → {_text(one.after)}  ({seen})"
    return f"{key}: {_text(one.before)} → {_text(one.after)}"


def _text(value: object) -> str:
    return ABSENT if value is None else str(value).lower() if isinstance(value, bool) else visible(str(value))


@click.command()
@click.option("--shell", "spoken", type=click.Choice([str(shell) for shell in Shell]), help="Else what $SHELL is.")
def env(*, spoken: str | None) -> int:
    """Print Claude Code's settings as exports of a shell.

    Example: eval "$(keeplit env)"

    In fish: keeplit env | source; in PowerShell: keeplit env | Out-String | iex
    """
    shell = Shell(spoken) if spoken else _own_shell()
    found = shell_environment.variables(where(), os.environ)
    if isinstance(found, Refused):
        raise fail(printable(found.sentence), found.exit_code)
    if not found:
        raise fail(f"{engine.NO_PROFILE}", NOT_SET_UP)
    try:
        click.echo(exports(shell, found), nl=False)
    except Unsayable as unsayable:
        raise fail(printable(str(unsayable))) from None
    return DONE


def _own_shell() -> Shell:
    program = os.environ.get("SHELL", "") or ("powershell" if sys.platform == "win32" else "")
    found = named(program)
    if found is None:
        what = f"{program!r} is not one of them" if program else "SHELL is not set"
        raise fail(f"say which shell: --shell {'|'.join(Shell)} ({printable(what)})", USAGE)
    return found


COMMANDS = (use, env)
