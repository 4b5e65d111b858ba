"""The old advice that users arrive with: what older guides told them to set, and what to do about it today. Pure.

Law: one check for each piece of advice, found only where its mark stands, and none where all is well. Nothing of it is
a failure, for what is old may still work; and no value is said that could be secret.
"""

from keeplit.core import old_advice_aws, old_advice_places, old_advice_settings
from keeplit.core.check import Check
from keeplit.core.old_advice_evidence import Evidence, Line, TokenSeen

__all__ = ["CODES", "Evidence", "Line", "TokenSeen", "found"]

RULES = (*old_advice_settings.RULES, *old_advice_aws.RULES, *old_advice_places.RULES)
CODES = (
    "advice_auth_refresh",
    "advice_token_limits",
    "advice_launch_model",
    "advice_small_model",
    "advice_restart",
    "advice_model_ids",
    "advice_proof",
    "advice_provider",
    "advice_legacy",
    "advice_ninety_days",
    "advice_scope",
    "advice_keys",
    "advice_region",
    "advice_policies",
    "advice_places",
    "advice_vscode",
)
"""Every code that `found` may give."""


def found(evidence: Evidence) -> tuple[Check, ...]:
    """Return a check for each piece of old advice that the evidence shows, in the order of the rules."""
    return tuple(dict.fromkeys(check for rule in RULES for check in rule(evidence)))
