"""The commands that print IAM policies: `iam policy`, `iam check`, `iam trust`. keeplit prints; it changes no IAM."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from keeplit.adapters import clock, files
from keeplit.core import iam_check, iam_document, iam_form, iam_limits, iam_policy, iam_trust
from keeplit.core.check import Check, State
from keeplit.core.exit_codes import DONE, FAILED, USAGE
from keeplit.core.iam_form import Form
from keeplit.core.iam_policy import MOST_OF_A_POLICY, Level, Wanted
from keeplit.core.iam_trust import Trust
from keeplit.core.model_list import Refused
from keeplit.engine import iam as engine
from keeplit.engine import models as all_models
from keeplit.engine import whose
from keeplit.ui import json_answer, model_questions
from keeplit.ui.cli import fail, where
from keeplit.ui.looking import printable

SCHEMA = 1
MOST_BYTES = 1 << 20
MARKS = {
    State.OK: ("ok  ", "green"),
    State.WARN: ("warn", "yellow"),
    State.FAIL: ("fail", "red"),
    State.SKIPPED: ("-   ", ""),
}


def say(sentence: str) -> None:
    """Say something beside the policy: stdout holds the policy alone."""
    click.echo(printable(f"! {sentence}"), err=True)


@click.group()
def iam() -> None:
    """Print the IAM policies that Claude Code on Bedrock needs. Nothing in IAM is changed.

    Example: keeplit iam policy --model sonnet --level restricted
    """


@iam.command()
@click.option(
    "--level",
    type=click.Choice([str(one) for one in Level]),
    metavar="LEVEL",
    default="standard",
    help="How much is allowed.",
)
@click.option("--model", "models", multiple=True, help="Alias, id or ARN; several times. Else all.")
@click.option("--region", "regions", multiple=True, help="Several times. Else the one in use.")
@click.option("--profile-arn", "arns", multiple=True, help="An inference profile that the account made.")
@click.option("--marketplace", is_flag=True, help="Subscribing to a model, too.")
@click.option("--source-ip", "source_ips", multiple=True, help="Only from this public address or range.")
@click.option("--vpce", "vpces", multiple=True, help="Only through this VPC endpoint.")
@click.option("--principal-tag", "tags", multiple=True, metavar="K=V", help="Only for principals with this tag.")
@click.option("--until", default="", metavar="DATE", help="Until this day's end (UTC), or a moment.")
@click.option("--tls-only", is_flag=True, help="Only over TLS.")
@click.option("--as", "form", type=click.Choice([str(one) for one in Form]), default="json", help="The form it is in.")
def policy(  # noqa: PLR0913  # each is an option
    *,
    level: str,
    models: tuple[str, ...],
    regions: tuple[str, ...],
    arns: tuple[str, ...],
    marketplace: bool,
    source_ips: tuple[str, ...],
    vpces: tuple[str, ...],
    tags: tuple[str, ...],
    until: str,
    tls_only: bool,
    form: str,
) -> int:
    """Print a policy: profiles, and the models in every region where they may run.

    minimum: calls alone. standard: what keeplit and Claude Code look up, too. restricted: the named models alone.

    Example: keeplit iam policy --model sonnet --level restricted --as aws-cli
    """
    if level == Level.RESTRICTED and not models and not arns:
        raise fail("restricted to what? Name it: --model sonnet, or --profile-arn ARN", USAGE)
    try:
        limits = iam_limits.limits(
            source_ips=source_ips, vpces=vpces, tags=tags, until=until, tls_only=tls_only, now=clock.now()
        )
    except iam_limits.Wrong as wrong:
        raise fail(str(wrong), USAGE) from None
    called = engine.regions_of(where(), os.environ, _known(*regions))
    named = engine.named(where(), os.environ, models, called, arns)
    if isinstance(named, Refused):
        raise fail(printable(named.sentence), named.exit_code)
    wanted = Wanted(Level(level), named.targets, marketplace, limits, iam_policy.partition_of(called[0]))
    document = iam_policy.policy(wanted)
    for note in named.notes:
        say(note)
    if len(json.dumps(document, separators=(",", ":"))) > MOST_OF_A_POLICY:
        say(f"It is longer than a managed policy may be ({MOST_OF_A_POLICY} characters): use it inline, or split it.")
    click.echo(iam_form.written(document, Form(form)))
    return DONE


@iam.command()
@click.option(
    "--policy", "file", help="A file with the policy, or - for a pipe. Without one AWS is asked what the role may."
)
@click.option("--model", default="sonnet", show_default=True, help="The model that is to be called.")
@click.option("--region", default="", help="The region that is called. Else the one in use.")
@json_answer.option()
def check(*, file: str | None, model: str, region: str, as_json: bool) -> int:
    """Say what a policy, or the role in use, lacks for Claude Code, and what is too broad.

    Conditions are named, not tried.

    Example: keeplit iam check --policy policy.json
    """
    model_questions.named(model)
    called = engine.regions_of(where(), os.environ, _known(region) if region else ())[0]
    checks, code = _of_role(model, called) if file is None else _of_file(file, model, called)
    if as_json:
        told = [{"code": one.code, "state": str(one.state), "sentence": one.sentence, "fix": one.fix} for one in checks]
        json_answer.answer({"schema": SCHEMA, "checks": told})
    else:
        click.echo("\n".join(line(one) for one in checks))
    return code


def _known(*regions: str) -> tuple[str, ...]:
    """Return regions that AWS has; end with wrong usage where it has one of them not."""
    for region in regions:
        if why := all_models.no_region(region):
            raise fail(printable(why), USAGE)
    return regions


def line(one: Check) -> str:
    """Return a check as a person reads it."""
    word, colour = MARKS[one.state]
    mark = click.style(word, fg=colour) if colour else word
    return printable(f"{mark}  {one.sentence}{f' Do: {one.fix}' if one.fix else ''}")


def _of_file(file: str, model: str, region: str) -> tuple[Sequence[Check], int]:
    content = sys.stdin.buffer.read(MOST_BYTES) if file == "-" else files.read(Path(file), MOST_BYTES)
    if content is None:
        raise fail(printable(f"there is no {file}. Get one: aws iam get-policy-version, or keeplit iam policy"))
    try:
        rules = iam_document.read(content.decode(errors="replace"))
    except iam_document.Unreadable as why:
        named = "what came through the pipe" if file == "-" else file
        raise fail(printable(f"{named} is no policy: {why}. Give the JSON document with its Statement")) from None
    subject = engine.subject(where(), os.environ, model, region)
    if isinstance(subject, Refused):
        say(f"{subject.sentence}. The policy is tried with a model that stands for the others")
        subject = iam_check.subject(iam_check.STANDS_FOR, region)
    checks = iam_check.judge(rules, subject)
    return checks, FAILED if any(one.state is State.FAIL for one in checks) else DONE


def _of_role(model: str, region: str) -> tuple[Sequence[Check], int]:
    """Return what AWS says of the role in use; to sign in first, or to set up, is no finding of it."""
    from keeplit.engine import access

    model_questions.set_up(where())
    found = access.look(where(), os.environ, region=region, model=model)
    return found.states, model_questions.exit_code(found)


@iam.command()
@click.option("--github", metavar="ORG/REPO", help="The workflows of a repository on GitHub.")
@click.option("--branch", default="main", show_default=True, help="With --github: the branch that they run on.")
@click.option("--workflow", default="", help="With --github: one workflow file alone.")
@click.option("--oidc", metavar="ISSUER", help="Another OpenID Connect issuer.")
@click.option("--subject", default="", help="With --oidc: the claim `sub` that is trusted.")
@click.option("--audience", default=iam_trust.AUDIENCE, show_default=True, help="With --oidc: the claim `aud`.")
@click.option("--account", metavar="ID", help="Another account, with --external-id.")
@click.option("--external-id", default="", help="With --account: the secret word between both.")
@click.option("--service", type=click.Choice(list(iam_trust.SERVICES)), help="A service of AWS.")
@click.option("--in-account", default="", metavar="ID", help="The role's own account. Else the one in use.")
def trust(  # noqa: PLR0913  # each is an option
    *,
    github: str | None,
    branch: str,
    workflow: str,
    oidc: str | None,
    subject: str,
    audience: str,
    account: str | None,
    external_id: str,
    service: str | None,
    in_account: str,
) -> int:
    """Print the trust policy of a role: who may assume it, and when.

    What it stands on (the provider's creation), and what to think over, is said on stderr.

    Example: keeplit iam trust --github acme/web --workflow review.yml
    """
    if [bool(one) for one in (github, oidc, account, service)].count(True) != 1:
        raise fail("name one of --github, --oidc, --account and --service", USAGE)
    try:
        if github:
            found = iam_trust.github(github, account=_own(in_account), branch=branch, workflow=workflow)
        elif oidc:
            found = iam_trust.oidc(oidc, account=_own(in_account), subject=subject, audience=audience)
        elif account:
            found = iam_trust.other_account(account, external_id=external_id)
        else:
            found = iam_trust.service(service or "")
    except iam_trust.Wrong as wrong:
        raise fail(printable(str(wrong)), USAGE) from None
    _told(found)
    click.echo(found.text)
    return DONE


def _told(found: Trust) -> None:
    for warning in found.warnings:
        say(warning)
    if found.provider:
        click.echo(f"Once for each account, if it is not there yet:\n  {found.provider}", err=True)


def _own(said: str) -> str:
    """Return the account of the role: what was said, else the account of the profile in use."""
    if said:
        return said
    sources = whose.read(where(), os.environ, None)
    mine = _accounts(sources)
    if not mine:
        raise iam_trust.Wrong("the account of the role is not known: name it with --in-account ID")
    return mine[0]


def _accounts(sources: whose.Sources) -> Sequence[str]:
    return [one.account for one in sources.aws.profiles if one.name == sources.name and one.account]


COMMANDS = (iam,)
