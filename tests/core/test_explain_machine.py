from __future__ import annotations

from tests.core.seen_texts import each, told

SEEN = [
    (
        # botocore.exceptions.ProfileNotFound, in its own words
        "The config profile (claude-bedrock) could not be found",
        "profile_missing",
        "There is no profile 'claude-bedrock'",
    ),
    (
        # aws-sdk-js-v3, credential-provider-ini
        (
            "CredentialsProviderError: Could not resolve credentials using profile: [work] in "
            "configuration/credentials "
            "file(s)."
        ),
        "profile_missing",
        "'work'",
    ),
    ("failed to get shared config profile, dev.team", "profile_missing", "'dev.team'"),
    ('Profile "staging" was not found', "profile_missing", "'staging'"),
    (
        # AWS CLI 2.9.19, in its own words
        (
            "Missing the following required SSO configuration values: sso_start_url, sso_region. To make sure this "
            "profile is "
            "properly configured to use SSO, please run: aws configure sso"
        ),
        "sso_config_incomplete",
        "keeplit setup",
    ),
    (
        # botocore.exceptions.ConfigParseError, in its own words
        "Unable to parse config file: /home/me/.aws/config",
        "config_broken",
        "no AWS tool reads any of it",
    ),
    (
        # botocore.credentials, in its own words
        "The value for sso_region is inconsistent between profile (us-west-2) and sso-session (us-east-1).",
        "sso_config_contradicts",
        "two values",
    ),
    (
        # botocore.exceptions.CredentialRetrievalError, in its own words
        "Error when retrieving credentials from custom-process: token has run out",
        "process_failed",
        "credential_process",
    ),
    (
        # botocore.exceptions.InvalidRegionError, in its own words
        "Provided region_name 'us_east_1' doesn't match a supported format.",
        "region_unknown",
        "misspelt",
    ),
    ("/bin/sh: 1: aws: not found", "cli_missing", "needs no AWS CLI"),
    (
        "[Errno 13] Permission denied: '/home/me/.aws/sso/cache/2b829b0ac0b3c2ba0d1ea2ecb2e9ec9a6d4e6e5b.json'",
        "cache_not_writable",
        "chown",
    ),
    ("[Errno 28] No space left on device", "disk_full", "free disk space"),
    (
        # botocore.exceptions.NoRegionError, as AWS CLI 2.9.19 ends it
        'You must specify a region. You can also configure your region by running "aws configure".',
        "region_missing",
        "keeplit use --region",
    ),
    (
        (
            "usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\n\naws: error: argument "
            "operation: "
            "Invalid choice, valid choices are:\n\nget-role-credentials | list-account-roles"
        ),
        "cli_too_old",
        "needs no AWS CLI",
    ),
    (
        # anthropics/claude-code #25457
        "AWS auth refresh timed out after 3 minutes. Run your auth command manually in a separate terminal.",
        "refresh_timed_out",
        "3 minutes",
    ),
]


@each(SEEN)
def test_each_text_is_explained(text: str, code: str, phrase: str) -> None:
    """A text as it was really seen is known, and what is said names the cause or the way out."""
    assert told(text, phrase) == (code, phrase)
