"""Old advice in Claude Code's settings and variables: commands, limits, models, and keys that it never read. Pure."""

import re
from collections.abc import Iterator, Mapping

from keeplit.core import models
from keeplit.core.check import Check
from keeplit.core.doctor_marks import warn
from keeplit.core.models import ANTHROPIC, Kind
from keeplit.core.old_advice_evidence import Evidence
from keeplit.core.settings_keys import AUTH_REFRESH, HAIKU, LAUNCH_MODEL, MODEL, OLD_HAIKU, PROFILE, REGION

LOGIN = re.compile(r"\baws2?(?:\.exe)?\s[^|;&\n]{0,120}?\bsso\s+login\b")
LIMITS = {"CLAUDE_CODE_MAX_OUTPUT_TOKENS": (1, 4096), "MAX_THINKING_TOKENS": (1, 1024)}
WHY = {
    "CLAUDE_CODE_MAX_OUTPUT_TOKENS": "it cuts long answers off",
    "MAX_THINKING_TOKENS": "today's models ignore it",
}
PINS = (MODEL, LAUNCH_MODEL, "env.ANTHROPIC_DEFAULT_OPUS_MODEL", "env.ANTHROPIC_DEFAULT_SONNET_MODEL", HAIKU, OLD_HAIKU)
SMALL = frozenset({HAIKU, OLD_HAIKU})
OLDEST = 4
"""The first generation of models that AWS still offers to everybody."""
NOT_READ = ("provider", "bedrock")
INSIDE = "CLAUDECODE"
PROOF = re.compile(r"\bbedrock\s+list-foundation-models\b")
PROVIDER = re.compile(r"--provider[= ]['\"]?bedrock\b")
INTO_ENV = "keeplit use --profile NAME writes what Claude Code reads, into `env`"
WATCHED = (PROFILE, REGION, LAUNCH_MODEL, HAIKU)


def auth_refresh(seen: Evidence) -> Iterator[Check]:
    """``awsAuthRefresh: aws sso login``: it always opens the browser, and Claude Code runs it again and again."""
    if LOGIN.search(seen.values.get(AUTH_REFRESH, "")):
        sentence = f"{AUTH_REFRESH} runs `aws sso login`, which opens a new tab each time, signed in or not."
        yield warn("advice_auth_refresh", sentence, "keeplit use --replace-helpers")


def token_limits(seen: Evidence) -> Iterator[Check]:
    """4096 tokens of output and 1024 of thinking: today's documentation has dropped both."""
    for name, (least, most) in LIMITS.items():
        for said in seen.said(name):
            if said.value.isdecimal() and len(said.value) < len("100000") and least <= int(said.value) <= most:
                sentence = f"{name} is {said.value} in {said.place}: an older guide's advice; {WHY[name]}."
                yield warn("advice_token_limits", sentence, f"remove {name} from {said.place}")


def launch_model(seen: Evidence) -> Iterator[Check]:
    """``ANTHROPIC_MODEL``: it wins over what is chosen with /model at each start."""
    for said in seen.said("ANTHROPIC_MODEL"):
        sentence = f"ANTHROPIC_MODEL in {said.place} undoes what you choose with /model at each start."
        fix = f"remove it from {said.place}; then: keeplit use --model sonnet (ANTHROPIC_DEFAULT_SONNET_MODEL pins it)"
        yield warn("advice_launch_model", sentence, fix)


def small_model(seen: Evidence) -> Iterator[Check]:
    """``ANTHROPIC_SMALL_FAST_MODEL``: deprecated for the pin of Haiku."""
    for said in seen.said("ANTHROPIC_SMALL_FAST_MODEL"):
        sentence = f"ANTHROPIC_SMALL_FAST_MODEL in {said.place} is deprecated: it is ANTHROPIC_DEFAULT_HAIKU_MODEL now."
        theirs = f"rename it to ANTHROPIC_DEFAULT_HAIKU_MODEL in {said.place}"
        ours = said.place == seen.settings_path
        yield warn("advice_small_model", sentence, "keeplit use --migrate-haiku" if ours else theirs)


def restart(seen: Evidence) -> Iterator[Check]:
    """That a restart is required, or never: `env` is read again at once, `model` and removed keys by new sessions."""
    if not seen.environ.get(INSIDE):
        return
    for key in WATCHED:
        name = key.removeprefix("env.")
        now, here = seen.values.get(key, ""), seen.environ.get(name, "")
        if now and here and now != here:
            sentence = (
                f"This Claude Code session still has another {name} than its settings: changes of `env` reach it by "
                "themselves, what it took at its start (the model, removed keys) does not."
            )
            yield warn("advice_restart", sentence, "start a new session: claude --continue")
            return


def model_ids(seen: Evidence) -> Iterator[Check]:
    """Bare ids, models of the third generation, and prefixes of another part of the world."""
    region = seen.values.get(REGION) or seen.environ.get("AWS_REGION", "")
    for key in PINS:
        name = models.parse(seen.values.get(key, ""))
        fix = "keeplit use --haiku haiku" if key in SMALL else "keeplit use --model sonnet"
        fix += " (or another alias: keeplit writes the id that works today)"
        shown = key.removeprefix("env.")
        if name.vendor != ANTHROPIC or name.kind is Kind.ALIAS:
            continue
        if name.version and name.version[0] < OLDEST:
            sentence = f"{shown} names {name.text}, of a generation of models that AWS has retired or is retiring."
            yield warn("advice_model_ids", sentence, fix)
        elif name.kind is Kind.BASE:
            sentence = (
                f"{shown} names {name.text} by its bare id; newer models work only through a profile (us., eu., ...)."
            )
            yield warn("advice_model_ids", sentence, fix)
        elif region and not models.may_work(name, region):
            near = ", ".join(f"{prefix}." for prefix in models.prefixes(region))
            sentence = f"{shown} names {name.text}, which does not work from {region}: there the prefixes are {near}"
            yield warn("advice_model_ids", f"{sentence}", fix)


def proof(seen: Evidence) -> Iterator[Check]:
    """``list-foundation-models`` as a proof of access: it lists what there is, not what one may call."""
    places = [f"{where} of {seen.settings_path}" for where, text in _commands(seen.settings) if PROOF.search(text)]
    places += [line.place for line in seen.shell_lines if PROOF.search(line.text)]
    for place in places:
        sentence = f"`aws bedrock list-foundation-models` ({place}) proves no access: it lists models for everybody."
        yield warn("advice_proof", sentence, "keeplit models --check ID (it asks what the account may really call)")


def _commands(document: object, where: str = "") -> Iterator[tuple[str, str]]:
    """Give the commands of the settings with the key at which they stand: helpers, hooks, the status line."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            if isinstance(value, str) and (not where or key == "command"):
                yield where or str(key), value
            elif not isinstance(value, str):
                yield from _commands(value, where or str(key))
    if isinstance(document, list):
        for value in document:
            yield from _commands(value, where)


def provider(seen: Evidence) -> Iterator[Check]:
    """``--provider bedrock``, CLAUDE_PROVIDER, `provider` and `bedrock`: Claude Code reads none of them."""
    code = "advice_provider"
    for key in NOT_READ:
        if key in seen.settings:
            sentence = f"Claude Code does not read the key {key!r} of {seen.settings_path}."
            yield warn(code, sentence, f"{INTO_ENV}; then delete {key!r}")
    for said in seen.said("CLAUDE_PROVIDER"):
        yield warn(code, f"Claude Code does not read CLAUDE_PROVIDER ({said.place}).", f"{INTO_ENV}; then remove it")
    for line in seen.shell_lines:
        if PROVIDER.search(line.text):
            sentence = f"Claude Code has no option --provider ({line.place})."
            yield warn(code, sentence, f"remove it there; {INTO_ENV}")


RULES = (auth_refresh, token_limits, launch_model, small_model, restart, model_ids, proof, provider)
