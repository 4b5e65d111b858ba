"""The first half of `keeplit setup`: which profile, and where none is there, the sign-in and the profile itself.

Law: what a single answer is possible for is not asked. Before each call that takes time a line says what is done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from keeplit.adapters import aws_config_edit
from keeplit.adapters.aws_config_edit import Unwritable
from keeplit.adapters.paths import Paths
from keeplit.core import setup_names
from keeplit.core.exit_codes import USAGE
from keeplit.core.model import ACCOUNT_ACCESS, Kind, Profile, Session, portal
from keeplit.core.setup_answers import Answers, Found, Way, never_renewed, unasked_profile, way
from keeplit.engine import models, setup_look, whose
from keeplit.engine.choosing import Refused
from keeplit.engine.setup_look import Draft
from keeplit.engine.whose import nearest
from keeplit.ui.asking import Asker, Choice
from keeplit.ui.cli import fail
from keeplit.ui.looking import printable
from keeplit.ui.setup_portal import PortalQuestions, say

NEW = "\0new"
LEGACY = (
    "The profile {0!r} names its start URL itself. AWS never renews such a sign-in: a browser opens every 8 hours.\n"
    "Moved into an sso-session it is renewed silently. You sign in once more; keeplit undo takes it back."
)
NO_SCOPE = "The sso-session {0!r} lacks the scope sso:account:access: signed in by a code, it is never renewed."


@dataclass(slots=True)
class ProfileHalf:
    """Whoever asks for the profile; the draft of the AWS config holds what the answers mean."""

    paths: Paths
    draft: Draft
    asker: Asker
    found: Found
    plans: bool = False  # nothing is written, nobody signs in
    without: str = ""  # the draft before a new profile

    def run(self, given: Answers, *, again: bool = False) -> tuple[Answers, Way]:
        """Return the answers with a profile that works, as far as that can be; `again`: ask even what is known."""
        self.draft.put(self.draft.before)
        answers = replace(given, profile=self.profile(given, again=again))
        if answers.profile == NEW:
            answers = replace(answers, profile="")
        which = way(self.found, answers)
        if answers.profile and self.found.profiles and not answers.start_url and which is Way.NEW:
            near = nearest(answers.profile, [one.name for one in self.found.profiles])
            raise fail(
                printable(f"there is no profile {answers.profile!r}{near} For a new one say its --start-url too")
            )
        if which is Way.NEW:
            answers = self.new(answers)
            return answers, Way.NEW if self.found.profile_of(answers.profile) is None else Way.EXISTING
        there = self.found.profile_of(answers.profile)
        if there is None:  # `way` has looked
            return answers, which
        if which is Way.OTHER:
            say(never_renewed(there))
            return answers, which
        if which is Way.UPGRADE:
            answers = self.upgraded(answers, there)
            which = way(self.found, answers)
        meant = whose.meant(self.paths, self.draft.environ, answers.profile)
        session = self.session_of(answers.profile)
        if isinstance(meant, whose.Unclear):
            beside = f"keeplit setup --start-url {session.start_url}" if session is not None else "keeplit setup"
            raise fail(printable(meant.sentence.replace("keeplit setup", beside)), meant.exit_code)
        if session is not None and session.kind is Kind.SSO_SESSION and ACCOUNT_ACCESS not in session.scopes:
            session = self.renewable(session, answers)
        if session is not None and not self.plans:
            self.portal.sign_in(session)
        return answers, which

    def profile(self, given: Answers, *, again: bool) -> str:
        """Return the profile that is taken; `NEW`, or one that is not there yet, is to be made."""
        if given.start_url and not again:
            return given.profile
        known = unasked_profile(self.found, given)
        if (known and not again) or not self.found.profiles:
            return known
        able = {one.name for one in self.found.signing_in}
        ordered = sorted(self.found.profiles, key=lambda one: one.name not in able)
        choices = [Choice(one.name, _shown(one)) for one in ordered]
        choices.append(Choice(NEW, "another one: sign in and make it"))
        preset = known or (ordered[0].name if again else None)
        return self.asker.choose("Which profile shall Claude Code use?", choices, default=preset, flag="--profile NAME")

    def upgraded(self, answers: Answers, legacy: Profile) -> Answers:
        """Return the answers after the question whether a legacy profile is upgraded; the draft says so then."""
        old = self.found.session_of(legacy)
        if old is None:
            return answers
        say(LEGACY.format(legacy.name))
        yes = answers.upgrade
        if yes is None:
            yes = self.asker.confirm("Upgrade it?", default=True, flag="--upgrade or --no-upgrade")
        if yes:
            url = portal(old.start_url)
            name = answers.session or setup_names.session_name(url, old.region, self.modern())
            self.write(lambda text: aws_config_edit.upgrade_legacy(text, profile=legacy.name, session=name))
            answers = replace(answers, session=name)
        return replace(answers, upgrade=yes)

    def renewable(self, session: Session, answers: Answers) -> Session | None:
        """Return the session with the scope without which nothing of it can be renewed silently, if a person wants."""
        say(NO_SCOPE.format(session.name))
        yes = answers.upgrade
        if yes is None:
            yes = self.asker.confirm("Add it?", default=True, flag="--upgrade or --no-upgrade")
        if yes and not session.scopes:
            wanted = {"name": session.name, "start_url": session.start_url, "region": session.region}
            self.write(lambda text: aws_config_edit.add_session(text, **wanted))
        return self.session_of(answers.profile)

    def new(self, answers: Answers) -> Answers:
        """Return the answers with a new profile: portal, sign-in, account, role, name."""
        ask = self.asker.text
        url, wrong = setup_names.start_url(answers.start_url) if answers.start_url else ("", "")
        if wrong:
            raise fail(printable(f"--start-url: {wrong}"), 2)
        if not url:
            typed = ask(
                "Start URL of your AWS access portal (https://…awsapps.com/start):",
                default=self.one_url(),
                flag="--start-url URL",
                fault=lambda text: setup_names.start_url(text)[1],
            )
            url = setup_names.start_url(typed)[0]
        known = next((one.region for one in self.found.sessions if portal(one.start_url) == url), None)
        region = answers.sso_region or ask(
            "Region of that portal (its page 'Access keys' names it):",
            default=known or (None if self.asker.asks is False else "us-east-1"),
            flag="--sso-region R",
            fault=models.no_region,
        )
        if why := models.no_region(region):
            raise fail(printable(why), USAGE)
        name = answers.session or setup_names.session_name(url, region, self.modern())
        there = next((one for one in self.modern() if one.name == name and portal(one.start_url) == url), None)
        spelled = there.start_url if there is not None else url
        self.write(lambda text: aws_config_edit.add_session(text, name=name, start_url=spelled, region=region))
        self.without = self.draft.after
        answers = replace(answers, start_url=url, sso_region=region, session=name)
        session = next(one for one in self.seen().sessions if one.name == name)
        if self.plans:
            return self.planned_profile(answers)
        asked = self.portal.sign_in(session)
        account = self.portal.account(asked, answers)
        role = self.portal.role(asked, answers, account)
        return self.named(replace(answers, account=account.id, role=role), account.name)

    def planned_profile(self, answers: Answers) -> Answers:
        """Return the answers of a plan: nobody signs in, so account and role must have been said."""
        for flag, said in (("--account ID", answers.account), ("--role NAME", answers.role)):
            if not said:
                raise fail(f"a plan signs nobody in, and so cannot ask AWS. Say it: {flag}", 2)
        return self.named(answers, "")

    def named(self, answers: Answers, account: str) -> Answers:
        """Return the answers with the profile's name: one that is there for this very role is taken as it is."""
        there = next((one for one in self.found.profiles if self.is_same(one, answers)), None)
        if there is not None:
            return replace(answers, profile=there.name)
        taken = [one.name for one in self.found.profiles]
        name = answers.profile or (
            setup_names.profile_name(account, answers.role, taken)
            if self.plans
            else self.asker.text(
                "Name of the profile:",
                default=setup_names.profile_name(account, answers.role, taken),
                flag="--profile NAME",
                fault=lambda text: setup_names.name_fault(text, taken),
            )
        )
        return self.with_profile(replace(answers, profile=name))

    def is_same(self, one: Profile, answers: Answers) -> bool:
        """Whether a profile is the one that the answers would make."""
        session = self.found.session_of(one)
        same = session is not None and session.name == answers.session and answers.profile in {"", one.name}
        return same and (one.account, one.role, one.assumes) == (answers.account, answers.role, "")

    def with_profile(self, answers: Answers) -> Answers:
        """Put the new profile into the draft, once more where its region is known by now."""
        self.draft.put(self.without)
        self.write(
            lambda text: aws_config_edit.add_profile(
                text,
                name=answers.profile,
                session=answers.session,
                account=answers.account,
                role=answers.role,
                region=answers.region,
            )
        )
        return answers

    def completed(self, answers: Answers, which: Way) -> None:
        """Let a new profile name its region, now that it is known."""
        if which is Way.NEW:
            self.with_profile(answers)

    @property
    def portal(self) -> PortalQuestions:
        """Return whoever asks about the portal."""
        return PortalQuestions(self.paths, self.draft, self.asker)

    def write(self, edit: Callable[[str], str]) -> None:
        """Let the draft say what an edit makes of it; end with why it cannot be edited."""
        try:
            self.draft.put(edit(self.draft.after))
        except Unwritable as why:
            raise fail(printable(str(why))) from None

    def seen(self) -> Found:
        """Return what the draft means."""
        seen = setup_look.look(self.paths, self.draft)
        if isinstance(seen, Refused):
            raise fail(printable(seen.sentence), seen.exit_code)
        return seen

    def session_of(self, profile: str) -> Session | None:
        """Return the session that a profile of the draft ends in."""
        seen = self.seen()
        mine = seen.profile_of(profile)
        return seen.session_of(mine) if mine is not None else None

    def modern(self) -> Sequence[Session]:
        """Return the sso-sessions, without what legacy profiles name."""
        return [one for one in self.found.sessions if one.kind is Kind.SSO_SESSION]

    def one_url(self) -> str | None:
        """Return the start URL that is known already, where it is the only one."""
        urls = {portal(one.start_url) for one in self.found.sessions}
        return next(iter(urls)) if len(urls) == 1 else None


def _shown(one: Profile) -> str:
    told = f"{one.account} {one.role}".strip() if one.account else str(one.credential)
    return f"{one.name}  {told}"
