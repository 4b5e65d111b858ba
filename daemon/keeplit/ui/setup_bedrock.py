"""The second half of `keeplit setup`: Bedrock's region, the models, whether they may be used, and the switches.

Law: nothing here costs, but for one call of one token after a yes. What is in use already is kept unasked.
"""

from dataclasses import dataclass, replace

from keeplit.adapters import clock
from keeplit.adapters.paths import Paths
from keeplit.core import model_list, setup_models
from keeplit.core.check import State
from keeplit.core.exit_codes import USAGE
from keeplit.core.model_access import Access
from keeplit.core.model_list import Listing
from keeplit.core.models import Family, Kind, parse
from keeplit.core.region_choice import part
from keeplit.core.setup_answers import Answers, Found, Way
from keeplit.core.setup_models import Offer
from keeplit.engine import access, models, setup_regions
from keeplit.engine.setup_look import Draft
from keeplit.ui import model_questions
from keeplit.ui.asking import Asker, Choice
from keeplit.ui.cli import fail
from keeplit.ui.looking import printable
from keeplit.ui.setup_portal import say

ROW = "Show the time left in Claude Code's status line?"
OTHER, NONE = "\0other", "\0none"
ANYWHERE = "anywhere"
SHORT = frozenset({Kind.ALIAS, Kind.ANTHROPIC, Kind.BASE})
UNASKED = "A plan does not ask AWS: where it shows {0!r}, Apply writes the id that the region has."
REFRESH = (
    "awsAuthRefresh is {0!r}: a command that is not keeplit's. `aws sso login` there opens a tab each time, for one."
)


@dataclass(slots=True)
class BedrockHalf:
    """Whoever asks for the rest, for a profile that works."""

    paths: Paths
    draft: Draft
    asker: Asker
    found: Found
    plans: bool = False

    def run(self, answers: Answers, way: Way, *, again: bool = False) -> Answers:
        """Return the answers with region, models and switches."""
        guided = again or way is Way.NEW
        listing = None
        if answers.region and (why := models.no_region(answers.region)):
            raise fail(printable(why), USAGE)
        if way is Way.OTHER or self.plans:
            answers = replace(answers, region=answers.region or self.region_meant(answers) or self.typed_region())
        else:
            answers, listing = self.region(answers, guided=guided)
        if why := models.no_region(answers.region):
            raise fail(printable(why))
        answers = self.models(answers, listing, guided=guided)
        return self.switches(answers, guided=guided, serves=way is not Way.OTHER)

    def region_meant(self, answers: Answers) -> str:
        """Return the region that is meant already: Claude Code's, else the profile's."""
        there = self.found.profile_of(answers.profile)
        return self.found.region or (there.region if there is not None else "")

    def typed_region(self) -> str:
        """Return a region that a person types."""
        return self.asker.text(
            "Region whose Bedrock is called:", default=None, flag="--region R", fault=models.no_region
        )

    def region(self, answers: Answers, *, guided: bool) -> tuple[Answers, Listing]:
        """Return the answers with the region, chosen with its reasons, and what it lists."""
        meant = answers.region or self.region_meant(answers)
        if meant and (answers.region or not guided or not self.asker.asks):
            if why := models.no_region(meant):
                raise fail(printable(why))
            say(f"Asking Bedrock in {meant} for its models …")
            return replace(answers, region=meant), models.listing(
                self.paths, self.draft.environ, answers.profile, meant
            )
        if not self.asker.asks:
            self.typed_region()  # which says the flag
        start = meant or answers.sso_region or models.DEFAULT_REGION
        say("Looking which regions are near, and what Bedrock has there … It need not be the portal's region.")
        choices, listings = setup_regions.offered(
            self.paths, self.draft.environ, answers.profile, start, answers.residency
        )
        shown = [Choice(one.region, f"{one.region}  {'; '.join(one.reasons)}") for one in choices]
        taken = self.asker.choose(
            "Which region's Bedrock shall Claude Code call?",
            [*shown, Choice(OTHER, "another one")],
            default=choices[0].region,
            flag="--region R",
        )
        region = self.typed_region() if taken == OTHER else taken
        answers = replace(answers, region=region, residency=answers.residency or self.residency(region))
        if region not in listings:
            say(f"Asking Bedrock in {region} for its models …")
        return answers, listings.get(region) or models.listing(self.paths, self.draft.environ, answers.profile, region)

    def residency(self, region: str) -> str:
        """Return the part of the world that requests are to stay in; ``anywhere`` where a person does not mind."""
        home = part(region)
        if not home:
            return ANYWHERE
        choices = [
            Choice(home, f"in {home} only"),
            Choice(ANYWHERE, f"anywhere: `global.` models are {setup_models.CHEAPER}"),
        ]
        return self.asker.choose("Where may requests travel?", choices, default=home, flag="--residency PART")

    def models(self, answers: Answers, listing: Listing | None, *, guided: bool) -> Answers:
        """Return the answers with ids that the region has; what is in use already is kept.

        Where nobody said that requests may go anywhere, none is taken unasked whose requests leave their part.
        """
        if listing is not None and not listing.known:
            say(f"Which models {answers.region} has is not known: {listing.fault}.")
        keeps = not guided and (answers.region == self.found.region or not self.found.region)
        model = self.checked(answers, answers.model) or (self.found.model if keeps else "")
        haiku = self.checked(answers, answers.haiku) or (self.found.haiku if keeps else "")
        if listing is None or not listing.known:
            return replace(answers, model=model, haiku=haiku)
        now = clock.now()
        home = "" if answers.residency == ANYWHERE else answers.residency or part(answers.region)
        best = setup_models.proposed_main(listing, now, home)
        small = setup_models.proposed(listing, now, Family.HAIKU, home)
        if guided and self.asker.asks:
            model = model or self.picked("Which model for your work?", setup_models.offers(listing, now), best)
            haiku = haiku or self.picked(
                "Which small model, for work in the background?",
                setup_models.offers(listing, now, Family.HAIKU) or setup_models.offers(listing, now),
                small,
            )
        return replace(answers, model=model or best, haiku=haiku or small)

    def picked(self, question: str, offers: tuple[Offer, ...], best: str) -> str:
        """Return the id that a person picks; empty where none is pinned."""
        flag = "--model ID" if "work" in question else "--haiku ID"
        choices = [*(Choice(one.id, one.title) for one in offers), Choice(NONE, "none: Claude Code chooses")]
        taken = self.asker.choose(question, choices, default=best or NONE, flag=flag)
        return "" if taken == NONE else taken

    def checked(self, answers: Answers, model: str) -> str:
        """Return a model that was said as the region has it; end with the nearest right one where it has it not."""
        if model:
            model_questions.named(model)
        if model and self.plans and parse(model).kind in SHORT:
            say(UNASKED.format(printable(model)))
        if not model or self.plans:
            return model
        answer = models.answer(self.paths, self.draft.environ, answers.profile, answers.region, model)
        if isinstance(answer, model_list.Refused):
            raise fail(printable(answer.sentence), answer.exit_code)
        return answer.id

    def access(self, answers: Answers, *, call: bool | None) -> Access | None:
        """Show whether the model may be used: what costs nothing first, and one call after a yes (None: ask)."""
        if not answers.model or self.plans:
            return None
        say(f"Asking whether you may use {answers.model}; it costs nothing …")
        found = self.looked(answers, call=False)
        wrong = [one for one in found.states if one.state is not State.OK]
        model_questions.show(wrong)
        say(model_questions.ALLOWED[found.allowed])
        if call is None and self.asker.asks and found.allowed is not False:
            call = self.asker.afresh().confirm(model_questions.ASK_CALL, default=False, flag="--call or --no-call")
        if call:
            say(f"Calling {answers.model} for one token …")
            found = self.looked(answers, call=True)
            model_questions.show(found.states[-1:])
        return found

    def looked(self, answers: Answers, *, call: bool) -> Access:
        """Return whether the model may be used."""
        return access.look(
            self.paths,
            self.draft.environ,
            region=answers.region,
            model=answers.model,
            profile=answers.profile,
            call=call,
        )

    def switches(self, answers: Answers, *, guided: bool, serves: bool = True) -> Answers:
        """Return the answers with isolation, the helper of their own, the status line, and the start at login.

        Where nothing is renewed, nothing is to be started or shown, unless a flag says so.
        """
        confirm = self.asker.confirm
        isolate, replaces, starts = answers.isolate, answers.replace_helpers, answers.autostart
        row = answers.statusline
        if isolate is None and guided and self.asker.asks:
            isolate = confirm(
                "Keep the profile for Claude Code's own calls, not for the commands it runs?",
                default=self.found.isolate,
                flag="--isolate or --no-isolate",
            )
        if self.found.foreign_refresh and replaces is None:
            say(REFRESH.format(self.found.foreign_refresh))
            replaces = confirm("Put keeplit's in its place?", default=True, flag="--replace-helpers or --keep-helpers")
        asks = self.asker.asks and serves
        if row is None and asks and not self.found.row and (guided or not self.found.kept):
            row = confirm(ROW, default=True, flag="--statusline or --no-statusline")
        if starts is None and asks and not self.found.starts:
            starts = confirm("Start keeplit at login?", default=True, flag="--autostart or --no-autostart")
        return replace(
            answers,
            isolate=self.found.isolate if isolate is None else isolate,
            replace_helpers=replaces,
            statusline=row is True,
            autostart=serves if starts is None else starts,
        )
