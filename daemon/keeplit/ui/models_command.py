"""The command that lists models: `models`. It asks AWS at most once an hour, and calls no model."""

import os

import click

from keeplit.adapters import clock
from keeplit.core.aws_dates import write_date
from keeplit.core.exit_codes import DONE, FAILED, USAGE
from keeplit.core.model_list import InferenceProfile, Lifecycle, Listing
from keeplit.core.words import span
from keeplit.engine import models as engine
from keeplit.ui import json_answer
from keeplit.ui.cli import fail, where
from keeplit.ui.looking import printable

ANYWHERE = "any commercial region"
UNKNOWN = {
    "application": "Whether the account has profiles of its own is not known: AWS did not say.",
    "lifecycle": "When each model ends is not known: AWS did not say.",
}


@click.command()
@json_answer.option()
@click.option(
    "--region",
    "regions",
    multiple=True,
    help="The region that is asked instead of the one Claude Code calls; with --where, as often as you like.",
)
@click.option("--refresh", is_flag=True, help="Ask AWS now, however young the list is.")
@click.option("--check", "checked", metavar="ID", help="Say whether you may use this model; it costs nothing.")
@click.option("--call/--no-call", default=None, help="With --check: call the model once too, or do not ask about it.")
@click.option("--where", "wanted", metavar="ID", help="Say from which regions this model can be called.")
def models(
    *, as_json: bool, regions: tuple[str, ...], refresh: bool, checked: str, call: bool | None, wanted: str
) -> int:
    """List the Claude models that Bedrock has in a region, newest first, and where requests may travel.

    The list is AWS's own, asked at most once an hour.

    Example: keeplit models --region eu-central-1
    """
    from keeplit.ui import model_questions  # whoever only lists does without it

    paths = where()
    region = regions[-1] if regions else None
    if (checked and wanted) or (call is not None and not checked) or (len(regions) > 1 and not wanted):
        raise fail(
            "say --check ID (with --call, if you like), or --where ID, or neither; one --region but for the latter",
            USAGE,
        )
    if wanted:
        return model_questions.where(paths, wanted, regions, as_json=as_json)
    if checked:
        chosen = region or engine.region(paths, os.environ)
        if why := engine.no_region(chosen):
            raise fail(printable(why), USAGE if region else FAILED)
        return model_questions.check(paths, checked, chosen, call=call, as_json=as_json)
    chosen = region or engine.region(paths, os.environ)
    if region and engine.no_region(region):
        found = engine.unknown(region, USAGE)
    else:
        found = engine.listing(paths, os.environ, None, chosen, refresh=refresh)
    if as_json:
        json_answer.answer(document(found))
    elif found.known:
        click.echo(screen(found))
    if found.code and not as_json:
        click.echo(printable(f"keeplit: {found.fault}"), err=True)
    return found.exit_code if refresh or not found.known else DONE


def document(found: Listing) -> dict[str, object]:
    """Return the listing as ``--json`` prints it; an age is in seconds, null where there is no list."""
    return {
        "schema": 1,
        "region": found.region,
        "account": found.account or None,
        "asked_at": write_date(found.asked_at) if found.asked_at else None,
        "age": round(found.age.total_seconds()) if found.age is not None else None,
        "fault": {"code": found.code, "detail": found.fault} if found.code else None,
        "unknown": list(found.unknown),
        "models": [_model(one) for one in found.profiles],
    }


def _model(one: InferenceProfile) -> dict[str, object]:
    life = one.lifecycle or Lifecycle()
    state = "unknown" if one.lifecycle is None else "legacy" if one.legacy else "active"
    return {
        "id": one.id,
        "name": one.name,
        "family": str(one.model.family),
        "version": ".".join(str(part) for part in one.model.version) or None,
        "date": one.model.date or None,
        "prefix": one.model.prefix or None,
        "application": one.application,
        "regions": list(one.regions),
        "everywhere": one.everywhere,
        "lifecycle": state,
        "legacy_at": write_date(life.legacy_at) if life.legacy_at else None,
        "ends_at": write_date(life.ends_at) if life.ends_at else None,
    }


def screen(found: Listing) -> str:
    """Return the listing as a person reads it: by family, and beneath them what the account made itself."""
    account = f", account {found.account}" if found.account else ""
    age = f", asked {span(found.age)} ago" if found.age is not None else ""
    lines = [click.style(f"Models of {found.region}{account}{age}", bold=True)]
    width = max((len(one.id) for one in found.profiles if not one.application), default=0)
    family = ""
    for one in (profile for profile in found.profiles if not profile.application):
        if one.model.family != family:
            family = one.model.family
            lines.append(family.capitalize())
        lines.append(f"  {one.id:<{width}}  {travels(one)}{ends(one)}")
    own = [profile for profile in found.profiles if profile.application]
    lines += ["Made by the account"] if own else []
    for one in own:
        lines += [f"  {one.id}", f"    {one.name}: {one.model.base}, {travels(one)}{ends(one)}"]
    if not found.profiles:
        lines.append("None: Bedrock has no Claude model there, or none for this account. Another: --region R")
    lines += [UNKNOWN[what] for what in found.unknown]
    return "\n".join(printable(line) for line in lines)


def travels(one: InferenceProfile) -> str:
    """Return where requests may run."""
    return ANYWHERE if one.everywhere else " ".join(one.regions)


def ends(one: InferenceProfile) -> str:
    """Return what a person must know of the model's end; nothing where it has none."""
    if one.over(clock.now()):
        return click.style("  over", fg="red")
    if not one.legacy:
        return ""
    end = one.lifecycle.ends_at if one.lifecycle is not None else None
    return click.style(f"  legacy{f', ends {end:%Y-%m-%d}' if end else ''}", fg="yellow")


COMMANDS = (models,)
