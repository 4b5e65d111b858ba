"""The pages of `keeplit setup`: what was found, the summary, the diff of every file, and the last words. Text only."""

import difflib
import re
from collections.abc import Iterable

import click

from keeplit.core.aws_cli import Found as Cli
from keeplit.core.redaction import safe
from keeplit.core.settings_model import ENV
from keeplit.core.setup_answers import Way
from keeplit.engine.setup import Edited, Planned
from keeplit.ui.looking import printable

WAYS = {
    Way.NEW: "new, of session {0}",
    Way.EXISTING: "as it is",
    Way.UPGRADE: "its sign-in becomes renewable",
    Way.OTHER: "as it is; nothing of it is renewed",
}
PAIR = re.compile(r'"(?P<name>(?:[^"\\]|\\.)*)"(?P<sign>\s*:\s*)(?P<value>"(?:[^"\\]|\\.)*")')
LINE = re.compile(r"(?P<name>[\w.-]+)(?P<sign>\s*=\s*)(?P<value>\"[^\"]*\"|[^\s,}]+)")
LOGIN = "Then keeplit autostart enable: it also writes variables of this shell into [environment] of config.toml."
NOTHING = "There is nothing to change: all is so already."


def found_page(cli: Cli, claude: str, profiles: int) -> str:
    """Return what was found on this machine."""
    aws = f"AWS CLI {'.'.join(map(str, cli.cli.version))}" if cli.cli is not None else cli.sentence
    count = "1 profile" if profiles == 1 else f"{profiles} profiles"
    return f"Found: {aws.rstrip('.')}; {claude}; {count} in the AWS config."


def summary(plan: Planned) -> str:
    """Return what is to be so, and which files are changed for it."""
    answers = plan.answers
    rows = {
        "Profile": f"{answers.profile} ({WAYS[plan.way].format(answers.session)})",
        "Account, role": f"{answers.account}, {answers.role}" if answers.account else "",
        "Region": answers.region,
        "Model": answers.model or "as Claude Code chooses",
        "Small model": answers.haiku or "as Claude Code chooses",
        "Isolated": "yes: only Claude Code's own calls use the profile" if answers.isolate else "no",
        "Status line": "keeplit's row is added" if plan.row else "",
        "At login": "keeplit starts" if answers.autostart else "nothing starts",
    }
    width = max(map(len, rows))
    lines = [click.style("Summary", bold=True), *(f"  {name:<{width}}  {said}" for name, said in rows.items() if said)]
    lines += ["Changed are:" if plan.differing else "No file is changed."]
    lines += [f"  {one.path}" for one in plan.differing]
    lines += [f"! {note}" for note in plan.notes]
    return "\n".join(map(printable, lines))


def diffs(plan: Planned) -> str:
    """Return the diff of every file that is changed; secrets in it are not shown."""
    lines = [line for one in plan.differing for line in _diff(one)] or [NOTHING]
    return "\n".join(map(printable, [*lines, *[LOGIN] * (plan.answers.autostart is True)]))


def _diff(one: Edited) -> Iterable[str]:
    before, after = (_lines(data) for data in (one.before, one.after))
    there = str(one.path) if one.before is not None else "/dev/null"
    return difflib.unified_diff(before, after, there, str(one.path), lineterm="")


def _lines(data: bytes | None) -> list[str]:
    return [_redacted(line) for line in (data or b"").decode("utf-8", "replace").splitlines()]


def _redacted(line: str) -> str:
    """Return a line of JSON, TOML or INI without what its keys say is secret, however much stands in it."""
    line = PAIR.sub(_hidden, line)
    return LINE.sub(_hidden, line)


def _hidden(found: re.Match[str]) -> str:
    name, sign, value = found["name"], found["sign"], found["value"]
    bare = value.strip('"')
    hidden = next((shown for each in (name, f"{ENV}{name}") if (shown := safe(each, bare)) != bare), None)
    quote = '"' if found[0].startswith('"') else ""
    return found[0] if hidden is None else f"{quote}{name}{quote}{sign}{hidden}"


def last_words(plan: Planned, *, wrote: bool, starts: bool = False) -> str:
    """Return what is so now, how it is seen in Claude Code, and how it is taken back; `starts`: at login, as of now."""
    answers = plan.answers
    model = f", model {answers.model}" if answers.model else ""
    rivals = " and ".join(key.removeprefix(ENV) for key in plan.rivals)
    lines = [f"Claude Code uses profile {answers.profile} in {answers.region}{model}."]
    lines += [f"! Not while {rivals} stands in its settings: take that out, then keeplit status."] * bool(rivals)
    lines += ["See it: start a new session of Claude Code and type /status. Here: keeplit status"]
    lines += ["Claude Code's own /setup-bedrock still works; keeplit keeps what it writes."]
    lines += ["Take it back: keeplit undo"] * wrote
    lines += ["No start at login: keeplit autostart disable"] * starts
    return "\n".join(map(printable, lines))
