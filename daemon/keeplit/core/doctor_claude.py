"""What `keeplit doctor` says of Claude Code: its version, its settings, and whether it really is on Bedrock. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from shlex import quote

from keeplit.core import own_statusline
from keeplit.core.check import Check
from keeplit.core.doctor_marks import fail, ok, skipped, together, warn
from keeplit.core.model import Problem
from keeplit.core.settings_keys import (
    AUTH_REFRESH,
    BEDROCK_ON,
    CREDENTIAL_EXPORT,
    PROFILE,
    REGION,
    USE_BEDROCK,
    is_off,
)
from keeplit.core.settings_model import FileState

INSTALL = "install Claude Code: https://code.claude.com/docs/en/setup"
UPDATE = "claude update"
# Source: the facts about Claude Code's releases, each with what broke.
BAD: Mapping[str, str] = {
    "2.1.207": "does not sign in where sso_region differs from Bedrock's region",
    "2.1.304": "does not reach Bedrock through a gateway",
}
ADVISED = (2, 1, 208)
HELPERS_SINCE = (1, 0, 53)
BEHIND_A_PROXY_SINCE = (2, 1, 239)
BEGIN = "keeplit setup"
NOT_ON_BEDROCK = "Claude Code is not on Bedrock."
CACHING_OFF = "DISABLE_PROMPT_CACHING"


@dataclass(frozen=True, slots=True)
class ClaudeCode:
    """What was seen of Claude Code and its settings; `values` are the texts that it works with, by variable."""

    path: str = ""
    version: str = ""
    gateway: bool = False  # ANTHROPIC_BEDROCK_BASE_URL
    proxied: bool = False
    settings: str = ""  # the file that is kept
    state: FileState = FileState.ABSENT
    fault: str = ""
    fix: str = ""
    last_good: bool = False  # there is a copy to put back
    file: Mapping[str, str] = field(default_factory=dict, repr=False)  # what that file says, by key
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    shadowed: Mapping[str, str] = field(default_factory=dict)  # by key: the layer that decides instead
    layer_problems: tuple[Problem, ...] = ()
    question: str = ""  # what keeplit waits for
    damaged: tuple[str, ...] = ()  # keys of ours that are missing or wrong
    stale: frozenset[str] = frozenset()  # helpers that run a keeplit that is gone
    row_gone: str = ""  # the keeplit in the status line, where it is not there any more
    row_hidden: own_statusline.Hidden | None = None  # why keeplit's row, which is in the settings, is not shown
    open_to_others: str = ""  # how: written or read
    older_session: bool = False  # we run inside a Claude Code that began before
    only_shell: bool = False  # Bedrock is switched on by the shell alone
    region: str = ""  # that is called where none is set
    no_region: str = ""  # why what is called is none


def claude_code(seen: ClaudeCode) -> Check:
    """Judge the version of Claude Code against those that are known to be bad."""
    code = "claude_code"
    if not seen.path:
        return warn(code, "Claude Code was not found.", INSTALL)
    if not seen.version:
        return warn(code, f"Claude Code ({seen.path}) does not say its version.", "see why: claude --version")
    version = tuple(int(part) for part in seen.version.split("."))
    if seen.version in BAD and (seen.version != "2.1.304" or seen.gateway):
        return fail(code, f"Claude Code {seen.version} {BAD[seen.version]}.", UPDATE)
    if version < HELPERS_SINCE:
        return fail(code, f"Claude Code {seen.version} is older than awsAuthRefresh (1.0.53).", UPDATE)
    if version < ADVISED:
        return warn(code, f"Claude Code {seen.version} is older than 2.1.208, which mends sign-ins on Bedrock.", UPDATE)
    if seen.proxied and version < BEHIND_A_PROXY_SINCE:
        return warn(code, f"Claude Code {seen.version} has trouble behind proxies, which 2.1.239 mends.", UPDATE)
    return ok(code, f"Claude Code {seen.version} ({seen.path}).")


def settings_file(seen: ClaudeCode) -> Check:
    """Judge whether Claude Code's settings file can be read."""
    code = "settings_file"
    if seen.state is FileState.ABSENT and not seen.fault:
        return skipped(code, f"There is no {seen.settings}.", BEGIN)
    if seen.state is FileState.PRESENT:
        return ok(code, f"{seen.settings} can be read.")
    back = ", or: keeplit repair --last-good" if seen.last_good else ""
    return fail(code, f"{seen.fault.rstrip('.')}.", f"{seen.fix}{back}")


def settings_rights(seen: ClaudeCode) -> Check:
    """Judge who else may write, or read, the settings: a helper in them is a command that Claude Code runs."""
    code = "settings_rights"
    if seen.open_to_others:
        sentence = f"Other users of this machine can {seen.open_to_others} {seen.settings}."
        return warn(code, sentence, f"chmod 600 {seen.settings}")
    return ok(code, "Only you can write Claude Code's settings.")


def settings_kept(seen: ClaudeCode) -> Check:
    """Judge whether the settings say what was agreed."""
    code = "settings_kept"
    if seen.state is not FileState.PRESENT:
        return skipped(code, "Claude Code's settings are not there, or cannot be read.")
    if seen.question:
        return warn(code, seen.question, "keeplit repair puts ours back, keeplit repair --accept keeps what is there")
    if seen.damaged:
        names = ", ".join(key.removeprefix("env.") for key in seen.damaged)
        return fail(
            code, f"Keys that keeplit keeps are missing from the settings, or wrong: {names}.", "keeplit repair"
        )
    return ok(code, "Claude Code's settings say what was agreed.")


def helpers(seen: ClaudeCode) -> Check:
    """Judge the commands of ours in the settings."""
    code = "helpers"
    if seen.stale:
        names = " and ".join(sorted(seen.stale))
        return fail(code, f"{names} runs a keeplit that is not there any more.", "keeplit repair")
    mine = [key for key in (AUTH_REFRESH, CREDENTIAL_EXPORT) if key in seen.file]
    return ok(code, f"{' and '.join(mine)} can be run." if mine else "No helper command is set.")


def status_line(seen: ClaudeCode) -> Check:
    """Judge keeplit's row in the status line, where it is in: whether it can be run, and whether it is shown."""
    code = "status_line"
    if seen.row_gone:
        sentence = f"Claude Code's status line runs a keeplit that is not there any more: {seen.row_gone}."
        return fail(code, sentence, "keeplit statusline --install; or take the row out: keeplit statusline --remove")
    if seen.row_hidden is not None:
        return warn(code, seen.row_hidden.sentence, seen.row_hidden.fix)
    return ok(code, "Nothing of keeplit's is broken in Claude Code's status line.")


def layers(seen: ClaudeCode) -> Check:
    """Judge whether another layer decides what the kept file says, and whether each can be read."""
    found = [
        warn("layers", f"{key.removeprefix('env.')} is decided by {layer}, not by {seen.settings}.", "change it there")
        for key, layer in seen.shadowed.items()
        if key != USE_BEDROCK
    ]
    found += [fail("layers", one.sentence, one.fix) for one in seen.layer_problems]
    return together("layers", "No other layer overrules the settings.", found)


def on_bedrock(seen: ClaudeCode) -> Check:
    """Judge whether Claude Code really is on Bedrock."""
    code = "on_bedrock"
    if seen.state in {FileState.BROKEN, FileState.CLOSED}:
        return skipped(code, "Claude Code's settings cannot be read.")
    name = USE_BEDROCK.removeprefix("env.")
    value = seen.values.get(name)
    if value is None:
        return fail(code, f"Claude Code is not on Bedrock: {name} is missing.", _switch_on(seen))
    if is_off(value):
        where = f" in {seen.shadowed[USE_BEDROCK]}" if USE_BEDROCK in seen.shadowed else ""
        return fail(code, f"Claude Code is not on Bedrock: {name} is {value!r}{where}.", f"set it to 1{where}")
    if seen.older_session:
        sentence = "The Claude Code session that this runs in began before Bedrock was switched on."
        return warn(code, sentence, "end that session and start a new one")
    if seen.only_shell:
        sentence = f"Only your shell sets {name}: a Claude Code that an editor or the desktop starts is not on Bedrock."
        return warn(code, sentence, _switch_on(seen))
    if value.lower() not in BEDROCK_ON:
        return warn(code, f"{name} is {value!r}; 1 is what is documented.", _switch_on(seen))
    return ok(code, "Claude Code is on Bedrock; see it there: /status")


def _switch_on(seen: ClaudeCode) -> str:
    """Return the command that writes what switches Bedrock on."""
    name = seen.values.get(PROFILE.removeprefix("env."), "")
    return f"keeplit use --profile={quote(name)}" if name else BEGIN


def region(seen: ClaudeCode) -> Check:
    """Judge the region that Claude Code calls."""
    code, name = "region", REGION.removeprefix("env.")
    if is_off(seen.values.get(USE_BEDROCK.removeprefix("env."), "")):
        return skipped(code, NOT_ON_BEDROCK)
    if REGION in seen.damaged:
        return skipped(code, "See the check 'settings_kept'.")
    value = seen.values.get(name, "")
    called = value or seen.region
    if seen.no_region:
        sentence = seen.no_region if seen.no_region.endswith("?") else f"{seen.no_region}."
        return fail(code, sentence, "keeplit use --region us-east-1, or another one that has Bedrock")
    if not value:
        sentence = f"{name} is not set: Claude Code before 2.1.172 does not start, a later one takes {called}."
        return warn(code, sentence, f"keeplit use --region {called}")
    return ok(code, f"Claude Code calls Bedrock in {value}.")


def caching(seen: ClaudeCode) -> Check:
    """Judge whether prompt caching is off, which costs several times as much."""
    if not is_off(seen.values.get(CACHING_OFF, "")):
        sentence = f"{CACHING_OFF} switches prompt caching off: every turn is paid in full."
        return warn("caching", sentence, f"take {CACHING_OFF} out where it is set")
    return ok("caching", "Prompt caching is on.")


CHECKS = (
    *(claude_code, settings_file, settings_rights, settings_kept, helpers, status_line, layers),
    *(on_bedrock, region, caching),
)
