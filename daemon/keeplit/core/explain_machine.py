"""The errors of this machine: the AWS config, the region, the AWS CLI, and the folder that tokens lie in. Pure."""

from keeplit.core.explain_rule import rule

RULES = (
    rule(
        "profile_missing",
        r"config profile \(.{1,64}?\) could not be found|credentials using profile: \["
        r"|failed to get shared config profile,"
        r"|Profile [\"']?[\w.@+/-]{1,64}?[\"']? (?:was )?not found",
        "There is no profile {profile}",
        "AWS_PROFILE, --profile or the settings name a profile that the AWS config does not have.",
        "keeplit profiles shows those there are; then: keeplit use --profile NAME",
    ),
    rule(
        "sso_config_incomplete",
        r"Missing the following required SSO configuration values|specified sso-session does not exist"
        r"|configured to use SSO but is missing required|invalid SSO credentials|SSO configuration is incomplete",
        "The profile's SSO settings are not complete",
        "The profile names an [sso-session] that is not there, or lacks its start URL, region, account or role.",
        "keeplit setup (it asks for what is missing)",
    ),
    rule(
        "config_broken",
        r"Unable to parse config file|MissingSectionHeaderError|Duplicate(?:Option|Section)Error|ConfigParseError",
        "The AWS config file cannot be read",
        "A line of it is wrong, and then no AWS tool reads any of it.",
        "keeplit doctor (it names file and line)",
    ),
    rule(
        "sso_config_contradicts",
        r"is inconsistent between profile|inconsistent SSO configuration",
        "The profile and its sso-session contradict each other",
        "sso_start_url or sso_region stands in both, with two values, and AWS tools refuse that.",
        "remove both from the profile; keeplit doctor names the lines",
    ),
    rule(
        "process_failed",
        r"Error when retrieving credentials from custom-process|credential_process[^.]{0,40}(?:failed|error)",
        "The profile's credential_process failed",
        "The program that gives this profile its credentials ended with an error of its own.",
        "run the command of credential_process by hand to see it, or give the profile an sso-session: keeplit setup",
    ),
    rule(
        "region_missing",
        r"You must specify a region|Region is missing|MissingRegion"
        r"|AWS_REGION (?:environment variable )?is (?:not|req)",
        "No region is named",
        "Neither AWS_REGION nor the profile says which region's Bedrock to call.",
        "keeplit use --region us-east-1",
    ),
    rule(
        "region_unknown",
        r"Provided region_name '.{1,40}?' doesn't match|specified region .{1,40}? is not valid|Unknown region:"
        r"|Invalid region|is not a valid region",
        "That is no region of AWS",
        "The region's name is misspelt in AWS_REGION, in the settings, or in the profile.",
        "keeplit use --region us-east-1 (or the one that you mean)",
    ),
    rule(
        "cli_missing",
        r"aws: (?:command )?not found|'aws' is not recognized|No such file or directory: 'aws'|command not found: aws"
        r"|spawn aws ENOENT",
        "The AWS CLI is not there",
        "Something runs `aws`, which is not installed, or not on this program's PATH.",
        "keeplit login (it needs no AWS CLI), or install AWS CLI v2",
    ),
    rule(
        "cache_not_writable",
        r"(?:Permission denied|Read-only file system|EACCES|EROFS|not permitted|Access is denied).{0,60}?[.]aws[/\\]",
        "Files in ~/.aws cannot be read or written",
        "They belong to root (after `sudo aws`), or the folder is read-only, as in many containers.",
        "sudo chown -R $USER ~/.aws (in a container: mount ~/.aws writable)",
    ),
    rule(
        "disk_full",
        r"No space left on device|ENOSPC|Disk quota exceeded|not enough space on the disk",
        "The disk is full",
        "Tokens cannot be written, and a full disk leaves empty files in the token cache.",
        "free disk space, then: {login}",
    ),
    rule(
        "cli_too_old",
        r"argument (?:operation|subcommand|command): (?:Found )?invalid choice|Invalid choice: 'sso'"
        r"|Unknown options: --(?:sso-session|use-device-code)",
        "The AWS CLI is too old for this",
        "AWS CLI v1 cannot sign in, and --sso-session needs v2.9.0.",
        "keeplit login (it needs no AWS CLI), or install AWS CLI v2",
    ),
    rule(
        "refresh_timed_out",
        r"awsAuthRefresh[^.]{0,60}timed out|AWS auth refresh timed out|aws (?:sso )?login timed out",
        "Claude Code stopped waiting for the sign-in",
        "It ends awsAuthRefresh after 3 minutes, and `aws sso login` opens a new tab at each try.",
        "{login}, then: keeplit setup (it puts keeplit's own command there, which waits and opens one tab)",
    ),
)
