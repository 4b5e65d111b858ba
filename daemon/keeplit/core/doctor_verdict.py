"""What a doctor's checks come to: the verdict in one line, and the groups in which they are shown. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from keeplit.core.check import Check, State
from keeplit.core.doctor_marks import rank

GROUPS: Mapping[str, tuple[str, ...]] = {
    "This machine": ("home", "folders", "disk", "place", "clock"),
    "keeplit": (
        *("daemon", "crashes", "paused", "autostart", "service_environment", "config_toml", "own_files"),
        *("notices", "tray"),
    ),
    "AWS config": ("aws_cli", "aws_config", "config_sections", "profile_names", "profile"),
    "Sign-in": ("legacy", "scopes", "token", "sign_in_end", "registration", "token_cache", "asked_often"),
    "What beats the profile": ("aws_keys", "api_key", "anthropic_key", "shell_profile"),
    "Claude Code": (
        *("claude_code", "settings_file", "settings_rights", "settings_kept", "helpers", "status_line", "layers"),
        *("on_bedrock", "region", "caching", "vscode"),
    ),
    "The way to AWS": (
        *("endpoints", "proxy", "ca_bundle", "network", "reach_oidc", "reach_portal", "reach_sts"),
        *("reach_bedrock_lists", "reach_bedrock"),
    ),
    "What AWS says": (
        *("role_credentials", "identity", "model_list", "model_pins", "model_region", "model_agreement"),
        *("model_entitled", "model_authorized", "model_availability", "use_case_form"),
    ),
}
ADVICE = "Old advice"
# Advice that comes to what a check of the doctor's own says already, where that is not well.
SAID_ALREADY: Mapping[str, tuple[str, ...]] = {
    "advice_legacy": ("legacy",),
    "advice_scope": ("scopes", "token"),
    "advice_model_ids": ("model_pins",),
    "advice_keys": ("aws_keys", "profile"),
    "advice_auth_refresh": ("helpers",),
    "advice_vscode": ("vscode",),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Checks that belong together."""

    title: str
    checks: tuple[Check, ...]

    @property
    def told(self) -> tuple[Check, ...]:
        """Return those that a person has to read, the worst first."""
        return tuple(
            sorted(
                (one for one in self.checks if one.state in {State.FAIL, State.WARN}), key=lambda one: rank(one.state)
            )
        )

    def count(self, state: State) -> int:
        """Return how many checks ended so."""
        return sum(one.state is state for one in self.checks)


def grouped(checks: Sequence[Check]) -> tuple[Group, ...]:
    """Return the checks in their groups; one that is in none is a piece of old advice that was found."""
    known = {code: title for title, codes in GROUPS.items() for code in codes}
    found: dict[str, list[Check]] = {title: [] for title in (*GROUPS, ADVICE)}
    for one in checks:
        found[known.get(one.code, ADVICE)].append(one)
    return tuple(Group(title, tuple(members)) for title, members in found.items() if members)


def once(checks: Sequence[Check]) -> tuple[Check, ...]:
    """Return the checks without advice that another one says already."""
    bad = {one.code for one in checks if one.state in {State.FAIL, State.WARN}}
    return tuple(one for one in checks if not bad.intersection(SAID_ALREADY.get(one.code, ())))


def failed(checks: Iterable[Check]) -> bool:
    """Whether a check failed: then the command does too."""
    return any(one.state is State.FAIL for one in checks)


def verdict(checks: Sequence[Check]) -> str:
    """Return what it comes to, in one line."""
    wrong, odd = (sum(one.state is state for one in checks) for state in (State.FAIL, State.WARN))
    well = sum(one.state is State.OK for one in checks)
    parts = [
        *([f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong"] if wrong else []),
        *([f"{odd} to look at"] if odd else []),
    ]
    if not parts:
        return f"All is well: {well} {'check' if well == 1 else 'checks'}."
    return f"{', '.join(parts)}; {well} {'check is' if well == 1 else 'checks are'} well."
