"""The first page of `keeplit setup`: what is here, what goes before every profile, and the offer of an AWS CLI."""

import os

from keeplit.adapters import claude_code, login
from keeplit.core import aws_cli_installer
from keeplit.core.doctor_rivals import API_KEY, KEYS
from keeplit.core.setup_answers import Found
from keeplit.engine import aws_cli_install
from keeplit.ui import setup_pages
from keeplit.ui.asking import Asker
from keeplit.ui.setup_portal import say

CLAUDE_MISSING = "Claude Code was not found; once it is installed it uses what is set here"
IN_SETTINGS = "! {0} in Claude Code's settings goes before every profile: while it is there, nothing else counts."
IN_SHELL = "! {0} in this shell goes before every profile, in Claude Code too. Where it is set: keeplit doctor"


def tell(found: Found, asker: Asker, *, plan: bool) -> None:
    """Say what is on this machine; where no AWS CLI v2 is, offer to have it installed, or go on without."""
    say("Looking what is there …")
    claude = claude_code.find(os.environ)
    named = f"Claude Code {claude.version}".rstrip() if claude.path is not None else CLAUDE_MISSING
    cli = login.find(os.environ)
    say(setup_pages.found_page(cli, named, len(found.profiles)))
    for key in found.rivals:
        say(IN_SETTINGS.format(key))
    for name in (API_KEY, KEYS[0]):
        if os.environ.get(name):
            say(IN_SHELL.format(name))
    if cli.cli is None and not plan:
        _offer(asker)


def _offer(asker: Asker) -> None:
    """Offer the machine's own installer; without it a sign-in shows a code to type, which is as good."""
    wanted = aws_cli_install.command(os.environ)
    if not wanted or not asker.asks:
        say(f"Without AWS CLI v2 a sign-in shows a code, which is as good. To install it: {aws_cli_installer.PAGE}")
        return
    question = f"Install AWS CLI v2 ({' '.join(wanted)})? Without it a sign-in shows a code, which is as good."
    if asker.confirm(question, default=False, flag="--yes"):
        say(aws_cli_install.run(wanted, os.environ) or "AWS CLI v2 is installed.")
