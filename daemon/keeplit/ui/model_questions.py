"""What `models` says of one model: whether it may be used (`--check`), and from where (`--where`)."""

import os
import sys
from collections.abc import Iterable, Sequence

import click

from keeplit.adapters.paths import Paths
from keeplit.core.aws_dates import write_date
from keeplit.core.check import Check, State
from keeplit.core.exit_codes import DONE, FAILED, SIGN_IN, USAGE
from keeplit.core.model_access import Access
from keeplit.core.model_list import InferenceProfile
from keeplit.core.models import Kind, parse
from keeplit.engine import access, models, whose
from keeplit.engine import where as places
from keeplit.engine.where import Place
from keeplit.ui import json_answer
from keeplit.ui.cli import fail
from keeplit.ui.looking import printable

MARKS = {State.OK: "✓", State.WARN: "!", State.FAIL: "✗", State.SKIPPED: "-"}
ALLOWED = {True: "It may be used.", False: "It may not be used.", None: "Whether it may be used is not known."}
ASK_CALL = "Call it once to be sure? It costs less than a hundredth of a cent."


def check(paths: Paths, model: str, region: str, *, call: bool | None, as_json: bool) -> int:
    """Say whether a model may be used, without cost first; the call is made only where a person says so."""
    named(model)
    set_up(paths)
    if not as_json:
        click.echo(printable(f"Asking Bedrock in {region} …"), err=True)
    found = access.look(paths, os.environ, region=region, model=model, call=call is True)
    asks = call is None and not as_json and found.allowed is not False and sys.stdin.isatty() and sys.stdout.isatty()
    if not as_json:
        show(found.states)
    if asks and len(found.states) > 1 and click.confirm(ASK_CALL, default=False):
        found = access.look(paths, os.environ, region=region, model=model, call=True)
        show(found.states[-1:])
    if as_json:
        json_answer.answer(checked(model, region, found))
    else:
        click.echo(ALLOWED[found.allowed])
    return exit_code(found)


def named(model: str) -> None:
    """End with wrong usage where a text names no model."""
    if parse(model).kind is Kind.UNKNOWN:
        raise fail(printable(f"{model[:80]!r} names no model. See what there is: keeplit models"), USAGE)


def set_up(paths: Paths) -> None:
    """End with why no profile is meant, where none is."""
    meant = whose.meant(paths, os.environ, None)
    if isinstance(meant, whose.Unclear):
        raise fail(printable(meant.sentence), meant.exit_code)


def exit_code(found: Access) -> int:
    """Return 0 where nothing says no, 3 where a person must sign in first, else 1."""
    failed = [one for one in found.states if one.state is State.FAIL]
    if any(one.fix.startswith("keeplit login") for one in failed):
        return SIGN_IN
    return FAILED if failed else DONE


def show(states: Iterable[Check]) -> None:
    """Show checks, each with what mends it."""
    for one in states:
        click.echo(printable(f"{MARKS[one.state]} {one.sentence}"))
        if one.fix and one.state is not State.OK:
            click.echo(printable(f"    Do: {one.fix}"))


def checked(model: str, region: str, found: Access) -> dict[str, object]:
    """Return what a check found as ``--json`` prints it; `allowed` is null where it is not known."""
    checks = [
        {"code": one.code, "state": str(one.state), "sentence": one.sentence, "fix": one.fix} for one in found.states
    ]
    return {"schema": 1, "model": model, "region": region, "allowed": found.allowed, "checks": checks}


def where(paths: Paths, model: str, regions: Sequence[str], *, as_json: bool) -> int:
    """Say from where a model can be called, by what each asked region itself lists."""
    named(model)
    set_up(paths)
    wrong = next((said for said in map(models.no_region, regions) if said), "")
    if wrong:
        raise fail(printable(wrong), USAGE)
    asked = places.asked_regions(models.region(paths, os.environ), regions)
    if not as_json:
        click.echo(f"Asking {', '.join(asked)} …", err=True)
    found = places.look(paths, os.environ, model, asked)
    unknown = [one.listing.exit_code for one in found if one.fault and one.listing is not None]
    code = DONE if any(one.profiles for one in found) else max(unknown) if len(unknown) == len(found) else FAILED
    if as_json:
        json_answer.answer(document(model, found))
    elif len({one.fault for one in found}) == 1 and found[0].fault:  # one reason for all is said once
        raise fail(printable(found[0].fault), code)
    else:
        click.echo(screen(model, found))
    return code


def document(model: str, found: Iterable[Place]) -> dict[str, object]:
    """Return where a model is as ``--json`` prints it."""
    return {
        "schema": 1,
        "model": model,
        "regions": [
            {"region": one.region, "fault": one.fault or None, "profiles": [_profile(each) for each in one.profiles]}
            for one in found
        ],
    }


def _profile(one: InferenceProfile) -> dict[str, object]:
    ends = one.lifecycle.ends_at if one.lifecycle is not None else None
    return {
        "id": one.id,
        "prefix": one.model.prefix or None,
        "regions": list(one.regions),
        "everywhere": one.everywhere,
        "legacy": one.legacy if one.lifecycle is not None else None,
        "ends_at": write_date(ends) if ends else None,
    }


def screen(model: str, found: Sequence[Place]) -> str:
    """Return where a model is as a person reads it: by region asked, and in which regions its requests run."""
    from keeplit.ui.models_command import ends, travels

    lines = [click.style(f"{model} can be called:", bold=True)]
    for one in found:
        if one.fault:
            lines.append(f"from {one.region}: not known. {one.fault}")
        elif not one.profiles:
            lines.append(f"from {one.region}: no")
        else:
            lines.append(f"from {one.region}:")
        lines += [f"  {each.id}  {travels(each)}{ends(each)}" for each in one.profiles]
    lines.append("Ask another region: keeplit models --where ID --region R")
    return "\n".join(map(printable, lines))
