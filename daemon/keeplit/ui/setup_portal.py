"""What `keeplit setup` asks a person about the access portal: to sign in, and which account and role.

Law: what a single answer is possible for is not asked. Before each call that takes time a line says what is done.
"""

import shutil
import sys
import textwrap
from dataclasses import dataclass
from datetime import timedelta

import click

from keeplit.adapters import config
from keeplit.adapters.paths import Paths
from keeplit.adapters.portal_lists import Account
from keeplit.core.deeds import Outcome, Result
from keeplit.core.exit_codes import FAILED, SIGN_IN
from keeplit.core.model import Session, SignInCode
from keeplit.core.setup_answers import Answers
from keeplit.engine import sign_in
from keeplit.engine.setup_look import Draft
from keeplit.engine.setup_portal import Portal
from keeplit.ui import sign_in_words, signing
from keeplit.ui.asking import Asker, Choice
from keeplit.ui.cli import fail
from keeplit.ui.looking import printable

SIGN_IN_WITHIN = timedelta(minutes=11)


@dataclass(frozen=True, slots=True)
class PortalQuestions:
    """Whoever asks about a portal, for sessions of the draft."""

    paths: Paths
    draft: Draft
    asker: Asker

    def account(self, there: Portal, answers: Answers) -> Account:
        """Return the account: the one that was said, the only one, or the one that a person chooses."""
        say("Asking the portal for your accounts …")
        outcome, found = there.accounts()
        if outcome.result is Result.REJECTED:
            self.sign_in(there.session, again=True)
            outcome, found = there.accounts()
        if not found:
            raise fail(_no_list("accounts", outcome))
        by_id = {one.id: one for one in found}
        if answers.account:
            if answers.account not in by_id:
                raise fail(printable(f"you have no account {answers.account} there. You have: {', '.join(by_id)}"))
            return by_id[answers.account]
        if len(found) == 1:
            say(f"Account: {found[0].name} ({found[0].id})")
            return found[0]
        choices = [Choice(one.id, f"{one.name}  {one.id}") for one in found]
        return by_id[self.asker.choose("Which account?", choices, default=None, flag="--account ID")]

    def role(self, there: Portal, answers: Answers, account: Account) -> str:
        """Return the role: the one that was said, the only one, or the one that a person chooses."""
        say("Asking the portal for your roles there …")
        outcome, found = there.roles(account.id)
        if not found:
            raise fail(_no_list("roles", outcome))
        if answers.role:
            if answers.role not in found:
                raise fail(printable(f"you have no role {answers.role!r} there. You have: {', '.join(found)}"))
            return answers.role
        if len(found) == 1:
            say(f"Role: {found[0]}")
            return found[0]
        return self.asker.choose("Which role?", [Choice(one, one) for one in found], default=None, flag="--role NAME")

    def sign_in(self, session: Session, *, again: bool = False) -> Portal:
        """Have a person sign in where no token lives; end with why where they do not."""
        there = Portal(self.paths, self.draft.environ, session)
        if not again and there.signed_in():
            return there
        if signing.nobody_asks():
            raise fail(signing.NOBODY.replace("keeplit login", "keeplit setup"), SIGN_IN)
        say(f"Signing in to {session.name} …")
        method = config.read(self.paths.config_file).method
        try:
            record = sign_in.complete(
                self.paths, there.environ, session, signing.show_page, timeout=SIGN_IN_WITHIN, method=method
            )
        except KeyboardInterrupt:
            there.cancel()
            raise click.Abort from None
        if record is None:
            raise fail("nobody finished the sign-in in time. Once more: keeplit setup", SIGN_IN)
        if isinstance(record, sign_in.Another):
            raise fail(printable(sign_in_words.another(session, record.session, command="keeplit setup")), SIGN_IN)
        if isinstance(record, str):
            raise fail(printable(record))
        if record.code is not SignInCode.SIGNED_IN:
            command = sign_in_words.again(session) if record.code is SignInCode.NO_BROWSER else "keeplit setup"
            raise fail(printable(sign_in_words.ending(record.code, record.detail, command)), FAILED)
        say(f"Signed in to {session.name}.")
        return there


def _no_list(what: str, outcome: Outcome) -> str:
    if outcome.result is Result.DONE:
        return f"the portal gives you no {what}. Ask your administrator to assign you some"
    return f"the portal did not tell your {what}: {outcome.detail or outcome.code} Try again in a moment"


def say(text: str) -> None:
    """Say what is done, at once; in a terminal no line is broken within a word, an address or a path."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for line in text.split("\n"):
        click.echo("\n".join(_lines(printable(line), width)))


def _lines(line: str, width: int) -> list[str]:
    if not width or len(line) <= width:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
